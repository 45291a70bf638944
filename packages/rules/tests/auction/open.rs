use leasehold_rules::auction::{Auction, AuctionMode, Phase};
use leasehold_rules::RuleError;

use crate::*;

fn open(auto_after: Option<u64>) -> Auction {
    opened(AuctionMode::Open { auto_after })
}

fn offer(auction: &mut Auction, who: &str, amount: u128, now: u64) -> Result<(), RuleError> {
    auction.offer(&PARAMS, quote(who, amount), now, 0)
}

fn book(auction: &Auction) -> [Option<Quote>; 2] {
    [auction.best.clone(), auction.second.clone()]
}

#[test]
fn an_open_order_is_never_claimed_unless_it_says_so() {
    let mut auction = open(None);
    offer(&mut auction, "a", 5, 1).unwrap();
    assert!(matches!(
        auction.claim(&addr("a"), 9_999, LATE),
        Err(RuleError::WrongPhase { .. })
    ));
    assert_eq!(auction.roll(9_999, LATE), None);
    assert_eq!(auction.phase_ends_at(0, 0), None);
    assert_eq!(book(&auction), [None, None]);
    assert_eq!(offer(&mut auction, "a", 1_001, 1), too_high(1_001, 1_000));
    assert_eq!(offer(&mut auction, "a", 0, 1), Err(RuleError::ZeroRate));
    // The tenant's own choice may become dearer.
    offer(&mut auction, "a", 1_000, 9_999).unwrap();
}

#[test]
fn the_two_lowest_are_remembered_and_only_go_lower() {
    let mut auction = open(Some(50));
    offer(&mut auction, "a", 500, 1).unwrap();
    offer(&mut auction, "b", 500, 1).unwrap();
    assert_eq!(
        book(&auction),
        [Some(quote("a", 500)), Some(quote("b", 500))]
    );
    offer(&mut auction, "c", 600, 1).unwrap();
    offer(&mut auction, "c", 700, 1).unwrap();
    assert_eq!(offer(&mut auction, "a", 501, 1), too_high(501, 500));
    assert_eq!(offer(&mut auction, "b", 501, 1), too_high(501, 500));
    offer(&mut auction, "b", 400, 1).unwrap();
    assert_eq!(
        book(&auction),
        [Some(quote("b", 400)), Some(quote("a", 500))]
    );
    offer(&mut auction, "b", 300, 1).unwrap();
    offer(&mut auction, "a", 450, 1).unwrap();
    assert_eq!(
        book(&auction),
        [Some(quote("b", 300)), Some(quote("a", 450))]
    );
    offer(&mut auction, "c", 400, 1).unwrap();
    assert_eq!(
        book(&auction),
        [Some(quote("b", 300)), Some(quote("c", 400))]
    );
    // Out of the book: free to go dearer again.
    offer(&mut auction, "a", 900, 1).unwrap();
    assert_eq!(
        book(&auction),
        [Some(quote("b", 300)), Some(quote("c", 400))]
    );
}

#[test]
fn without_the_tenants_choice_the_lowest_claims_then_the_next_then_anyone() {
    let mut auction = open(Some(50));
    offer(&mut auction, "a", 500, 1).unwrap();
    offer(&mut auction, "b", 600, 1).unwrap();
    assert_eq!(auction.phase(49, LATE), Phase::Bidding);
    assert_eq!(auction.phase(50, 4), Phase::Bidding);
    assert_eq!(auction.phase(50, 5), Phase::AwardBest);
    assert_eq!(auction.phase_ends_at(50, LATE), Some(80));
    assert!(
        offer(&mut auction.clone(), "c", 1, 50).is_ok(),
        "few blocks"
    );
    let refused = auction.offer(&PARAMS, quote("c", 1), 50, LATE);
    assert!(matches!(refused, Err(RuleError::WrongPhase { .. })));
    let award = auction.clone().claim(&addr("a"), 79, LATE).unwrap();
    assert_eq!((award.rate, award.bond), (rate(500), rate(0)));
    assert!(auction.clone().claim(&addr("b"), 79, LATE).is_err());
    // A no-show that was not bound owes nothing.
    assert_eq!(auction.roll(80, LATE), None);
    assert_eq!(auction.phase(109, LATE), Phase::AwardSecond);
    let award = auction.clone().claim(&addr("b"), 109, LATE).unwrap();
    assert_eq!(award.rate, rate(600));
    assert_eq!(auction.roll(400, LATE), None);
    assert_eq!(auction.price(160), Ok(Some(rate(550))));
    assert!(auction.claim(&addr("c"), 400, LATE).is_ok());
}

#[test]
fn the_first_bid_after_a_long_silence_starts_the_time_again() {
    let mut auction = open(Some(50));
    assert_eq!(auction.phase(400, LATE), Phase::Bidding);
    auction.offer(&PARAMS, quote("a", 500), 400, LATE).unwrap();
    assert_eq!((auction.opened_at, auction.closes_at), (400, 450));
    assert_eq!(auction.phase(450, LATE + 4), Phase::Bidding);
    assert_eq!(auction.phase(450, LATE + 5), Phase::AwardBest);
}

#[test]
fn the_lowest_that_the_tenant_did_not_take_is_the_runner_up() {
    let mut auction = open(Some(50));
    offer(&mut auction, "a", 500, 1).unwrap();
    offer(&mut auction, "b", 600, 1).unwrap();
    for (accepted, next) in [("a", "b"), ("b", "a"), ("c", "a")] {
        let mut auction = auction.clone();
        auction.accept(&addr(accepted));
        assert_eq!(auction.second.clone().unwrap().provider, addr(next));
        assert_eq!(auction.best, None);
        auction.rest();
        auction.reopen(&PARAMS, rate(700), &[], 100, 9).unwrap();
        assert_eq!(auction.phase(129, LATE), Phase::AwardBest);
        assert!(auction.claim(&addr(next), 129, LATE).is_ok());
    }
}
