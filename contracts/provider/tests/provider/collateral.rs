//! Bonding, unbonding, claiming; native and cw20.

use cosmwasm_std::{coin, to_json_binary, Coin, Uint128};
use cw20::Cw20ReceiveMsg;
use cw_multi_test::Executor;
use leasehold_api::event::{Bonded, PayoutFailed, Unbonded, UnbondingStarted};
use leasehold_api::provider::{
    Cw20HookMsg, ExecuteMsg, Unbonding, MAX_COLLATERAL_DENOMS, MAX_UNBONDINGS,
};
use leasehold_api::Denom;
use leasehold_provider::ContractError;

use crate::setup::*;

#[test]
fn bonds_add_up() {
    let (mut registry, anna) = Registry::with_anna(10);
    let response = registry
        .send(&anna, &ExecuteMsg::Bond {}, &[coin(5, "uakt")])
        .unwrap();
    let bonded: Bonded = event(&response).unwrap();
    assert_eq!(bonded.amount.u128(), 5);
    assert_eq!(registry.collateral(&anna), [asset(&uakt(), 15)]);
    let refused = refusal(registry.send(&anna, &ExecuteMsg::Bond {}, &[]));
    assert_eq!(refused, ContractError::NoFunds);
}

#[test]
fn at_most_eight_denoms_are_held() {
    let mut registry = registry();
    let anna = registry.anna();
    let coins: Vec<Coin> = (0..=MAX_COLLATERAL_DENOMS)
        .map(|i| coin(3, format!("denom{i}")))
        .collect();
    registry.app.init_modules(|router, _, storage| {
        router
            .bank
            .init_balance(storage, &anna, coins.clone())
            .unwrap();
    });
    let refused = rule(registry.register(&anna, &coins));
    assert!(refused.contains("one of the 8 denoms"), "{refused}");
    registry.register(&anna, &coins[..8]).unwrap();
    let more = registry.send(&anna, &ExecuteMsg::Bond {}, &coins[8..]);
    assert!(rule(more).contains("denom8"));
    // An emptied denom makes room.
    let first = Denom::Native("denom0".into());
    registry.unbond(&anna, asset(&first, 3)).unwrap();
    registry
        .send(&anna, &ExecuteMsg::Bond {}, &coins[8..])
        .unwrap();
    assert_eq!(registry.collateral(&anna).len(), 8);
}

#[test]
fn a_token_becomes_collateral_once_allowed() {
    let (mut registry, anna) = Registry::with_anna(10);
    let (token, tok) = (registry.token.clone(), registry.tok());
    let refused = refusal(registry.bond_token(&token, &anna, 40));
    assert!(matches!(refused, ContractError::Unauthorized { .. }));
    assert_eq!(registry.purse(&anna, &tok), RICHES);
    registry.allow(&anna, &token).unwrap();
    let response = registry.bond_token(&token, &anna, 40).unwrap();
    let bonded: Bonded = event(&response).unwrap();
    assert_eq!(bonded.denom, tok.to_string());
    assert_eq!(registry.provider(&anna).collateral[1], asset(&tok, 40));

    // The consent is Anna's alone.
    let bert = registry.providers[1].clone();
    registry.register(&bert, &[]).unwrap();
    let refused = refusal(registry.bond_token(&token, &bert, 1));
    assert!(matches!(refused, ContractError::Unauthorized { .. }));
}

#[test]
fn nobody_speaks_for_a_token() {
    let (mut registry, anna) = Registry::with_anna(10);
    let token = registry.token.clone();
    registry.allow(&anna, &token).unwrap();
    let forged = |sender: &str| {
        ExecuteMsg::Receive(Cw20ReceiveMsg {
            sender: sender.into(),
            amount: Uint128::new(1_000),
            msg: to_json_binary(&Cw20HookMsg::Bond {}).unwrap(),
        })
    };
    for liar in [anna.clone(), registry.stranger.clone()] {
        let refused = refusal(registry.send(&liar, &forged(anna.as_str()), &[]));
        assert!(matches!(refused, ContractError::Unauthorized { .. }));
    }
    let refused = refusal(registry.send(&token, &forged("bech32"), &[]));
    assert!(matches!(refused, ContractError::Std(_)));
    assert_eq!(registry.collateral(&anna), [asset(&uakt(), 10)]);
}

#[test]
fn an_unknown_hook_is_refused() {
    let (mut registry, anna) = Registry::with_anna(10);
    let token = registry.token.clone();
    registry.allow(&anna, &token).unwrap();
    let msg = cw20::Cw20ExecuteMsg::Send {
        contract: registry.address.to_string(),
        amount: Uint128::new(5),
        msg: to_json_binary("stake").unwrap(),
    };
    let outcome = registry
        .app
        .execute_contract(anna.clone(), token, &msg, &[]);
    assert!(matches!(refusal(outcome), ContractError::Std(_)));
    assert_eq!(registry.purse(&anna, &registry.tok()), RICHES);
}

#[test]
fn malformed_token_addresses_are_refused() {
    let (mut registry, anna) = Registry::with_anna(10);
    for token in ["", "token", "cosmos1abc", "COSMWASM1ABC"] {
        let token = token.to_string();
        let refused = refusal(registry.send(&anna, &ExecuteMsg::AllowToken { token }, &[]));
        assert!(matches!(refused, ContractError::Std(_)));
    }
}

#[test]
fn unbonding_waits_and_pays_exactly() {
    let (mut registry, anna) = Registry::with_anna(100);
    let token = registry.token.clone();
    let tok = registry.tok();
    registry.allow(&anna, &token).unwrap();
    registry.bond_token(&token, &anna, 50).unwrap();
    let response = registry.unbond(&anna, asset(&uakt(), 30)).unwrap();
    let started: UnbondingStarted = event(&response).unwrap();
    assert_eq!(started.claimable_at, START + DELAY);
    registry.pass(10);
    registry.unbond(&anna, asset(&tok, 50)).unwrap();
    assert_eq!(registry.collateral(&anna), [asset(&uakt(), 70)]);

    registry.pass(DELAY - 11);
    let refused = refusal(registry.claim(&anna));
    let next = Some(START + DELAY);
    let provider = anna.clone();
    assert_eq!(refused, ContractError::NothingToClaim { provider, next });
    registry.pass(1);
    let response = registry.claim(&anna).unwrap();
    let paid: Unbonded = event(&response).unwrap();
    assert_eq!((paid.amount.u128(), paid.provider), (30, anna.clone()));
    assert_eq!(registry.purse(&anna, &uakt()), RICHES - 70);
    assert_eq!(registry.purse(&anna, &tok), RICHES - 50);
    registry.pass(10);
    registry.claim(&anna).unwrap();
    assert_eq!(registry.purse(&anna, &tok), RICHES);
    assert_eq!(registry.unbondings(&anna), []);
    let refused = refusal(registry.claim(&anna));
    assert!(matches!(
        refused,
        ContractError::NothingToClaim { next: None, .. }
    ));
}

#[test]
fn only_what_is_free_unbonds() {
    let (mut registry, anna) = Registry::with_anna(100);
    registry.lock(&anna, &uakt(), 60);
    let refused = refusal(registry.unbond(&anna, asset(&uakt(), 41)));
    let expected = ContractError::Locked {
        denom: "uakt".into(),
        requested: Uint128::new(41),
        free: Uint128::new(40),
        locked: Uint128::new(60),
    };
    assert_eq!(refused, expected);
    registry.unbond(&anna, asset(&uakt(), 40)).unwrap();
    registry.unbond(&anna, asset(&uakt(), 1)).unwrap_err();
    registry.lock(&anna, &uakt(), 0);
    registry.unbond(&anna, asset(&uakt(), 60)).unwrap();
}

#[test]
fn zero_unknown_and_too_much_are_refused() {
    let (mut registry, anna) = Registry::with_anna(100);
    let refused = rule(registry.unbond(&anna, asset(&uakt(), 0)));
    assert!(refused.contains("at least 1"));
    for denom in [
        Denom::Native("nothing".into()),
        Denom::Cw20("uakt".into()),
        registry.tok(),
    ] {
        let refused = refusal(registry.unbond(&anna, asset(&denom, 1)));
        assert!(matches!(refused, ContractError::Locked { .. }));
    }
    let refused = refusal(registry.unbond(&anna, asset(&uakt(), u128::MAX)));
    assert!(matches!(refused, ContractError::Locked { .. }));
}

#[test]
fn at_most_eight_unbondings_wait() {
    let (mut registry, anna) = Registry::with_anna(100);
    for _ in 0..MAX_UNBONDINGS {
        registry.unbond(&anna, asset(&uakt(), 1)).unwrap();
    }
    let refused = refusal(registry.unbond(&anna, asset(&uakt(), 1)));
    let expected = ContractError::TooManyUnbondings { waiting: 8, max: 8 };
    assert_eq!(refused, expected);
    assert_eq!(registry.collateral(&anna), [asset(&uakt(), 92)]);
    registry.pass(DELAY);
    registry.claim(&anna).unwrap();
    registry.unbond(&anna, asset(&uakt(), 1)).unwrap();
}

#[test]
fn a_token_that_does_not_pay_holds_up_nothing_else() {
    let (mut registry, anna) = Registry::with_anna(100);
    let stingy = registry.stingy.clone();
    registry.allow(&anna, &stingy).unwrap();
    registry.bond_token(&stingy, &anna, 9).unwrap();
    let owed = asset(&Denom::Cw20(stingy.to_string()), 9);
    registry.unbond(&anna, owed.clone()).unwrap();
    registry.unbond(&anna, asset(&uakt(), 100)).unwrap();
    registry.pass(DELAY);
    let response = registry.claim(&anna).unwrap();
    assert_eq!(registry.purse(&anna, &uakt()), RICHES);
    let failed: PayoutFailed = event(&response).unwrap();
    assert_eq!((failed.recipient, failed.amount.u128()), (anna.clone(), 9));
    let paid: Unbonded = event(&response).unwrap();
    assert_eq!(paid.denom, "uakt");
    let waits = Unbonding {
        asset: owed,
        claimable_at: registry.now(),
    };
    assert_eq!(registry.unbondings(&anna), [waits]);
}
