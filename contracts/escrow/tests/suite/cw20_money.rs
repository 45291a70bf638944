use cosmwasm_std::{to_json_binary, Addr, Uint128};
use cw20::{Cw20ExecuteMsg, Cw20ReceiveMsg};
use cw_multi_test::Executor;
use leasehold_api::escrow::{Cw20HookMsg, ExecuteMsg};
use leasehold_api::event::{AccountOpened, Deposited};
use leasehold_api::{Denom, SCALE};
use leasehold_escrow::ContractError;

use crate::harness::*;

fn send(h: &mut Harness, amount: u128, hook: &Cw20HookMsg) -> Result<Done, ContractError> {
    let msg = Cw20ExecuteMsg::Send {
        contract: h.escrow.to_string(),
        amount: amount.into(),
        msg: to_json_binary(hook).unwrap(),
    };
    h.app
        .execute_contract(h.tenant.clone(), h.token.clone(), &msg, &[])
        .map(Done)
        .map_err(|error| error.downcast().expect("an error of escrow"))
}

fn hook(sender: &Addr, amount: u128, hook: &Cw20HookMsg) -> ExecuteMsg {
    ExecuteMsg::Receive(Cw20ReceiveMsg {
        sender: sender.to_string(),
        amount: amount.into(),
        msg: to_json_binary(hook).unwrap(),
    })
}

#[test]
fn tokens_open_fund_stream_and_return() {
    let mut h = Harness::new();
    let response = send(&mut h, 1_000, &Cw20HookMsg::Open { owner: None }).unwrap();
    let opened = &events::<AccountOpened>(&response)[0];
    assert_eq!(opened.owner, h.tenant);
    assert_eq!(opened.denom, format!("cw20:{}", h.token));
    let account = opened.account;
    let response = send(&mut h, 500, &Cw20HookMsg::Deposit { account }).unwrap();
    assert_eq!(
        events::<Deposited>(&response),
        [Deposited {
            account,
            amount: 500u128.into(),
            from: h.tenant.clone()
        }]
    );
    h.stream(1, account, "provider", RATE);
    h.pass(200);
    h.collect(&[1]);
    assert_eq!(h.tokens(&h.provider), 198);
    h.pass(100);
    h.close(1);
    assert_eq!(h.tokens(&h.provider), 198 + 99);
    h.check_books();
    h.withdraw(account, 1_200).unwrap();
    let sweep = ExecuteMsg::SweepFees {
        denom: Denom::Cw20(h.token.to_string()),
    };
    h.execute(&addr("anyone"), &sweep, &[]).unwrap();
    assert_eq!(h.tokens(&h.governance), 3);
    assert_eq!(h.tokens(&h.escrow), 0);
    assert_eq!(h.tokens(&h.tenant), 1_000_000 - 300);
    h.check_books();
}

#[test]
fn an_account_opened_empty_is_funded_by_its_token() {
    let mut h = Harness::new();
    let msg = ExecuteMsg::Open {
        owner: Some(h.tenant.to_string()),
        denom: Denom::Cw20(h.token.to_string()),
    };
    h.execute(&addr("friend"), &msg, &[]).unwrap();
    send(&mut h, 70, &Cw20HookMsg::Deposit { account: 1 }).unwrap();
    assert_eq!(h.account(1).balance.u128(), 70 * SCALE);
    h.check_books();
}

#[test]
fn a_liar_only_speaks_for_itself() {
    let mut h = Harness::new();
    let native = h.open(100);
    send(&mut h, 100, &Cw20HookMsg::Open { owner: None }).unwrap();
    let liar = addr("liar");
    let victim = h.tenant.clone();
    for account in [native, 2] {
        let expected = h.account(account).denom;
        let msg = hook(&victim, 1_000_000, &Cw20HookMsg::Deposit { account });
        assert_eq!(
            h.execute(&liar, &msg, &[]),
            Err(ContractError::WrongDenom {
                expected,
                sent: Denom::Cw20(liar.to_string())
            })
        );
    }
    let msg = hook(&victim, 1_000_000, &Cw20HookMsg::Open { owner: None });
    h.execute(&liar, &msg, &[]).unwrap();
    assert_eq!(h.account(3).denom, Denom::Cw20(liar.to_string()));
    h.check_books();
}

#[test]
fn malformed_hooks_are_refused() {
    let mut h = Harness::new();
    send(&mut h, 100, &Cw20HookMsg::Open { owner: None }).unwrap();
    let (token, tenant) = (h.token.clone(), h.tenant.clone());
    let deposit = Cw20HookMsg::Deposit { account: 1 };
    assert_eq!(
        h.execute(&token, &hook(&tenant, 0, &deposit), &[]),
        Err(ContractError::NoFunds)
    );
    assert!(matches!(
        h.execute(&token, &hook(&Addr::unchecked("x"), 1, &deposit), &[]),
        Err(ContractError::Std(_))
    ));
    let bad_owner = Cw20HookMsg::Open {
        owner: Some("nonsense".into()),
    };
    assert!(matches!(
        send(&mut h, 1, &bad_owner),
        Err(ContractError::Std(_))
    ));
    let garbage = ExecuteMsg::Receive(Cw20ReceiveMsg {
        sender: tenant.to_string(),
        amount: Uint128::one(),
        msg: b"garbage".into(),
    });
    assert!(matches!(
        h.execute(&token, &garbage, &[]),
        Err(ContractError::Std(_))
    ));
    assert_eq!(
        send(&mut h, 1, &Cw20HookMsg::Deposit { account: 9 }),
        Err(ContractError::AccountNotFound { id: 9 })
    );
    assert!(matches!(
        h.execute(&token, &hook(&tenant, u128::MAX, &deposit), &[]),
        Err(ContractError::Rule(_))
    ));
    assert_eq!(h.tokens(&tenant), 1_000_000 - 100);
    h.check_books();
}
