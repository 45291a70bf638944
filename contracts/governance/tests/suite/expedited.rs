//! Faster, by a larger majority.

use cosmwasm_std::{coins, Decimal, Uint128};
use cw3::Vote;
use cw_utils::Threshold;
use leasehold_api::governance::{ExecuteMsg, Expedited, Params, ProposalPhase};
use leasehold_governance::ContractError;

use crate::harness::{params, proposal, Gov, DENOM};

fn quorum(threshold: u64, quorum: u64) -> Threshold {
    Threshold::ThresholdQuorum {
        threshold: Decimal::percent(threshold),
        quorum: Decimal::percent(quorum),
    }
}

fn all(percentage: u64) -> Threshold {
    Threshold::AbsolutePercentage {
        percentage: Decimal::percent(percentage),
    }
}

fn with(usual: Threshold, threshold: Threshold, voting_period: u64, timelock: u64) -> Params {
    Params {
        threshold: usual,
        expedited: Some(Expedited {
            threshold,
            voting_period,
            timelock,
        }),
        ..params()
    }
}

fn expedited() -> ExecuteMsg {
    let ExecuteMsg::Propose {
        title, description, ..
    } = proposal(vec![])
    else {
        unreachable!("that is a proposal")
    };
    ExecuteMsg::Propose {
        title,
        description,
        msgs: vec![],
        earliest: None,
        latest: None,
        expedited: Some(true),
    }
}

#[test]
fn an_expedited_proposal_is_faster_and_harder_to_pass() {
    let faster = with(quorum(50, 40), quorum(70, 40), 60, 20);
    let mut gov = Gov::with(faster, Uint128::one());
    let (alice, bob) = (gov.alice.clone(), gov.bob.clone());
    for yes in [vec![&alice], vec![&alice, &bob]] {
        let opened = gov.send(&alice, &expedited(), &coins(10, DENOM)).unwrap();
        let id = cosmwasm_std::from_json(opened.data.unwrap()).unwrap();
        for voter in &yes {
            gov.vote(voter, id, Vote::Yes);
        }
        if yes.len() == 1 {
            // 600 of 1 000 would do for another, against 400.
            gov.vote(&bob, id, Vote::No);
            let carol = gov.carol.clone();
            gov.vote(&carol, id, Vote::No);
            gov.wait(60);
            assert_eq!(gov.phase(id), ProposalPhase::Rejected);
            continue;
        }
        // The usual minimum is longer than its whole vote.
        gov.wait(59);
        assert_eq!(gov.phase(id), ProposalPhase::Open);
        gov.wait(1);
        assert_eq!(gov.phase(id), ProposalPhase::Timelocked);
        gov.wait(20);
        gov.execute(id).unwrap();
    }
}

#[test]
fn without_terms_there_are_none() {
    let mut gov = Gov::new();
    let alice = gov.alice.clone();
    assert_eq!(
        gov.send(&alice, &expedited(), &coins(10, DENOM))
            .unwrap_err(),
        ContractError::NotExpedited
    );
}

#[test]
fn expedited_terms_are_never_the_easier_ones() {
    let mut gov = Gov::new();
    let itself = gov.address.clone();
    for (params, fits) in [
        (with(quorum(50, 40), quorum(51, 40), 1_000, 200), true),
        (with(quorum(50, 40), quorum(50, 40), 1_000, 200), false),
        (with(quorum(50, 40), quorum(60, 39), 1_000, 200), false),
        (with(quorum(50, 40), all(60), 1, 0), true),
        (with(all(60), quorum(70, 99), 1, 0), false),
        (with(all(60), all(61), 1, 0), true),
        (with(quorum(50, 40), quorum(60, 101), 1, 0), false),
        (with(quorum(50, 40), quorum(60, 40), 0, 0), false),
        (with(quorum(50, 40), quorum(60, 40), 1_001, 0), false),
        (with(quorum(50, 40), quorum(60, 40), 1, 201), false),
    ] {
        let said = format!("{params:?}");
        let outcome = gov.send(&itself, &ExecuteMsg::UpdateParams { params }, &[]);
        assert_eq!(outcome.is_ok(), fits, "{said}");
    }
}
