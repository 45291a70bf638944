use cosmwasm_std::Uint128;
use leasehold_api::escrow::{AccountStatus, ExecuteMsg};
use leasehold_api::event::{Collected, StreamClosed, StreamOpened};
use leasehold_api::{RuleError, SCALE};
use leasehold_escrow::ContractError;

use crate::harness::*;

#[test]
fn open_and_close_leave_exactly_the_rent_behind() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    let opened = h.try_stream(1, account, "provider", SCALE / 3).unwrap();
    assert_eq!(
        events::<StreamOpened>(&opened),
        [StreamOpened {
            stream: 1,
            account,
            payee: addr("provider"),
            rate: (SCALE / 3).into()
        }]
    );
    h.pass(100);
    let closed = h.close(1);
    assert_eq!(events::<Collected>(&closed)[0].amount.u128(), 33);
    assert_eq!(
        events::<StreamClosed>(&closed),
        [StreamClosed { stream: 1, account }]
    );
    assert_eq!(h.bank("provider", AKT), 33);
    let left = h.account(account);
    assert_eq!(left.balance.u128(), 967 * SCALE);
    assert_eq!(left.status, AccountStatus::Idle);
    assert_eq!(left.depletes_at, None);
    h.withdraw(account, 967).unwrap();
    h.check_books();
    let again = h.execute(
        &h.market.clone(),
        &ExecuteMsg::CloseStream { stream: 1 },
        &[],
    );
    assert_eq!(again, Err(ContractError::StreamNotFound { id: 1 }));
}

#[test]
fn a_stream_opens_only_on_solid_ground() {
    let mut h = Harness::new();
    let account = h.open(u128::from(RUNWAY));
    assert_eq!(
        h.try_stream(1, 9, "provider", RATE),
        Err(ContractError::AccountNotFound { id: 9 })
    );
    assert_eq!(
        h.try_stream(1, account, "nobody", RATE),
        Err(ContractError::PayeeNotRegistered {
            payee: addr("nobody")
        })
    );
    assert_eq!(
        h.try_stream(1, account, "provider", 0),
        Err(RuleError::ZeroRate.into())
    );
    assert!(matches!(
        h.try_stream(1, account, "provider", RATE + 1),
        Err(ContractError::Rule(RuleError::OutOfRange { .. }))
    ));
    assert!(matches!(
        h.try_stream(1, account, "provider", u128::MAX),
        Err(ContractError::Rule(RuleError::Overflow { .. }))
    ));
    h.stream(1, account, "provider", RATE);
    assert_eq!(
        h.try_stream(1, account, "provider", RATE),
        Err(ContractError::StreamExists { id: 1 })
    );
    h.check_books();
}

#[test]
fn only_the_owners_own_account_pays() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    let msg = |tenant: &str, payee: &str| ExecuteMsg::OpenStream {
        stream: 1,
        account,
        tenant: tenant.into(),
        payee: payee.into(),
        rate: Uint128::new(RATE),
        until: None,
    };
    let (market, tenant, payee) = (h.market.clone(), h.tenant.clone(), h.provider.clone());
    let other = addr("other");
    assert_eq!(
        h.execute(&market, &msg(other.as_str(), payee.as_str()), &[]),
        Err(RuleError::WrongParty {
            who: other.to_string(),
            action: "spend from the account",
            allowed: format!("account {account} belongs to {tenant}"),
        }
        .into())
    );
    for (tenant, payee) in [("nonsense", payee.as_str()), (tenant.as_str(), "nonsense")] {
        let error = h.execute(&market, &msg(tenant, payee), &[]);
        assert!(matches!(error, Err(ContractError::Std(_))));
    }
}

#[test]
fn a_payee_without_a_record_earns_nothing_since_its_last_collect_and_can_be_closed() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    h.stream(1, account, "provider", RATE);
    h.pass(100);
    h.collect(&[1]);
    h.pass(50);
    h.vanish("provider");
    let closed = h.close(1);
    assert_eq!(events::<Collected>(&closed)[0].amount.u128(), 0);
    assert_eq!(h.account(account).balance.u128(), 900 * SCALE);
    h.check_books();
}

#[test]
fn a_payee_whose_record_starts_over_can_be_closed() {
    let mut h = Harness::new();
    h.pass(500);
    h.beat("provider", FOREVER);
    let account = h.open(1_000);
    h.stream(1, account, "provider", RATE);
    h.pass(50);
    h.vanish("provider");
    h.beat("provider", FOREVER);
    h.pass(10);
    let closed = h.close(1);
    assert_eq!(events::<Collected>(&closed)[0].amount.u128(), 0);
    assert_eq!(h.account(account).balance.u128(), 1_000 * SCALE);
    h.check_books();
}

#[test]
fn closing_a_stream_changes_no_others_pay() {
    let run = |close_early: bool| {
        let mut h = Harness::new();
        h.beat("p1", FOREVER);
        let account = h.open(10_000);
        h.stream(1, account, "provider", RATE);
        h.stream(2, account, "p1", RATE);
        h.pass(77);
        if close_early {
            h.close(2);
        }
        h.pass(23);
        h.collect(&[1]);
        h.check_books();
        h.bank("provider", AKT)
    };
    assert_eq!(run(false), 99);
    assert_eq!(run(true), 99);
}
