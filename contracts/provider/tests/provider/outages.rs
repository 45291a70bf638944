//! Silences together, and announced ones.

use cosmwasm_std::{coin, Addr, Uint128};
use leasehold_api::event::{LapseCounted, MaintenanceAnnounced, SlashWaived, Slashed};
use leasehold_api::provider::{ExecuteMsg, MaintenanceResponse};
use leasehold_provider::ContractError;

use crate::setup::*;

/// Anna, Bert and Cleo with these amounts of collateral.
fn three(amounts: [u128; 3]) -> Registry {
    let mut registry = registry();
    for (who, amount) in registry.providers.clone().iter().zip(amounts) {
        registry.register(who, &[coin(amount, "uakt")]).unwrap();
    }
    registry
}

/// What a fault of 10 at `at` took; nothing when it was waived.
fn slash(registry: &mut Registry, who: &Addr, at: u64) -> Option<u128> {
    let msg = ExecuteMsg::Slash {
        provider: who.to_string(),
        denom: uakt(),
        amount: Uint128::new(10),
        bond: Uint128::new(10),
        at,
        recipients: vec![],
        reason: "down".into(),
    };
    let market = registry.suite.market.clone();
    let response = registry.send(&market, &msg, &[]).unwrap();
    let slashed = event::<Slashed>(&response).map(|slashed| slashed.amount.u128());
    assert_eq!(event::<SlashWaived>(&response).is_none(), slashed.is_some());
    slashed
}

fn beat(registry: &mut Registry, who: &Addr) -> Option<LapseCounted> {
    let response = registry.send(who, &ExecuteMsg::Heartbeat {}, &[]);
    event(&response.unwrap())
}

fn count(registry: &mut Registry, providers: &[&Addr]) -> Outcome {
    let providers = providers.iter().map(ToString::to_string).collect();
    let stranger = registry.stranger.clone();
    registry.send(&stranger, &ExecuteMsg::CountLapses { providers }, &[])
}

#[test]
fn a_provider_alone_is_slashed_however_large() {
    let mut registry = three([900, 50, 50]);
    let [anna, bert, cleo] = registry.providers.clone();
    registry.pass(GRACE - 1);
    assert_eq!(beat(&mut registry, &bert), None);
    assert_eq!(beat(&mut registry, &cleo), None);
    registry.pass(5_000);
    assert_eq!(slash(&mut registry, &anna, START + GRACE), Some(10));
}

/// Bert's heartbeat after the silence is the evidence, without anybody's help.
#[test]
fn nobody_is_slashed_for_an_outage_of_many() {
    let mut registry = three([100, 100, 100]);
    let [anna, bert, cleo] = registry.providers.clone();
    registry.pass(GRACE - 1);
    beat(&mut registry, &cleo);
    registry.pass(100);
    let counted = beat(&mut registry, &bert).unwrap();
    assert_eq!(
        (counted.provider, counted.at),
        (bert.clone(), START + GRACE)
    );
    assert_eq!(slash(&mut registry, &anna, START + GRACE), None);
    assert_eq!(slash(&mut registry, &bert, START + GRACE), None);
    assert_eq!(registry.provider(&anna).faults, 0);
    // A fault of another day is its own.
    registry.pass(10 * WINDOW);
    let at = registry.now();
    assert_eq!(slash(&mut registry, &anna, at), Some(10));
}

#[test]
fn the_breaker_goes_by_the_others_collateral() {
    // Of the others' 1 000, 300 fell silent: that is not more than 30 %. With 301 it is.
    for (others, expected) in [([300, 700], Some(10)), ([301, 699], None)] {
        let mut registry = three([100, others[0], others[1]]);
        let [anna, bert, cleo] = registry.providers.clone();
        registry.pass(GRACE - 1);
        beat(&mut registry, &cleo);
        registry.pass(100);
        count(&mut registry, &[&bert]).unwrap();
        assert_eq!(slash(&mut registry, &anna, START + GRACE), expected);
    }
}

#[test]
fn silences_count_across_the_edge_of_a_stretch_but_not_further() {
    for (apart, expected) in [(WINDOW, None), (GRACE - 1, Some(10))] {
        let mut registry = three([100, 100, 100]);
        let [anna, bert, cleo] = registry.providers.clone();
        registry.pass(apart);
        beat(&mut registry, &bert);
        beat(&mut registry, &cleo);
        registry.pass(GRACE - 1);
        beat(&mut registry, &cleo);
        registry.pass(100);
        count(&mut registry, &[&bert]).unwrap();
        assert_eq!(
            slash(&mut registry, &anna, START + GRACE),
            expected,
            "{apart}"
        );
    }
}

#[test]
fn a_silence_counts_once() {
    let mut registry = three([100, 100, 100]);
    let [anna, bert, cleo] = registry.providers.clone();
    registry.pass(GRACE - 1);
    for who in [&anna, &bert] {
        let refused = refusal(count(&mut registry, &[who]));
        assert_eq!(refused, ContractError::NothingLapsed);
    }
    beat(&mut registry, &cleo);
    registry.pass(1);
    let response = count(&mut registry, &[&anna, &cleo, &anna]).unwrap();
    let counted: Vec<_> = response
        .events
        .iter()
        .filter(|event| event.ty == "wasm-lapse_counted")
        .collect();
    assert_eq!(counted.len(), 1);
    let refused = refusal(count(&mut registry, &[&anna]));
    assert_eq!(refused, ContractError::NothingLapsed);
    assert_eq!(beat(&mut registry, &anna), None);
    let many: Vec<&Addr> = vec![&anna; 33];
    assert!(rule(count(&mut registry, &many)).contains("at most 32"));
}

/// What stood behind the outage is what was there when it began: slashing some does not pardon the rest.
#[test]
fn slashes_of_one_outage_do_not_add_up_to_a_pardon() {
    let mut registry = three([100, 29, 71]);
    let [anna, bert, cleo] = registry.providers.clone();
    registry.pass(GRACE - 1);
    beat(&mut registry, &cleo);
    registry.pass(100);
    count(&mut registry, &[&anna, &bert]).unwrap();
    for _ in 0..9 {
        assert_eq!(slash(&mut registry, &anna, START + GRACE), Some(10));
    }
    assert_eq!(slash(&mut registry, &anna, START + GRACE), Some(10));
}

fn announce(registry: &mut Registry, who: &Addr, from: u64, until: u64) -> Outcome {
    registry.send(who, &ExecuteMsg::AnnounceMaintenance { from, until }, &[])
}

#[test]
fn a_maintenance_is_announced_in_time_short_and_rare() {
    let (mut registry, anna) = Registry::with_anna(100);
    let first = START + 100;
    for (from, until, reason) in [
        (first - 1, first, "from"),
        (first, first, "until"),
        (first, first + 51, "until"),
        (first + 2_592_001, first + 2_592_002, "from"),
        (u64::MAX, u64::MAX, "from"),
    ] {
        let text = rule(announce(&mut registry, &anna, from, until));
        assert!(text.starts_with(reason), "{text}");
    }
    let response = announce(&mut registry, &anna, first, first + 50).unwrap();
    let announced: MaintenanceAnnounced = event(&response).unwrap();
    assert_eq!((announced.from, announced.until), (first, first + 50));
    let shown = registry.provider(&anna).maintenance;
    let expected = MaintenanceResponse {
        from: first,
        until: first + 50,
    };
    assert_eq!(shown, Some(expected));
    // Neither moved nor doubled.
    let rested = first + 50 + 1_000;
    assert!(rule(announce(&mut registry, &anna, rested - 1, rested)).starts_with("from"));
    registry.pass(150);
    assert_eq!(registry.provider(&anna).maintenance, None);
    announce(&mut registry, &anna, rested, rested + 1).unwrap();
}
