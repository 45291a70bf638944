use cosmwasm_std::{Addr, Decimal, Uint128};
use cw_utils::Threshold;
use leasehold_api::governance::{ProposalPhase, RefundPolicy, Tally};

use super::{Ended, Proposal};

/// Opened at 0, passes from 100, expires at 1000, timelock 200, window 500; 100 power, quorum 40.
fn proposal(yes: u128, no: u128, decided_at: Option<u64>) -> Proposal {
    Proposal {
        proposer: Addr::unchecked("proposer"),
        start_height: 1,
        total_power: Uint128::new(100),
        opened_at: 0,
        passes_from: 100,
        expires_at: 1_000,
        timelock: 200,
        execution_window: 500,
        threshold: Threshold::ThresholdQuorum {
            threshold: Decimal::percent(50),
            quorum: Decimal::percent(40),
        },
        tally: Tally {
            yes: yes.into(),
            no: no.into(),
            ..Tally::default()
        },
        decided_at,
        deposit: Uint128::zero(),
        refund: RefundPolicy::OnlyPassed,
        ended: None,
    }
}

fn phases(proposal: &Proposal, times: &[u64]) -> Vec<ProposalPhase> {
    times
        .iter()
        .map(|now| proposal.phase(*now).unwrap())
        .collect()
}

#[test]
fn deadlines_are_half_open() {
    use ProposalPhase::*;
    let early = proposal(60, 0, Some(10));
    assert_eq!(
        phases(&early, &[10, 99, 100, 299, 300, 799, 800]),
        [Open, Open, Timelocked, Timelocked, Executable, Executable, Lapsed]
    );
    let late = proposal(60, 0, Some(150));
    assert_eq!(
        phases(&late, &[150, 349, 350]),
        [Timelocked, Timelocked, Executable]
    );
    let at_end = proposal(40, 10, None);
    assert_eq!(
        phases(&at_end, &[999, 1_000, 1_199, 1_200, 1_700]),
        [Open, Timelocked, Timelocked, Executable, Lapsed]
    );
    let without_quorum = proposal(39, 0, None);
    assert_eq!(phases(&without_quorum, &[999, 1_000]), [Open, Rejected]);
    assert_eq!(phases(&proposal(0, 51, None), &[1]), [Rejected]);
}

#[test]
fn an_ended_proposal_stays_ended() {
    let mut vetoed = proposal(60, 0, Some(10));
    vetoed.ended = Some(Ended::Vetoed);
    assert_eq!(
        phases(&vetoed, &[150, 5_000]),
        [ProposalPhase::Vetoed, ProposalPhase::Vetoed]
    );
}

#[test]
fn time_at_its_end_does_not_wrap() {
    let mut endless = proposal(60, 0, Some(10));
    endless.timelock = u64::MAX;
    assert_eq!(
        endless.phase(u64::MAX - 1).unwrap(),
        ProposalPhase::Timelocked
    );
}
