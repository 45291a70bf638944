use leasehold_rules::auction::{
    Auction, AuctionMode, AuctionParams, Award, Bound, Exclusion, Phase,
};
use leasehold_rules::RuleError;

use crate::*;

fn descending() -> Auction {
    opened(AuctionMode::default())
}

fn bid(auction: &mut Auction, who: &str, amount: u128, now: u64) -> Result<bool, RuleError> {
    auction
        .bid(&PARAMS, BOND_SECONDS, quote(who, amount), now, 0)
        .map(|placed| placed.leader)
}

#[test]
fn a_bid_undercuts_by_the_decrement_or_follows() {
    let mut auction = descending();
    assert_eq!(bid(&mut auction, "a", 0, 1), Err(RuleError::ZeroRate));
    assert_eq!(bid(&mut auction, "a", 1_001, 1), too_high(1_001, 1_000));
    assert_eq!(bid(&mut auction, "a", 1_000, 1), Ok(true));
    // A tie never replaces, but is a runner-up.
    assert_eq!(bid(&mut auction, "b", 1_000, 1), Ok(false));
    assert_eq!(bid(&mut auction, "c", 981, 1), too_high(981, 980));
    assert_eq!(bid(&mut auction, "c", 980, 1), Ok(true));
    assert_eq!(auction.second.clone().unwrap().provider, addr("a"));
    // Dearer than the runner-up.
    assert_eq!(bid(&mut auction, "b", 1_000, 1), too_high(1_000, 999));
    assert_eq!(bid(&mut auction, "b", 990, 1), Ok(false));
    assert_eq!(auction.second.clone().unwrap().provider, addr("b"));
    // The leader cannot follow itself; improving keeps the runner-up.
    assert_eq!(bid(&mut auction, "c", 985, 1), too_high(985, 960));
    assert_eq!(bid(&mut auction, "c", 900, 1), Ok(true));
    assert_eq!(auction.second.clone().unwrap().provider, addr("b"));
    assert_eq!(auction.bond, rate(900));
}

#[test]
fn the_outbid_leaders_bond_is_named_for_release() {
    let mut auction = descending();
    bid(&mut auction, "a", 1_000, 1).unwrap();
    let placed = auction.bid(&PARAMS, 1, quote("b", 500), 2, 1).unwrap();
    assert_eq!(
        placed.released,
        Some(Bound {
            provider: addr("a"),
            bond: rate(1_000)
        })
    );
    assert_eq!(placed.bond, rate(1), "at least one unit");
}

#[test]
fn late_leader_changes_extend_up_to_the_hard_close() {
    let mut auction = descending();
    bid(&mut auction, "a", 1_000, 44).unwrap();
    assert_eq!(auction.closes_at, 60);
    bid(&mut auction, "b", 900, 46).unwrap();
    assert_eq!(auction.closes_at, 61);
    // Neither a runner-up nor the leader's own improvement extends.
    bid(&mut auction, "c", 950, 60).unwrap();
    bid(&mut auction, "b", 800, 60).unwrap();
    assert_eq!(auction.closes_at, 61);
    bid(&mut auction, "a", 700, 60).unwrap();
    bid(&mut auction, "b", 600, 74).unwrap();
    bid(&mut auction, "a", 500, 88).unwrap();
    assert_eq!(auction.closes_at, 90);
}

#[test]
fn deadlines_are_half_open_and_need_blocks() {
    let mut auction = descending();
    bid(&mut auction, "a", 1_000, 1).unwrap();
    bid(&mut auction, "b", 1_000, 1).unwrap();
    assert_eq!(auction.phase(59, LATE), Phase::Bidding);
    assert_eq!(auction.phase(60, LATE), Phase::AwardBest);
    assert_eq!(auction.phase(60, 5), Phase::Bidding);
    assert_eq!(auction.phase(60, 6), Phase::AwardBest);
    assert_eq!(auction.phase(89, LATE), Phase::AwardBest);
    assert_eq!(auction.phase(90, LATE), Phase::AwardSecond);
    assert_eq!(auction.phase(119, LATE), Phase::AwardSecond);
    assert_eq!(auction.phase(120, LATE), Phase::Lapsed);
    // A chain that halts and comes back a day later costs nobody its window.
    assert_eq!(auction.phase(86_400, 8), Phase::AwardBest);
    assert_eq!(auction.phase(86_400, 9), Phase::AwardSecond);
    assert_eq!(auction.phase(86_400, 12), Phase::Lapsed);
    assert_eq!(auction.phase_ends_at(59, LATE), Some(60));
    assert_eq!(auction.phase_ends_at(60, LATE), Some(90));
    assert_eq!(auction.phase_ends_at(90, LATE), Some(120));
    assert_eq!(auction.phase_ends_at(86_400, 8), None);
}

#[test]
fn blocks_that_came_early_end_nothing_in_a_halt() {
    let mut auction = descending();
    // Twice as many blocks as must pass: the last bid stands in the ninth, the close in the twelfth. Then the chain halts.
    auction.bid(&PARAMS, 1, quote("a", 1_000), 45, 9).unwrap();
    auction.bid(&PARAMS, 1, quote("b", 1_000), 45, 9).unwrap();
    assert_eq!(auction.phase(60, 12), Phase::AwardBest);
    // Without the bids in between nine blocks were enough, of which twelve are there.
    assert_eq!(auction.phase(86_400, 12), Phase::AwardBest);
    assert_eq!(auction.phase(86_400, 13), Phase::AwardSecond);
}

#[test]
fn nobody_bids_until_the_first_bid_restarts_the_clock() {
    let mut auction = descending();
    assert_eq!(auction.phase(500, LATE), Phase::Bidding);
    auction
        .bid(&PARAMS, 1, quote("a", 1_000), 500, LATE)
        .unwrap();
    assert_eq!((auction.opened_at, auction.closes_at), (500, 560));
    assert_eq!(auction.phase(560, LATE + 5), Phase::Bidding);
    assert_eq!(auction.phase(560, LATE + 6), Phase::AwardBest);
}

#[test]
fn each_window_has_its_claimer_and_the_leader_pays_once() {
    let mut auction = descending();
    bid(&mut auction, "a", 900, 1).unwrap();
    bid(&mut auction, "b", 950, 1).unwrap();
    assert!(auction.clone().claim(&addr("a"), 59, LATE).is_err());
    assert!(auction.clone().claim(&addr("b"), 60, LATE).is_err());
    let award = auction.clone().claim(&addr("a"), 60, LATE).unwrap();
    assert_eq!(
        award,
        Award {
            rate: rate(900),
            bond: rate(900)
        }
    );
    assert_eq!(auction.roll(89, LATE), None);
    assert_eq!(auction.roll(90, LATE), dropped("a", 900, true));
    assert_eq!(auction.roll(90, LATE), None);
    assert!(auction.clone().claim(&addr("a"), 90, LATE).is_err());
    let award = auction.clone().claim(&addr("b"), 119, LATE).unwrap();
    assert_eq!(
        award,
        Award {
            rate: rate(950),
            bond: rate(0)
        }
    );
    assert_eq!(auction.roll(120, LATE), None);
    assert!(auction.clone().claim(&addr("b"), 120, LATE).is_err());
    assert_eq!(bid(&mut auction, "c", 1_000, 200), Ok(true));
    assert_eq!((auction.closes_at, auction.second), (260, None));
}

#[test]
fn a_bound_leader_cannot_withdraw() {
    let mut auction = descending();
    bid(&mut auction, "a", 900, 1).unwrap();
    bid(&mut auction, "b", 950, 1).unwrap();
    assert!(auction.withdraw(&addr("a"), 1, 1).is_err());
    assert!(auction.withdraw(&addr("c"), 1, 1).is_err());
    auction.withdraw(&addr("b"), 1, 1).unwrap();
    assert_eq!(auction.second, None);
    assert!(auction.withdraw(&addr("b"), 1, 1).is_err());
}

#[test]
fn a_bid_of_one_cannot_be_undercut() {
    let mut auction = descending();
    bid(&mut auction, "a", 1, 1).unwrap();
    assert_eq!(bid(&mut auction, "b", 1, 1), Ok(false));
    assert_eq!(bid(&mut auction, "c", 1, 1), too_high(1, 0));
}

#[test]
fn without_a_decrement_a_tie_still_does_not_replace() {
    let params = AuctionParams {
        min_decrement_bps: 0,
        ..PARAMS
    };
    let mut auction = descending();
    let mut bid = |who, amount| {
        auction
            .bid(&params, 1, quote(who, amount), 1, 1)
            .map(|placed| placed.leader)
    };
    assert_eq!(bid("a", 500), Ok(true));
    assert_eq!(bid("b", 500), Ok(false));
    assert_eq!(bid("b", 499), Ok(true));
}

/// `a` leads at 900 with `b` behind at 950, wins, and fails.
fn reopened(excluded: &[&str]) -> Auction {
    let mut auction = descending();
    bid(&mut auction, "a", 900, 1).unwrap();
    bid(&mut auction, "b", 950, 1).unwrap();
    auction.claim(&addr("a"), 60, LATE).unwrap();
    let until = |name: &&str| Exclusion {
        provider: addr(name),
        until: 501,
    };
    let excluded: Vec<_> = excluded.iter().map(until).collect();
    auction
        .reopen(&PARAMS, rate(900), &excluded, 500, LATE)
        .unwrap();
    auction
}

#[test]
fn after_a_failure_the_runner_up_claims_first_and_is_not_bound() {
    let mut auction = reopened(&["a"]);
    assert_eq!(auction.phase(529, LATE + 9), Phase::AwardBest);
    assert_eq!(auction.phase_ends_at(500, LATE), Some(530));
    assert!(auction.clone().claim(&addr("c"), 529, LATE + 9).is_err());
    let award = auction.clone().claim(&addr("b"), 500, LATE).unwrap();
    assert_eq!((award.rate, award.bond), (rate(950), rate(0)));
    // Its window needs blocks too, and passes without a penalty.
    assert_eq!(auction.phase(530, LATE + 2), Phase::AwardBest);
    assert_eq!(auction.phase(530, LATE + 3), Phase::Bidding);
    assert_eq!(auction.roll(530, LATE + 3), None);
    assert_eq!(auction.best, None);
    let price = |now| auction.price(now).unwrap().unwrap().u128();
    assert_eq!([price(530), price(580), price(630)], [900, 950, 1_000]);
    assert!(auction.claim(&addr("b"), 580, LATE + 9).is_ok());
}

#[test]
fn the_runner_up_may_step_back() {
    let mut auction = reopened(&["a"]);
    auction.withdraw(&addr("b"), 500, LATE).unwrap();
    assert_eq!(auction.phase(500, LATE), Phase::Bidding);
    let award = auction.claim(&addr("c"), 510, LATE).unwrap();
    assert_eq!(award.rate, rate(900));
}

#[test]
fn without_a_runner_up_the_order_is_dutch_at_once() {
    for excluded in [&["a", "b"][..], &["b"]] {
        let auction = reopened(excluded);
        assert_eq!(auction.phase(500, LATE), Phase::Bidding);
        assert_eq!(auction.price(500), Ok(Some(rate(900))));
        assert_eq!(auction.price(600), Ok(Some(rate(1_000))));
    }
}

fn crowd(least: u32) -> Auction {
    opened(AuctionMode::Descending {
        min_bidders: Some(least),
    })
}

/// A first bid of a bidder.
fn join(auction: &mut Auction, who: &str, amount: u128, now: u64) {
    bid(auction, who, amount, now).unwrap();
    auction.count_bidder(&PARAMS, now).unwrap();
}

#[test]
fn with_too_few_bidders_the_bidding_goes_on_until_the_hard_close() {
    let mut auction = crowd(2);
    join(&mut auction, "a", 600, 1);
    bid(&mut auction, "a", 500, 2).unwrap();
    assert_eq!(auction.phase(60, LATE), Phase::Bidding);
    assert_eq!(auction.phase_ends_at(60, LATE), Some(90));
    assert_eq!(auction.phase(89, LATE), Phase::Bidding);
    assert!(auction.clone().claim(&addr("a"), 89, LATE).is_err());
    // Then nobody is bound, nobody has failed, and the price rises from a tenth.
    assert_eq!(auction.phase(90, LATE), Phase::Lapsed);
    for late in [90, 150, 5_000] {
        let mut auction = auction.clone();
        assert_eq!(auction.roll(late, LATE), dropped("a", 500, false));
        assert_eq!(auction.roll(late, LATE), None);
        let price = |now| auction.price(now).unwrap().unwrap().u128();
        assert_eq!([price(90), price(140), price(190)], [100, 550, 1_000]);
        assert_eq!((auction.bidders, auction.ramp), (0, 0));
    }
    // A halted chain ends it no sooner.
    assert_eq!(auction.phase(90, 8), Phase::Bidding);
    assert_eq!(auction.phase(90, 9), Phase::Lapsed);
}

#[test]
fn the_bidder_that_completes_the_number_leaves_time_to_answer() {
    let mut auction = crowd(2);
    join(&mut auction, "a", 500, 1);
    // Second only, and still the close moves.
    join(&mut auction, "b", 600, 70);
    assert_eq!(auction.closes_at, 85);
    assert_eq!(auction.phase(84, LATE), Phase::Bidding);
    assert_eq!(auction.phase(85, LATE), Phase::AwardBest);
    assert_eq!(auction.phase(114, LATE), Phase::AwardBest);
    assert_eq!(auction.phase(115, LATE), Phase::AwardSecond);
    let mut late = crowd(2);
    join(&mut late, "a", 500, 1);
    join(&mut late, "b", 600, 89);
    assert_eq!(late.closes_at, 90);
    let mut early = crowd(2);
    join(&mut early, "a", 500, 1);
    join(&mut early, "b", 600, 2);
    assert_eq!(early.closes_at, 60);
}

#[test]
fn what_nobody_claims_of_an_auction_held_once_is_dutch_from_the_last_window_on() {
    let mut auction = crowd(2);
    join(&mut auction, "a", 500, 1);
    join(&mut auction, "b", 600, 1);
    let mut touched = auction.clone();
    assert_eq!(touched.roll(90, LATE), dropped("a", 500, true));
    assert_eq!(touched.roll(120, LATE), None);
    assert_eq!(auction.roll(999, LATE), dropped("a", 500, true));
    assert_eq!(touched, auction);
    assert_eq!(auction.price(170), Ok(Some(rate(550))));
}

#[test]
fn when_the_last_bidder_of_an_auction_held_once_steps_back_it_is_dutch_at_once() {
    let mut auction = crowd(2);
    join(&mut auction, "a", 500, 1);
    join(&mut auction, "b", 600, 1);
    auction.roll(95, LATE);
    auction.withdraw(&addr("b"), 95, LATE).unwrap();
    assert_eq!(auction.price(95), Ok(Some(rate(100))));
    assert_eq!(auction.price(145), Ok(Some(rate(550))));
}
