use cosmwasm_std::{Addr, Uint128};
use leasehold_rules::auction::{Auction, AuctionMode, AuctionParams, Award, Bound, Phase, Quote};
use leasehold_rules::resources::MAX_RATE;
use leasehold_rules::RuleError;
use proptest::prelude::*;

const PARAMS: AuctionParams = AuctionParams {
    bidding: 60,
    extension: 15,
    hard_close: 90,
    min_blocks: 5,
    min_decrement_bps: 200,
    claim_window: 30,
    ramp: 100,
};
/// Past every block minimum.
const LATE: u64 = 1_000;

fn rate(rate: u128) -> Uint128 {
    Uint128::new(rate)
}

fn addr(name: &str) -> Addr {
    Addr::unchecked(name)
}

fn descending() -> Auction {
    Auction::open(AuctionMode::Descending {}, rate(1_000), &PARAMS, 0, 0).unwrap()
}

fn bid(auction: &mut Auction, who: &str, amount: u128, now: u64) -> Result<bool, RuleError> {
    let quote = Quote {
        provider: addr(who),
        rate: rate(amount),
    };
    auction
        .bid(&PARAMS, 1_000_000_000_000, quote, now, 1)
        .map(|placed| placed.leader)
}

fn too_high(rate: u128, max: u128) -> Result<bool, RuleError> {
    Err(RuleError::BidTooHigh { rate, max })
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
    let quote = Quote {
        provider: addr("b"),
        rate: rate(500),
    };
    let placed = auction.bid(&PARAMS, 1, quote, 2, 1).unwrap();
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
    assert_eq!(auction.phase(60, 4), Phase::Bidding);
    assert_eq!(auction.phase(60, 5), Phase::AwardBest);
    assert_eq!(auction.phase(89, LATE), Phase::AwardBest);
    assert_eq!(auction.phase(90, LATE), Phase::AwardSecond);
    assert_eq!(auction.phase(119, LATE), Phase::AwardSecond);
    assert_eq!(auction.phase(120, LATE), Phase::Lapsed);
    // A chain that halts and comes back a day later costs nobody its window.
    assert_eq!(auction.phase(86_400, 6), Phase::AwardBest);
    assert_eq!(auction.phase(86_400, 10), Phase::AwardSecond);
    assert_eq!(auction.phase(86_400, 15), Phase::Lapsed);
    assert_eq!(auction.phase_ends_at(59, LATE), Some(60));
    assert_eq!(auction.phase_ends_at(60, LATE), Some(90));
    assert_eq!(auction.phase_ends_at(90, LATE), Some(120));
    assert_eq!(auction.phase_ends_at(86_400, 6), None);
}

#[test]
fn nobody_bids_until_the_first_bid_restarts_the_clock() {
    let mut auction = descending();
    assert_eq!(auction.phase(500, LATE), Phase::Bidding);
    let quote = Quote {
        provider: addr("a"),
        rate: rate(1_000),
    };
    auction.bid(&PARAMS, 1, quote, 500, LATE).unwrap();
    assert_eq!((auction.opened_at, auction.closes_at), (500, 560));
    assert_eq!(auction.phase(560, LATE + 4), Phase::Bidding);
    assert_eq!(auction.phase(560, LATE + 5), Phase::AwardBest);
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
    assert_eq!(
        auction.roll(90, LATE),
        Some(Bound {
            provider: addr("a"),
            bond: rate(900)
        })
    );
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
    assert!(auction.withdraw(&addr("a")).is_err());
    assert!(auction.withdraw(&addr("c")).is_err());
    auction.withdraw(&addr("b")).unwrap();
    assert_eq!(auction.second, None);
    assert!(auction.withdraw(&addr("b")).is_err());
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
        let quote = Quote {
            provider: addr(who),
            rate: rate(amount),
        };
        auction
            .bid(&params, 1, quote, 1, 1)
            .map(|placed| placed.leader)
    };
    assert_eq!(bid("a", 500), Ok(true));
    assert_eq!(bid("b", 500), Ok(false));
    assert_eq!(bid("b", 499), Ok(true));
}

fn dutch(min: Option<u128>, max: u128) -> Result<Auction, RuleError> {
    let mode = AuctionMode::Dutch {
        min_rate: min.map(rate),
    };
    Auction::open(mode, rate(max), &PARAMS, 0, 0)
}

#[test]
fn a_dutch_price_rises_to_the_maximum() {
    let auction = dutch(None, 1_000).unwrap();
    let price = |now| auction.price(now).unwrap().unwrap().u128();
    assert_eq!(
        [price(0), price(1), price(50), price(100), price(9_999)],
        [100, 109, 550, 1_000, 1_000]
    );
    let posted = dutch(Some(70), 70).unwrap();
    assert_eq!(posted.price(0), posted.price(999));
    let tiny = dutch(None, 3).unwrap();
    assert_eq!(tiny.price(0), Ok(Some(rate(1))));
    assert!(dutch(Some(0), 10).is_err());
    assert!(dutch(Some(11), 10).is_err());
    let mut auction = dutch(None, 1_000).unwrap();
    let award = auction.claim(&addr("anyone"), 50, 0).unwrap();
    assert_eq!((award.rate, award.bond), (rate(550), rate(0)));
    assert!(matches!(
        bid(&mut dutch(None, 10).unwrap(), "a", 5, 0),
        Err(RuleError::WrongPhase { .. })
    ));
}

#[test]
fn rates_outside_the_range_open_nothing() {
    for max in [0, MAX_RATE + 1, u128::MAX] {
        for mode in [
            AuctionMode::Descending {},
            AuctionMode::Open {},
            AuctionMode::Dutch { min_rate: None },
        ] {
            let opened = Auction::open(mode, rate(max), &PARAMS, 0, 0);
            assert!(matches!(opened, Err(RuleError::OutOfRange { .. })), "{max}");
        }
    }
    let far = Auction::open(AuctionMode::Descending {}, rate(1), &PARAMS, u64::MAX, 0);
    assert_eq!(far, Err(RuleError::Overflow { what: "time" }));
}

/// `a` leads at 900 with `b` behind at 950, wins, and fails.
fn reopened(excluded: &[&str]) -> Auction {
    let mut auction = descending();
    bid(&mut auction, "a", 900, 1).unwrap();
    bid(&mut auction, "b", 950, 1).unwrap();
    auction.claim(&addr("a"), 60, LATE).unwrap();
    let excluded: Vec<_> = excluded.iter().map(|name| addr(name)).collect();
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
    assert_eq!(auction.phase(530, LATE + 4), Phase::AwardBest);
    assert_eq!(auction.phase(530, LATE + 5), Phase::Bidding);
    assert_eq!(auction.roll(530, LATE + 5), None);
    assert_eq!(auction.best, None);
    let price = |now| auction.price(now).unwrap().unwrap().u128();
    assert_eq!([price(530), price(580), price(630)], [900, 950, 1_000]);
    assert!(auction.claim(&addr("b"), 580, LATE + 9).is_ok());
}

#[test]
fn the_runner_up_may_step_back() {
    let mut auction = reopened(&["a"]);
    auction.withdraw(&addr("b")).unwrap();
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

#[test]
fn an_open_order_is_never_claimed() {
    let mut auction = Auction::open(AuctionMode::Open {}, rate(5), &PARAMS, 0, 0).unwrap();
    assert!(matches!(
        auction.claim(&addr("a"), 9_999, LATE),
        Err(RuleError::WrongPhase { .. })
    ));
    assert_eq!(auction.roll(9_999, LATE), None);
    assert_eq!(auction.phase_ends_at(0, 0), None);
}

#[test]
fn every_parameter_has_bounds() {
    type Break = fn(&mut AuctionParams);
    let breaks: [(&str, Break); 10] = [
        ("bidding", |p| p.bidding = 0),
        ("bidding", |p| p.bidding = 86_401),
        ("extension", |p| p.extension = 61),
        ("hard_close", |p| p.hard_close = 59),
        ("hard_close", |p| p.hard_close = 86_401),
        ("min_blocks", |p| p.min_blocks = 10_001),
        ("min_decrement_bps", |p| p.min_decrement_bps = 5_001),
        ("claim_window", |p| p.claim_window = 0),
        ("ramp", |p| p.ramp = 0),
        ("ramp", |p| p.ramp = 86_401),
    ];
    assert_eq!(PARAMS.validate(), Ok(()));
    for (name, break_it) in breaks {
        let mut params = PARAMS;
        break_it(&mut params);
        match params.validate() {
            Err(RuleError::OutOfRange { field, .. }) => assert_eq!(field, name),
            other => panic!("{name}: {other:?}"),
        }
    }
}

proptest! {
    #[test]
    fn a_dutch_price_never_falls_nor_leaves_its_range(
        max in 1..=MAX_RATE, part in 0..=100_u128, t1: u32, t2: u32,
    ) {
        let min = (max / 100 * part).max(1);
        let auction = dutch(Some(min), max).unwrap();
        let price = |now: u32| auction.price(u64::from(now)).unwrap().unwrap().u128();
        let (early, late) = (price(t1.min(t2)), price(t1.max(t2)));
        prop_assert!(min <= early && early <= late && late <= max);
    }
}
