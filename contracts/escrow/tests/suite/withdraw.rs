use cosmwasm_std::Uint128;
use leasehold_api::escrow::ExecuteMsg;
use leasehold_api::event::{FeesSwept, Withdrawn};
use leasehold_escrow::ContractError;

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
    let amount = Uint128::one();
    for who in ["stranger", "market", "deployment", "governance", "provider"] {
        let error = h.execute(&addr(who), &ExecuteMsg::Withdraw { account, amount }, &[]);
        assert!(matches!(error, Err(ContractError::Unauthorized { .. })));
    }
    assert_eq!(
        h.withdraw(7, 1),
        Err(ContractError::AccountNotFound { id: 7 })
    );
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
