//! Another rate from one second to the next.

use cosmwasm_std::Uint128;
use leasehold_api::escrow::Limits;
use leasehold_api::event::{Collected, StreamRepriced};
use leasehold_api::{RuleError, SCALE};
use leasehold_escrow::ContractError;

use crate::allowance::limits;
use crate::harness::*;

fn out_of_range(result: Result<Done, ContractError>) -> bool {
    matches!(
        result,
        Err(ContractError::Rule(RuleError::OutOfRange { .. }))
    )
}

#[test]
fn the_switch_pays_the_old_rate_to_the_second() {
    let mut h = Harness::new();
    let account = h.open(10_000);
    h.stream(1, account, "provider", 10 * RATE);
    h.pass(100);
    let response = h.try_reprice("tenant", 1, 3 * RATE).unwrap();
    let collected: Vec<Collected> = events(&response);
    assert_eq!(
        (collected[0].amount.u128(), collected[0].fee.u128()),
        (990, 10)
    );
    let repriced = StreamRepriced {
        stream: 1,
        account,
        rate: Uint128::new(3 * RATE),
    };
    assert_eq!(events::<StreamRepriced>(&response), [repriced]);
    h.check_books();
    h.pass(10);
    let closed = h.close(1);
    let gross = |c: &Collected| (c.amount + c.fee).u128();
    assert_eq!(gross(&events(&closed)[0]), 30);
    assert_eq!(h.account(account).balance.u128(), 8_970 * SCALE);
    h.check_books();
}

#[test]
fn reprice_that_starves_another_lease() {
    let mut h = Harness::new();
    h.beat("victim", FOREVER);
    let account = h.open(100 * u128::from(RUNWAY));
    h.stream(1, account, "provider", RATE);
    h.stream(2, account, "victim", 4 * RATE);
    assert!(out_of_range(h.try_reprice("tenant", 1, 96 * RATE + 1)));
    h.try_reprice("tenant", 1, 96 * RATE).unwrap();
    h.check_books();
    // Both are paid to the same second, and for at least the runway.
    h.pass(RUNWAY);
    h.collect(&[2]);
    let due = u128::from(RUNWAY) * 4;
    assert_eq!(h.bank("victim", AKT), due - due / 100);
    h.check_books();
}

#[test]
fn reprice_to_drain_the_account_below_its_runway() {
    let mut h = Harness::new();
    let account = h.open(10 * u128::from(RUNWAY) + 5);
    h.stream(1, account, "provider", 10 * RATE);
    h.pass(1);
    // What the rate was does not matter: no change leaves less than the runway, not even a cheaper one.
    for rate in [10 * RATE, 9_999 * RATE, u128::MAX / 600] {
        assert!(out_of_range(h.try_reprice("tenant", 1, rate)));
    }
    let overflow = h.try_reprice("tenant", 1, u128::MAX);
    assert!(matches!(
        overflow,
        Err(ContractError::Rule(RuleError::Overflow { .. }))
    ));
    let zero = h.try_reprice("tenant", 1, 0);
    assert_eq!(zero, Err(RuleError::ZeroRate.into()));
    h.try_reprice("tenant", 1, 9 * RATE).unwrap();
    h.check_books();
}

#[test]
fn a_job_gets_its_rest_at_the_new_rate() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    h.try_job(1, account, "provider", 5 * RATE, 100).unwrap();
    h.pass(40);
    h.try_reprice("tenant", 1, 8 * RATE).unwrap();
    h.check_books();
    assert_eq!(h.account(account).prepaid.u128(), 480 * SCALE);
    assert!(out_of_range(h.try_reprice("tenant", 1, 14 * RATE)));
    h.pass(100);
    h.close(1);
    assert_eq!(h.account(account).balance.u128(), 320 * SCALE);
    h.check_books();
}

#[test]
fn only_whoever_may_spend_from_the_account_reprices() {
    let mut h = Harness::new();
    let account = h.open(10_000);
    h.stream(1, account, "provider", RATE);
    let refused = h.try_reprice("other", 1, 2 * RATE);
    assert!(matches!(
        refused,
        Err(ContractError::Rule(RuleError::WrongParty { .. }))
    ));
    let missing = h.try_reprice("tenant", 2, RATE);
    assert_eq!(missing, Err(ContractError::StreamNotFound { id: 2 }));
}

#[test]
fn spender_over_its_rate_by_a_change() {
    let mut h = Harness::new();
    let source = h.open(50_000);
    let most = Limits {
        max_rate: Uint128::new(10 * RATE),
        max_total: Uint128::new(20_000),
        ..limits()
    };
    let account = h.allow(source, most);
    h.draw(account, 20_000).unwrap();
    h.try_stream_of("spender", 1, account, 6 * RATE).unwrap();
    h.try_stream_of("spender", 2, account, 3 * RATE).unwrap();
    assert!(out_of_range(h.try_reprice("spender", 1, 7 * RATE + 1)));
    h.try_reprice("spender", 1, 7 * RATE).unwrap();
    h.check_books();
}
