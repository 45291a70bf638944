//! The auction's rules by example, mode by mode.

#![allow(clippy::unwrap_used)]

mod descending;
mod dutch;
mod open;
mod reservation;
mod sealed;

use cosmwasm_std::{Addr, Uint128};
use leasehold_rules::auction::{
    Auction, AuctionMode, AuctionParams, Bound, Dropped, Pricing, Quote,
};
use leasehold_rules::resources::MAX_RATE;
use leasehold_rules::RuleError;

const PARAMS: AuctionParams = AuctionParams {
    bidding: 60,
    extension: 15,
    hard_close: 90,
    min_blocks: 6,
    min_decrement_bps: 200,
    claim_window: 30,
    ramp: 100,
    commit: 40,
    reveal: 20,
};
/// Past every block minimum.
const LATE: u64 = 1_000;
/// Bond = rate.
const BOND_SECONDS: u64 = 1_000_000_000_000;

fn rate(rate: u128) -> Uint128 {
    Uint128::new(rate)
}

fn addr(name: &str) -> Addr {
    Addr::unchecked(name)
}

fn quote(who: &str, amount: u128) -> Quote {
    Quote {
        provider: addr(who),
        rate: rate(amount),
    }
}

fn opened(mode: AuctionMode) -> Auction {
    Auction::open(mode, rate(1_000), &PARAMS, 0, 0).unwrap()
}

fn dropped(who: &str, bond: u128, no_show: bool) -> Option<Dropped> {
    let leader = Bound {
        provider: addr(who),
        bond: rate(bond),
    };
    Some(Dropped { leader, no_show })
}

fn too_high<T>(rate: u128, max: u128) -> Result<T, RuleError> {
    Err(RuleError::BidTooHigh { rate, max })
}

fn sealed(pricing: Pricing, min_bidders: Option<u32>) -> AuctionMode {
    AuctionMode::Sealed {
        pricing,
        min_bidders,
    }
}

#[test]
fn rates_outside_the_range_open_nothing() {
    for max in [0, MAX_RATE + 1, u128::MAX] {
        for mode in [
            AuctionMode::default(),
            AuctionMode::Open { auto_after: None },
            AuctionMode::Dutch { min_rate: None },
            sealed(Pricing::First, None),
        ] {
            let opened = Auction::open(mode, rate(max), &PARAMS, 0, 0);
            assert!(matches!(opened, Err(RuleError::OutOfRange { .. })), "{max}");
        }
    }
    for mode in [AuctionMode::default(), sealed(Pricing::First, None)] {
        let far = Auction::open(mode, rate(1), &PARAMS, u64::MAX - 50, 0);
        assert_eq!(far, Err(RuleError::Overflow { what: "time" }));
    }
}

#[test]
fn options_outside_their_range_open_nothing() {
    let descending = |min_bidders| AuctionMode::Descending { min_bidders };
    let open = |auto_after| AuctionMode::Open { auto_after };
    let opens = |mode| Auction::open(mode, rate(10), &PARAMS, 0, 0).is_ok();
    for least in [2, 16] {
        assert!(opens(descending(Some(least))) && opens(sealed(Pricing::Second, Some(least))));
    }
    for least in [0, 1, 17] {
        assert!(!opens(descending(Some(least))) && !opens(sealed(Pricing::First, Some(least))));
    }
    assert!(opens(open(Some(1))) && opens(open(Some(86_400))));
    assert!(!opens(open(Some(0))) && !opens(open(Some(86_401))));
}

/// What a mode looks like on the wire, options absent: the former messages mean what they meant.
#[test]
fn modes_read_without_their_options() {
    let read = |text: &str| cosmwasm_std::from_json::<AuctionMode>(text).unwrap();
    assert_eq!(read(r#"{"descending":{}}"#), AuctionMode::default());
    assert_eq!(
        read(r#"{"open":{}}"#),
        AuctionMode::Open { auto_after: None }
    );
    assert_eq!(
        read(r#"{"sealed":{"pricing":"second"}}"#),
        sealed(Pricing::Second, None)
    );
    let text = cosmwasm_std::to_json_string(&AuctionMode::default()).unwrap();
    assert_eq!(text, r#"{"descending":{}}"#);
}

/// Every stored byte costs gas at each bid.
#[test]
fn an_ordinary_auction_stores_nothing_of_the_other_modes() {
    let text = cosmwasm_std::to_json_string(&opened(AuctionMode::default())).unwrap();
    assert_eq!(text, r#"{"x":"1000","c":60,"z":90,"w":30,"g":6}"#);
    let back: Auction = cosmwasm_std::from_json(text).unwrap();
    assert_eq!(back, opened(AuctionMode::default()));
}

#[test]
fn every_parameter_has_bounds() {
    type Break = fn(&mut AuctionParams);
    let breaks: [(&str, Break); 14] = [
        ("bidding", |p| p.bidding = 0),
        ("bidding", |p| p.bidding = 86_401),
        ("extension", |p| p.extension = 61),
        ("hard_close", |p| p.hard_close = 59),
        ("hard_close", |p| p.hard_close = 86_401),
        ("min_blocks", |p| p.min_blocks = 601),
        ("min_decrement_bps", |p| p.min_decrement_bps = 5_001),
        ("claim_window", |p| p.claim_window = 0),
        ("ramp", |p| p.ramp = 0),
        ("ramp", |p| p.ramp = 86_401),
        ("commit", |p| p.commit = 0),
        ("commit", |p| p.commit = 86_401),
        ("reveal", |p| p.reveal = 0),
        ("reveal", |p| p.reveal = 86_401),
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
