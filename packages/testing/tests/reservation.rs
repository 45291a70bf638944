//! Reservations on the whole suite: found now, started later, and what breaking one costs.

use cosmwasm_std::{Addr, Uint128};
use leasehold_api::escrow::{ConfigResponse, HoldResponse, QueryMsg as EscrowQuery};
use leasehold_api::genesis::Genesis;
use leasehold_api::market::OrderPhase;
use leasehold_api::{AuctionMode, Pricing};
use leasehold_testing::verbs::rate;
use leasehold_testing::world::{World, STAKE};

const RATE: u128 = 10;
const DESCENDING: AuctionMode = AuctionMode::Descending { min_bidders: None };
const COLLATERAL: u128 = 1_000_000;
const START: u64 = 1_000;
/// What is set aside is less than the runway then.
const BOND_SECONDS: u64 = 100;

struct Scene {
    world: World,
    tenant: Addr,
    providers: [Addr; 2],
    account: u64,
    /// Reserved at most at [`RATE`] from [`START`] seconds after its creation.
    order: u64,
}

impl Scene {
    fn with(auction: AuctionMode) -> Self {
        let mut genesis = Genesis::development(STAKE);
        genesis.market.bond_seconds = BOND_SECONDS;
        let mut world = World::with(&genesis);
        let tenant = world.tenants[0].clone();
        let providers = [0, 1].map(|i| world.providers[i].clone());
        for provider in &providers {
            world.register(provider, COLLATERAL).unwrap();
            world.heartbeat(provider).unwrap();
        }
        let account = world.open_account(&tenant, 100_000).unwrap();
        let group = (RATE, auction);
        let deployment = world.reserve(&tenant, account, group, START).unwrap();
        Scene {
            world,
            tenant,
            providers,
            account,
            order: deployment * 8,
        }
    }

    /// Decided at 8 and 9 a second, and waiting for its start.
    fn decided() -> Self {
        let mut scene = Scene::with(DESCENDING);
        let [one, two] = scene.providers.clone();
        scene.world.bid(&two, scene.order, 9).unwrap();
        scene.world.bid(&one, scene.order, 8).unwrap();
        scene.pass(20);
        assert_eq!(scene.phase(), OrderPhase::Reserved);
        scene
    }

    fn pass(&mut self, seconds: u64) {
        self.world.pass_alive(seconds, &self.providers).unwrap();
        self.world.check();
    }

    fn pass_to_start(&mut self) {
        let starts_at = self.world.order(self.order).unwrap().starts_at.unwrap();
        self.pass(starts_at - self.world.now());
    }

    fn phase(&self) -> OrderPhase {
        self.world.order(self.order).unwrap().phase
    }

    fn held(&self) -> Option<u128> {
        let query = EscrowQuery::Hold {
            order_id: self.order,
        };
        let hold: Result<HoldResponse, _> = self.world.query(&self.world.suite.escrow, &query);
        hold.ok().map(|hold| hold.amount.u128())
    }

    /// What the account holds, set aside or not, whole units.
    fn money(&self) -> u128 {
        let account = self.world.account(self.account).unwrap();
        (account.balance + account.prepaid).u128() / leasehold_api::SCALE
    }

    /// Reservations that the tenant is known to have withdrawn.
    fn withdrawn(&self) -> u64 {
        let denom = self.world.rent_denom();
        let seen = self.world.reputation(&self.tenant, denom).unwrap();
        seen.withdrawn
    }

    fn pocket(&self, who: &Addr) -> u128 {
        self.world.balance(who, &self.world.rent_denom()).u128()
    }
}

/// Seconds of rent that must stay in an account.
fn runway(world: &World) -> u128 {
    let query = EscrowQuery::Config {};
    let config: ConfigResponse = world.query(&world.suite.escrow, &query).unwrap();
    config.params.min_runway.into()
}

/// The winner claims at the start and not before; the rent starts then, at its own rate; all of the tenant's money is free again.
#[test]
fn kept() {
    let mut scene = Scene::decided();
    let [one, two] = scene.providers.clone();
    assert_eq!(scene.held(), Some(scene.world.no_show_price(RATE).unwrap()));
    for provider in [&one, &two] {
        let refused = scene.world.claim(provider, scene.order).unwrap_err();
        assert!(format!("{refused:?}").contains("reserved until its start"));
    }
    assert!(scene.world.bid(&two, scene.order, 1).is_err(), "decided");
    let money = scene.money();
    scene.pass_to_start();
    assert_eq!(scene.money(), money, "nothing is paid before the start");
    scene.world.claim(&one, scene.order).unwrap();
    let lease = scene.world.lease_of(scene.order).unwrap();
    let lease = scene.world.lease(lease).unwrap();
    assert_eq!((lease.provider, lease.rate), (one, rate(8)));
    assert_eq!(lease.started_at, scene.world.now());
    assert_eq!(scene.held(), None);
    let account = scene.world.account(scene.account).unwrap();
    assert_eq!(account.prepaid, Uint128::zero());
    scene.pass(100);
    assert_eq!(scene.money(), money - 800);
}

/// Before anybody has won, the tenant withdraws at no cost.
#[test]
fn withdrawn_during_the_bidding() {
    let mut scene = Scene::with(DESCENDING);
    let one = scene.providers[0].clone();
    scene.world.bid(&one, scene.order, 8).unwrap();
    let (money, pocket) = (scene.money(), scene.pocket(&one));
    scene
        .world
        .close(&scene.tenant.clone(), scene.order / 8)
        .unwrap();
    assert_eq!((scene.money(), scene.pocket(&one)), (money, pocket));
    assert_eq!(scene.held(), None);
    scene.world.check();
}

/// After the award the winner gets the part of its own bond, from the tenant's account.
#[test]
fn tenant_withdraws() {
    for to_start in [false, true] {
        let mut scene = Scene::decided();
        if to_start {
            scene.pass_to_start();
        }
        let one = scene.providers[0].clone();
        let (money, pocket) = (scene.money(), scene.pocket(&one));
        scene
            .world
            .close(&scene.tenant.clone(), scene.order / 8)
            .unwrap();
        let price = scene.world.no_show_price(8).unwrap();
        assert!(price > 0);
        assert_eq!(scene.pocket(&one), pocket + price);
        assert_eq!(scene.money(), money - price);
        assert_eq!(scene.held(), None);
        assert_eq!(scene.withdrawn(), 1, "it is remembered of the tenant");
        scene.world.check();
    }
}

/// A tenant that took its money out pays the winner too: what is set aside cannot be withdrawn.
#[test]
fn tenant_cannot_pay() {
    let mut scene = Scene::decided();
    let [one, tenant] = [scene.providers[0].clone(), scene.tenant.clone()];
    scene.world.withdraw_all(&tenant, scene.account).unwrap();
    assert_eq!(scene.money(), scene.world.no_show_price(RATE).unwrap());
    scene.pass_to_start();
    let pocket = scene.pocket(&one);
    scene.world.claim(&one, scene.order).unwrap();
    assert_eq!(scene.phase(), OrderPhase::Closed);
    assert_eq!(
        scene.pocket(&one),
        pocket + scene.world.no_show_price(8).unwrap()
    );
    assert_eq!(
        scene.money(),
        scene.world.no_show_price(RATE).unwrap() - scene.world.no_show_price(8).unwrap()
    );
    assert_eq!(scene.held(), None);
    scene.world.check();
}

/// What was set aside pays its rent: an account with just a job's price, the hold included, is found good for it.
#[test]
fn what_is_held_pays_the_rent() {
    let mut scene = Scene::decided();
    let [one, tenant] = [scene.providers[0].clone(), scene.tenant.clone()];
    scene.world.withdraw_all(&tenant, scene.account).unwrap();
    scene.pass_to_start();
    let held = scene.world.no_show_price(RATE).unwrap();
    let needed = 8 * runway(&scene.world);
    assert!(held < needed);
    scene
        .world
        .deposit(&tenant, scene.account, needed - held)
        .unwrap();
    scene.world.claim(&one, scene.order).unwrap();
    assert_eq!(scene.phase(), OrderPhase::Leased);
    scene.world.check();
}

/// A winner that is absent at the start loses its part, and the runner-up may claim at its own rate.
#[test]
fn winner_is_absent() {
    let mut scene = Scene::decided();
    let [one, two] = scene.providers.clone();
    scene.pass_to_start();
    let window = scene
        .world
        .order(scene.order)
        .unwrap()
        .phase_ends_at
        .unwrap();
    scene.pass(window - scene.world.now());
    assert_eq!(scene.phase(), OrderPhase::AwardSecond);
    let money = scene.money();
    scene.world.claim(&two, scene.order).unwrap();
    let lease = scene.world.lease_of(scene.order).unwrap();
    assert_eq!(scene.world.lease(lease).unwrap().rate, rate(9));
    let penalties = scene.world.penalties().unwrap();
    assert_eq!((penalties.len(), &penalties[0].provider), (1, &one));
    assert_eq!(penalties[0].reason.as_str(), "no_show");
    assert_eq!(scene.money(), money);
    assert_eq!(scene.held(), None);
    scene.world.check();
}

/// Nobody came: the tenant goes at no cost.
#[test]
fn nobody_comes() {
    let mut scene = Scene::decided();
    scene.pass_to_start();
    scene.pass(100);
    let money = scene.money();
    scene
        .world
        .close(&scene.tenant.clone(), scene.order / 8)
        .unwrap();
    assert_eq!((scene.money(), scene.held()), (money, None));
    assert_eq!(scene.world.penalties().unwrap().len(), 1);
    scene.world.check();
}

/// One that finds too few bidders rises as a Dutch price from its start, not before.
#[test]
fn too_few_bid() {
    let min_bidders = Some(2);
    let mut scene = Scene::with(AuctionMode::Descending { min_bidders });
    let [one, two] = scene.providers.clone();
    scene.world.bid(&one, scene.order, 8).unwrap();
    scene.pass(200);
    assert_eq!(scene.phase(), OrderPhase::Reserved);
    assert!(scene.world.claim(&two, scene.order).is_err());
    scene.world.expire(&two, scene.order).unwrap();
    assert!(scene.world.claim(&two, scene.order).is_err());
    scene.pass_to_start();
    assert_eq!(scene.phase(), OrderPhase::Bidding);
    let price = scene.world.order(scene.order).unwrap().price;
    assert_eq!(price, Some(rate(RATE / 10)));
    scene.world.claim(&two, scene.order).unwrap();
    assert_eq!(scene.held(), None);
    scene.world.check();
}

#[test]
fn sealed() {
    let auction = AuctionMode::Sealed {
        pricing: Pricing::Second,
        min_bidders: None,
    };
    let mut scene = Scene::with(auction);
    let [one, two] = scene.providers.clone();
    scene.world.commit(&one, scene.order, 7).unwrap();
    scene.world.commit(&two, scene.order, 9).unwrap();
    let reveals = scene
        .world
        .order(scene.order)
        .unwrap()
        .phase_ends_at
        .unwrap();
    scene.pass(reveals - scene.world.now());
    scene.world.reveal(&one, scene.order, 7).unwrap();
    scene.world.reveal(&two, scene.order, 9).unwrap();
    assert_eq!(scene.phase(), OrderPhase::Reserved);
    scene.pass_to_start();
    scene.world.claim(&one, scene.order).unwrap();
    let lease = scene.world.lease_of(scene.order).unwrap();
    assert_eq!(scene.world.lease(lease).unwrap().rate, rate(9));
    scene.world.check();
}

/// A group that is started again after its start is not reserved again; before, it is.
#[test]
fn started_again() {
    let mut scene = Scene::decided();
    let (tenant, deployment) = (scene.tenant.clone(), scene.order / 8);
    scene.world.pause(&tenant, deployment, 0).unwrap();
    assert_eq!(scene.held(), None);
    scene.world.start(&tenant, deployment, 0).unwrap();
    assert_eq!(scene.held(), Some(scene.world.no_show_price(RATE).unwrap()));
    scene.world.pause(&tenant, deployment, 0).unwrap();
    scene.pass(START);
    scene.world.start(&tenant, deployment, 0).unwrap();
    assert_eq!(scene.held(), None);
    assert_eq!(scene.world.order(scene.order).unwrap().starts_at, None);
    scene.world.check();
}

/// The account must hold what is set aside and the runway.
#[test]
fn needs_money_for_both() {
    let mut world = World::new();
    let tenant = world.tenants[0].clone();
    let runway = RATE * runway(&world);
    let account = world.open_account(&tenant, runway).unwrap();
    let refused = world.reserve(&tenant, account, (RATE, DESCENDING), START);
    let refused = format!("{:?}", refused.unwrap_err());
    assert!(refused.contains("account balance"), "{refused}");
    assert_eq!(world.account(account).unwrap().prepaid, Uint128::zero());
    world.deposit(&tenant, account, 100_000).unwrap();
    world
        .reserve(&tenant, account, (RATE, DESCENDING), START)
        .unwrap();
}

#[test]
fn refuses_other_modes_and_times() {
    let mut world = World::new();
    let tenant = world.tenants[0].clone();
    let account = world.open_account(&tenant, 100_000).unwrap();
    let dutch = AuctionMode::Dutch { min_rate: None };
    let open = AuctionMode::Open { auto_after: None };
    for (auction, seconds, why) in [
        (dutch, START, "a reservation is not possible"),
        (open, START, "a reservation is not possible"),
        (DESCENDING, 0, "starts_at is"),
        (DESCENDING, 2_592_001, "starts_at is"),
    ] {
        let refused = world.reserve(&tenant, account, (RATE, auction), seconds);
        let refused = format!("{:?}", refused.unwrap_err());
        assert!(refused.contains(why), "{refused}");
    }
    world
        .reserve(&tenant, account, (RATE, DESCENDING), 2_592_000)
        .unwrap();
}
