//! Any fault of any provider: parts sum to the slash, a slash is within the bond, faults never cost less in a row, and a provider's own
//! collateral neither protects nor convicts it.

#![no_main]

use cosmwasm_std::Uint128;
use leasehold_rules::slash::{divide, escalate, Outage, Record, MEMORY};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    amount: u128,
    parts: [u32; 2],
    base: u128,
    bond: u128,
    faults: Vec<u64>,
    lapsed: u128,
    bonded: u128,
    own: u128,
    bps: u32,
}

fuzz_target!(|input: Input| {
    let amount = Uint128::new(input.amount);
    if let Ok((parts, rest)) = divide(amount, &input.parts) {
        assert_eq!(parts.into_iter().sum::<Uint128>() + rest, amount);
    }
    let (base, bond) = (Uint128::new(input.base), Uint128::new(input.bond));
    let mut cost = Uint128::zero();
    for earlier in 0..130 {
        let next = escalate(base, bond, earlier);
        assert!(next <= bond && next >= cost);
        cost = next;
    }
    let mut record = Record::default();
    for at in input.faults {
        let next = record.with(at);
        assert!(next.last >= at && next.last >= record.last && next.faults > 0);
        // A month after the latest, none is remembered; the end of time counts as a month.
        assert_eq!(next.earlier(next.last.saturating_add(MEMORY)), 0);
        record = next;
    }
    outage(&input.lapsed, input.bonded, input.own, input.bps % 10_001);
});

/// With the provider's own part on top of both sides the answer is the same.
fn outage(lapsed: &u128, bonded: u128, own: u128, bps: u32) {
    let outage = |lapsed: u128, bonded: u128| Outage {
        lapsed: Uint128::new(lapsed),
        bonded: Uint128::new(bonded),
    };
    let (Some(more), Some(all)) = (lapsed.checked_add(own), bonded.checked_add(own)) else {
        return;
    };
    let own = Uint128::new(own);
    let without = outage(*lapsed, bonded).is_common(Uint128::zero(), bps);
    assert_eq!(outage(more, all).is_common(own, bps), without);
}
