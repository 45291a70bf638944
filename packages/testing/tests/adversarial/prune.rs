//! Attacks by removal: of what is live, of what is owed, of what names something.

use leasehold_api::market::RETENTION;

use crate::{Scene, DESCENDING, RATE};

/// Everything that runs, waits or may begin again, tried every way, now and after a month.
#[test]
fn pruning_what_is_live() {
    let mut scene = Scene::new();
    let mallory = scene.mallory.clone();
    let (leased, lease) = scene.lease();
    let open = scene.order(RATE, DESCENDING) / 8;
    let paused = scene.order(RATE, DESCENDING) / 8;
    let tenant = scene.tenant.clone();
    scene.world.pause(&tenant, paused, 0).unwrap();
    let attack = scene.attack();
    for month in 0..2 {
        for id in [leased, open, paused] {
            scene.world.prune(&mallory, id * 8).unwrap_err();
            scene.world.prune_deployment(&mallory, id).unwrap_err();
        }
        if month == 0 {
            attack.end(&scene.world).unwrap().at_most(0, 0);
            scene.world.pass(RETENTION);
        }
    }
    assert!(scene.world.lease(lease).unwrap().ended.is_none());
    scene.world.check();
}

/// The crooked provider quits; an order that is gone would take the penalty with it, and leave the bond locked.
#[test]
fn pruning_to_escape_a_penalty() {
    let mut scene = Scene::new();
    let (tenant, mallory) = (scene.tenant.clone(), scene.mallory.clone());
    let [crooked, _] = scene.crooked.clone();
    let attack = scene.attack();
    let rent = scene.world.rent(&tenant, scene.account, &crooked, RATE);
    let (id, lease) = rent.unwrap();
    scene.world.end_lease(&crooked, lease).unwrap();
    scene.world.close(&tenant, id).unwrap();
    scene.world.pass(RETENTION);
    scene.world.prune(&crooked, id * 8).unwrap();
    scene.world.prune(&crooked, id * 8).unwrap_err();
    scene.world.prune_deployment(&crooked, id).unwrap_err();
    scene.world.slash_all(&mallory).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert!(outcome.cost() > 0, "it was slashed");
    scene.world.prune(&mallory, id * 8).unwrap();
    scene.world.prune_deployment(&mallory, id).unwrap();
    scene.world.check();
}
