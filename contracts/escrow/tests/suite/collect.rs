use leasehold_api::escrow::{AccountStatus, ExecuteMsg, MAX_COLLECT};
use leasehold_api::event::{Collected, Settled};
use leasehold_api::SCALE;
use leasehold_escrow::ContractError;

use crate::harness::*;

#[test]
fn a_payee_gets_its_seconds_less_the_fee() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    h.stream(1, account, "provider", RATE);
    h.pass(250);
    let response = h.collect(&[1]);
    assert_eq!(h.bank("provider", AKT), 248);
    assert_eq!(
        events::<Collected>(&response),
        [Collected {
            stream: 1,
            payee: addr("provider"),
            amount: 248u128.into(),
            fee: 2u128.into(),
        }]
    );
    h.check_books();
}

#[test]
fn one_collect_pays_many_payees_each_in_one_transfer_per_denom() {
    let mut h = Harness::new();
    for payee in ["p1", "p2"] {
        h.beat(payee, FOREVER);
    }
    let (first, second) = (h.open(10_000), h.open(10_000));
    let other = h.open_in(ATOM, 10_000);
    h.stream(1, first, "p1", RATE);
    h.stream(2, second, "p1", 2 * RATE);
    h.stream(3, first, "p2", 3 * RATE);
    h.stream(4, other, "p1", 4 * RATE);
    h.pass(100);
    let response = h.collect(&[4, 3, 2, 1]);
    assert_eq!(h.bank("p1", AKT), 99 + 198);
    assert_eq!(h.bank("p1", ATOM), 396);
    assert_eq!(h.bank("p2", AKT), 297);
    assert_eq!(transfers(&response), 3);
    let order: Vec<u64> = events::<Collected>(&response)
        .iter()
        .map(|e| e.stream)
        .collect();
    assert_eq!(order, [4, 3, 2, 1]);
    h.check_books();
}

#[test]
fn a_collect_of_nothing_sends_nothing() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    h.stream(1, account, "provider", RATE);
    let response = h.collect(&[1]);
    assert_eq!(transfers(&response), 0);
    assert_eq!(events::<Collected>(&response)[0].amount.u128(), 0);
}

#[test]
fn fractions_wait_and_add_up() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    h.stream(1, account, "provider", SCALE / 4);
    for _ in 0..40 {
        h.pass(1);
        h.collect(&[1]);
        h.check_books();
    }
    assert_eq!(h.bank("provider", AKT), 10);
}

#[test]
fn collects_name_1_to_64_streams_that_exist_once() {
    let mut h = Harness::new();
    let account = h.open(100_000);
    for id in 0..=64 {
        h.stream(id, account, "provider", RATE);
    }
    h.pass(10);
    let mut collect =
        |streams: Vec<u64>| h.execute(&addr("anyone"), &ExecuteMsg::Collect { streams }, &[]);
    for (count, ids) in [(0, 0..0), (65, 0..65)] {
        assert_eq!(
            collect(ids.collect()),
            Err(ContractError::CollectSize {
                count,
                max: MAX_COLLECT
            })
        );
    }
    assert_eq!(
        collect(vec![5, 6, 5]),
        Err(ContractError::CollectTwice { id: 5 })
    );
    assert_eq!(
        collect(vec![1, 99]),
        Err(ContractError::StreamNotFound { id: 99 })
    );
    let response = collect((0..64).collect()).unwrap();
    assert_eq!(transfers(&response), 1);
    assert_eq!(h.bank("provider", AKT), 64 * 10);
    h.check_books();
}

#[test]
fn a_dry_account_pays_everyone_to_the_same_second_and_resumes_on_top_up() {
    let mut h = Harness::new();
    h.beat("p1", FOREVER);
    let account = h.open(20 * u128::from(RUNWAY));
    h.stream(1, account, "provider", 10 * RATE);
    h.stream(2, account, "p1", 10 * RATE);
    let ran_dry = h.now() + RUNWAY;
    h.pass(5_000);
    assert_eq!(h.account(account).status, AccountStatus::Dry);
    h.collect(&[1]);
    h.collect(&[2]);
    let each = 10 * u128::from(RUNWAY);
    assert_eq!(h.bank("provider", AKT), each - each / 100);
    assert_eq!(h.bank("p1", AKT), each - each / 100);
    assert_eq!(h.account(account).depletes_at, Some(ran_dry));

    h.pass(1_000);
    h.deposit(account, 100);
    assert_eq!(h.account(account).status, AccountStatus::Streaming);
    assert_eq!(h.account(account).depletes_at, Some(h.now() + 5));
    h.pass(3);
    let response = h.collect(&[1]);
    assert_eq!(events::<Collected>(&response)[0].amount.u128(), 30);
    h.check_books();
}

#[test]
fn silence_earns_nothing_and_the_rent_returns() {
    let mut h = Harness::new();
    h.beat("sleeper", 40);
    let account = h.open(1_000);
    h.stream(1, account, "sleeper", RATE);
    h.pass(100);
    h.beat("sleeper", 40);
    h.pass(10);
    let response = h.collect(&[1]);
    assert_eq!(events::<Collected>(&response)[0].amount.u128(), 50);
    assert_eq!(h.account(account).balance.u128(), 950 * SCALE);
    h.check_books();
}

#[test]
fn settling_changes_no_payout() {
    let run = |settles: u64| {
        let mut h = Harness::new();
        let account = h.open(100);
        h.stream(1, account, "provider", RATE);
        for _ in 0..12 {
            for _ in 0..settles {
                let msg = ExecuteMsg::Settle { account };
                h.execute(&addr("anyone"), &msg, &[]).unwrap();
            }
            h.pass(10);
        }
        h.collect(&[1]);
        h.check_books();
        (h.bank("provider", AKT), h.account(account).depletes_at)
    };
    assert_eq!(run(0), run(10));
}

#[test]
fn settle_tells_what_was_paid_for() {
    let mut h = Harness::new();
    let account = h.open(100);
    h.stream(1, account, "provider", RATE);
    h.pass(30);
    let response = h
        .execute(&addr("anyone"), &ExecuteMsg::Settle { account }, &[])
        .unwrap();
    assert_eq!(
        events::<Settled>(&response),
        [Settled {
            account,
            balance: (70 * SCALE).into(),
            funded: 30
        }]
    );
    let missing = h.execute(&addr("anyone"), &ExecuteMsg::Settle { account: 5 }, &[]);
    assert_eq!(missing, Err(ContractError::AccountNotFound { id: 5 }));
}
