use cosmwasm_std::{Decimal, Uint128};
use cw3::Vote;
use cw_utils::Threshold;
use leasehold_api::governance::Tally;
use proptest::prelude::*;

use super::{count, decide};

fn tally(yes: u128, no: u128, abstain: u128, veto: u128) -> Tally {
    Tally {
        yes: yes.into(),
        no: no.into(),
        abstain: abstain.into(),
        veto: veto.into(),
    }
}

fn quorum(threshold: u64, quorum: u64) -> Threshold {
    Threshold::ThresholdQuorum {
        threshold: Decimal::percent(threshold),
        quorum: Decimal::percent(quorum),
    }
}

fn decided(tally: Tally, total: u128, rule: &Threshold, closed: bool) -> Option<bool> {
    decide(&tally, Uint128::new(total), rule, closed).unwrap()
}

#[test]
fn quorum_is_met_exactly_at_its_edge() {
    let rule = quorum(50, 40);
    assert_eq!(decided(tally(7, 3, 2, 0), 30, &rule, true), Some(true));
    assert_eq!(decided(tally(7, 3, 1, 0), 30, &rule, true), Some(false));
    // 40 % of 31 is 12.4: votes needed round up.
    assert_eq!(decided(tally(7, 3, 2, 0), 31, &rule, true), Some(false));
    assert_eq!(decided(tally(7, 3, 3, 0), 31, &rule, true), Some(true));
}

#[test]
fn a_tie_passes_at_one_half_and_fails_above() {
    assert_eq!(
        decided(tally(5, 5, 0, 0), 20, &quorum(50, 40), true),
        Some(true)
    );
    assert_eq!(
        decided(tally(5, 5, 0, 0), 20, &quorum(51, 40), true),
        Some(false)
    );
}

#[test]
fn abstentions_fill_the_quorum_and_never_pass_alone() {
    let rule = quorum(50, 40);
    assert_eq!(decided(tally(0, 0, 30, 0), 30, &rule, true), Some(false));
    assert_eq!(decided(tally(0, 0, 30, 0), 30, &rule, false), Some(false));
    assert_eq!(decided(tally(1, 0, 29, 0), 30, &rule, true), Some(true));
}

#[test]
fn veto_counts_as_no() {
    let rule = quorum(50, 40);
    assert_eq!(decided(tally(5, 3, 0, 3), 20, &rule, true), Some(false));
    assert_eq!(decided(tally(0, 0, 0, 11), 20, &rule, false), Some(false));
}

#[test]
fn an_absolute_percentage_counts_who_did_not_vote() {
    let rule = Threshold::AbsolutePercentage {
        percentage: Decimal::percent(50),
    };
    assert_eq!(decided(tally(7, 4, 2, 0), 15, &rule, false), Some(true));
    assert_eq!(decided(tally(7, 4, 2, 0), 17, &rule, true), Some(false));
    assert_eq!(decided(tally(7, 4, 2, 0), 17, &rule, false), None);
}

#[test]
fn counting_overflows_into_an_error() {
    let full = count(Tally::default(), Vote::No, Uint128::MAX).unwrap();
    assert!(count(full, Vote::No, Uint128::one()).is_err());
    assert!(count(full, Vote::Yes, Uint128::one()).is_ok());
}

fn any_rule() -> impl Strategy<Value = Threshold> {
    prop_oneof![
        (50u64..=100, 1u64..=100).prop_map(|(t, q)| quorum(t, q)),
        (50u64..=100).prop_map(|p| Threshold::AbsolutePercentage {
            percentage: Decimal::percent(p)
        }),
    ]
}

fn any_vote() -> impl Strategy<Value = (Vote, u128)> {
    let vote = prop_oneof![
        Just(Vote::Yes),
        Just(Vote::No),
        Just(Vote::Abstain),
        Just(Vote::Veto)
    ];
    (vote, 1u128..20)
}

/// The rule in words, with fractions: what a closed vote comes to.
fn by_hand(tally: &Tally, total: u128, rule: &Threshold) -> bool {
    let (yes, against) = (tally.yes.u128(), (tally.no + tally.veto).u128());
    let abstain = tally.abstain.u128();
    let percent = |share: &Decimal| share.atomics().u128() / 10u128.pow(16);
    match rule {
        Threshold::ThresholdQuorum { threshold, quorum } => {
            (yes + against + abstain) * 100 >= total * percent(quorum)
                && yes > 0
                && yes * 100 >= (yes + against) * percent(threshold)
        }
        Threshold::AbsolutePercentage { percentage } => {
            yes > 0 && yes * 100 >= (total - abstain) * percent(percentage)
        }
        Threshold::AbsoluteCount { .. } => unreachable!("not generated"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    /// Once decided while open, no continuation decides otherwise; the end is the rule in words.
    #[test]
    fn an_early_decision_is_final(
        votes in prop::collection::vec(any_vote(), 0..12),
        absent in 0u128..40,
        rule in any_rule(),
    ) {
        let total = absent + votes.iter().map(|(_, power)| power).sum::<u128>();
        let mut sum = Tally::default();
        let mut early = None;
        for (vote, power) in votes {
            sum = count(sum, vote, Uint128::new(power)).unwrap();
            let now = decided(sum, total, &rule, false);
            prop_assert!(early.is_none() || now == early, "{early:?} became {now:?}");
            early = now;
        }
        let end = decided(sum, total, &rule, true);
        prop_assert_eq!(end, Some(by_hand(&sum, total, &rule)));
        prop_assert!(early.is_none() || early == end);
    }

    /// An undecided vote could really end either way: nothing is held open in vain.
    #[test]
    fn an_open_vote_can_still_pass(
        votes in prop::collection::vec(any_vote(), 0..12),
        absent in 0u128..40,
        rule in any_rule(),
    ) {
        let total = absent + votes.iter().map(|(_, power)| power).sum::<u128>();
        let mut sum = Tally::default();
        for (vote, power) in votes {
            sum = count(sum, vote, Uint128::new(power)).unwrap();
        }
        let rest = |vote| count(sum, vote, Uint128::new(absent)).unwrap();
        match decided(sum, total, &rule, false) {
            None => prop_assert!(by_hand(&rest(Vote::Yes), total, &rule)),
            Some(passes) => {
                prop_assert_eq!(by_hand(&rest(Vote::No), total, &rule), passes);
                prop_assert_eq!(by_hand(&rest(Vote::Yes), total, &rule), passes);
            }
        }
    }
}
