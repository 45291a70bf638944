//! Fees become rewards by the unit, and what stakers earned is theirs.

mod random;

use cosmwasm_std::testing::{message_info, mock_dependencies, mock_env, MockApi};
use cosmwasm_std::{coins, from_json, to_json_string, Addr, Deps, DepsMut, Env, Response, Uint128};
use cw20::{Cw20ExecuteMsg, Cw20ReceiveMsg};
use cw_multi_test::{ContractWrapper, Executor, IntoAddr};
use leasehold_api::event::{ExecutionFailed, FeesAdded, PayoutFailed, RewardClaimed, TypedEvent};
use leasehold_api::governance::{
    Cw20HookMsg, ExecuteMsg, LiabilitiesResponse, Params, QueryMsg, RewardsResponse, ADD_FEES,
    MAX_REWARD_DENOMS,
};
use leasehold_api::{Asset, Denom};
use leasehold_governance::{contract, ContractError};
use proptest::prelude::*;
use serde_json::json;

use crate::harness::{call, events, params, pay, Gov, DENOM};
use crate::snapshots::{instantiate, stakers};

const FEE_DENOMS: usize = 3;

fn native(denom: &str) -> Denom {
    Denom::Native(denom.into())
}

fn rewarding(denoms: Vec<Denom>) -> Params {
    Params {
        reward_denoms: denoms,
        ..params()
    }
}

fn fees(amount: u128) -> ExecuteMsg {
    ExecuteMsg::Receive(Cw20ReceiveMsg {
        sender: "escrow".into_addr().into(),
        amount: amount.into(),
        msg: ADD_FEES.into(),
    })
}

fn claimable(gov: &Gov, who: &Addr) -> Vec<u128> {
    let address = who.to_string();
    let answer: RewardsResponse = gov.query(&QueryMsg::Rewards { address });
    answer.rewards.iter().map(|one| one.amount.u128()).collect()
}

fn owed(gov: &Gov, denom: Denom) -> u128 {
    let denom = Some(denom);
    let answer: LiabilitiesResponse = gov.query(&QueryMsg::Liabilities { denom });
    answer.rewards.u128()
}

impl Gov {
    fn add_fees(&mut self, amount: u128, denom: &str) -> FeesAdded {
        let escrow = "escrow".into_addr();
        let funds = coins(amount, denom);
        self.app.init_modules(|router, _, storage| {
            router
                .bank
                .init_balance(storage, &escrow, funds.clone())
                .unwrap();
        });
        let response = self.send(&escrow, &ExecuteMsg::AddFees {}, &funds);
        events(&response.unwrap()).remove(0)
    }

    fn claim_rewards(&mut self, who: &Addr) -> Result<u128, ContractError> {
        let claim = ExecuteMsg::ClaimRewards { denom: None };
        let response = self.send(who, &claim, &[])?;
        let paid = events::<RewardClaimed>(&response);
        Ok(paid.iter().map(|one| one.amount.u128()).sum())
    }
}

#[test]
fn a_fee_is_divided_among_the_stake_and_the_treasury() {
    let mut gov = Gov::with(rewarding(vec![native("uother")]), Uint128::one());
    let added = gov.add_fees(2_001, "uother");
    assert_eq!((added.amount.u128(), added.stakers.u128()), (2_001, 1_000));
    let (alice, bob, carol) = (gov.alice.clone(), gov.bob.clone(), gov.carol.clone());
    assert_eq!(claimable(&gov, &alice), [600]);
    assert_eq!(claimable(&gov, &gov.stranger), [0]);
    assert_eq!(gov.treasury("uother"), 1_001);
    assert_eq!(gov.claim_rewards(&alice), Ok(600));
    assert_eq!(gov.balance(&alice, "uother"), 1_600);
    assert_eq!(gov.treasury("uother"), 1_001);
    assert_eq!(owed(&gov, native("uother")), 400);
    assert_eq!(
        gov.claim_rewards(&alice),
        Err(ContractError::NoRewards {
            staker: alice.clone()
        })
    );
    // Who stakes later earns of later fees only; who unstakes keeps what was earned.
    let stranger = gov.stranger.clone();
    gov.stake(&stranger, 1_000);
    let unstake = ExecuteMsg::Unstake {
        amount: Uint128::new(300),
    };
    gov.send(&bob, &unstake, &[]).unwrap();
    gov.add_fees(3_400, "uother");
    assert_eq!(claimable(&gov, &stranger), [1_000]);
    assert_eq!(gov.claim_rewards(&bob), Ok(300));
    assert_eq!(claimable(&gov, &carol), [100 + 100]);
}

#[test]
fn rewards_stay_with_the_stake_that_another_votes_with() {
    let mut gov = Gov::with(rewarding(vec![native("uother")]), Uint128::one());
    let (alice, bob) = (gov.alice.clone(), gov.bob.clone());
    let to = Some(bob.to_string());
    gov.send(&alice, &ExecuteMsg::Delegate { to }, &[]).unwrap();
    gov.add_fees(2_000, "uother");
    assert_eq!(claimable(&gov, &alice), [600]);
    assert_eq!(claimable(&gov, &bob), [300]);
}

#[test]
fn fees_without_stake_or_in_another_denom_are_treasury() {
    let listed = rewarding(vec![native("uother")]);
    let mut gov = Gov::unstaked(listed, Uint128::one());
    assert!(gov.add_fees(50, "uother").stakers.is_zero());
    let alice = gov.alice.clone();
    gov.stake(&alice, 1);
    assert!(gov.add_fees(50, DENOM).stakers.is_zero());
    assert_eq!(gov.treasury("uother"), 50);
    assert_eq!(gov.treasury(DENOM), 50);
    assert_eq!(gov.add_fees(50, "uother").stakers.u128(), 25);
}

#[test]
fn a_majority_cannot_spend_what_stakers_earned() {
    let both = rewarding(vec![native("uother"), native(DENOM)]);
    let mut gov = Gov::with(both, Uint128::one());
    for denom in ["uother", DENOM] {
        gov.add_fees(200, denom);
        let stranger = gov.stranger.clone();
        let theft = gov.ripe(vec![pay(&stranger, 101, denom)]);
        let response = gov.execute(theft).unwrap();
        assert_eq!(events::<ExecutionFailed>(&response).len(), 1, "{denom}");
        let spend = gov.ripe(vec![pay(&stranger, 100, denom)]);
        let response = gov.execute(spend).unwrap();
        assert!(events::<ExecutionFailed>(&response).is_empty(), "{denom}");
        assert_eq!(gov.treasury(denom), 0);
    }
    let alice = gov.alice.clone();
    assert_eq!(gov.claim_rewards(&alice), Ok(120));
}

#[test]
fn tokens_are_rewards_too() {
    let mut gov = Gov::new();
    let code = gov.app.store_code(Box::new(ContractWrapper::new(
        cw20_base::contract::execute,
        cw20_base::contract::instantiate,
        cw20_base::contract::query,
    )));
    let escrow = "escrow".into_addr();
    let init = json!({
        "name": "Token", "symbol": "TOK", "decimals": 6,
        "initial_balances": [{"address": escrow, "amount": "1000"}],
    });
    let token = gov
        .app
        .instantiate_contract(code, escrow.clone(), &init, &[], "token", None)
        .unwrap();
    let denom = Denom::Cw20(token.to_string());
    let list = rewarding(vec![denom.clone()]);
    let id = gov.ripe(vec![gov.to_self(ExecuteMsg::UpdateParams { params: list })]);
    gov.execute(id).unwrap();

    let send = Cw20ExecuteMsg::Send {
        contract: gov.address.to_string(),
        amount: 1_000u128.into(),
        msg: ADD_FEES.into(),
    };
    gov.app
        .execute_contract(escrow, token.clone(), &send, &[])
        .unwrap();
    let alice = gov.alice.clone();
    assert_eq!(gov.claim_rewards(&alice), Ok(300));
    let transfer = |amount: u128| {
        let transfer = Cw20ExecuteMsg::Transfer {
            recipient: alice.to_string(),
            amount: amount.into(),
        };
        vec![call(&token, &transfer)]
    };
    let theft = gov.ripe(transfer(501));
    let response = gov.execute(theft).unwrap();
    assert_eq!(events::<ExecutionFailed>(&response).len(), 1);
    let spend = gov.ripe(transfer(500));
    let response = gov.execute(spend).unwrap();
    assert!(events::<ExecutionFailed>(&response).is_empty());
    assert_eq!(owed(&gov, denom), 200);
}

/// The peer is no token: it refuses transfers and tells no balance.
#[test]
fn a_token_that_refuses_holds_back_nothing_else() {
    let mut gov = Gov::new();
    let sour = Denom::Cw20(gov.peer.to_string());
    let list = rewarding(vec![sour.clone(), native("uother")]);
    let id = gov.ripe(vec![gov.to_self(ExecuteMsg::UpdateParams { params: list })]);
    gov.execute(id).unwrap();
    gov.send(&gov.peer.clone(), &fees(100), &[]).unwrap();
    gov.add_fees(100, "uother");

    let alice = gov.alice.clone();
    let claim = ExecuteMsg::ClaimRewards { denom: None };
    let response = gov.send(&alice, &claim, &[]).unwrap();
    assert_eq!(gov.balance(&alice, "uother"), 1_030);
    let failed = &events::<PayoutFailed>(&response)[0];
    assert_eq!((&failed.recipient, failed.amount.u128()), (&alice, 30));
    assert_eq!(claimable(&gov, &alice), [30, 0]);
    assert_eq!(owed(&gov, sour), 50);

    gov.stake(&alice, 5);
    let amount = Uint128::new(605);
    gov.send(&alice, &ExecuteMsg::Unstake { amount }, &[])
        .unwrap();
    gov.donate(cosmwasm_std::coin(5, "uother"));
    let (stranger, bob) = (gov.stranger.clone(), gov.bob.clone());
    let id = gov.propose(vec![pay(&stranger, 55, "uother")]);
    for who in [&alice, &bob] {
        gov.vote(who, id, cw3::Vote::Yes);
    }
    gov.wait(300);
    let response = gov.execute(id).unwrap();
    assert!(events::<ExecutionFailed>(&response).is_empty());
}

#[test]
fn only_escrow_brings_fees() {
    let mut gov = Gov::new();
    let (alice, peer) = (gov.alice.clone(), gov.peer.clone());
    let refused = gov.send(&alice, &ExecuteMsg::AddFees {}, &coins(1, DENOM));
    assert!(matches!(refused, Err(ContractError::Unauthorized { .. })));
    let told = Cw20ReceiveMsg {
        sender: alice.to_string(),
        amount: Uint128::one(),
        msg: ADD_FEES.into(),
    };
    let refused = gov.send(&peer, &ExecuteMsg::Receive(told), &[]);
    assert!(matches!(refused, Err(ContractError::Unauthorized { .. })));
    let escrow = "escrow".into_addr();
    let nothing = gov.send(&escrow, &ExecuteMsg::AddFees {}, &[]);
    assert!(matches!(nothing, Err(ContractError::WrongFunds { .. })));
}

#[test]
fn the_short_form_of_the_message_is_the_message() {
    let short = std::str::from_utf8(ADD_FEES).unwrap();
    assert_eq!(to_json_string(&ExecuteMsg::AddFees {}).unwrap(), short);
    assert_eq!(to_json_string(&Cw20HookMsg::AddFees {}).unwrap(), short);
}

#[test]
fn allowances_on_tokens_are_not_proposed() {
    let mut gov = Gov::new();
    let alice = gov.alice.clone();
    for grant in [
        json!({"increase_allowance": {"spender": alice, "amount": "5"}}),
        json!({"increase_allowance": 1}),
    ] {
        let msg = crate::harness::proposal(vec![call(&gov.peer, &grant)]);
        let refused = gov.send(&alice, &msg, &coins(10, DENOM));
        assert_eq!(
            refused.unwrap_err(),
            ContractError::MessageNotAllowed { index: 0 }
        );
    }
}

#[test]
fn the_denoms_of_rewards_are_bounded_for_life() {
    let mut gov = Gov::new();
    let mut update = |denoms: Vec<Denom>| {
        let params = rewarding(denoms);
        let itself = gov.address.clone();
        let outcome = gov.send(&itself, &ExecuteMsg::UpdateParams { params }, &[]);
        gov.add_fees(10, "uother");
        outcome
    };
    let names = |from: usize, to: usize| -> Vec<Denom> {
        (from..to).map(|i| native(&format!("u{i}"))).collect()
    };
    let refused = |outcome: Result<_, ContractError>| {
        assert!(matches!(outcome, Err(ContractError::Rule(_))));
    };
    refused(update(names(0, MAX_REWARD_DENOMS + 1)));
    refused(update(vec![native("x"), native("x")]));
    refused(update(vec![native("")]));
    assert!(update(vec![Denom::Cw20("?".into())]).is_err());
    update(names(0, MAX_REWARD_DENOMS)).unwrap();
    // It earned, and stays after it is no longer listed.
    update(vec![native("uother")]).unwrap();
    refused(update(names(0, MAX_REWARD_DENOMS)));
    update(names(0, MAX_REWARD_DENOMS - 1)).unwrap();
}
