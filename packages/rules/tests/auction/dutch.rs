use leasehold_rules::auction::{Auction, AuctionMode};
use leasehold_rules::resources::MAX_RATE;
use leasehold_rules::RuleError;
use proptest::prelude::*;

use crate::*;

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
        dutch(None, 10)
            .unwrap()
            .bid(&PARAMS, 1, quote("a", 5), 0, 0),
        Err(RuleError::WrongPhase { .. })
    ));
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
