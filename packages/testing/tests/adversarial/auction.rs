//! Attacks on an auction: by flooding it, by bidding at the last moment, by winning and not coming, by a chain that stands still.

use leasehold_api::genesis::Genesis;
use leasehold_api::market::OrderPhase;
use leasehold_testing::world::STAKE;

use crate::{Scene, DESCENDING};

const MOST: u128 = 1_000;

/// A crook undercuts itself two hundred times, to make the order dear to touch. The honest bid after it does to storage what the one
/// before it did, leads, and the crook has nothing locked.
#[test]
fn bid_spam() {
    let mut scene = Scene::new();
    let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(MOST, DESCENDING);
    let attack = scene.attack();
    scene.world.bid(&crooked, order, MOST).unwrap();
    let mut rate = leasehold_testing::verbs::rate(MOST);
    scene.world.meter.take();
    rate = rate.multiply_ratio(98_u32, 100_u32);
    scene.world.bid_scaled(&honest, order, rate).unwrap();
    let before = scene.world.meter.take();
    for _ in 0..200 {
        rate = rate.multiply_ratio(98_u32, 100_u32);
        scene.world.bid_scaled(&crooked, order, rate).unwrap();
    }
    scene.world.meter.take();
    rate = rate.multiply_ratio(98_u32, 100_u32);
    scene.world.bid_scaled(&honest, order, rate).unwrap();
    let after = scene.world.meter.take();
    assert_eq!((before.reads, before.writes), (after.reads, after.writes));
    scene.world.unbond(&crooked, crate::COLLATERAL).unwrap();
    let left = scene.left(order);
    scene.pass(left);
    scene.world.claim(&honest, order).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A crook bids in the last second, so that nobody can answer. The close moves on for an answer, up to the hard close; the outbid leader's
/// bond is free at once, and it answers.
#[test]
fn sniping() {
    let mut scene = Scene::new();
    let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(MOST, DESCENDING);
    let attack = scene.attack();
    scene.world.bid(&honest, order, 900).unwrap();
    let opened_at = scene.world.order(order).unwrap().opened_at;
    scene.pass(7);
    scene.world.bid(&crooked, order, 800).unwrap();
    assert_eq!(scene.left(order), 2);
    scene.pass(1);
    scene.world.bid(&honest, order, 700).unwrap();
    // Both go on to the hard close, which nobody moves.
    let mut rate = 680;
    while scene.world.order(order).unwrap().phase == OrderPhase::Bidding {
        let last = opened_at + 20 - scene.world.now();
        assert!(scene.left(order) <= last.min(2));
        for bidder in [&crooked, &honest] {
            scene.world.bid(bidder, order, rate).unwrap();
            rate -= 20;
        }
        scene.pass(1);
        scene.world.heartbeat(&crooked).unwrap();
    }
    assert_eq!(scene.world.now(), opened_at + 20);
    scene.world.claim(&honest, order).unwrap();
    scene.world.unbond(&crooked, crate::COLLATERAL).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A crook bids lower than it would ever serve for and does not come. The runner-up serves at its own price; the crook pays, most of it
/// to the tenant whose time it wasted.
#[test]
fn lead_and_vanish() {
    let mut scene = Scene::new();
    let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(MOST, DESCENDING);
    let attack = scene.attack();
    scene.world.bid(&honest, order, 500).unwrap();
    scene.world.bid(&crooked, order, 1).unwrap();
    let left = scene.left(order);
    scene.pass(left);
    let left = scene.left(order);
    scene.pass(left);
    scene.world.claim(&honest, order).unwrap();
    let lease = scene.world.lease_of(order).unwrap();
    let rate = scene.world.lease(lease).unwrap().rate;
    assert_eq!(rate, leasehold_testing::verbs::rate(500));
    let keeper = scene.tenant.clone();
    scene.world.slash_all(&keeper).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    // A tenth of the bond of an hour at one unit per second.
    assert_eq!(outcome.cost(), 360);
}

/// The chain stands still from before the close until long after it, and whoever makes the first block claims or has the leader slashed.
/// The close waits for its blocks: the leader has its window, others may still bid.
#[test]
fn chain_halt_across_a_close() {
    let mut scene = Scene::new();
    let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(MOST, DESCENDING);
    let attack = scene.attack();
    scene.world.bid(&honest, order, 500).unwrap();
    scene.world.halt(3_600);
    assert_eq!(scene.world.order(order).unwrap().phase, OrderPhase::Bidding);
    scene.world.heartbeat(&crooked).unwrap();
    scene.world.claim(&crooked, order).unwrap_err();
    let mallory = scene.mallory.clone();
    scene.world.expire(&mallory, order).unwrap_err();
    scene.world.heartbeat(&honest).unwrap();
    scene.world.halt(1);
    scene.world.claim(&honest, order).unwrap();
    assert!(scene.world.penalties().unwrap().is_empty());
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// The same across the winner's window: it does not end in one block.
#[test]
fn chain_halt_across_a_claim_window() {
    let mut scene = Scene::new();
    let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(MOST, DESCENDING);
    let attack = scene.attack();
    scene.world.bid(&crooked, order, 600).unwrap();
    scene.world.bid(&honest, order, 500).unwrap();
    scene.world.halt(7);
    scene.world.halt(1);
    assert_eq!(
        scene.world.order(order).unwrap().phase,
        OrderPhase::AwardBest
    );
    scene.world.halt(3_600);
    scene.world.heartbeat(&crooked).unwrap();
    scene.world.claim(&crooked, order).unwrap_err();
    let mallory = scene.mallory.clone();
    scene.world.expire(&mallory, order).unwrap_err();
    scene.world.heartbeat(&honest).unwrap();
    scene.world.claim(&honest, order).unwrap();
    assert!(scene.world.penalties().unwrap().is_empty());
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// With the parameters of production, on a chain of a block every five seconds: after a minute of bidding, or three with late bids, an auction
/// has long had the blocks that its time needs. They do not count for the winner's window, in which it has come to some blocks already.
#[test]
fn chain_halt_after_a_long_auction() {
    for (late_bids, blocks) in [(0, 3), (8, 5)] {
        let production = Genesis::production(STAKE);
        let mut scene = Scene::with(|genesis| {
            genesis.provider.grace = production.provider.grace;
            genesis.market.auction = production.market.auction;
        });
        let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
        let order = scene.order(MOST, DESCENDING);
        let attack = scene.attack();
        scene.world.bid(&honest, order, 900).unwrap();
        for turn in 1..=late_bids {
            scene.pass_in_blocks(10);
            scene.world.bid(&crooked, order, 900 - 60 * turn).unwrap();
            scene.pass_in_blocks(10);
            scene.world.bid(&honest, order, 870 - 60 * turn).unwrap();
        }
        let left = scene.left(order);
        scene.pass_in_blocks(left + 5 * blocks);
        scene.world.halt(300);
        let mallory = scene.mallory.clone();
        scene.world.expire(&mallory, order).unwrap_err();
        scene.world.claim(&crooked, order).unwrap_err();
        scene.world.halt(5);
        scene.world.claim(&honest, order).unwrap();
        assert!(scene.world.penalties().unwrap().is_empty());
        attack.end(&scene.world).unwrap().at_most(0, 0);
    }
}
