//! Attacks by and on those who are slashed: colluding to be slashed to oneself, serving oneself, hiding in an outage, causing one.

use cosmwasm_std::Uint128;
use leasehold_api::market::EndReason;
use leasehold_api::SCALE;

use crate::{Scene, DESCENDING, RATE};

/// What a lease at the usual rate locks: an hour of rent.
const BOND: u128 = 3_600 * RATE;

/// Tenant, provider and whoever calls the fail-over are one. Of what they take from themselves the insurance keeps its part.
#[test]
fn self_dealing_slash() {
    let mut scene = Scene::new();
    let (crook, mallory) = (scene.crook.clone(), scene.mallory.clone());
    let [crooked, _] = scene.crooked.clone();
    let attack = scene.attack();
    let account = scene.world.open_account(&crook, 50_000).unwrap();
    let (_, lease) = scene.world.rent(&crook, account, &crooked, RATE).unwrap();
    scene.pass(30);
    scene.world.failover(&mallory, lease).unwrap();
    scene.pass(10);
    scene.world.slash_all(&mallory).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost() as u128, BOND * 15 / 100);
}

/// The same with bonds so small that parts round to nothing, in all three ways to be slashed. Rounding favours the insurance.
#[test]
fn self_dealing_slash_of_dust() {
    for scaled in [1, SCALE / 3_600, SCALE / 1_000, SCALE / 7] {
        let mut scene = Scene::new();
        let (crook, mallory) = (scene.crook.clone(), scene.mallory.clone());
        let [crooked, other] = scene.crooked.clone();
        let attack = scene.attack();
        let account = scene.world.open_account(&crook, 50_000).unwrap();
        let groups = [(RATE, DESCENDING); 3];
        let id = scene.world.create(&crook, &groups, 0, Some(account));
        let orders = [0, 1, 2].map(|group| id.as_ref().unwrap() * 8 + group);
        let rate = Uint128::new(scaled);
        for order in orders {
            scene.world.bid_scaled(&crooked, order, rate).unwrap();
        }
        scene.pass(8);
        scene.world.heartbeat(&crooked).unwrap();
        scene.world.claim(&crooked, orders[0]).unwrap();
        scene.world.claim(&crooked, orders[1]).unwrap();
        let quit = scene.world.lease_of(orders[0]).unwrap();
        scene.world.end_lease(&crooked, quit).unwrap();
        scene.pass(30);
        scene.world.expire(&other, orders[2]).unwrap();
        let down = scene.world.lease_of(orders[1]).unwrap();
        scene.world.failover(&mallory, down).unwrap();
        scene.pass(10);
        scene.world.slash_all(&mallory).unwrap();
        attack.end(&scene.world).unwrap().at_most(0, 0);
    }
}

/// A provider serves its own deployment, to farm a history or to be slashed to itself. It cannot bid on it; a winner that is handed the
/// deployment gets its bond back and no lease; one that is handed it with a running lease pays itself, and is slashed like any other.
#[test]
fn provider_is_tenant() {
    let mut scene = Scene::new();
    let (crook, mallory) = (scene.crook.clone(), scene.mallory.clone());
    let [crooked, _] = scene.crooked.clone();
    let attack = scene.attack();
    let own = scene
        .world
        .create(&crooked, &[(RATE, DESCENDING)], 1_000, None)
        .unwrap();
    scene.world.bid(&crooked, own * 8, RATE).unwrap_err();

    let given = scene
        .world
        .create(&crook, &[(RATE, DESCENDING)], 1_000, None)
        .unwrap();
    scene.world.bid(&crooked, given * 8, RATE).unwrap();
    scene.world.transfer(&crook, given, &crooked).unwrap();
    scene.pass(8);
    scene.world.heartbeat(&crooked).unwrap();
    scene.world.claim(&crooked, given * 8).unwrap();
    assert!(scene.world.lease_of(given * 8).is_err());

    let account = scene.world.open_account(&crook, 1_000).unwrap();
    let (running, lease) = scene.world.rent(&crook, account, &crooked, RATE).unwrap();
    scene.world.transfer(&crook, running, &crooked).unwrap();
    scene.pass(30);
    scene.world.failover(&mallory, lease).unwrap();
    scene.pass(10);
    scene.world.slash_all(&mallory).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost() as u128, BOND * 15 / 100);
}

/// Mallory silences everybody at once and calls the fail-overs for the caller's share. Pay stops, leases move on, no bond is touched:
/// whoever causes an outage earns nothing by it.
#[test]
fn mass_lapse() {
    let mut scene = Scene::new();
    let mallory = scene.mallory.clone();
    let tenant = scene.tenant.clone();
    let (one, two) = (scene.honest[0].clone(), scene.honest[1].clone());
    let (_, first) = scene.lease();
    let rent = scene.world.rent(&tenant, scene.account, &two, RATE);
    let (_, second) = rent.unwrap();
    for provider in scene.world.providers.clone() {
        scene.world.heartbeat(&provider).unwrap();
    }
    let attack = scene.attack();
    let on_tenant = scene.attack_on_tenant();
    scene.world.pass(40);
    let silent = leasehold_api::provider::ExecuteMsg::CountLapses {
        providers: scene
            .world
            .providers
            .iter()
            .map(|p| p.to_string())
            .collect(),
    };
    scene.world.provider_call(&one, &silent).unwrap();
    for lease in [first, second] {
        scene.world.failover(&mallory, lease).unwrap();
        let ended = scene.world.lease(lease).unwrap().ended.unwrap();
        assert_eq!(ended.reason, EndReason::Down);
    }
    scene.world.slash_all(&mallory).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
    // Ten seconds of two leases: the grace of the last heartbeats.
    let outcome = on_tenant.end(&scene.world).unwrap();
    outcome.at_most(0, 2 * 10 * RATE);
}

/// A provider that leaves its lease makes it look like an outage with providers of its own that fall silent with it. Theirs is not three
/// tenths of the others' collateral, and it pays like any other.
#[test]
fn sham_outage() {
    let mut scene = Scene::new();
    let (tenant, [crooked, _]) = (scene.tenant.clone(), scene.crooked.clone());
    let attack = scene.attack();
    let mut shams = vec![];
    for k in 0..8 {
        let sham = scene.world.newcomer(&format!("sham{k}"), 1_000).unwrap();
        scene.world.register(&sham, 1_000).unwrap();
        shams.push(sham);
    }
    let rent = scene.world.rent(&tenant, scene.account, &crooked, RATE);
    let (_, lease) = rent.unwrap();
    for sham in &shams {
        scene.world.heartbeat(sham).unwrap();
    }
    scene.pass(40);
    for sham in &shams {
        scene.world.heartbeat(sham).unwrap();
    }
    scene.world.failover(&tenant, lease).unwrap();
    scene.pass(10);
    scene.world.slash_all(&tenant).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    // It served for its grace; the tenant has that and most of the bond.
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost() as u128, BOND - 10 * RATE);
}

/// A provider announces a maintenance to be gone without a penalty. It earns nothing in it, the tenant moves on at once, and a passer-by
/// cannot use the maintenance to take the lease away.
#[test]
fn maintenance_as_an_excuse() {
    let mut scene = Scene::new();
    let (tenant, [crooked, _]) = (scene.tenant.clone(), scene.crooked.clone());
    let mallory = scene.mallory.clone();
    let attack = scene.attack();
    let rent = scene.world.rent(&tenant, scene.account, &crooked, RATE);
    let (_, lease) = rent.unwrap();
    let from = scene.world.now() + 10;
    let announce = leasehold_api::provider::ExecuteMsg::AnnounceMaintenance {
        from,
        until: from + 60,
    };
    scene.world.provider_call(&crooked, &announce).unwrap();
    scene.pass(40);
    scene.world.failover(&mallory, lease).unwrap_err();
    scene.world.failover(&tenant, lease).unwrap();
    scene.world.slash_all(&mallory).unwrap();
    attack
        .end(&scene.world)
        .unwrap()
        .at_most(10 * RATE, 10 * RATE);
}

/// A provider takes its collateral out before its penalty is due. The bond stays locked until then.
#[test]
fn unbond_before_the_slash() {
    let mut scene = Scene::new();
    let (tenant, [crooked, _]) = (scene.tenant.clone(), scene.crooked.clone());
    let attack = scene.attack();
    let rent = scene.world.rent(&tenant, scene.account, &crooked, RATE);
    let (_, lease) = rent.unwrap();
    scene.pass(30);
    scene.world.failover(&tenant, lease).unwrap();
    scene.world.heartbeat(&crooked).unwrap();
    let free = crate::COLLATERAL - BOND;
    scene.world.unbond(&crooked, free + 1).unwrap_err();
    scene.world.unbond(&crooked, free).unwrap();
    scene.pass(10);
    scene.world.slash_all(&tenant).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost() as u128, BOND - 10 * RATE);
}
