//! Attacks on reservations: on the money that is set aside, and on the time between award and start.

use cosmwasm_std::Addr;
use leasehold_api::escrow::{Limits, QueryMsg};

use crate::{Scene, DESCENDING, RATE};

const AHEAD: u64 = 1_000;

impl Scene {
    /// An order that `winner` has won at `units` and that waits for its start.
    fn reserved(&mut self, tenant: &Addr, account: u64, winner: &Addr, units: u128) -> u64 {
        let group = (RATE, DESCENDING);
        let deployment = self.world.reserve(tenant, account, group, AHEAD);
        let order = deployment.unwrap() * 8;
        self.world.heartbeat(winner).unwrap();
        self.world.bid(winner, order, units).unwrap();
        self.pass(20);
        order
    }

    fn pass_to_start(&mut self, order: u64) {
        let starts_at = self.world.order(order).unwrap().starts_at.unwrap();
        self.pass(starts_at - self.world.now());
    }
}

/// The tenant takes all its money out after the award: the lease starts on what was set aside, and that is rent to the last unit.
#[test]
fn reservation_left_without_money() {
    let mut scene = Scene::new();
    let ([winner, ..], crook) = (scene.honest.clone(), scene.crook.clone());
    let account = scene.world.open_account(&crook, 100_000).unwrap();
    let attack = scene.attack();
    let order = scene.reserved(&crook, account, &winner, RATE);
    scene.world.withdraw_all(&crook, account).unwrap();
    scene.pass_to_start(order);
    scene.world.claim(&winner, order).unwrap();
    let seconds = scene.world.no_show_price(RATE).unwrap() / RATE;
    scene.pass(2 * u64::try_from(seconds).unwrap());
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(
        outcome.cost() as u128,
        scene.world.no_show_price(RATE).unwrap()
    );
}

/// The tenant hands the deployment, with its account, to the winner a second before the start, so that it may not claim: it is the
/// winner's money now, and nobody is punished.
#[test]
fn reservation_handed_to_its_winner() {
    let mut scene = Scene::new();
    let ([winner, ..], crook) = (scene.honest.clone(), scene.crook.clone());
    let account = scene.world.open_account(&crook, 100_000).unwrap();
    let attack = scene.attack();
    let order = scene.reserved(&crook, account, &winner, RATE);
    scene.world.transfer(&crook, order / 8, &winner).unwrap();
    scene.pass_to_start(order);
    scene.world.claim(&winner, order).unwrap();
    assert!(scene.world.penalties().unwrap().is_empty());
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost(), 100_000);
}

/// The spender of an allowance and a provider break reservations with each other, to get at the owner's money: they get no more of it than
/// the allowance lets out, which they could as well have as rent.
#[test]
fn reservation_broken_to_drain_an_allowance() {
    let mut scene = Scene::new();
    let (owner, source) = (scene.tenant.clone(), scene.account);
    let (crook, [crooked, _]) = (scene.crook.clone(), scene.crooked.clone());
    let total = 2 * scene.world.no_show_price(RATE).unwrap();
    let limits = Limits {
        max_rate: leasehold_testing::verbs::rate(RATE),
        max_total: total.into(),
        expires: None,
        refill: None,
    };
    let account = scene.world.allow(&owner, source, &crook, limits).unwrap();
    let attack = scene.attack();
    scene.world.draw(&crook, account, total).unwrap();
    for _ in 0..3 {
        let reserved = scene
            .world
            .reserve(&crook, account, (RATE, DESCENDING), AHEAD);
        let Ok(deployment) = reserved else { break };
        scene.world.heartbeat(&crooked).unwrap();
        scene.world.bid(&crooked, deployment * 8, RATE).unwrap();
        scene
            .world
            .pass_alive(20, std::slice::from_ref(&crooked))
            .unwrap();
        scene.world.close(&crook, deployment).unwrap();
    }
    attack.end(&scene.world).unwrap().at_most(total, total);
    let left = scene.world.account(source).unwrap();
    assert_eq!(left.withdrawable.u128(), crate::DEPOSIT - total);
}

/// A provider wins reservations that it never means to keep: each costs it a part of its bond, and the tenant nothing.
#[test]
fn reservation_won_and_not_kept() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let [crooked, _] = scene.crooked.clone();
    let (tenant, mallory) = (scene.tenant.clone(), scene.mallory.clone());
    let order = scene.reserved(&tenant, scene.account, &crooked, RATE / 2);
    scene.world.withdraw_bid(&crooked, order).unwrap_err();
    scene.pass_to_start(order);
    scene.pass(10);
    scene.world.expire(&mallory, order).unwrap();
    scene.world.slash_all(&mallory).unwrap();
    scene.world.close(&tenant, order / 8).unwrap();
    let query = QueryMsg::Hold { order_id: order };
    let escrow = scene.world.suite.escrow.clone();
    let held = scene
        .world
        .query::<leasehold_api::escrow::HoldResponse>(&escrow, &query);
    assert!(held.is_err());
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert!(outcome.cost() > 0, "{outcome:?}");
}

/// Neither the winner nor the runner-up gets ahead of the start, or into the other's place.
#[test]
fn reservation_claimed_before_its_start() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let ([winner, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let group = (RATE, DESCENDING);
    let tenant = scene.tenant.clone();
    let deployment = scene.world.reserve(&tenant, scene.account, group, AHEAD);
    let order = deployment.unwrap() * 8;
    for provider in [&winner, &crooked] {
        scene.world.heartbeat(provider).unwrap();
    }
    scene.world.bid(&crooked, order, RATE).unwrap();
    scene.world.bid(&winner, order, RATE - 2).unwrap();
    for seconds in [20, AHEAD / 2] {
        scene.pass(seconds);
        for provider in [&winner, &crooked] {
            scene.world.claim(provider, order).unwrap_err();
            scene.world.expire(provider, order).unwrap_err();
        }
    }
    scene.pass_to_start(order);
    scene.world.heartbeat(&crooked).unwrap();
    scene.world.claim(&crooked, order).unwrap_err();
    scene.world.claim(&winner, order).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}
