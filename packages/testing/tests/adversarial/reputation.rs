//! Attacks on what is remembered of providers: to be thought better of, or to be forgotten.

use std::slice;

use leasehold_api::escrow::Cw20HookMsg;
use leasehold_api::provider::{
    ExecuteMsg as ProviderMsg, ProviderResponse, QueryMsg as ProviderQuery,
};
use leasehold_api::Capability;
use leasehold_testing::verbs::contact;

use crate::{Scene, COLLATERAL, DESCENDING, RATE};

/// A provider rents from itself through an accomplice. It is counted like any other lease: what it costs is gas, the fee on the rent that it
/// pays to itself, and collateral that is locked meanwhile. The chain ranks by nothing of it.
#[test]
fn history_farmed_by_self_dealing() {
    let mut scene = Scene::new();
    let crook = scene.crook.clone();
    let [crooked, _] = scene.crooked.clone();
    let attack = scene.attack();
    let account = scene.world.open_account(&crook, 50_000).unwrap();
    for _ in 0..5 {
        let rent = scene.world.rent(&crook, account, &crooked, 1);
        let (deployment, _) = rent.unwrap();
        let alive = slice::from_ref(&crooked);
        scene.world.pass_alive(100, alive).unwrap();
        scene.world.close(&crook, deployment).unwrap();
    }
    attack.end(&scene.world).unwrap().at_most(0, 0);
    let denom = scene.world.rent_denom();
    let seen = scene.world.reputation(&crooked, denom).unwrap();
    assert_eq!((seen.ended, seen.seconds), (5, 500));
    // An honest provider without a history wins at a lower price all the same.
    let order = scene.order(RATE, DESCENDING);
    let [honest, ..] = scene.honest.clone();
    scene.world.heartbeat(&honest).unwrap();
    scene.world.heartbeat(&crooked).unwrap();
    scene.world.bid(&crooked, order, RATE).unwrap();
    scene.world.bid(&honest, order, RATE / 2).unwrap();
    let leader = scene.world.order(order).unwrap().best.unwrap();
    assert_eq!(leader.provider, honest);
}

/// In a token of which one has as much as one likes. It counts for that token alone.
#[test]
fn history_farmed_in_a_token_of_ones_own() {
    let mut scene = Scene::new();
    let crook = scene.crook.clone();
    let [crooked, _] = scene.crooked.clone();
    let attack = scene.attack();
    scene.world.bond_token(&crooked, COLLATERAL).unwrap();
    let open = Cw20HookMsg::Open { owner: None };
    let escrow = scene.world.suite.escrow.clone();
    scene
        .world
        .send_token(&crook, &escrow, 50_000, &open)
        .unwrap();
    let account = scene.account + 1;
    let token = scene.world.token_denom();
    let groups = [(RATE, DESCENDING)];
    let created = scene
        .world
        .create_in(&crook, &groups, 0, Some(account), token.clone());
    let id = created.unwrap();
    scene.world.win(&crooked, id * 8, RATE).unwrap();
    scene.world.close(&crook, id).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
    let ended = |denom| scene.world.reputation(&crooked, denom).unwrap().ended;
    assert_eq!(ended(token), 1);
    assert_eq!(ended(scene.world.rent_denom()), 0);
}

/// A provider that failed leaves the registry and comes back. It is remembered; under another address it begins with nothing, like anybody.
#[test]
fn history_shed_by_leaving() {
    let mut scene = Scene::new();
    let crook = scene.crook.clone();
    let [crooked, _] = scene.crooked.clone();
    let account = scene.world.open_account(&crook, 50_000).unwrap();
    let (_, lease) = scene.world.rent(&crook, account, &crooked, RATE).unwrap();
    scene.world.end_lease(&crooked, lease).unwrap();
    scene.pass(10);
    scene.world.slash_all(&crook).unwrap();
    let denom = scene.world.rent_denom();
    let before = scene.world.reputation(&crooked, denom.clone()).unwrap();
    assert_eq!((before.ended, before.quit, before.slashed), (1, 1, 1));
    let query = ProviderQuery::Provider {
        address: crooked.to_string(),
    };
    let registry = scene.world.suite.provider.clone();
    let record: ProviderResponse = scene.world.query(&registry, &query).unwrap();
    scene
        .world
        .provider_call(&crooked, &ProviderMsg::Drain {})
        .unwrap();
    let bonded = record.collateral[0].amount.u128();
    scene.world.unbond(&crooked, bonded).unwrap();
    scene
        .world
        .provider_call(&crooked, &ProviderMsg::Leave {})
        .unwrap();
    scene.pass(200);
    let again = ProviderMsg::Register {
        contact: contact(),
        capability: Capability::default(),
    };
    scene.world.provider_call(&crooked, &again).unwrap();
    assert_eq!(scene.world.reputation(&crooked, denom).unwrap(), before);
}
