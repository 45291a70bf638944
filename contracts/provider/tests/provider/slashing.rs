//! What the market takes.

use cosmwasm_std::{coin, Addr, Uint128};
use leasehold_api::event::{Compensated, InsurancePaid, PayoutFailed, Slashed};
use leasehold_api::provider::{ExecuteMsg, InsuranceResponse, QueryMsg, Share};
use leasehold_api::{Asset, Denom};
use leasehold_provider::ContractError;

use crate::setup::*;

/// A first fault of `amount`, with `parts` basis points to strangers.
fn slash(
    registry: &mut Registry,
    who: &Addr,
    denom: &Denom,
    amount: u128,
    parts: &[u32],
) -> Outcome {
    let recipients = [
        &registry.stranger,
        &registry.suite.escrow,
        &registry.suite.deployment,
    ];
    let recipients = recipients
        .iter()
        .zip(parts)
        .map(|(to, bps)| Share {
            to: to.to_string(),
            bps: *bps,
        })
        .collect();
    let msg = ExecuteMsg::Slash {
        provider: who.to_string(),
        denom: denom.clone(),
        amount: Uint128::new(amount),
        bond: Uint128::new(amount),
        at: registry.now(),
        recipients,
        reason: "down".into(),
    };
    let market = registry.suite.market.clone();
    registry.send(&market, &msg, &[])
}

fn insurance(registry: &Registry) -> Vec<Asset> {
    let msg = QueryMsg::Insurance {
        start_after: None,
        limit: None,
    };
    registry.ask::<InsuranceResponse>(&msg).unwrap().insurance
}

#[test]
fn parts_go_out_and_the_rest_to_insurance() {
    let (mut registry, anna) = Registry::with_anna(1_000);
    let response = slash(&mut registry, &anna, &uakt(), 100, &[7_000, 1_500]).unwrap();
    let slashed: Slashed = event(&response).unwrap();
    let expected = Slashed {
        provider: anna.clone(),
        denom: "uakt".into(),
        amount: Uint128::new(100),
        insurance: Uint128::new(15),
        reason: "down".into(),
    };
    assert_eq!(slashed, expected);
    assert_eq!(registry.collateral(&anna), [asset(&uakt(), 900)]);
    assert_eq!(registry.purse(&registry.stranger, &uakt()), RICHES + 70);
    assert_eq!(registry.purse(&registry.suite.escrow, &uakt()), 15);
    assert_eq!(insurance(&registry), [asset(&uakt(), 15)]);
    slash(&mut registry, &anna, &uakt(), 10, &[]).unwrap();
    assert_eq!(insurance(&registry), [asset(&uakt(), 25)]);
}

#[test]
fn parts_shrink_with_what_is_there() {
    let (mut registry, anna) = Registry::with_anna(33);
    let response = slash(&mut registry, &anna, &uakt(), 100, &[7_000, 1_500]).unwrap();
    let slashed: Slashed = event(&response).unwrap();
    // floor(70 · 33 / 100) = 23, floor(15 · 33 / 100) = 4, the rest of 33 is 6.
    assert_eq!((slashed.amount.u128(), slashed.insurance.u128()), (33, 6));
    assert_eq!(registry.purse(&registry.stranger, &uakt()), RICHES + 23);
    assert_eq!(registry.purse(&registry.suite.escrow, &uakt()), 4);
    assert_eq!(registry.collateral(&anna), []);
}

#[test]
fn nothing_there_sends_nothing() {
    let (mut registry, anna) = Registry::with_anna(33);
    for (denom, amount) in [(Denom::Native("uatom".into()), 100), (uakt(), 0)] {
        let parts: &[u32] = if amount > 0 { &[7_000, 1_500] } else { &[0, 0] };
        let response = slash(&mut registry, &anna, &denom, amount, parts).unwrap();
        let slashed: Slashed = event(&response).unwrap();
        assert_eq!((slashed.amount.u128(), slashed.insurance.u128()), (0, 0));
        assert!(!response.events.iter().any(|event| event.ty == "transfer"));
        assert_eq!(event::<PayoutFailed>(&response), None);
    }
    assert_eq!(insurance(&registry), []);
    assert_eq!(registry.collateral(&anna), [asset(&uakt(), 33)]);
}

#[test]
fn a_zero_part_sends_nothing() {
    let (mut registry, anna) = Registry::with_anna(33);
    let response = slash(&mut registry, &anna, &uakt(), 33, &[10_000, 0]).unwrap();
    let transfers = response.events.iter().filter(|e| e.ty == "transfer");
    assert_eq!(transfers.count(), 1);
    assert_eq!(event::<PayoutFailed>(&response), None);
    assert_eq!(insurance(&registry), []);
}

#[test]
fn tokens_are_slashed_alike() {
    let (mut registry, anna) = Registry::with_anna(1);
    let (token, tok) = (registry.token.clone(), registry.tok());
    registry.allow(&anna, &token).unwrap();
    registry.bond_token(&token, &anna, 40).unwrap();
    slash(&mut registry, &anna, &tok, 40, &[7_000, 1_500]).unwrap();
    assert_eq!(registry.purse(&registry.stranger, &tok), 28);
    assert_eq!(registry.purse(&registry.suite.escrow, &tok), 6);
    assert_eq!(insurance(&registry), [asset(&tok, 6)]);
    assert_eq!(registry.collateral(&anna), [asset(&uakt(), 1)]);
}

#[test]
fn a_part_that_cannot_be_paid_is_insured() {
    let (mut registry, anna) = Registry::with_anna(1);
    let stingy = registry.stingy.clone();
    let denom = Denom::Cw20(stingy.to_string());
    registry.allow(&anna, &stingy).unwrap();
    registry.bond_token(&stingy, &anna, 40).unwrap();
    let response = slash(&mut registry, &anna, &denom, 40, &[7_000, 1_500]).unwrap();
    assert!(event::<PayoutFailed>(&response).is_some());
    assert_eq!(insurance(&registry), [asset(&denom, 40)]);
}

#[test]
fn a_slash_does_not_reach_what_is_unbonding() {
    let (mut registry, anna) = Registry::with_anna(100);
    registry.unbond(&anna, asset(&uakt(), 90)).unwrap();
    let response = slash(&mut registry, &anna, &uakt(), 50, &[]).unwrap();
    assert_eq!(event::<Slashed>(&response).unwrap().amount.u128(), 10);
    registry.pass(DELAY);
    registry.claim(&anna).unwrap();
    assert_eq!(registry.purse(&anna, &uakt()), RICHES - 10);
}

#[test]
fn wrong_slashes_are_refused() {
    let (mut registry, anna) = Registry::with_anna(100);
    let refused = refusal(slash(&mut registry, &anna, &uakt(), 3, &[1, 1, 1]));
    assert_eq!(refused, ContractError::TooManyShares { count: 3, max: 2 });
    for parts in [[5_000, 5_001], [u32::MAX, u32::MAX]] {
        let text = rule(slash(&mut registry, &anna, &uakt(), 9, &parts));
        assert!(text.contains("at most 10000"), "{text}");
    }
    let stranger = registry.stranger.clone();
    let refused = refusal(slash(&mut registry, &stranger, &uakt(), 9, &[]));
    assert_eq!(refused, ContractError::NotRegistered { provider: stranger });
    let nobody = Addr::unchecked("nobody");
    let refused = refusal(slash(&mut registry, &nobody, &uakt(), 9, &[]));
    assert!(matches!(refused, ContractError::Std(_)));
    registry.suite.escrow = nobody;
    let refused = refusal(slash(&mut registry, &anna, &uakt(), 9, &[5_000, 5_000]));
    assert!(matches!(refused, ContractError::Std(_)));
    assert_eq!(registry.collateral(&anna), [asset(&uakt(), 100)]);
}

#[test]
fn unsolicited_money_is_nobodys() {
    use cw_multi_test::Executor;
    let (mut registry, anna) = Registry::with_anna(100);
    let (stranger, address) = (registry.stranger.clone(), registry.address.clone());
    registry
        .app
        .send_tokens(stranger, address, &[coin(9, "uakt")])
        .unwrap();
    let response = slash(&mut registry, &anna, &uakt(), 500, &[]).unwrap();
    assert_eq!(event::<Slashed>(&response).unwrap().amount.u128(), 100);
}

#[test]
fn a_slash_beyond_its_bond_is_refused() {
    let (mut registry, anna) = Registry::with_anna(100);
    let market = registry.suite.market.clone();
    let msg = ExecuteMsg::Slash {
        provider: anna.to_string(),
        denom: uakt(),
        amount: Uint128::new(10),
        bond: Uint128::new(9),
        at: START,
        recipients: vec![],
        reason: "down".into(),
    };
    let text = rule(registry.send(&market, &msg, &[]));
    assert!(text.contains("slash is 10"), "{text}");
}

/// 10 of a bond of 65: what it costs, and what counts against her.
fn fault(registry: &mut Registry, who: &Addr, at: u64) -> (u128, u32) {
    let msg = ExecuteMsg::Slash {
        provider: who.to_string(),
        denom: uakt(),
        amount: Uint128::new(10),
        bond: Uint128::new(65),
        at,
        recipients: vec![],
        reason: "no_show".into(),
    };
    let market = registry.suite.market.clone();
    let response = registry.send(&market, &msg, &[]).unwrap();
    let slashed: Slashed = event(&response).unwrap();
    (slashed.amount.u128(), registry.provider(who).faults)
}

#[test]
fn each_fault_within_a_month_costs_twice_the_one_before() {
    const MONTH: u64 = 2_592_000;
    let (mut registry, anna) = Registry::with_anna(1_000);
    for expected in [(10, 1), (20, 2), (40, 3), (65, 4)] {
        let at = registry.now();
        assert_eq!(fault(&mut registry, &anna, at), expected);
        registry.pass(1_000);
    }
    registry.pass(MONTH - 1_001);
    let at = registry.now();
    assert_eq!(fault(&mut registry, &anna, at), (65, 5));
    registry.pass(MONTH);
    assert_eq!(registry.provider(&anna).faults, 0);
    let at = registry.now();
    assert_eq!(fault(&mut registry, &anna, at), (10, 1));
}

#[test]
fn governance_pays_out_of_insurance() {
    let (mut registry, anna) = Registry::with_anna(100);
    slash(&mut registry, &anna, &uakt(), 30, &[]).unwrap();
    let (governance, stranger) = (registry.suite.governance.clone(), registry.stranger.clone());
    let mut pay = |denom: &Denom, amount| {
        let msg = ExecuteMsg::PayInsurance {
            to: stranger.to_string(),
            asset: asset(denom, amount),
        };
        registry.send(&governance, &msg, &[])
    };
    for (denom, amount) in [
        (uakt(), 31),
        (uakt(), 0),
        (Denom::Native("uatom".into()), 1),
    ] {
        assert!(matches!(
            refusal(pay(&denom, amount)),
            ContractError::Rule(_)
        ));
    }
    let paid: InsurancePaid = event(&pay(&uakt(), 10).unwrap()).unwrap();
    assert_eq!((paid.recipient, paid.amount.u128()), (stranger.clone(), 10));
    pay(&uakt(), 20).unwrap();
    assert_eq!(registry.purse(&stranger, &uakt()), RICHES + 30);
    assert_eq!(insurance(&registry), []);
}

#[test]
fn insurance_that_a_token_refuses_to_pay_stays() {
    let (mut registry, anna) = Registry::with_anna(1);
    let stingy = registry.stingy.clone();
    let denom = Denom::Cw20(stingy.to_string());
    registry.allow(&anna, &stingy).unwrap();
    registry.bond_token(&stingy, &anna, 40).unwrap();
    slash(&mut registry, &anna, &denom, 40, &[]).unwrap();
    let governance = registry.suite.governance.clone();
    let msg = ExecuteMsg::PayInsurance {
        to: anna.to_string(),
        asset: asset(&denom, 15),
    };
    let response = registry.send(&governance, &msg, &[]).unwrap();
    assert!(event::<PayoutFailed>(&response).is_some());
    assert_eq!(insurance(&registry), [asset(&denom, 40)]);
}

fn compensate(registry: &mut Registry, who: &Addr, denom: &Denom, amount: u128) -> Outcome {
    let msg = ExecuteMsg::Compensate {
        provider: who.to_string(),
        denom: denom.clone(),
        amount: Uint128::new(amount),
        to: registry.stranger.to_string(),
    };
    let market = registry.suite.market.clone();
    registry.send(&market, &msg, &[])
}

#[test]
fn a_compensation_goes_to_the_tenant_alone_and_is_no_fault() {
    let (mut registry, anna) = Registry::with_anna(100);
    let stranger = registry.stranger.clone();
    let response = compensate(&mut registry, &anna, &uakt(), 30).unwrap();
    assert_eq!(event::<Compensated>(&response).unwrap().amount.u128(), 30);
    assert_eq!(registry.purse(&stranger, &uakt()), RICHES + 30);
    assert_eq!(registry.collateral(&anna), [asset(&uakt(), 70)]);
    assert_eq!(registry.provider(&anna).faults, 0);
    assert_eq!(insurance(&registry), []);
    // Never more than is there.
    compensate(&mut registry, &anna, &uakt(), 500).unwrap();
    assert_eq!(registry.purse(&stranger, &uakt()), RICHES + 100);
    let response = compensate(&mut registry, &anna, &uakt(), 5).unwrap();
    assert_eq!(event::<Compensated>(&response).unwrap().amount.u128(), 0);
}

#[test]
fn a_compensation_that_a_token_refuses_is_insured() {
    let (mut registry, anna) = Registry::with_anna(1);
    let stingy = registry.stingy.clone();
    let denom = Denom::Cw20(stingy.to_string());
    registry.allow(&anna, &stingy).unwrap();
    registry.bond_token(&stingy, &anna, 40).unwrap();
    compensate(&mut registry, &anna, &denom, 15).unwrap();
    assert_eq!(insurance(&registry), [asset(&denom, 15)]);
}
