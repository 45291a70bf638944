//! A provider whose heart beats and which does not serve: what a panel's verdict does to its lease.

use cosmwasm_std::{Addr, Uint128};
use leasehold_api::market::{EndReason, OrderPhase, PenaltyReason};
use leasehold_api::provider::{ExecuteMsg, Role};
use leasehold_api::AuctionMode;
use leasehold_testing::verbs::trust::Signatory;
use leasehold_testing::world::World;

const COLLATERAL: u128 = 10_000_000;
const RATE: u128 = 10;
const DESCENDING: AuctionMode = AuctionMode::Descending { min_bidders: None };

struct Scene {
    world: World,
    tenant: Addr,
    providers: [Addr; 2],
    watchers: Vec<Signatory>,
    order: u64,
    lease: u64,
}

impl Scene {
    /// A watched lease of the first provider, with the second as runner-up, served for two rounds.
    fn new() -> Self {
        let mut world = World::new();
        let tenant = world.tenants[0].clone();
        let providers = [0, 1].map(|i| world.providers[i].clone());
        for provider in &providers {
            world.register(provider, COLLATERAL).unwrap();
        }
        let watchers: Vec<_> = (1..=5_u8)
            .map(|i| {
                let address = world.newcomer(&format!("watcher{i}"), 1).unwrap();
                let coins = cosmwasm_std::coin(10_000_000, leasehold_testing::world::STAKE);
                world.mint(&address, coins).unwrap();
                let watcher = Signatory::new(address, i);
                world.enrol(&watcher, Role::Watcher).unwrap();
                watcher
            })
            .collect();
        let deployment = world
            .create(&tenant, &[(RATE, DESCENDING)], 100_000, None)
            .unwrap();
        let order = deployment * 8;
        world.bid(&providers[1], order, RATE).unwrap();
        let lease = world.win(&providers[0], order, RATE - 1).unwrap();
        world.watch_lease(&tenant, lease, 1_000_000).unwrap();
        let mut scene = Scene {
            world,
            tenant,
            providers,
            watchers,
            order,
            lease,
        };
        scene.pass(20);
        scene
    }

    fn pass(&mut self, seconds: u64) {
        self.world.pass_alive(seconds, &self.providers).unwrap();
        self.world.check();
    }

    fn verdict(&mut self, down: bool) {
        let (aggregator, lease) = (self.world.stranger.clone(), self.lease);
        let watchers = self.watchers.clone();
        self.world
            .submit_verdict(&aggregator, lease, down, &watchers)
            .unwrap();
    }

    fn failover(&mut self) -> Result<(), String> {
        let (tenant, lease) = (self.tenant.clone(), self.lease);
        let done = self.world.failover(&tenant, lease);
        done.map(|_| ()).map_err(|e| format!("{e:?}"))
    }

    fn pocket(&self, who: &Addr) -> Uint128 {
        self.world.balance(who, &self.world.rent_denom())
    }
}

#[test]
fn a_verdict_moves_the_lease_and_costs_what_leaving_does() {
    let mut scene = Scene::new();
    assert!(scene
        .failover()
        .unwrap_err()
        .contains("no verdict of watchers"));
    scene.verdict(true);
    let bond = scene.world.lease(scene.lease).unwrap().bond;
    scene.failover().unwrap();
    scene.world.check();
    let ended = scene.world.lease(scene.lease).unwrap().ended.unwrap();
    assert_eq!(ended.reason, EndReason::Down);
    let penalties = scene.world.penalties().unwrap();
    assert_eq!(penalties.len(), 1);
    assert_eq!(
        (penalties[0].reason, penalties[0].bps),
        (PenaltyReason::Condemned, 1_000)
    );
    assert_eq!(penalties[0].caller, None);
    // The runner-up serves.
    let second = scene.providers[1].clone();
    scene.world.claim(&second, scene.order).unwrap();
    assert_eq!(
        scene.world.order(scene.order).unwrap().phase,
        OrderPhase::Leased
    );
    // Nobody but insurance gains by it.
    let (tenant, stranger) = (scene.tenant.clone(), scene.world.stranger.clone());
    let before = [&tenant, &stranger].map(|who| scene.pocket(who));
    scene.pass(10);
    scene.world.slash_all(&stranger).unwrap();
    assert_eq!([&tenant, &stranger].map(|who| scene.pocket(who)), before);
    let query = leasehold_api::provider::QueryMsg::Insurance {
        start_after: None,
        limit: None,
    };
    let fund: leasehold_api::provider::InsuranceResponse = scene
        .world
        .query(&scene.world.suite.provider, &query)
        .unwrap();
    assert_eq!(fund.insurance[0].amount, bond.multiply_ratio(1_u8, 10_u8));
    scene.world.check();
}

#[test]
fn a_later_verdict_that_all_is_well_takes_it_back() {
    let mut scene = Scene::new();
    scene.verdict(true);
    scene.pass(10);
    scene.verdict(false);
    assert!(scene.failover().is_err());
}

#[test]
fn a_verdict_grows_old() {
    let mut scene = Scene::new();
    scene.verdict(true);
    scene.pass(19);
    let mut late = Scene::new();
    late.verdict(true);
    late.pass(20);
    assert!(late.failover().is_err());
    scene.failover().unwrap();
}

/// The next lease of the order has another number: what was found of the former says nothing of it.
#[test]
fn a_verdict_is_on_one_lease() {
    let mut scene = Scene::new();
    scene.verdict(true);
    scene.failover().unwrap();
    let second = scene.providers[1].clone();
    scene.world.claim(&second, scene.order).unwrap();
    let next = scene.world.lease_of(scene.order).unwrap();
    let tenant = scene.tenant.clone();
    assert!(scene.world.failover(&tenant, next).is_err());
}

#[test]
fn a_silent_provider_is_slashed_for_its_silence() {
    let mut scene = Scene::new();
    scene.verdict(true);
    let [_, second] = scene.providers.clone();
    scene.world.pass_alive(12, &[second]).unwrap();
    scene.failover().unwrap();
    let penalty = scene.world.penalties().unwrap().remove(0);
    assert_eq!((penalty.reason, penalty.bps), (PenaltyReason::Down, 10_000));
}

/// In an announced pause the tenant may leave and nobody is punished.
#[test]
fn a_maintenance_excuses() {
    let mut scene = Scene::new();
    let first = scene.providers[0].clone();
    let from = scene.world.now() + 10;
    let pause = ExecuteMsg::AnnounceMaintenance {
        from,
        until: from + 60,
    };
    scene.world.provider_call(&first, &pause).unwrap();
    scene.pass(15);
    scene.verdict(true);
    let (stranger, lease) = (scene.world.stranger.clone(), scene.lease);
    assert!(scene.world.failover(&stranger, lease).is_err());
    scene.failover().unwrap();
    assert!(scene.world.penalties().unwrap().is_empty());
}
