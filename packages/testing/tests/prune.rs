//! What has ended leaves nothing behind but money and memory: live state grows with live leases only.

use cosmwasm_std::{Addr, Order, Storage};
use leasehold_api::market::{lease_id, RETENTION};
use leasehold_api::AuctionMode;
use leasehold_testing::world::World;

const RATE: u128 = 10;
const DESCENDING: AuctionMode = AuctionMode::Descending { min_bidders: None };
const OPEN: AuctionMode = AuctionMode::Open { auto_after: None };

struct Scene {
    world: World,
    tenant: Addr,
    provider: Addr,
    account: u64,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new();
        for provider in world.providers.clone() {
            world.register(&provider, 10_000_000).unwrap();
        }
        let (tenant, provider) = (world.tenants[0].clone(), world.providers[0].clone());
        let account = world.open_account(&tenant, 100_000_000).unwrap();
        Scene {
            world,
            tenant,
            provider,
            account,
        }
    }

    /// Two groups: one served for a while, one with bids that nobody took. Closed.
    fn live_and_end(&mut self) -> u64 {
        let groups = [(RATE, DESCENDING), (RATE, OPEN)];
        let account = Some(self.account);
        let id = self
            .world
            .create(&self.tenant, &groups, 0, account)
            .unwrap();
        for provider in self.world.providers.clone() {
            self.world.heartbeat(&provider).unwrap();
            self.world.bid(&provider, id * 8 + 1, RATE).unwrap();
        }
        self.world.win(&self.provider, id * 8, RATE).unwrap();
        self.world.close(&self.tenant, id).unwrap();
        id
    }

    fn prune(&mut self, id: u64) {
        let anyone = self.world.stranger.clone();
        for group in [0, 1] {
            self.world.prune(&anyone, id * 8 + group).unwrap();
        }
        self.world.prune_deployment(&anyone, id).unwrap();
    }

    /// Records of deployments, the market and escrow.
    fn records(&self) -> [usize; 3] {
        let snapshot = self.world.snapshot();
        let count = |storage: &dyn Storage| storage.range(None, None, Order::Ascending).count();
        let s = &snapshot.storages;
        [count(&s.deployment), count(&s.market), count(&s.escrow)]
    }
}

#[test]
fn state_grows_with_live_leases_only() {
    let mut scene = Scene::new();
    let first = scene.live_and_end();
    scene.world.pass(RETENTION);
    scene.prune(first);
    // The provider is remembered from here on.
    let before = scene.records();
    let ended: Vec<u64> = (0..20).map(|_| scene.live_and_end()).collect();
    let [deployments, market, escrow] = scene.records();
    assert_eq!(deployments - before[0], 20 * 3, "record and two groups");
    assert_eq!(market - before[1], 20 * (2 + 2 + 5), "orders, lease, bids");
    assert_eq!(escrow, before[2], "streams go at once");
    scene.world.pass(RETENTION);
    for id in ended {
        scene.prune(id);
    }
    assert_eq!(scene.records(), before);
    scene.world.check();
    let denom = scene.world.rent_denom();
    let seen = scene.world.reputation(&scene.provider, denom).unwrap();
    assert_eq!(seen.ended, 21, "memory stays");
}

/// What is live is as it was, to the byte.
#[test]
fn what_is_live_is_not_touched() {
    let mut scene = Scene::new();
    let old = scene.live_and_end();
    scene.world.pass(RETENTION);
    scene.world.heartbeat(&scene.provider.clone()).unwrap();
    let (tenant, provider, account) = (scene.tenant.clone(), scene.provider.clone(), scene.account);
    let (live, _) = scene.world.rent(&tenant, account, &provider, RATE).unwrap();
    let all = |scene: &Scene| {
        let snapshot = scene.world.snapshot();
        let s = snapshot.storages;
        let records = |storage: &dyn Storage| {
            storage
                .range(None, None, Order::Ascending)
                .collect::<Vec<_>>()
        };
        [
            records(&s.deployment),
            records(&s.market),
            records(&s.escrow),
            records(&s.provider),
        ]
    };
    let before = all(&scene);
    scene.prune(old);
    for (left, had) in all(&scene).iter().zip(&before) {
        assert!(left.iter().all(|record| had.contains(record)));
    }
    let anyone = scene.world.stranger.clone();
    scene.world.prune(&anyone, live * 8).unwrap_err();
    scene.world.prune_deployment(&anyone, live).unwrap_err();
    scene.world.pass(RETENTION);
    scene.world.prune(&anyone, live * 8).unwrap_err();
    scene.world.check();
}

/// An id names one lease, for ever.
#[test]
fn ids_are_not_used_again() {
    let mut scene = Scene::new();
    let old = scene.live_and_end();
    scene.world.pass(RETENTION);
    scene.prune(old);
    let next = scene.live_and_end();
    assert_eq!(next, old + 1);
    // Within an order that is started again, too.
    let (tenant, provider, account) = (scene.tenant.clone(), scene.provider.clone(), scene.account);
    let (id, first) = scene.world.rent(&tenant, account, &provider, RATE).unwrap();
    scene.world.pause(&tenant, id, 0).unwrap();
    scene.world.pass(RETENTION);
    let anyone = scene.world.stranger.clone();
    scene.world.prune(&anyone, id * 8).unwrap();
    assert!(scene.world.lease(first).is_err(), "its record is gone");
    scene.world.start(&tenant, id, 0).unwrap();
    let second = scene.world.win(&provider, id * 8, RATE).unwrap();
    assert_eq!(Some(second), lease_id(id * 8, 2));
}

/// However much there is to remove: each call does a bounded part of it.
#[test]
fn a_call_does_a_bounded_amount_of_work() {
    let mut scene = Scene::new();
    let (tenant, provider, account) = (scene.tenant.clone(), scene.provider.clone(), scene.account);
    let id = scene
        .world
        .create(&tenant, &[(RATE, OPEN)], 0, Some(account));
    let (id, anyone) = (id.unwrap(), scene.world.stranger.clone());
    scene.world.bid(&provider, id * 8, RATE).unwrap();
    scene.world.multiply_bid(id * 8, &provider, 249).unwrap();
    scene.world.close(&tenant, id).unwrap();
    scene.world.pass(RETENTION);
    let mut calls = vec![];
    while scene.world.order(id * 8).is_ok() {
        scene.world.meter.take();
        scene.world.prune(&anyone, id * 8).unwrap();
        calls.push(scene.world.meter.take());
    }
    let deletes: Vec<u64> = calls.iter().map(|call| call.deletes).collect();
    assert_eq!(deletes, [100, 100, 50 + 1]);
    assert!(calls
        .iter()
        .all(|call| call.steps <= 110 && call.reads <= 10));
}
