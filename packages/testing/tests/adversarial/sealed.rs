//! Attacks on a sealed order: on what is secret, on who shows what and when, on the price that others' bids make.

use leasehold_api::market::OrderPhase;
use leasehold_api::{AuctionMode, Pricing};
use leasehold_testing::verbs::rate;

use crate::Scene;

const MOST: u128 = 1_000;
/// A tenth of an hour at the maximum: what it costs to keep a commitment back.
const FORFEIT: i128 = 360_000;

const fn sealed(pricing: Pricing) -> AuctionMode {
    AuctionMode::Sealed {
        pricing,
        min_bidders: None,
    }
}

impl Scene {
    /// Until the next phase of an order.
    fn turn(&mut self, order: u64) {
        let left = self.left(order);
        self.pass(left);
    }

    fn paid(&self, order: u64) -> u128 {
        let lease = self.world.lease_of(order).unwrap();
        let rate = self.world.lease(lease).unwrap().rate;
        rate.u128() / leasehold_api::SCALE
    }
}

/// Accomplices of a tenant commit to several rates and show the one just above the best, to press a second price. What they keep back
/// costs each a penalty of which the tenant gets nothing, and the winner is paid no less than it asked for.
#[test]
fn shill_commits() {
    let mut scene = Scene::new();
    let ([honest, other, _], [one, two]) = (scene.honest.clone(), scene.crooked.clone());
    let (crook, mallory) = (scene.crook.clone(), scene.mallory.clone());
    let attack = scene.attack();
    let groups = [(MOST, sealed(Pricing::Second))];
    let id = scene.world.create(&crook, &groups, 100_000, None).unwrap();
    let order = id * 8;
    scene.world.commit(&honest, order, 500).unwrap();
    scene.world.commit(&other, order, 950).unwrap();
    scene.world.commit(&one, order, 600).unwrap();
    scene.world.commit(&two, order, 900).unwrap();
    scene.turn(order);
    scene.world.reveal(&honest, order, 500).unwrap();
    scene.world.reveal(&other, order, 950).unwrap();
    scene.world.reveal(&one, order, 600).unwrap();
    scene.turn(order);
    scene.world.claim(&honest, order).unwrap();
    assert_eq!(scene.paid(order), 600);
    // Even when a friend of the tenant is the first to say so.
    scene.world.expire_of(&mallory, order, &two).unwrap();
    scene.world.slash_all(&mallory).unwrap();
    scene.world.close(&crook, id).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert!(outcome.cost() >= FORFEIT * 85 / 100, "{}", outcome.cost());
}

/// A crook commits to what an honest provider committed to, and shows the rate that it showed.
#[test]
fn copied_commitment() {
    let mut scene = Scene::new();
    let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(MOST, sealed(Pricing::First));
    let attack = scene.attack();
    let copied = scene.world.commitment(&honest, order, rate(500)).unwrap();
    scene.world.commit(&honest, order, 500).unwrap();
    let commit = leasehold_api::market::ExecuteMsg::Commit {
        order_id: order,
        commitment: copied,
    };
    scene.world.market_call(&crooked, &commit).unwrap();
    scene.turn(order);
    scene.world.reveal(&honest, order, 500).unwrap();
    scene.world.reveal(&crooked, order, 500).unwrap_err();
    scene.turn(order);
    scene.world.claim(&honest, order).unwrap();
    let tenant = scene.tenant.clone();
    scene.world.expire_of(&tenant, order, &crooked).unwrap();
    scene.world.slash_all(&tenant).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost(), FORFEIT);
}

/// A crook waits until everybody has shown its rate, and shows its own a second too late; then it takes its commitment back.
#[test]
fn reveal_after_the_deadline() {
    let mut scene = Scene::new();
    let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(MOST, sealed(Pricing::First));
    let attack = scene.attack();
    scene.world.commit(&honest, order, 500).unwrap();
    scene.world.commit(&crooked, order, 400).unwrap();
    scene.turn(order);
    scene.world.reveal(&honest, order, 500).unwrap();
    // Nor may it have its bond back before.
    scene.world.withdraw_bid(&crooked, order).unwrap_err();
    scene.turn(order);
    scene.world.reveal(&crooked, order, 400).unwrap_err();
    scene.world.withdraw_bid(&crooked, order).unwrap();
    scene.world.claim(&honest, order).unwrap();
    assert_eq!(scene.paid(order), 500);
    let tenant = scene.tenant.clone();
    scene.world.slash_all(&tenant).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost(), FORFEIT);
}

/// A crook shows an honest provider's rate before it does, as its own and in its name.
#[test]
fn reveal_of_anothers_commitment() {
    let mut scene = Scene::new();
    let ([honest, ..], [crooked, other]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(MOST, sealed(Pricing::First));
    let attack = scene.attack();
    scene.world.commit(&honest, order, 500).unwrap();
    scene.world.commit(&crooked, order, 600).unwrap();
    scene.turn(order);
    for thief in [&crooked, &other] {
        scene.world.reveal(thief, order, 500).unwrap_err();
    }
    scene.world.reveal(&crooked, order, 600).unwrap();
    scene.world.reveal(&honest, order, 500).unwrap();
    scene.world.claim(&honest, order).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// Crooks commit and keep silent, so that a tenant finds nobody. With honest bidders it only waits for the end of the reveals; without any
/// the order is anybody's at a rising price.
#[test]
fn non_reveal_to_deny_the_order() {
    let mut scene = Scene::new();
    let ([honest, ..], [one, two]) = (scene.honest.clone(), scene.crooked.clone());
    let attack = scene.attack();
    let watched = scene.order(MOST, sealed(Pricing::First));
    let alone = scene.order(MOST, sealed(Pricing::First));
    scene.world.commit(&honest, watched, 500).unwrap();
    scene.world.commit(&one, watched, 1).unwrap();
    scene.world.commit(&two, alone, 1).unwrap();
    scene.turn(watched);
    scene.world.reveal(&honest, watched, 500).unwrap();
    scene.turn(watched);
    scene.world.claim(&honest, watched).unwrap();
    scene.world.claim(&honest, alone).unwrap();
    assert_eq!((scene.paid(watched), scene.paid(alone)), (500, 100));
    let tenant = scene.tenant.clone();
    scene.world.expire_of(&tenant, watched, &one).unwrap();
    scene.world.expire_of(&tenant, alone, &two).unwrap();
    scene.world.slash_all(&tenant).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost(), 2 * FORFEIT);
}

/// The chain stands still across the end of the commitments and of the reveals; whoever makes the first block would have all others forfeit
/// theirs. Both ends wait for their blocks.
#[test]
fn chain_halt_across_the_reveals() {
    let mut scene = Scene::new();
    let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(MOST, sealed(Pricing::First));
    let attack = scene.attack();
    scene.world.commit(&honest, order, 500).unwrap();
    scene.world.commit(&crooked, order, 600).unwrap();
    scene.world.pass(2);
    let mallory = scene.mallory.clone();
    for _ in 0..2 {
        scene.world.halt(3_600);
        let phase = scene.world.order(order).unwrap().phase;
        assert_eq!(phase, OrderPhase::Revealing);
        scene.world.expire_of(&mallory, order, &honest).unwrap_err();
    }
    scene.world.reveal(&crooked, order, 600).unwrap();
    scene.world.reveal(&honest, order, 500).unwrap();
    scene.world.heartbeat(&honest).unwrap();
    scene.world.claim(&honest, order).unwrap();
    assert!(scene.world.penalties().unwrap().is_empty());
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A crook that guessed an honest provider's rate shows it first.
#[test]
fn tie_at_reveal() {
    let mut scene = Scene::new();
    let ([honest, ..], [crooked, _]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(MOST, sealed(Pricing::First));
    let attack = scene.attack();
    scene.world.commit(&honest, order, 500).unwrap();
    scene.world.commit(&crooked, order, 500).unwrap();
    scene.turn(order);
    scene.world.reveal(&crooked, order, 500).unwrap();
    scene.world.reveal(&honest, order, 500).unwrap();
    scene.world.claim(&crooked, order).unwrap_err();
    scene.world.claim(&honest, order).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// The winner's accomplice came second; it steps back, to leave the winner alone and paid the maximum.
#[test]
fn stepping_back_to_raise_the_price() {
    let mut scene = Scene::new();
    let ([honest, ..], [one, two]) = (scene.honest.clone(), scene.crooked.clone());
    let order = scene.order(MOST, sealed(Pricing::Second));
    scene.world.commit(&honest, order, 600).unwrap();
    scene.world.commit(&one, order, 400).unwrap();
    scene.world.commit(&two, order, 500).unwrap();
    scene.turn(order);
    for (bidder, units) in [(&honest, 600), (&one, 400), (&two, 500)] {
        scene.world.reveal(bidder, order, units).unwrap();
    }
    scene.world.withdraw_bid(&two, order).unwrap_err();
    scene.world.heartbeat(&one).unwrap();
    scene.world.claim(&one, order).unwrap();
    assert_eq!(scene.paid(order), 500);
}

/// The lowest bids on an open order that decides by itself are taken back at the last moment, to leave it to an accomplice's dear one. The
/// places stay taken; the order is anybody's after two windows, from a tenth of the maximum.
#[test]
fn low_bids_taken_back() {
    let mut scene = Scene::new();
    let ([honest, ..], [one, two]) = (scene.honest.clone(), scene.crooked.clone());
    let mode = AuctionMode::Open {
        auto_after: Some(10),
    };
    let order = scene.order(MOST, mode);
    let attack = scene.attack();
    scene.world.bid(&honest, order, 500).unwrap();
    scene.world.bid(&one, order, 1).unwrap();
    scene.world.bid(&two, order, 2).unwrap();
    scene.pass(9);
    scene.world.heartbeat(&one).unwrap();
    for crooked in [&one, &two] {
        scene.world.withdraw_bid(crooked, order).unwrap();
        scene.world.bid(crooked, order, MOST).unwrap_err();
    }
    scene.pass(1);
    scene.world.claim(&one, order).unwrap_err();
    scene.turn(order);
    scene.turn(order);
    scene.world.claim(&honest, order).unwrap();
    assert_eq!(scene.paid(order), 100);
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// One owner bids in the names of several, where an award needs several bidders. Each needs an address that is registered and a bid that
/// beats the second; the leader is bound all the same.
#[test]
fn sham_bidders() {
    let mut scene = Scene::new();
    let ([honest, ..], [one, two]) = (scene.honest.clone(), scene.crooked.clone());
    let mode = AuctionMode::Descending {
        min_bidders: Some(3),
    };
    let order = scene.order(MOST, mode);
    let attack = scene.attack();
    scene.world.bid(&one, order, 900).unwrap();
    scene.world.bid(&two, order, 950).unwrap();
    scene.world.withdraw_bid(&two, order).unwrap();
    scene.world.bid(&two, order, 950).unwrap();
    assert_eq!(scene.world.order(order).unwrap().bidders, 2);
    scene.pass(9);
    // The honest third makes the number full and leads, with the time that a new leader leaves to answer.
    scene.world.bid(&honest, order, 500).unwrap();
    scene.turn(order);
    scene.world.claim(&honest, order).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}
