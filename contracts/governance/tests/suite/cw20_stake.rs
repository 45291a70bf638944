//! The same contract with a token as its stake.

use cosmwasm_std::{coins, to_json_binary, Addr, Uint128};
use cw20::{Cw20Coin, Cw20ExecuteMsg, Cw20ReceiveMsg};
use cw3::{DepositInfo, ProposalResponse};
use cw_multi_test::{App, ContractWrapper, Executor, IntoAddr};
use leasehold_api::event::ExecutionFailed;
use leasehold_api::governance::{Cw20HookMsg, ExecuteMsg, ProposalPhase, QueryMsg};
use leasehold_api::{Asset, Denom};
use leasehold_governance::ContractError;

use crate::harness::{call, events, instantiate, params, proposal, Gov, DENOM, DEPOSIT};

/// alice 600, bob 300, carol 100 staked; each has 1 000 tokens more.
fn in_token() -> (Gov, Addr) {
    let people = ["alice", "bob", "carol", "guardian", "stranger"].map(IntoAddr::into_addr);
    let mut app = App::new(|router, _, storage| {
        let coins = coins(50, DENOM);
        router
            .bank
            .init_balance(storage, &people[0], coins)
            .unwrap();
    });
    let code = app.store_code(Box::new(ContractWrapper::new(
        cw20_base::contract::execute,
        cw20_base::contract::instantiate,
        cw20_base::contract::query,
    )));
    let held = people.iter().zip([1_600u128, 1_300, 1_100, 1_000, 1_000]);
    let init = cw20_base::msg::InstantiateMsg {
        name: "Stake".into(),
        symbol: "STK".into(),
        decimals: 6,
        initial_balances: held
            .map(|(who, amount)| Cw20Coin {
                address: who.to_string(),
                amount: amount.into(),
            })
            .collect(),
        mint: None,
        marketing: None,
    };
    let token = app
        .instantiate_contract(code, people[0].clone(), &init, &[], "token", None)
        .unwrap();
    let denom = Some(Denom::Cw20(token.to_string()));
    let mut gov = Gov::deployed(app, people, params(), Uint128::one(), denom);
    for (who, amount) in [
        (gov.alice.clone(), 600),
        (gov.bob.clone(), 300),
        (gov.carol.clone(), 100),
    ] {
        gov.token(&token, &who, &staking(&gov, amount)).unwrap();
    }
    gov.wait(1);
    (gov, token)
}

fn staking(gov: &Gov, amount: u128) -> Cw20ExecuteMsg {
    Cw20ExecuteMsg::Send {
        contract: gov.address.to_string(),
        amount: amount.into(),
        msg: to_json_binary(&Cw20HookMsg::Stake {}).unwrap(),
    }
}

impl Gov {
    fn token(&mut self, token: &Addr, who: &Addr, msg: &Cw20ExecuteMsg) -> Result<(), String> {
        self.app
            .execute_contract(who.clone(), token.clone(), msg, &[])
            .map(drop)
            .map_err(|error| error.root_cause().to_string())
    }

    fn tokens(&self, token: &Addr, who: &Addr) -> u128 {
        let query = cw20::Cw20QueryMsg::Balance {
            address: who.to_string(),
        };
        let answer: cw20::BalanceResponse =
            self.app.wrap().query_wasm_smart(token, &query).unwrap();
        answer.balance.u128()
    }

    fn allow(&mut self, token: &Addr, who: &Addr, amount: u128) {
        let allow = Cw20ExecuteMsg::IncreaseAllowance {
            spender: self.address.to_string(),
            amount: amount.into(),
            expires: None,
        };
        self.token(token, who, &allow).unwrap();
    }

    /// alice's, with her allowance for the deposit.
    fn pass_in_token(&mut self, token: &Addr, msgs: Vec<cosmwasm_std::CosmosMsg>) -> u64 {
        let alice = self.alice.clone();
        self.allow(token, &alice, DEPOSIT);
        let response = self.send(&alice, &proposal(msgs), &[]).unwrap();
        let id = cosmwasm_std::from_json(response.data.unwrap()).unwrap();
        self.vote(&alice, id, cw3::Vote::Yes);
        self.wait(300);
        assert_eq!(self.phase(id), ProposalPhase::Executable);
        id
    }
}

#[test]
fn a_token_is_staked_deposited_and_paid_back() {
    let (mut gov, token) = in_token();
    let (alice, bob) = (gov.alice.clone(), gov.bob.clone());
    assert_eq!(gov.tokens(&token, &gov.address), 1_000);
    let refused = gov.send(&alice, &ExecuteMsg::Stake {}, &coins(50, DENOM));
    assert!(matches!(refused, Err(ContractError::WrongFunds { .. })));

    // Without the allowance, or with coins, there is no proposal.
    assert!(gov
        .app
        .execute_contract(alice.clone(), gov.address.clone(), &proposal(vec![]), &[])
        .is_err());
    let coined = gov.send(&alice, &proposal(vec![]), &coins(10, DENOM));
    assert!(matches!(coined, Err(ContractError::FundsNotAllowed { .. })));
    let id = gov.pass_in_token(&token, vec![]);
    assert_eq!(gov.tokens(&token, &alice), 1_000 - DEPOSIT);
    assert_eq!(gov.liabilities(), (1_000, 0, DEPOSIT));
    let shown: ProposalResponse = gov.query(&QueryMsg::Proposal { proposal_id: id });
    assert_eq!(
        shown.deposit,
        Some(DepositInfo {
            amount: DEPOSIT.into(),
            denom: cw20::Denom::Cw20(token.clone()),
            refund_failed_proposals: false,
        })
    );
    gov.execute(id).unwrap();
    assert_eq!(gov.tokens(&token, &alice), 1_000);

    let amount = Uint128::new(300);
    gov.send(&bob, &ExecuteMsg::Unstake { amount }, &[])
        .unwrap();
    gov.wait(300);
    gov.send(&bob, &ExecuteMsg::Claim {}, &[]).unwrap();
    assert_eq!(gov.tokens(&token, &bob), 1_300);
    assert_eq!(gov.tokens(&token, &gov.address), 700);
}

#[test]
fn a_majority_cannot_spend_staked_tokens() {
    let (mut gov, token) = in_token();
    let stranger = gov.stranger.clone();
    let give = Cw20ExecuteMsg::Transfer {
        recipient: gov.address.to_string(),
        amount: 20u128.into(),
    };
    gov.token(&token, &stranger, &give).unwrap();
    let treasury = |gov: &Gov| {
        let denom = Denom::Cw20(token.to_string());
        let asset: Asset = gov.query(&QueryMsg::Treasury { denom });
        asset.amount.u128()
    };
    assert_eq!(treasury(&gov), 20);
    let spend = |amount: u128| {
        let transfer = Cw20ExecuteMsg::Transfer {
            recipient: stranger.to_string(),
            amount: amount.into(),
        };
        vec![call(&token, &transfer)]
    };
    let theft = gov.pass_in_token(&token, spend(21));
    let response = gov.execute(theft).unwrap();
    assert_eq!(events::<ExecutionFailed>(&response).len(), 1);
    let fair = gov.pass_in_token(&token, spend(20));
    let response = gov.execute(fair).unwrap();
    assert!(events::<ExecutionFailed>(&response).is_empty());
    assert_eq!(treasury(&gov), 0);
}

#[test]
fn only_the_stake_token_stakes() {
    let (mut gov, token) = in_token();
    let alice = gov.alice.clone();
    let told = |amount: u128| {
        ExecuteMsg::Receive(Cw20ReceiveMsg {
            sender: "alice".into_addr().into(),
            amount: amount.into(),
            msg: to_json_binary(&Cw20HookMsg::Stake {}).unwrap(),
        })
    };
    for (sender, amount) in [(&alice, 5), (&gov.peer.clone(), 5), (&token, 0)] {
        let refused = gov.send(sender, &told(amount), &[]);
        assert!(matches!(refused, Err(ContractError::WrongFunds { .. })));
    }
    let mut native = Gov::new();
    let peer = native.peer.clone();
    let refused = native.send(&peer, &told(5), &[]);
    assert!(matches!(refused, Err(ContractError::WrongFunds { .. })));
}

#[test]
fn what_is_no_token_is_no_stake() {
    for denom in [
        Denom::Cw20("nobody".into()),
        Denom::Cw20("nobody".into_addr().into()),
        Denom::Native(String::new()),
    ] {
        let mut app = App::default();
        let (_, outcome) = instantiate(&mut app, params(), Uint128::one(), None, Some(denom));
        assert!(outcome.is_err());
    }
}
