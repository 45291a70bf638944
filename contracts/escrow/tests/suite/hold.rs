//! Money that is set aside for reservations.

use leasehold_api::event::{Held, HoldReleased};
use leasehold_api::{RuleError, SCALE};
use leasehold_escrow::ContractError;

use crate::allowance::limits;
use crate::harness::*;

const ORDER: u64 = 8;

#[test]
fn what_is_held_is_out_of_reach_and_returns() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    let done = h.try_hold("tenant", ORDER, account, 300).unwrap();
    assert_eq!(events::<Held>(&done).len(), 1);
    let held = h.account(account);
    assert_eq!(held.balance.u128(), 700 * SCALE);
    assert_eq!(held.prepaid.u128(), 300 * SCALE);
    h.withdraw(account, 700).unwrap();
    assert!(h.withdraw(account, 1).is_err());
    h.check_books();
    h.release(ORDER, None, 0);
    h.withdraw(account, 300).unwrap();
    h.check_books();
}

/// A stream that runs dry spends nothing of it.
#[test]
fn a_stream_does_not_spend_it() {
    let mut h = Harness::new();
    let account = h.open(u128::from(RUNWAY) + 100);
    h.stream(1, account, "provider", RATE);
    h.try_hold("tenant", ORDER, account, 100).unwrap();
    h.pass(10 * RUNWAY);
    assert_eq!(h.account(account).runway, Some(0));
    assert_eq!(h.account(account).prepaid.u128(), 100 * SCALE);
    h.release(ORDER, None, 0);
    assert_eq!(h.account(account).runway, Some(100), "it resumes");
    h.check_books();
}

#[test]
fn who_was_let_down_gets_at_most_all_of_it() {
    for (asked, paid) in [(0, 0), (120, 120), (300, 300), (u128::MAX, 300)] {
        let mut h = Harness::new();
        let account = h.open(1_000);
        h.try_hold("tenant", ORDER, account, 300).unwrap();
        let before = h.bank("provider", AKT);
        let done = h.release(ORDER, Some("provider"), asked);
        assert_eq!(events::<HoldReleased>(&done)[0].amount.u128(), paid);
        assert_eq!(h.bank("provider", AKT), before + paid, "without a fee");
        assert_eq!(transfers(&done), usize::from(paid > 0));
        let left = h.account(account);
        assert_eq!(left.balance.u128(), (1_000 - paid) * SCALE);
        assert_eq!(left.prepaid.u128(), 0);
        h.check_books();
    }
}

#[test]
fn it_leaves_the_runway_of_the_streams() {
    let mut h = Harness::new();
    let account = h.open(u128::from(RUNWAY) + 100);
    h.stream(1, account, "provider", RATE);
    let refused = h.try_hold("tenant", ORDER, account, 101);
    assert!(matches!(
        refused,
        Err(ContractError::Rule(RuleError::OutOfRange { .. }))
    ));
    h.try_hold("tenant", ORDER, account, 100).unwrap();
    h.check_books();
}

#[test]
fn one_order_holds_once() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    h.try_hold("tenant", ORDER, account, 100).unwrap();
    let twice = h.try_hold("tenant", ORDER, account, 100);
    assert_eq!(twice, Err(ContractError::HoldExists { order: ORDER }));
    h.try_hold("tenant", ORDER + 1, account, 100).unwrap();
    assert_eq!(h.account(account).prepaid.u128(), 200 * SCALE);
    h.check_books();
}

/// Only its owner's tenants: not a stranger's, and a spender's within its rate.
#[test]
fn only_who_may_spend_holds() {
    let mut h = Harness::new();
    let account = h.open(10_000);
    let refused = h.try_hold("stranger", ORDER, account, 1);
    assert!(matches!(refused, Err(ContractError::Rule(_))));
    let drawn = h.allow(account, limits());
    h.draw(drawn, 10).unwrap();
    h.try_hold("spender", ORDER, drawn, 10).unwrap();
    let refused = h.try_hold("spender", ORDER + 1, account, 1);
    assert!(matches!(refused, Err(ContractError::Rule(_))));
    h.check_books();
}
