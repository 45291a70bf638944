use leasehold_rules::auction::{Auction, AuctionMode, Bound, Phase, Pricing, MAX_LEAD};
use leasehold_rules::RuleError;

use crate::*;

const START: u64 = 1_000;

/// Bids of 500 and 900 from `a` and `b`, long decided before the start.
fn reserved(mode: AuctionMode) -> Auction {
    let mut auction = opened(mode);
    auction.reserve(START, 0).unwrap();
    for (who, amount) in [("b", 900), ("a", 500)] {
        let bid = quote(who, amount);
        auction.bid(&PARAMS, BOND_SECONDS, bid, 1, 1).unwrap();
        auction.count_bidder(&PARAMS, 1).unwrap();
    }
    auction
}

#[test]
fn the_award_waits_for_the_start() {
    let mut auction = reserved(AuctionMode::default());
    let window = PARAMS.claim_window;
    for (now, phase, ends_at) in [
        (59, Phase::Bidding, Some(60)),
        (60, Phase::Reserved, Some(START)),
        (START - 1, Phase::Reserved, Some(START)),
        (START, Phase::AwardBest, Some(START + window)),
        (START + window - 1, Phase::AwardBest, Some(START + window)),
        (START + window, Phase::AwardSecond, Some(START + 2 * window)),
        (START + 2 * window, Phase::Lapsed, None),
    ] {
        assert_eq!(auction.phase(now, LATE), phase, "at {now}");
        assert_eq!(auction.phase_ends_at(now, LATE), ends_at, "at {now}");
    }
    for now in [60, START - 1] {
        assert_eq!(auction.roll(now, LATE), None);
        let early = auction.claim(&addr("a"), now, LATE);
        assert!(matches!(early, Err(RuleError::WrongPhase { .. })));
    }
    let award = auction.claim(&addr("a"), START, LATE).unwrap();
    assert_eq!((award.rate, award.bond), (rate(500), rate(500)));
    auction.rest();
    assert!(!auction.is_reservation());
}

/// A start that comes before the close changes nothing.
#[test]
fn a_start_within_the_bidding_waits_for_the_close() {
    let mut auction = opened(AuctionMode::default());
    auction.reserve(5, 0).unwrap();
    let bid = quote("a", 500);
    auction.bid(&PARAMS, BOND_SECONDS, bid, 1, 1).unwrap();
    assert_eq!(auction.phase(59, LATE), Phase::Bidding);
    assert_eq!(auction.phase(60, LATE), Phase::AwardBest);
    let window = PARAMS.claim_window;
    assert_eq!(auction.phase(60 + window, LATE), Phase::Lapsed);
}

#[test]
fn only_a_bound_winner_is_let_down() {
    let mut auction = reserved(AuctionMode::default());
    let winner = Some(Bound {
        provider: addr("a"),
        bond: rate(500),
    });
    let window = PARAMS.claim_window;
    assert_eq!(auction.expectant(59, LATE), None, "still bidding");
    for now in [60, START - 1, START, START + window - 1] {
        assert_eq!(auction.expectant(now, LATE), winner, "at {now}");
    }
    auction.roll(START + window, LATE).unwrap();
    assert_eq!(auction.expectant(START + window, LATE), None);
    let mut ordinary = opened(AuctionMode::default());
    let bid = quote("a", 500);
    ordinary.bid(&PARAMS, BOND_SECONDS, bid, 1, 1).unwrap();
    assert_eq!(ordinary.expectant(60, LATE), None);
}

/// Too few for an award: the price rises from the start on, and nobody takes it before.
#[test]
fn an_auction_that_finds_nobody_rises_from_the_start() {
    let min_bidders = Some(3);
    let mut auction = reserved(AuctionMode::Descending { min_bidders });
    let dropped = auction.roll(PARAMS.hard_close, LATE).unwrap();
    assert!(!dropped.no_show);
    for now in [PARAMS.hard_close, START - 1] {
        assert_eq!(auction.phase(now, LATE), Phase::Reserved);
        assert!(auction.claim(&addr("c"), now, LATE).is_err());
    }
    assert_eq!(auction.phase(START, LATE), Phase::Bidding);
    assert_eq!(auction.price(START).unwrap(), Some(rate(100)));
    let top = START + PARAMS.ramp;
    assert_eq!(auction.price(top).unwrap(), Some(rate(1_000)));
    assert_eq!(
        auction.claim(&addr("c"), top, LATE).unwrap().rate,
        rate(1_000)
    );
}

#[test]
fn times_and_modes_have_bounds() {
    let at = |mode, starts_at| opened(mode).reserve(starts_at, 100);
    let descending = AuctionMode::default();
    for starts_at in [0, 100, 101 + MAX_LEAD, u64::MAX] {
        let refused = at(descending, starts_at);
        assert!(matches!(refused, Err(RuleError::OutOfRange { .. })));
    }
    let sealed = AuctionMode::Sealed {
        pricing: Pricing::Second,
        min_bidders: None,
    };
    for mode in [descending, sealed] {
        for starts_at in [101, 100 + MAX_LEAD] {
            assert_eq!(at(mode, starts_at), Ok(()));
        }
    }
    let min_rate = Some(rate(1));
    for mode in [
        AuctionMode::Dutch { min_rate },
        AuctionMode::Open { auto_after: None },
    ] {
        let refused = at(mode, 101);
        assert!(matches!(refused, Err(RuleError::WrongPhase { .. })));
    }
}
