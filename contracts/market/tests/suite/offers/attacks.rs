//! Who tries to get more out of an offer than it sells.

use super::*;

/// Nothing waits between the two: the counters decide, message by message.
#[test]
fn of_two_takes_of_the_last_unit_in_one_block_the_second_is_refused() {
    let mut world = World::new();
    world.post("alice", goods(1, 30)).unwrap();
    world.take(0, 100, 1).unwrap();
    let error = world.take(1, 100, 1).unwrap_err();
    assert_says(error, &["1000 of cpu", "0 are left"]);
    assert!(world.told().len() == 1, "one stream only");
    // What the first gives back, the second gets in the same block.
    world.close().unwrap();
    world.take(1, 100, 1).unwrap();
}

#[test]
fn an_offer_expires_to_the_second() {
    let mut world = selling();
    world.jump(OFFER_LIFE - 1, 1);
    world.take(0, 100, 1).unwrap();
    world.jump(1, 1);
    let expired = ContractError::OfferExpired {
        id: 1,
        expires_at: START + OFFER_LIFE,
    };
    assert_eq!(world.take(1, 100, 1).unwrap_err(), expired);
    // Its lease goes on, and its provider may renew it.
    assert_eq!(world.seen().phase, OrderPhase::Leased);
    let renewed = OfferTerms {
        expires_at: START + 2 * OFFER_LIFE,
        ..posted(goods(4, 30))
    };
    world.update_offer("alice", 1, renewed).unwrap();
    world.take(1, 100, 1).unwrap();
}

#[test]
fn a_price_raised_in_the_same_block_meets_the_tenants_guard() {
    let mut world = selling();
    world
        .update_offer("alice", 1, posted(goods(4, 100)))
        .unwrap();
    let guarded = |max_rate| TakeOffer {
        offer_id: 1,
        max_rate: Some(max_rate),
    };
    let deployment = world.suite.deployment.clone();
    let mut refused = |max, offer| {
        let msg = take_msg(0, max, offer, None);
        world.send(&deployment, &msg, &[]).unwrap_err()
    };
    let dear = |most| ContractError::OfferTooDear {
        id: 1,
        rate: rate(100),
        most,
    };
    assert_eq!(refused(100, guarded(rate(30))), dear(rate(30)));
    // The group's maximum holds whatever the guard says.
    assert_eq!(refused(99, guarded(rate(1_000))), dear(rate(99)));
    assert_eq!(refused(99, taking(1)), dear(rate(99)));
    let msg = take_msg(0, 200, guarded(rate(100)), None);
    world.send(&deployment, &msg, &[]).unwrap();
}

#[test]
fn a_provider_does_not_rent_from_itself() {
    let mut world = selling();
    let alice = world.addr("alice");
    world.transfer(&alice);
    assert_says(
        world.take(0, 100, 1).unwrap_err(),
        &["it owns the deployment"],
    );
}

#[test]
fn draining_and_silent_providers_are_not_taken() {
    let mut world = selling();
    let alice = world.addr("alice");
    let mut hot = world.hot(&alice);
    hot.standing = Standing::Draining;
    world.set_hot(&alice, &hot);
    assert_says(world.take(0, 100, 1).unwrap_err(), &["it is draining"]);
    hot.standing = Standing::Active;
    world.set_hot(&alice, &hot);
    world.silence("alice");
    world.wait(5);
    assert_says(world.take(0, 100, 1).unwrap_err(), &["heartbeat lapsed"]);
}

/// A lease that nobody bid for is backed like any other.
#[test]
fn an_offer_is_taken_only_as_far_as_collateral_goes() {
    let mut world = World::new();
    world.post("alice", goods(4, 600)).unwrap();
    world.take(0, 1_000, 1).unwrap();
    assert_eq!(world.locked("alice"), 600_000);
    let error = world.take(1, 1_000, 1).unwrap_err();
    assert_says(error, &["a bond of 600000", "400000 of the collateral"]);
    assert_eq!(world.taken(1).0[0], 1_000);
}

/// A tenant cannot have its money's worth in promises: terms of leaving that the provider never saw are refused.
#[test]
fn an_offer_is_not_taken_on_terms_of_leaving_that_it_does_not_concede() {
    let exit = |notice, compensation_bps| {
        Some(Exit {
            notice,
            compensation_bps,
        })
    };
    let mut world = selling();
    let deployment = world.suite.deployment.clone();
    let mut taken = |offer: u64, group: u32, exit| {
        let msg = take_msg(group, 100, taking(offer), exit);
        world.send(&deployment, &msg, &[])
    };
    for greedy in [exit(NOTICE + 1, 0), exit(0, 1)] {
        let refused = ContractError::OfferExit {
            id: 1,
            notice: NOTICE,
            compensation_bps: 0,
        };
        assert_eq!(taken(1, 0, greedy).unwrap_err(), refused);
    }
    taken(1, 0, exit(NOTICE, 0)).unwrap();
    let spot = OfferTerms {
        exit: exit(5, 500),
        ..posted(goods(4, 10))
    };
    let offer = world.post_on("bob", spot).unwrap();
    let deployment = world.suite.deployment.clone();
    let mut taken = |exit| {
        let msg = take_msg(1, 100, taking(offer), exit);
        world.send(&deployment, &msg, &[])
    };
    assert_says(taken(None).unwrap_err(), &["concedes a notice of 5 s"]);
    taken(exit(5, 500)).unwrap();
}

/// Escrow, not the market, knows whether the account can pay; its refusal undoes the order, the counters and the bond.
#[test]
fn an_account_that_cannot_pay_takes_nothing() {
    let mut world = selling();
    world.fund(30 * u128::from(MIN_RUNWAY) - 1);
    let market = world.suite.market.clone();
    let deployment = world.suite.deployment.clone();
    let msg = take_msg(0, 100, taking(1), None);
    let refused = {
        use cw_multi_test::Executor;
        world.app.execute_contract(deployment, market, &msg, &[])
    };
    let error = format!("{:#}", refused.unwrap_err().root_cause());
    assert!(error.contains("balance"), "{error}");
    world.check();
    assert_eq!(world.record_if_any(), None);
    assert_eq!(
        (world.locked("alice"), world.taken(1)),
        (0, Usage::default())
    );
    world.fund(30 * u128::from(MIN_RUNWAY));
    world.take(0, 100, 1).unwrap();
}

#[test]
fn a_provider_has_at_most_16_offers_and_expired_ones_make_room() {
    let mut world = World::new();
    let expiring = |expires_at| OfferTerms {
        expires_at,
        ..posted(goods(4, 30))
    };
    for k in 0..MAX_OFFERS as u64 {
        world.post_on("alice", expiring(START + 10 + k)).unwrap();
    }
    let full = ContractError::TooManyOffers {
        provider: world.addr("alice"),
        most: MAX_OFFERS,
    };
    let more = expiring(START + 100);
    assert_eq!(world.post_on("alice", more.clone()).unwrap_err(), full);
    world.post_on("bob", more.clone()).unwrap();
    world.take(0, 100, 1).unwrap();
    world.jump(11, 1);
    // The first two have expired; the lease of the first goes on.
    let offer = world.post_on("alice", more.clone()).unwrap();
    assert_eq!(offer, MAX_OFFERS as u64 + 2);
    for expired in [1, 2] {
        assert!(!OFFERS.has(&*world.storage(), expired));
    }
    assert_eq!(world.taken(1), Usage(vec![1_000, 1_024, 0]));
    world.post_on("alice", more.clone()).unwrap();
    assert_eq!(world.post_on("alice", more).unwrap_err(), full);
}
