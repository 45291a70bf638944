//! A guardian that means harm. It can stop the market from beginning anything, for a while; it gets at no money by it, nobody is punished
//! for it, and it cannot go on for ever.

use leasehold_api::governance::{ExecuteMsg, Guardian};
use leasehold_api::market::CONFIG;
use leasehold_testing::world::World;

use crate::{Scene, COLLATERAL, DEPOSIT, DESCENDING, RATE};

const TERM: u64 = 1_000;

impl Scene {
    /// The crook that rents is guardian, for a while.
    fn guarded() -> Self {
        let world = World::new();
        let (crook, until) = (world.tenants[1].clone(), world.now() + TERM);
        Scene::with(move |genesis| {
            genesis.governance.guardian = Some(Guardian {
                address: crook.to_string(),
                until,
            });
        })
    }

    fn pause_market(&mut self) -> anyhow::Result<()> {
        let (crook, governance) = (self.crook.clone(), self.world.suite.governance.clone());
        let pause = ExecuteMsg::Pause {};
        self.world
            .execute(&crook, &governance, &pause, &[])
            .map(drop)
    }

    fn is_paused(&self) -> bool {
        let market = self.world.storage(|suite| &suite.market);
        let config = CONFIG.load(&*market).unwrap();
        self.world.now() < config.paused_until
    }
}

/// The guardian pauses when the crooks have lost an auction, so that its winner cannot claim, is slashed, and the crook behind it serves.
/// The winner's bond is free; nobody gains.
#[test]
fn paused_winner_is_not_punished() {
    let mut scene = Scene::guarded();
    let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(1_000, DESCENDING);
    let attack = scene.attack();
    scene.world.bid(&honest, order, 500).unwrap();
    scene.world.bid(&crooked, order, 480).unwrap();
    scene.world.bid(&honest, order, 460).unwrap();
    let left = scene.left(order);
    scene.pass(left);
    scene.pause_market().unwrap();
    scene.world.claim(&honest, order).unwrap_err();
    scene.pass(30);
    let mallory = scene.mallory.clone();
    scene.world.expire(&mallory, order).unwrap();
    assert!(scene.world.penalties().unwrap().is_empty());
    scene.world.unbond(&honest, COLLATERAL).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// The guardian pauses while rent flows. The tenant closes and takes all of its money out, the provider collects and leaves, a bidder's
/// bond comes free.
#[test]
fn pause_does_not_hold_money() {
    let mut scene = Scene::guarded();
    let [provider, bidder, _] = scene.honest.clone();
    let tenant = scene.tenant.clone();
    let (deployment, lease) = scene.lease();
    let order = scene.order(1_000, DESCENDING);
    scene.world.bid(&bidder, order, 500).unwrap();
    let attack = scene.attack();
    scene.pause_market().unwrap();
    scene.pass(10);
    scene.world.collect(&provider, &[lease]).unwrap();
    scene.world.close(&tenant, deployment).unwrap();
    scene.world.close(&tenant, order / 8).unwrap();
    for party in [&provider, &bidder] {
        scene.world.unbond(party, COLLATERAL).unwrap();
    }
    let account = scene.account;
    let back = scene.world.withdraw_all(&tenant, account).unwrap();
    assert!(scene.is_paused());
    assert!(back >= DEPOSIT - RATE * 100, "{back}");
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// The guardian pauses whenever it may, until its term ends. Half of the time the market is open, and from then on always.
#[test]
fn guardian_pauses_for_ever() {
    let mut scene = Scene::guarded();
    let (mut paused, mut pauses) = (0, 0);
    for _ in 0..TERM + 100 {
        pauses += u32::from(scene.pause_market().is_ok());
        paused += u64::from(scene.is_paused());
        scene.world.pass(1);
    }
    assert!(pauses > 10, "{pauses}");
    assert!(paused <= TERM / 2 + 30, "{paused}");
    assert!(!scene.is_paused());
    scene.pause_market().unwrap_err();
    let attack = scene.attack();
    scene.lease();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}
