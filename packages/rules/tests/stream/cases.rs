use cosmwasm_std::{Addr, Uint128};
use leasehold_rules::money::{Denom, SCALE};
use leasehold_rules::stream::{Account, Stream};
use leasehold_rules::RuleError;

pub fn funded(units: u128) -> Account {
    let mut account = Account::new(Addr::unchecked("tenant"), Denom::Native("uakt".into()), 0);
    account.deposit(Uint128::new(units)).unwrap();
    account
}

/// Its payee was alive all the time since second zero.
pub fn stream(rate: Uint128, now: u64) -> Stream {
    Stream::new(1, Addr::unchecked("payee"), rate, now, now)
}

pub fn open(account: &mut Account, units_per_second: u128, now: u64) -> Stream {
    let rate = Uint128::new(units_per_second * SCALE);
    account.open_stream(stream(rate, now), 1).unwrap()
}

/// Collects from a payee that was alive all the time since second zero.
pub fn collect(account: &mut Account, stream: &mut Stream, now: u64) -> u128 {
    account.settle(now).unwrap();
    stream.reconcile(account, now, now).unwrap();
    stream.take_earned().u128()
}

#[test]
fn a_dry_account_pays_all_payees_to_the_same_second() {
    let mut account = funded(100);
    let mut first = open(&mut account, 10, 0);
    let mut second = open(&mut account, 10, 0);
    assert_eq!(collect(&mut account, &mut first, 6), 50);
    assert_eq!(collect(&mut account, &mut second, 6), 50);
    assert_eq!(account.balance, Uint128::zero());
}

#[test]
fn the_gap_of_a_dry_account_is_not_owed() {
    let mut account = funded(10);
    let mut stream = open(&mut account, 1, 0);
    assert_eq!(collect(&mut account, &mut stream, 1_000), 10);
    account.deposit(Uint128::new(5)).unwrap();
    assert_eq!(account.depletes_at(), Some(1_005));
    assert_eq!(collect(&mut account, &mut stream, 1_003), 3);
}

#[test]
fn settling_or_dust_does_not_postpone_the_moment_an_account_ran_dry() {
    let mut account = funded(100);
    open(&mut account, 10, 0);
    assert_eq!(account.depletes_at(), Some(10));
    for now in [3, 10, 11, 500, 501] {
        account.settle(now).unwrap();
        assert_eq!(account.depletes_at(), Some(10), "settled at {now}");
    }
    account.deposit(Uint128::new(9)).unwrap();
    account.settle(600).unwrap();
    assert_eq!(account.depletes_at(), Some(10), "9 units pay no second");
    account.deposit(Uint128::new(1)).unwrap();
    assert_eq!(account.depletes_at(), Some(601), "10 units pay one");
    account.settle(700).unwrap();
    assert_eq!(account.depletes_at(), Some(601));
}

#[test]
fn closing_one_stream_of_a_dry_account_lets_the_rest_buy_seconds() {
    let mut account = funded(104);
    let mut small = open(&mut account, 2, 0);
    let mut large = open(&mut account, 8, 0);
    assert_eq!(collect(&mut account, &mut large, 50), 80);
    account.close_stream(large).unwrap();
    assert_eq!(account.depletes_at(), Some(52), "4 units at 2 a second");
    assert_eq!(collect(&mut account, &mut small, 60), 20 + 4);
}

#[test]
fn silence_returns_the_rent() {
    let mut account = funded(100);
    let mut stream = open(&mut account, 1, 0);
    account.settle(40).unwrap();
    stream.reconcile(&mut account, 25, 40).unwrap();
    assert_eq!(stream.take_earned().u128(), 25);
    assert_eq!(account.balance.u128(), 75 * SCALE);
}

#[test]
fn the_fraction_stays_and_returns_on_close() {
    let mut account = funded(10);
    let rate = Uint128::new(SCALE / 3);
    let mut stream = account.open_stream(stream(rate, 0), 1).unwrap();
    assert_eq!(collect(&mut account, &mut stream, 5), 1);
    assert_eq!(stream.unclaimed.u128(), 5 * (SCALE / 3) - SCALE);
    account.close_stream(stream).unwrap();
    assert_eq!(account.balance.u128(), 9 * SCALE);
    assert_eq!(account.rate, Uint128::zero());
}

#[test]
fn a_stream_needs_a_rate_and_a_runway() {
    let mut account = funded(100);
    let mut try_rate = |rate: u128| account.open_stream(stream(Uint128::new(rate), 0), 10);
    assert_eq!(try_rate(0), Err(RuleError::ZeroRate));
    assert!(matches!(
        try_rate(10 * SCALE + 1),
        Err(RuleError::OutOfRange { .. })
    ));
    assert!(matches!(
        try_rate(u128::MAX),
        Err(RuleError::Overflow { .. })
    ));
    assert!(try_rate(10 * SCALE).is_ok());
}

#[test]
fn amounts_beyond_128_bits_are_refused() {
    let mut account = funded(0);
    assert!(account.deposit(Uint128::MAX).is_err());
    let most = Uint128::new(u128::MAX / SCALE);
    account.deposit(most).unwrap();
    assert!(account.deposit(Uint128::one()).is_err());
    assert_eq!(account.withdrawable(1), most);
}

#[test]
fn a_reserve_beyond_128_bits_only_means_that_nothing_may_leave() {
    let mut account = funded(u128::MAX / SCALE);
    let rate = Uint128::new(u128::MAX / 4);
    account.open_stream(stream(rate, 0), 1).unwrap();
    assert_eq!(account.withdrawable(604_800), Uint128::zero());
}

#[test]
fn time_never_goes_back() {
    let mut account = funded(1);
    account.settle(5).unwrap();
    assert_eq!(
        account.settle(4),
        Err(RuleError::TimeWentBack { now: 4, last: 5 })
    );
}
