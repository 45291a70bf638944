//! Attacks on sealed auctions: copying, hiding and hoarding commitments.

use leasehold_api::market::{ExecuteMsg as MarketMsg, OrderPhase};
use leasehold_api::{AuctionMode, Pricing};
use leasehold_testing::verbs::rate;

use crate::Scene;

const MOST: u128 = 1_000;
/// Of commitments, and again of reveals.
const PHASE: u64 = 10;
/// What not revealing costs: a tenth of an hour at the maximum.
const FORFEIT: i128 = 3_600 * MOST as i128 / 10;

impl Scene {
    fn sealed(&mut self, pricing: Pricing) -> u64 {
        let mode = AuctionMode::Sealed {
            pricing,
            min_bidders: None,
        };
        self.order(MOST, mode)
    }

    fn pass_with_everybody(&mut self, seconds: u64) {
        let everybody = self.world.providers.clone();
        self.world.pass_alive(seconds, &everybody).unwrap();
    }

    /// Every commitment that is left, and every penalty, is settled.
    fn settle_up(&mut self, order: u64) {
        let tenant = self.tenant.clone();
        for provider in self.world.providers.clone() {
            // Of those that have none left it is refused.
            drop(self.world.expire_commitment(&tenant, order, &provider));
        }
        self.pass_with_everybody(10);
        self.world.slash_all(&tenant).unwrap();
    }
}

/// A crook commits to what an honest bidder committed to, without knowing it, and opens it once the honest one has. It cannot: a commitment
/// names its bidder. It has bought a commitment that it can never open.
#[test]
fn copied_commitments() {
    let mut scene = Scene::new();
    let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let order_id = scene.sealed(Pricing::First);
    let attack = scene.attack();
    let order = scene.world.order(order_id).unwrap();
    let honest_rate = rate(400);
    let commitment = scene.world.commitment(&honest, &order, honest_rate);
    scene.world.commit(&honest, order_id, honest_rate).unwrap();
    let copy = MarketMsg::Commit {
        order_id,
        commitment: commitment.unwrap(),
    };
    scene.world.market_call(&crooked, &copy).unwrap();
    scene.pass_with_everybody(PHASE);
    scene.world.reveal(&honest, order_id, honest_rate).unwrap();
    scene
        .world
        .reveal(&crooked, order_id, honest_rate)
        .unwrap_err();
    scene.pass_with_everybody(PHASE);
    scene.world.claim(&honest, order_id).unwrap();
    scene.settle_up(order_id);
    let outcome = attack.end(&scene.world).unwrap();
    // The winner is paid by the tenant; both are honest.
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost(), FORFEIT);
}

/// A crook commits to a dear and a cheap rate with providers of its own, to open the dearer one that still wins once it has seen the honest
/// rate. It wins its order, and pays for every commitment that it keeps closed: a tenth of the bond of the maximum each, far more than the
/// difference in rent of the hour behind it.
#[test]
fn shill_commits() {
    let mut scene = Scene::new();
    let ([honest, ..], [dear, cheap]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.sealed(Pricing::First);
    let attack = scene.attack();
    for (who, units) in [(&honest, 500), (&dear, 490), (&cheap, 100)] {
        scene.world.commit(who, order, rate(units)).unwrap();
    }
    scene.pass_with_everybody(PHASE);
    scene.world.reveal(&honest, order, rate(500)).unwrap();
    scene.world.reveal(&dear, order, rate(490)).unwrap();
    scene.pass_with_everybody(PHASE);
    scene.settle_up(order);
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost(), FORFEIT);
}

/// The winner of a second-price auction has a friend commit high, to be paid more. The price is the lowest losing rate: a friend can lower
/// it, not raise it.
#[test]
fn second_price_friends() {
    let mut scene = Scene::new();
    let ([honest, ..], [winner, friend]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.sealed(Pricing::Second);
    let attack = scene.attack();
    for (who, units) in [(&honest, 300), (&winner, 100), (&friend, 990)] {
        scene.world.commit(who, order, rate(units)).unwrap();
    }
    scene.pass_with_everybody(PHASE);
    for (who, units) in [(&friend, 990), (&winner, 100), (&honest, 300)] {
        scene.world.reveal(who, order, rate(units)).unwrap();
    }
    scene.pass_with_everybody(1);
    scene.world.claim(&winner, order).unwrap();
    let lease = scene.world.lease_of(order).unwrap();
    assert_eq!(scene.world.lease(lease).unwrap().rate, rate(300));
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// Crooks commit and none reveals, to hold the order up. It is Dutch when the time is over, and each has paid the tenant for it.
#[test]
fn withheld_reveals() {
    let mut scene = Scene::new();
    let ([honest, ..], crooked) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.sealed(Pricing::First);
    let attack = scene.attack();
    for who in &crooked {
        scene.world.commit(who, order, rate(1)).unwrap();
    }
    scene.pass_with_everybody(2 * PHASE);
    let now = scene.world.order(order).unwrap();
    assert_eq!(now.phase, OrderPhase::Bidding);
    assert!(matches!(now.mode, AuctionMode::Dutch { .. }));
    scene.world.claim(&honest, order).unwrap();
    scene.settle_up(order);
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost(), 2 * FORFEIT);
}
