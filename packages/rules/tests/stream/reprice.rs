//! Another rate from one second to the next.

use cosmwasm_std::Uint128;
use leasehold_rules::money::SCALE;
use leasehold_rules::stream::{Account, Stream};
use leasehold_rules::RuleError;

use crate::cases::{collect, funded, open};

fn rate(units: u128) -> Uint128 {
    Uint128::new(units * SCALE)
}

/// A stream at 10 beside one at 7, repriced to `units` at 20 seconds; what both were paid by 50.
fn pay_beside(units: Option<u128>) -> (u128, u128) {
    let mut account = funded(10_000);
    let mut changed = open(&mut account, 10, 0);
    let mut other = open(&mut account, 7, 0);
    let mut paid = 0;
    if let Some(units) = units {
        paid = collect(&mut account, &mut changed, 20);
        account.reprice(&mut changed, rate(units), 1).unwrap();
    }
    paid += collect(&mut account, &mut changed, 50);
    (paid, collect(&mut account, &mut other, 50))
}

#[test]
fn the_old_rate_holds_to_the_second_and_nobody_elses_pay_changes() {
    assert_eq!(pay_beside(None), (500, 350));
    assert_eq!(pay_beside(Some(3)), (20 * 10 + 30 * 3, 350));
    assert_eq!(pay_beside(Some(90)), (20 * 10 + 30 * 90, 350));
}

#[test]
fn the_fraction_of_the_old_rate_is_not_lost() {
    let mut account = funded(100);
    let mut stream = account
        .open_stream(crate::cases::stream(Uint128::new(SCALE / 4), 0), 1)
        .unwrap();
    assert_eq!(collect(&mut account, &mut stream, 3), 0);
    account
        .reprice(&mut stream, Uint128::new(SCALE / 8), 1)
        .unwrap();
    assert_eq!(collect(&mut account, &mut stream, 5), 1);
}

fn refused(account: &mut Account, stream: &mut Stream, to: Uint128) -> RuleError {
    let before = (account.clone(), stream.clone());
    let error = account.reprice(stream, to, 10).unwrap_err();
    assert_eq!((account.clone(), stream.clone()), before);
    error
}

#[test]
fn a_new_rate_needs_its_runway() {
    let mut account = funded(100);
    let mut stream = open(&mut account, 1, 0);
    open(&mut account, 4, 0);
    let zero = refused(&mut account, &mut stream, Uint128::zero());
    assert_eq!(zero, RuleError::ZeroRate);
    let above = Uint128::new(6 * SCALE + 1);
    let short = refused(&mut account, &mut stream, above);
    assert!(matches!(short, RuleError::OutOfRange { .. }));
    let huge = refused(&mut account, &mut stream, Uint128::MAX);
    assert!(matches!(huge, RuleError::Overflow { .. }));
    account.reprice(&mut stream, rate(6), 10).unwrap();
    assert_eq!(account.depletes_at(), Some(10));
}

#[test]
fn a_prepaid_stream_pays_the_difference_of_its_rest() {
    let mut account = funded(1_000);
    let job = crate::cases::stream(rate(5), 0).ending(Some(100));
    let mut job = account.open_stream(job, 1).unwrap();
    assert_eq!(collect(&mut account, &mut job, 40), 200);
    account.reprice(&mut job, rate(8), 1).unwrap();
    assert_eq!(account.prepaid.u128(), 60 * 8 * SCALE);
    assert_eq!(account.balance.u128(), (1_000 - 200 - 480) * SCALE);
    let short = refused(&mut account, &mut job, rate(14));
    assert!(matches!(short, RuleError::OutOfRange { .. }));
    account.reprice(&mut job, rate(1), 1).unwrap();
    assert_eq!(account.balance.u128(), (800 - 60) * SCALE);
}
