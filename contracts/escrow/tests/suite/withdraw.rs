use cosmwasm_std::Uint128;
use leasehold_api::escrow::ExecuteMsg;
use leasehold_api::event::{FeesSwept, Moved, Withdrawn};
use leasehold_api::SCALE;
use leasehold_escrow::ContractError;
use serde_json::json;

use crate::harness::*;

fn refused(amount: u128, withdrawable: u128) -> ContractError {
    ContractError::Withdrawal {
        amount: Uint128::new(amount),
        withdrawable: Uint128::new(withdrawable),
    }
}

#[test]
fn the_owner_takes_out_all_of_an_idle_account() {
    let mut h = Harness::new();
    let account = h.open(500);
    let before = h.bank("tenant", AKT);
    assert_eq!(h.withdraw(account, 501), Err(refused(501, 500)));
    assert_eq!(h.withdraw(account, 0), Err(refused(0, 500)));
    assert_eq!(h.withdraw(account, u128::MAX), Err(refused(u128::MAX, 500)));
    let response = h.withdraw(account, 500).unwrap();
    assert_eq!(h.bank("tenant", AKT), before + 500);
    assert_eq!(
        events::<Withdrawn>(&response),
        [Withdrawn {
            account,
            amount: 500u128.into(),
            to: h.tenant.clone()
        }]
    );
    h.check_books();
}

#[test]
fn the_minimum_runway_stays() {
    let mut h = Harness::new();
    let account = h.open(500);
    h.stream(1, account, "provider", 2 * RATE);
    h.pass(100);
    let free = 500 - 200 - 2 * u128::from(RUNWAY);
    assert_eq!(h.account(account).withdrawable.u128(), free);
    assert_eq!(h.withdraw(account, free + 1), Err(refused(free + 1, free)));
    h.withdraw(account, free).unwrap();
    h.pass(u64::MAX >> 40);
    assert_eq!(h.withdraw(account, 1), Err(refused(1, 0)));
    h.check_books();
}

#[test]
fn only_the_owner_withdraws() {
    let mut h = Harness::new();
    let account = h.open(500);
    let amount = Some(Uint128::one());
    for who in ["stranger", "market", "deployment", "governance", "provider"] {
        let error = h.execute(
            &h.named(who),
            &ExecuteMsg::Withdraw { account, amount },
            &[],
        );
        assert!(matches!(error, Err(ContractError::Unauthorized { .. })));
    }
    assert_eq!(
        h.withdraw(7, 1),
        Err(ContractError::AccountNotFound { id: 7 })
    );
}

#[test]
fn without_an_amount_all_that_may_leave_leaves() {
    let mut h = Harness::new();
    let account = h.open(500);
    let all: ExecuteMsg =
        serde_json::from_value(json!({"withdraw": {"account": account}})).unwrap();
    h.stream(1, account, "provider", RATE);
    h.pass(100);
    let before = h.bank("tenant", AKT);
    let tenant = h.tenant.clone();
    h.execute(&tenant, &all, &[]).unwrap();
    let free = 500 - 100 - u128::from(RUNWAY);
    assert_eq!(h.bank("tenant", AKT), before + free);
    assert_eq!(h.execute(&tenant, &all, &[]), Err(refused(0, 0)));
    h.check_books();
}

#[test]
fn money_moves_between_accounts_without_a_transfer() {
    let mut h = Harness::new();
    let (from, to, other) = (h.open(500), h.open(10), h.open_in(ATOM, 5));
    h.stream(1, from, "provider", RATE);
    h.stream(2, to, "provider", RATE / 10);
    h.pass(40);
    let go = |to, amount: Option<u128>| ExecuteMsg::Move {
        from,
        to,
        amount: amount.map(Uint128::new),
    };
    let tenant = h.tenant.clone();
    let response = h.execute(&tenant, &go(to, Some(300)), &[]).unwrap();
    assert_eq!(transfers(&response), 0);
    assert_eq!(
        events::<Moved>(&response),
        [Moved {
            from,
            to,
            amount: 300u128.into()
        }]
    );
    assert_eq!(h.account(from).balance.u128(), (500 - 40 - 300) * SCALE);
    assert_eq!(h.account(to).balance.u128(), (10 - 4 + 300) * SCALE);
    h.check_books();
    let free = 160 - u128::from(RUNWAY);
    let over = h.execute(&tenant, &go(to, Some(free + 1)), &[]);
    assert_eq!(over, Err(refused(free + 1, free)));
    let itself = h.execute(&tenant, &go(from, None), &[]);
    assert_eq!(itself, Err(ContractError::SameAccount { id: from }));
    let wrong = h.execute(&tenant, &go(other, None), &[]);
    assert!(matches!(wrong, Err(ContractError::WrongDenom { .. })));
    let nowhere = h.execute(&tenant, &go(9, None), &[]);
    assert_eq!(nowhere, Err(ContractError::AccountNotFound { id: 9 }));
    h.execute(&tenant, &go(to, None), &[]).unwrap();
    assert_eq!(h.account(from).withdrawable.u128(), 0);
    assert_eq!(h.account(from).runway, Some(RUNWAY));
    h.check_books();
}

#[test]
fn money_that_moves_into_a_dry_account_does_not_pay_for_the_gap() {
    let mut h = Harness::new();
    let (from, to) = (h.open(500), h.open(60));
    h.stream(1, to, "provider", RATE);
    h.pass(200);
    let amount = Some(Uint128::new(100));
    let msg = ExecuteMsg::Move { from, to, amount };
    h.execute(&h.tenant.clone(), &msg, &[]).unwrap();
    h.pass(30);
    assert_eq!(h.account(to).runway, Some(70));
    h.check_books();
}

#[test]
fn fees_go_to_governance_once() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    h.stream(1, account, "provider", RATE);
    h.pass(300);
    h.collect(&[1]);
    h.pass(150);
    h.collect(&[1]);
    let sweep = ExecuteMsg::SweepFees { denom: akt() };
    let response = h.execute(&addr("anyone"), &sweep, &[]).unwrap();
    assert_eq!(h.bank("governance", AKT), 3 + 1);
    assert_eq!(
        events::<FeesSwept>(&response),
        [FeesSwept {
            denom: AKT.into(),
            amount: 4u128.into()
        }]
    );
    assert_eq!(
        h.execute(&addr("anyone"), &sweep, &[]),
        Err(ContractError::NoFees { denom: akt() })
    );
    h.check_books();
}
