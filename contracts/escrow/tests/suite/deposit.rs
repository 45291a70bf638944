use cosmwasm_std::{coin, coins, from_json};
use leasehold_api::escrow::ExecuteMsg;
use leasehold_api::event::{AccountOpened, Deposited};
use leasehold_api::{Denom, RuleError, SCALE};
use leasehold_escrow::ContractError;

use crate::harness::*;

fn open(owner: Option<String>, denom: Denom) -> ExecuteMsg {
    ExecuteMsg::Open { owner, denom }
}

#[test]
fn open_answers_with_the_next_id_and_credits_the_coin() {
    let mut h = Harness::new();
    let tenant = h.tenant.clone();
    let msg = open(None, akt());
    let response = h.execute(&tenant, &msg, &coins(70, AKT)).unwrap();
    assert_eq!(from_json::<u64>(response.data.clone().unwrap()).unwrap(), 1);
    assert_eq!(
        events::<AccountOpened>(&response),
        [AccountOpened {
            account: 1,
            owner: tenant.clone(),
            denom: AKT.into()
        }]
    );
    assert_eq!(
        events::<Deposited>(&response),
        [Deposited {
            account: 1,
            amount: 70u128.into(),
            from: tenant.clone()
        }]
    );
    assert_eq!(h.account(1).balance.u128(), 70 * SCALE);
    assert_eq!(h.open(1), 2);
    h.check_books();
}

#[test]
fn anyone_opens_and_funds_an_account_for_an_owner() {
    let mut h = Harness::new();
    h.fund("friend", 50, AKT);
    let owner = Some(h.tenant.to_string());
    let response = h
        .execute(&addr("friend"), &open(owner, akt()), &[])
        .unwrap();
    assert!(events::<Deposited>(&response).is_empty());
    h.execute(
        &addr("friend"),
        &ExecuteMsg::Deposit { account: 1 },
        &coins(50, AKT),
    )
    .unwrap();
    assert_eq!(h.account(1).owner, h.tenant);
    assert_eq!(h.account(1).withdrawable.u128(), 50);
    h.check_books();
}

#[test]
fn open_refuses_what_is_no_denom_or_no_owner() {
    let mut h = Harness::new();
    let tenant = h.tenant.clone();
    for bad in ["", "ab", "9abc", "ua kt"] {
        let msg = open(None, Denom::Native(bad.into()));
        assert_eq!(
            h.execute(&tenant, &msg, &[]),
            Err(ContractError::MalformedDenom { denom: bad.into() })
        );
    }
    for bad in ["", "token", "cosmwasm1qqqq"] {
        let msg = open(None, Denom::Cw20(bad.into()));
        let error = h.execute(&tenant, &msg, &[]).unwrap_err();
        assert!(matches!(error, ContractError::Std(_)), "{error}");
        let msg = open(Some(bad.into()), akt());
        let error = h.execute(&tenant, &msg, &[]).unwrap_err();
        assert!(matches!(error, ContractError::Std(_)), "{error}");
    }
}

#[test]
fn only_the_accounts_own_coin_is_taken() {
    let mut h = Harness::new();
    let tenant = h.tenant.clone();
    let account = h.open(10);
    let deposit = ExecuteMsg::Deposit { account };
    let wrong = || ContractError::WrongDenom {
        expected: akt(),
        sent: Denom::Native(ATOM.into()),
    };
    let both = [coin(1, ATOM), coin(1, AKT)];
    for msg in [deposit.clone(), open(None, akt())] {
        assert_eq!(h.execute(&tenant, &msg, &coins(1, ATOM)), Err(wrong()));
        assert_eq!(
            h.execute(&tenant, &msg, &both),
            Err(ContractError::ManyDenoms { count: 2 })
        );
    }
    assert_eq!(
        h.execute(&tenant, &deposit, &[]),
        Err(ContractError::NoFunds)
    );
    let token = Denom::Cw20(h.token.to_string());
    let error = h.execute(&tenant, &open(None, token.clone()), &coins(1, AKT));
    assert_eq!(
        error,
        Err(ContractError::WrongDenom {
            expected: token,
            sent: akt()
        })
    );
    assert_eq!(
        h.execute(&tenant, &ExecuteMsg::Deposit { account: 9 }, &coins(1, AKT)),
        Err(ContractError::AccountNotFound { id: 9 })
    );
    assert_eq!(h.account(account).balance.u128(), 10 * SCALE);
    h.check_books();
}

#[test]
fn an_amount_beyond_the_scale_is_refused() {
    let mut h = Harness::new();
    let tenant = h.tenant.clone();
    h.fund("tenant", u128::MAX, "huge");
    let msg = open(None, Denom::Native("huge".into()));
    for amount in [u128::MAX, u128::MAX / SCALE + 1] {
        assert_eq!(
            h.execute(&tenant, &msg, &coins(amount, "huge")),
            Err(RuleError::Overflow {
                what: "scaled amount"
            }
            .into())
        );
    }
    h.execute(&tenant, &msg, &coins(u128::MAX / SCALE, "huge"))
        .unwrap();
    let error = h.execute(
        &tenant,
        &ExecuteMsg::Deposit { account: 1 },
        &coins(1, "huge"),
    );
    assert!(matches!(
        error,
        Err(ContractError::Rule(RuleError::Overflow { .. }))
    ));
}
