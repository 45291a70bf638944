use cosmwasm_std::{coin, coins, Uint128};
use leasehold_api::event::{StakeClaimed, Staked, Unstaking as UnstakingStarted};
use leasehold_api::governance::{ExecuteMsg, QueryMsg, StakeResponse, MAX_UNSTAKINGS};
use leasehold_governance::ContractError;

use crate::harness::{events, params, Gov, DENOM};

fn unstake(amount: u128) -> ExecuteMsg {
    ExecuteMsg::Unstake {
        amount: amount.into(),
    }
}

#[test]
fn stake_goes_out_and_comes_back_after_the_unbonding() {
    let mut gov = Gov::new();
    let alice = gov.alice.clone();
    let staked = gov
        .send(&alice, &ExecuteMsg::Stake {}, &coins(50, DENOM))
        .unwrap();
    assert_eq!(events::<Staked>(&staked)[0].amount, Uint128::new(50));
    let left = gov.send(&alice, &unstake(250), &[]).unwrap();
    let matures = gov.now() + 300;
    assert_eq!(events::<UnstakingStarted>(&left)[0].claimable_at, matures);
    assert_eq!(gov.liabilities(), (800, 250, 0));
    let stake: StakeResponse = gov.query(&QueryMsg::Stake {
        address: alice.to_string(),
    });
    assert_eq!(stake.amount.u128(), 400);
    assert_eq!(stake.unstaking[0].claimable_at, matures);

    gov.wait(299);
    assert_eq!(
        gov.send(&alice, &ExecuteMsg::Claim {}, &[]).unwrap_err(),
        ContractError::NothingToClaim {
            staker: alice.clone(),
            next: Some(matures)
        }
    );
    gov.wait(1);
    let before = gov.balance(&alice, DENOM);
    let claimed = gov.send(&alice, &ExecuteMsg::Claim {}, &[]).unwrap();
    assert_eq!(events::<StakeClaimed>(&claimed)[0].amount.u128(), 250);
    assert_eq!(gov.balance(&alice, DENOM), before + 250);
    assert_eq!(gov.liabilities(), (800, 0, 0));
    assert!(matches!(
        gov.send(&alice, &ExecuteMsg::Claim {}, &[]),
        Err(ContractError::NothingToClaim { next: None, .. })
    ));
}

#[test]
fn claim_pays_what_is_due_and_keeps_the_rest() {
    let mut gov = Gov::new();
    let bob = gov.bob.clone();
    gov.send(&bob, &unstake(10), &[]).unwrap();
    gov.wait(100);
    gov.send(&bob, &unstake(20), &[]).unwrap();
    gov.wait(200);
    gov.send(&bob, &ExecuteMsg::Claim {}, &[]).unwrap();
    assert_eq!(gov.balance(&bob, DENOM), 1_010);
    assert_eq!(gov.liabilities(), (970, 20, 0));
}

#[test]
fn nobody_unstakes_more_than_is_staked() {
    let mut gov = Gov::new();
    let (carol, stranger) = (gov.carol.clone(), gov.stranger.clone());
    assert_eq!(
        gov.send(&carol, &unstake(101), &[]).unwrap_err(),
        ContractError::InsufficientStake {
            requested: Uint128::new(101),
            staked: Uint128::new(100)
        }
    );
    assert!(matches!(
        gov.send(&stranger, &unstake(1), &[]),
        Err(ContractError::InsufficientStake { .. })
    ));
    assert!(matches!(
        gov.send(&carol, &unstake(0), &[]),
        Err(ContractError::Rule(_))
    ));
}

#[test]
fn only_one_coin_of_the_stake_denom_is_stake() {
    let mut gov = Gov::new();
    let alice = gov.alice.clone();
    let both = [coin(1, "uother"), coin(1, DENOM)];
    for funds in [&[][..], &both[..1], &both[..]] {
        assert!(
            matches!(
                gov.send(&alice, &ExecuteMsg::Stake {}, funds),
                Err(ContractError::WrongFunds { .. })
            ),
            "{funds:?}"
        );
    }
}

#[test]
fn unstakings_are_bounded() {
    let mut gov = Gov::new();
    let alice = gov.alice.clone();
    for _ in 0..MAX_UNSTAKINGS {
        gov.send(&alice, &unstake(1), &[]).unwrap();
    }
    assert_eq!(
        gov.send(&alice, &unstake(1), &[]).unwrap_err(),
        ContractError::TooManyUnstakings {
            waiting: MAX_UNSTAKINGS,
            max: MAX_UNSTAKINGS
        }
    );
    gov.wait(300);
    gov.send(&alice, &ExecuteMsg::Claim {}, &[]).unwrap();
    gov.send(&alice, &unstake(1), &[]).unwrap();
}

#[test]
fn a_longer_unbonding_does_not_hold_back_earlier_unstakings() {
    let mut gov = Gov::new();
    let alice = gov.alice.clone();
    let mut longer = params();
    longer.unbonding = 10_000;
    let id = gov.ripe(vec![
        gov.to_self(ExecuteMsg::UpdateParams { params: longer })
    ]);
    gov.send(&alice, &unstake(5), &[]).unwrap();
    gov.execute(id).unwrap();
    gov.wait(300);
    gov.send(&alice, &ExecuteMsg::Claim {}, &[]).unwrap();
}

#[test]
fn weights_divide_stake_by_the_unit_and_votes_do_not() {
    let mut gov = Gov::with(params(), Uint128::new(7));
    let voter: cw3::VoterResponse = gov.query(&QueryMsg::Voter {
        address: gov.alice.to_string(),
    });
    assert_eq!(voter.weight, Some(600 / 7));
    let id = gov.pass(vec![]);
    assert_eq!(gov.status(id).tally.yes.u128(), 600);
    assert_eq!(gov.status(id).total_power.u128(), 1_000);
}

#[test]
fn stake_that_does_not_fit_cw3_is_refused() {
    let mut gov = Gov::unstaked(params(), Uint128::one());
    let whale = gov.alice.clone();
    gov.app.init_modules(|router, _, storage| {
        let funds = coins(u128::from(u64::MAX) + 1, DENOM);
        router.bank.init_balance(storage, &whale, funds).unwrap();
    });
    let refused = gov.send(
        &whale,
        &ExecuteMsg::Stake {},
        &coins(u128::from(u64::MAX) + 1, DENOM),
    );
    assert!(refused.unwrap_err().to_string().contains("fit cw3"));
    gov.stake(&whale, u128::from(u64::MAX));
}
