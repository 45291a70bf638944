//! Streams that are paid ahead and end by themselves.

use leasehold_api::escrow::{AccountStatus, QueryMsg, StreamResponse};
use leasehold_api::event::Collected;
use leasehold_api::{RuleError, SCALE};
use leasehold_escrow::ContractError;

use crate::harness::*;

/// An account of 1 000 with a job of 100 seconds at one unit a second.
fn job() -> (Harness, u64) {
    let mut h = Harness::new();
    let account = h.open(1_000);
    h.try_job(1, account, "provider", RATE, 100).unwrap();
    (h, account)
}

fn paid(response: &Done) -> (u128, u128) {
    let collected: Vec<Collected> = events(response);
    (collected[0].amount.u128(), collected[0].fee.u128())
}

#[test]
fn a_job_ends_by_itself_and_the_rest_returns() {
    let (mut h, account) = job();
    let opened = h.account(account);
    assert_eq!(opened.balance.u128(), 900 * SCALE);
    assert_eq!(opened.prepaid.u128(), 100 * SCALE);
    assert_eq!((opened.rate.u128(), opened.streams), (0, 1));
    assert_eq!(opened.status, AccountStatus::Streaming);
    h.pass(40);
    assert_eq!(paid(&h.collect(&[1])), (40, 0));
    h.check_books();
    h.pass(1_000);
    let seen: StreamResponse = h.query(&QueryMsg::Stream { id: 1 });
    assert_eq!(seen.unclaimed.u128(), 60 * SCALE, "not a second more");
    assert_eq!(paid(&h.close(1)), (60, 0));
    let left = h.account(account);
    assert_eq!(left.balance.u128(), 900 * SCALE);
    assert_eq!((left.prepaid.u128(), left.streams), (0, 0));
    h.check_books();
}

#[test]
fn closed_early_it_gives_back_what_it_did_not_earn() {
    let (mut h, account) = job();
    h.pass(25);
    assert_eq!(paid(&h.close(1)), (25, 0));
    assert_eq!(h.account(account).balance.u128(), 975 * SCALE);
    h.check_books();
}

#[test]
fn a_job_needs_all_of_its_rent_beside_the_runway_of_the_others() {
    let mut h = Harness::new();
    let account = h.open(u128::from(RUNWAY) + 99);
    h.stream(1, account, "provider", RATE);
    let refused = h.try_job(2, account, "provider", RATE, 100);
    assert!(matches!(
        refused,
        Err(ContractError::Rule(RuleError::OutOfRange { .. }))
    ));
    h.try_job(2, account, "provider", RATE, 99).unwrap();
    assert_eq!(h.account(account).withdrawable.u128(), 0);
    h.check_books();
}

#[test]
fn job_funds_withdrawn_under_its_feet() {
    let (mut h, account) = job();
    h.withdraw(account, 900).unwrap();
    assert!(h.withdraw(account, 1).is_err(), "the rest is the job's");
    h.pass(200);
    assert_eq!(paid(&h.close(1)), (99, 1));
    h.check_books();
}

#[test]
fn a_job_starved_by_another_lease() {
    let (mut h, account) = job();
    h.stream(2, account, "provider", 15 * RATE);
    h.pass(99);
    assert_eq!(h.account(account).status, AccountStatus::Dry);
    h.pass(1);
    assert_eq!(paid(&h.collect(&[1])), (99, 1));
    h.check_books();
}

#[test]
fn provider_silent_for_half_of_a_job() {
    let (mut h, account) = job();
    h.beat("provider", 50);
    h.pass(100);
    assert_eq!(paid(&h.close(1)), (50, 0));
    assert_eq!(h.account(account).balance.u128(), 950 * SCALE);
    h.check_books();
}

#[test]
fn job_that_outlives_its_end_by_days_before_anybody_touches_it() {
    let (mut h, account) = job();
    h.beat("provider", 150);
    h.pass(400_000);
    assert_eq!(paid(&h.collect(&[1])), (99, 1));
    assert_eq!(paid(&h.collect(&[1])), (0, 0));
    h.pass(400_000);
    assert_eq!(paid(&h.close(1)), (0, 0));
    assert_eq!(h.account(account).balance.u128(), 900 * SCALE);
    h.check_books();
}

#[test]
fn a_job_whose_payee_vanished_can_be_closed() {
    let (mut h, account) = job();
    h.vanish("provider");
    h.pass(150);
    assert_eq!(paid(&h.close(1)), (0, 0));
    assert_eq!(h.account(account).balance.u128(), 1_000 * SCALE);
    h.check_books();
}
