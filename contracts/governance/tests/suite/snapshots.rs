//! Power at a height is fixed once its block has begun, and always sums to the total.

use std::collections::BTreeMap;

use cosmwasm_std::testing::{message_info, mock_dependencies, mock_env, MockApi};
use cosmwasm_std::{coins, from_json, Addr, Deps, DepsMut, Env, Uint128};
use cw3::Vote;
use leasehold_api::governance::{
    ExecuteMsg, InstantiateMsg, Params, QueryMsg, StakeResponse, TotalPowerAtHeightResponse,
    VotingPowerAtHeightResponse,
};
use leasehold_api::Suite;
use leasehold_governance::{contract, ContractError};
use proptest::prelude::*;

use crate::harness::{params, proposal, Gov, DENOM};

#[derive(Debug, Clone)]
enum Step {
    Stake(usize, u128),
    Unstake(usize, u128),
    /// To one of the stakers or, beyond them, to nobody.
    Delegate(usize, usize),
    NextBlock(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0usize..4, 1u128..100).prop_map(|(who, amount)| Step::Stake(who, amount)),
        3 => (0usize..4, 1u128..150).prop_map(|(who, amount)| Step::Unstake(who, amount)),
        2 => (0usize..4, 0usize..5).prop_map(|(who, to)| Step::Delegate(who, to)),
        2 => (1u64..3).prop_map(Step::NextBlock),
    ]
}

pub fn stakers() -> [Addr; 4] {
    ["a", "b", "c", "d"].map(|name| MockApi::default().addr_make(name))
}

/// Without a chain around it: the peers go by one address.
pub fn instantiate(deps: DepsMut, env: &Env, params: Params) {
    let somebody = MockApi::default().addr_make("peer");
    let msg = InstantiateMsg {
        suite: Suite {
            deployment: somebody.to_string(),
            market: somebody.to_string(),
            escrow: somebody.to_string(),
            provider: somebody.to_string(),
            governance: env.contract.address.to_string(),
        },
        denom: DENOM.into(),
        weight_unit: Uint128::one(),
        params,
    };
    contract::instantiate(deps, env.clone(), message_info(&somebody, &[]), msg).unwrap();
}

/// Counts everybody's stake anew each time.
#[derive(Default)]
struct Naive {
    stakes: [u128; 4],
    delegates: [Option<usize>; 4],
}

impl Naive {
    fn powers(&self) -> [u128; 4] {
        let mut powers = [0; 4];
        for who in 0..4 {
            powers[self.delegates[who].unwrap_or(who)] += self.stakes[who];
        }
        powers
    }
}

fn powers(deps: Deps, env: &Env, height: u64) -> (Vec<u128>, u128) {
    let each = stakers()
        .iter()
        .map(|staker| {
            let msg = QueryMsg::VotingPowerAtHeight {
                address: staker.to_string(),
                height: Some(height),
            };
            let answer = contract::query(deps, env.clone(), msg).unwrap();
            let power: VotingPowerAtHeightResponse = from_json(answer).unwrap();
            power.power.u128()
        })
        .collect();
    let msg = QueryMsg::TotalPowerAtHeight {
        height: Some(height),
    };
    let answer = contract::query(deps, env.clone(), msg).unwrap();
    let total: TotalPowerAtHeightResponse = from_json(answer).unwrap();
    (each, total.power.u128())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn power_is_a_history_that_never_changes(steps in prop::collection::vec(step(), 1..60)) {
        let mut deps = mock_dependencies();
        let mut env = mock_env();
        env.contract.address = MockApi::default().addr_make("governance");
        instantiate(deps.as_mut(), &env, params());
        let mut naive = Naive::default();
        let mut history = BTreeMap::from([(env.block.height, naive.powers())]);
        let mut asked = vec![];
        for step in steps {
            match step {
                Step::NextBlock(blocks) => {
                    for _ in 0..blocks {
                        env.block.height += 1;
                        // A day on: every earlier unstaking has matured.
                        env.block.time = env.block.time.plus_days(1);
                        history.insert(env.block.height, naive.powers());
                        asked.push((env.block.height, powers(deps.as_ref(), &env, env.block.height)));
                    }
                    for who in stakers() {
                        let claim = contract::execute(deps.as_mut(), env.clone(), message_info(&who, &[]), ExecuteMsg::Claim {});
                        let nothing = matches!(claim, Err(ContractError::NothingToClaim { .. }));
                        prop_assert!(claim.is_ok() || nothing);
                    }
                }
                Step::Delegate(who, to) => {
                    let info = message_info(&stakers()[who], &[]);
                    let to = Some(to).filter(|to| *to < 4);
                    let msg = ExecuteMsg::Delegate { to: to.map(|to| stakers()[to].to_string()) };
                    let done = contract::execute(deps.as_mut(), env.clone(), info, msg);
                    prop_assert_eq!(done.is_err(), to == Some(who));
                    if done.is_ok() {
                        naive.delegates[who] = to;
                    }
                }
                Step::Stake(who, amount) => {
                    let info = message_info(&stakers()[who], &coins(amount, DENOM));
                    contract::execute(deps.as_mut(), env.clone(), info, ExecuteMsg::Stake {}).unwrap();
                    naive.stakes[who] += amount;
                }
                Step::Unstake(who, amount) => {
                    let info = message_info(&stakers()[who], &[]);
                    let msg = ExecuteMsg::Unstake { amount: amount.into() };
                    match contract::execute(deps.as_mut(), env.clone(), info, msg) {
                        Ok(_) => naive.stakes[who] -= amount,
                        Err(ContractError::InsufficientStake { .. }) => prop_assert!(amount > naive.stakes[who]),
                        Err(ContractError::TooManyUnstakings { .. }) => {}
                        Err(other) => prop_assert!(false, "{other}"),
                    }
                }
            }
        }
        for (height, answer) in asked {
            prop_assert_eq!(powers(deps.as_ref(), &env, height), answer, "changed at {}", height);
        }
        for (height, expected) in &history {
            let (each, total) = powers(deps.as_ref(), &env, *height);
            prop_assert_eq!(&each[..], &expected[..], "at {}", height);
            prop_assert_eq!(total, each.iter().sum::<u128>(), "total at {}", height);
        }
    }
}

#[test]
fn a_height_without_an_answer_yet_is_refused() {
    let gov = Gov::new();
    let height = gov.app.block_info().height;
    let ask = |height| {
        gov.app
            .wrap()
            .query_wasm_smart::<TotalPowerAtHeightResponse>(
                &gov.address,
                &QueryMsg::TotalPowerAtHeight { height },
            )
    };
    assert_eq!(ask(None).unwrap().height, height);
    assert_eq!(ask(Some(height)).unwrap().power.u128(), 1_000);
    let refused = ask(Some(height + 1)).unwrap_err().to_string();
    assert!(refused.contains("lies in the future"), "{refused}");
    assert_eq!(ask(Some(1)).unwrap().power.u128(), 0);
}

#[test]
fn flash_stake_neither_proposes_nor_votes() {
    let mut gov = Gov::new();
    let (alice, flash) = (gov.alice.clone(), gov.stranger.clone());
    gov.stake(&flash, 900);
    gov.stake(&alice, 100);
    let deposit = coins(10, DENOM);
    assert!(matches!(
        gov.send(&flash, &proposal(vec![]), &deposit),
        Err(ContractError::Unauthorized { .. })
    ));
    let id = gov.propose(vec![]);
    let vote = ExecuteMsg::Vote {
        proposal_id: id,
        vote: Vote::No,
    };
    assert!(matches!(
        gov.send(&flash, &vote, &[]),
        Err(ContractError::Unauthorized { .. })
    ));
    gov.wait(5);
    assert!(matches!(
        gov.send(&flash, &vote, &[]),
        Err(ContractError::Unauthorized { .. })
    ));
    gov.vote(&alice, id, Vote::Yes);
    let status = gov.status(id);
    assert_eq!(status.tally.yes.u128(), 600);
    assert_eq!(status.total_power.u128(), 1_000);
    // In a later block it counts.
    let next = gov.propose(vec![]);
    gov.vote(&flash, next, Vote::No);
    assert_eq!(gov.status(next).tally.no.u128(), 900);
}

#[test]
fn unstaking_after_the_proposal_keeps_its_vote() {
    let mut gov = Gov::new();
    let bob = gov.bob.clone();
    let id = gov.propose(vec![]);
    gov.wait(1);
    let amount = Uint128::new(300);
    gov.send(&bob, &ExecuteMsg::Unstake { amount }, &[])
        .unwrap();
    gov.vote(&bob, id, Vote::No);
    assert_eq!(gov.status(id).tally.no.u128(), 300);
}

#[test]
fn a_delegate_votes_with_others_stake_in_later_blocks() {
    let mut gov = Gov::new();
    let (alice, bob, carol) = (gov.alice.clone(), gov.bob.clone(), gov.carol.clone());
    let to = |who: &Addr| ExecuteMsg::Delegate {
        to: Some(who.to_string()),
    };
    let before = gov.propose(vec![]);
    gov.send(&alice, &to(&bob), &[]).unwrap();
    gov.vote(&alice, before, Vote::Yes);
    gov.vote(&bob, before, Vote::Yes);
    assert_eq!(gov.status(before).tally.yes.u128(), 900);

    // One hop: alice's stake stays with bob, whose own goes on.
    gov.wait(1);
    gov.send(&bob, &to(&carol), &[]).unwrap();
    gov.wait(1);
    let funds = coins(10, DENOM);
    assert!(matches!(
        gov.send(&alice, &proposal(vec![]), &funds),
        Err(ContractError::Unauthorized { .. })
    ));
    gov.send(&bob, &proposal(vec![]), &funds).unwrap();
    gov.vote(&bob, 2, Vote::No);
    gov.vote(&carol, 2, Vote::Yes);
    let tally = gov.status(2).tally;
    assert_eq!((tally.no.u128(), tally.yes.u128()), (600, 400));
    let stake: StakeResponse = gov.query(&QueryMsg::Stake {
        address: alice.to_string(),
    });
    assert_eq!((stake.amount.u128(), stake.delegate), (600, Some(bob)));

    gov.send(&alice, &ExecuteMsg::Delegate { to: None }, &[])
        .unwrap();
    gov.wait(1);
    let back = gov.propose(vec![]);
    gov.vote(&alice, back, Vote::Yes);
    assert_eq!(gov.status(back).tally.yes.u128(), 600);
}
