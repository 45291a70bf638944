//! A stream whose rent is set aside when it opens.

use cosmwasm_std::{from_json, to_json_string, Addr, Uint128};
use leasehold_rules::alive::Liveness;
use leasehold_rules::money::SCALE;
use leasehold_rules::stream::{Account, Stream};
use leasehold_rules::RuleError;

use crate::cases::{funded, open, stream};

/// 10 units a second for 100 seconds from zero.
fn job(account: &mut Account) -> Stream {
    let job = stream(Uint128::new(10 * SCALE), 0).ending(Some(100));
    account.open_stream(job, 1).unwrap()
}

/// Reconciles at `now` with a payee that was live until `silent_at` and whose last heartbeat was at `last`.
fn earned(account: &mut Account, job: &mut Stream, last: u64, silent_at: u64, now: u64) -> u128 {
    let live = Liveness {
        last,
        until: silent_at,
        height: 0,
        alive: last.min(silent_at),
    };
    let (alive, moment) = job.witness(Some(&live), now).unwrap();
    account.settle(now).unwrap();
    job.reconcile(account, alive, moment).unwrap();
    job.take_earned().u128()
}

#[test]
fn the_whole_rent_is_set_aside_and_the_balance_is_the_others() {
    let mut account = funded(1_500);
    let mut job = job(&mut account);
    assert_eq!(account.balance.u128(), 500 * SCALE);
    assert_eq!(account.prepaid.u128(), 1_000 * SCALE);
    assert_eq!(account.depletes_at(), None);
    // All that is left goes to another lease, which runs dry; the job does not notice.
    open(&mut account, 500, 0);
    assert_eq!(account.withdrawable(1).u128(), 0);
    assert_eq!(earned(&mut account, &mut job, 0, 1_000, 70), 700);
    assert_eq!(account.depletes_at(), Some(1));
    assert_eq!(earned(&mut account, &mut job, 0, 1_000, 5_000), 300);
    assert_eq!(account.prepaid, Uint128::zero());
}

#[test]
fn what_was_not_used_returns_with_the_close() {
    let mut account = funded(1_000);
    let mut job = job(&mut account);
    assert_eq!(earned(&mut account, &mut job, 0, 1_000, 30), 300);
    account.close_stream(job).unwrap();
    assert_eq!(account.balance.u128(), 700 * SCALE);
    assert_eq!((account.prepaid, account.streams), (Uint128::zero(), 0));
}

#[test]
fn silent_seconds_return_at_once() {
    let mut account = funded(1_000);
    let mut job = job(&mut account);
    assert_eq!(earned(&mut account, &mut job, 0, 50, 80), 500);
    assert_eq!(account.balance.u128(), 300 * SCALE);
    assert_eq!(account.prepaid.u128(), 200 * SCALE);
}

#[test]
fn silence_after_the_end_costs_nothing_until_a_heartbeat_hides_when_it_was() {
    // Nobody looks for days; the payee was last heard of before the end.
    let mut account = funded(1_000);
    let mut untouched = job(&mut account);
    assert_eq!(
        earned(&mut account, &mut untouched, 90, 110, 900_000),
        1_000
    );
    // It comes back after 30 silent seconds, of which nobody knows any more whether they came after the end.
    let back = Liveness {
        last: 150,
        until: 170,
        height: 0,
        alive: 120,
    };
    let mut account = funded(1_000);
    let mut late = job(&mut account);
    let (alive, moment) = late.witness(Some(&back), 160).unwrap();
    assert_eq!((alive, moment), (120, 150));
    late.reconcile(&mut account, alive, moment).unwrap();
    assert_eq!(late.take_earned().u128(), 700);
}

#[test]
fn without_a_record_of_its_payee_it_earns_nothing_more() {
    let mut account = funded(1_000);
    let mut job = job(&mut account);
    assert_eq!(earned(&mut account, &mut job, 0, 1_000, 20), 200);
    let (alive, moment) = job.witness(None, 200).unwrap();
    job.reconcile(&mut account, alive, moment).unwrap();
    assert_eq!(job.take_earned().u128(), 0);
    // A new record counts from zero.
    let anew = Liveness {
        last: 300,
        until: 310,
        height: 0,
        alive: 0,
    };
    let (alive, moment) = job.witness(Some(&anew), 305).unwrap();
    job.reconcile(&mut account, alive, moment).unwrap();
    account.close_stream(job).unwrap();
    assert_eq!(account.balance.u128(), 800 * SCALE);
}

#[test]
fn it_opens_only_beside_the_runway_of_the_others() {
    let mut account = funded(1_019);
    open(&mut account, 10, 0);
    let job = stream(Uint128::new(10 * SCALE), 0).ending(Some(100));
    let refused = account.open_stream(job.clone(), 2);
    assert!(matches!(refused, Err(RuleError::OutOfRange { .. })));
    account.deposit(Uint128::one()).unwrap();
    account.open_stream(job, 2).unwrap();
    assert_eq!(account.balance.u128(), 20 * SCALE);
}

/// Else closing the job would overflow, and its payee's bond stay locked.
#[test]
fn a_deposit_leaves_room_for_what_may_return() {
    let most = u128::MAX / SCALE;
    let mut account = funded(most - 1);
    let half = Uint128::new(most / 2 * SCALE);
    let job = account
        .open_stream(stream(half, 0).ending(Some(1)), 1)
        .unwrap();
    let refused = account.deposit(Uint128::new(2));
    assert!(matches!(refused, Err(RuleError::Overflow { .. })));
    account.close_stream(job).unwrap();
}

/// Every byte of them is paid for at each write.
#[test]
fn the_stored_records_grow_for_prepaid_streams_alone() {
    let mut account = funded(2_000);
    let payee = Addr::unchecked("payee");
    let plain = open(&mut account, 1, 0);
    let stored = r#"["tenant","nuakt","2000000000000000","1000000000000",0,0,1,null]"#;
    assert_eq!(to_json_string(&account).unwrap(), stored);
    let stored = r#"[1,"payee","1000000000000",0,0,0,"0"]"#;
    assert_eq!(to_json_string(&plain).unwrap(), stored);
    assert_eq!(from_json::<Stream>(stored).unwrap(), plain);
    let job = job(&mut account);
    let stored = r#"[1,"payee","10000000000000",0,0,0,"0",100]"#;
    assert_eq!(to_json_string(&job).unwrap(), stored);
    assert_eq!(from_json::<Stream>(stored).unwrap(), job);
    let stored = to_json_string(&account).unwrap();
    assert!(
        stored.ends_with(r#",2,null,"1000000000000000"]"#),
        "{stored}"
    );
    assert_eq!(from_json::<Account>(stored).unwrap(), account);
    assert_eq!(job.payee, payee);
}
