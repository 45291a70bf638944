use cosmwasm_std::{to_json_binary, to_json_vec, CosmosMsg, Decimal, Empty, Uint128};
use cw3::Vote;
use cw_multi_test::{App, Executor, IntoAddr};
use cw_utils::Threshold;
use leasehold_api::event::ParamsUpdated;
use leasehold_api::governance::{ExecuteMsg, Guardian, Params, ProposalPhase};
use leasehold_governance::ContractError;
use sha2::{Digest, Sha256};

use crate::harness::{events, instantiate, params, Gov, PeerMsg};

fn changed(change: fn(&mut Params)) -> Params {
    let mut params = params();
    change(&mut params);
    params
}

fn quorum(threshold: Decimal, quorum: Decimal) -> Threshold {
    Threshold::ThresholdQuorum { threshold, quorum }
}

#[test]
fn each_parameter_has_bounds() {
    let half = Decimal::percent(50);
    let bad: Vec<Params> = vec![
        changed(|p| p.threshold = quorum(Decimal::percent(49), Decimal::percent(40))),
        changed(|p| p.threshold = quorum(Decimal::percent(101), Decimal::percent(40))),
        changed(|p| p.threshold = quorum(Decimal::percent(50), Decimal::zero())),
        changed(|p| p.threshold = quorum(Decimal::percent(50), Decimal::percent(101))),
        changed(|p| p.threshold = Threshold::AbsoluteCount { weight: 1 }),
        changed(|p| {
            p.threshold = Threshold::AbsolutePercentage {
                percentage: Decimal::percent(49),
            }
        }),
        changed(|p| p.voting_period = 0),
        changed(|p| p.voting_period = 2_592_001),
        changed(|p| p.min_voting_period = 1_001),
        changed(|p| p.timelock = 2_592_001),
        changed(|p| p.execution_window = 9),
        changed(|p| p.execution_window = 7_776_001),
        changed(|p| p.unbonding = 0),
        changed(|p| p.unbonding = 7_776_001),
        changed(|p| {
            p.guardian = Some(Guardian {
                address: "nobody".to_owned(),
                until: 0,
            })
        }),
    ];
    for params in bad {
        let (_, refused) = instantiate(
            &mut App::default(),
            params.clone(),
            Uint128::one(),
            None,
            None,
        );
        assert!(refused.is_err(), "{params:?}");
    }
    for params in [
        changed(|p| p.guardian = None),
        changed(|p| (p.voting_period, p.min_voting_period) = (1, 0)),
        changed(|p| (p.timelock, p.execution_window, p.unbonding) = (0, 10, 1)),
        Params {
            threshold: quorum(half, Decimal::one()),
            ..params()
        },
        Params {
            threshold: Threshold::AbsolutePercentage { percentage: half },
            ..params()
        },
    ] {
        instantiate(&mut App::default(), params, Uint128::one(), None, None)
            .1
            .unwrap();
    }
}

#[test]
fn instantiation_checks_its_own_address_and_the_unit() {
    let elsewhere = "elsewhere".into_addr();
    let mut app = App::default();
    let (own, refused) = instantiate(
        &mut app,
        params(),
        Uint128::one(),
        Some(elsewhere.clone()),
        None,
    );
    assert_eq!(
        refused.unwrap_err(),
        ContractError::NotInSuite {
            given: elsewhere,
            own
        }
    );
    let (_, refused) = instantiate(&mut app, params(), Uint128::zero(), None, None);
    assert!(matches!(refused, Err(ContractError::Rule(_))));
}

#[test]
fn stakers_change_the_rules_for_later_proposals_only() {
    let mut gov = Gov::new();
    let stricter = changed(|p| {
        p.threshold = quorum(Decimal::percent(90), Decimal::percent(90));
        p.timelock = 400;
    });
    let change = gov.ripe(vec![gov.to_self(ExecuteMsg::UpdateParams {
        params: stricter.clone(),
    })]);
    let earlier = gov.pass(vec![]);
    let response = gov.execute(change).unwrap();
    assert_eq!(events::<ParamsUpdated>(&response)[0].contract, gov.address);
    assert_eq!(gov.params(), stricter);
    assert_eq!(gov.phase(earlier), ProposalPhase::Timelocked);
    gov.wait(200);
    gov.execute(earlier).unwrap();

    let later = gov.propose(vec![]);
    let alice = gov.alice.clone();
    gov.vote(&alice, later, Vote::Yes);
    gov.wait(999);
    assert_eq!(gov.phase(later), ProposalPhase::Open);
    gov.wait(1);
    assert_eq!(gov.phase(later), ProposalPhase::Rejected);
}

#[test]
fn a_proposal_with_bad_parameters_changes_nothing() {
    let mut gov = Gov::new();
    let bad = changed(|p| p.execution_window = 1);
    let id = gov.ripe(vec![gov.to_self(ExecuteMsg::UpdateParams { params: bad })]);
    gov.execute(id).unwrap();
    assert!(gov.status(id).failure.is_some());
    assert_eq!(gov.params(), params());
}

#[test]
fn an_absolute_percentage_needs_all_stake_behind_it() {
    let mut gov = Gov::with(
        changed(|p| {
            p.threshold = Threshold::AbsolutePercentage {
                percentage: Decimal::percent(60),
            }
        }),
        Uint128::one(),
    );
    let id = gov.ripe(vec![]);
    gov.execute(id).unwrap();
}

#[test]
fn only_the_same_contract_migrates() {
    let mut gov = Gov::new();
    let deployer = "deployer".into_addr();
    let code = gov.app.contract_data(&gov.address).unwrap().code_id;
    gov.app
        .migrate_contract(deployer, gov.address.clone(), &Empty {}, code)
        .unwrap();

    let mut deps = cosmwasm_std::testing::mock_dependencies();
    cw2::set_contract_version(&mut deps.storage, "leasehold-escrow", "0.0.1").unwrap();
    let env = cosmwasm_std::testing::mock_env();
    assert!(leasehold_governance::contract::migrate(deps.as_mut(), env, Empty {}).is_err());
}

fn require(gov: &Gov, answer: &impl serde::Serialize) -> CosmosMsg {
    gov.to_self(ExecuteMsg::Require {
        contract: gov.peer.to_string(),
        query: to_json_binary(&Empty {}).unwrap(),
        answer_hash: Sha256::digest(to_json_vec(answer).unwrap())
            .as_slice()
            .into(),
    })
}

#[test]
fn the_second_of_two_proposals_made_from_the_same_state_fails() {
    let mut gov = Gov::new();
    let set = |gov: &Gov, value| {
        let update = gov.to_peer(PeerMsg::UpdateParams { value });
        vec![require(gov, &0u64), update]
    };
    let first = gov.pass(set(&gov, 1));
    let second = gov.ripe(set(&gov, 2));
    gov.execute(first).unwrap();
    assert_eq!(gov.peer_value(), 1);
    gov.execute(second).unwrap();
    assert_eq!(gov.peer_value(), 1);
    assert_eq!(gov.phase(second), ProposalPhase::Executable);
    assert!(gov.status(second).failure.is_some());

    // What the record's code stands for on a live chain.
    let refused = gov.send(
        &gov.address.clone(),
        &ExecuteMsg::Require {
            contract: gov.peer.to_string(),
            query: to_json_binary(&Empty {}).unwrap(),
            answer_hash: vec![0; 32].into(),
        },
        &[],
    );
    assert_eq!(
        refused.unwrap_err(),
        ContractError::AnswerChanged {
            contract: gov.peer.to_string(),
            query: "{}".to_owned(),
            answer: "1".to_owned(),
        }
    );
}

#[test]
fn a_contract_that_does_not_answer_fails_the_run() {
    let mut gov = Gov::new();
    let nobody = gov.to_self(ExecuteMsg::Require {
        contract: gov.stranger.to_string(),
        query: to_json_binary(&Empty {}).unwrap(),
        answer_hash: vec![0; 32].into(),
    });
    let id = gov.ripe(vec![nobody]);
    gov.execute(id).unwrap();
    assert!(gov.status(id).failure.is_some());
}
