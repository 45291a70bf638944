//! Standing offers: from nothing to a lease in one message, and who tries to get more out of them.

use cosmwasm_std::{to_json_binary, Uint128};
use leasehold_api::deployment::{order_id, GROUPS};
use leasehold_api::event::{LeaseStarted, OfferTaken, OfferUpdated, OfferWithdrawn, OrderOpened};
use leasehold_api::market::{
    lease_id, EndReason, ExecuteMsg, Exit, LeaseResponse, OfferTerms, OrderPhase, OrderStatus,
    QueryMsg, TakeOffer, Terms, LEASES, MAX_OFFERS, MAX_OFFER_LIFE, OFFERS, TAKEN,
};
use leasehold_api::provider::Standing;
use leasehold_api::{
    Attribute, Denom, GpuRequirement, Requirements, RuleError, StorageStock, Usage,
};
use leasehold_market::ContractError;

use crate::harness::*;
use crate::orders::event;
use crate::selling::*;

/// Alice sells four cores at 30 each, as offer 1.
fn selling() -> World {
    let mut world = World::new();
    world.post("alice", goods(4, 30)).unwrap();
    world
}

fn lease_of(group: u32, number: u32) -> u64 {
    lease_id(order_id(DEPLOYMENT, group).unwrap(), number).unwrap()
}

#[test]
fn taking_an_offer_starts_the_lease_in_the_same_message() {
    let mut world = selling();
    let response = world.take(0, 100, 1).unwrap();
    let order_id = order();
    let lease_id = lease(1);
    let (provider, tenant) = (world.addr("alice"), world.tenant.clone());
    assert_eq!(
        event::<OrderOpened>(&response),
        Some(OrderOpened {
            order_id,
            round: 1,
            mode: "offer".into(),
            max_rate: rate(100),
            closes_at: 0,
        })
    );
    assert_eq!(
        event::<LeaseStarted>(&response),
        Some(LeaseStarted {
            lease_id,
            order_id,
            provider: provider.clone(),
            rate: rate(30),
            bond: Uint128::new(30_000),
        })
    );
    let taken = OfferTaken {
        offer_id: 1,
        lease_id,
    };
    assert_eq!(event::<OfferTaken>(&response), Some(taken));
    assert_eq!(
        world.told(),
        [Told::Open {
            stream: lease_id,
            account: ACCOUNT,
            tenant: tenant.into(),
            payee: provider.into(),
            rate: rate(30),
        }]
    );
    assert_eq!(world.seen().phase, OrderPhase::Leased);
    assert_eq!(world.locked("alice"), 30_000);
    assert_eq!(
        world.offer(1).left,
        Usage(vec![3_000, (1 << 20) - 1_024, 0])
    );
    let told: LeaseResponse = world.query(&QueryMsg::Lease { id: lease_id });
    assert_eq!(told.offer_id, Some(1));
}

#[test]
fn a_lease_gives_back_what_it_took_however_it_ends() {
    type End = fn(&mut World);
    let ends: [(EndReason, End); 6] = [
        (EndReason::Tenant, |world| {
            world.close().unwrap();
        }),
        (EndReason::Tenant, |world| {
            world.end("tenant", 1).unwrap();
        }),
        (EndReason::Provider, |world| {
            world.end("alice", 1).unwrap();
        }),
        (EndReason::Notice, |world| {
            world.give_notice("alice", 1).unwrap();
            world.wait(NOTICE);
            world.end("alice", 1).unwrap();
        }),
        (EndReason::Down, |world| {
            world.silence("alice");
            world.wait(50);
            world.failover("bob", 1).unwrap();
        }),
        (EndReason::Unfunded, |world| {
            world.fund(0);
            world.wait(101);
            world.end("alice", 1).unwrap();
        }),
    ];
    for (reason, end) in ends {
        let mut world = selling();
        world.take(0, 100, 1).unwrap();
        world.take(1, 100, 1).unwrap();
        assert_eq!(world.taken(1), Usage(vec![2_000, 2_048, 0]));
        end(&mut world);
        assert_eq!(world.ended(1).unwrap().reason, reason);
        assert_eq!(world.taken(1), Usage(vec![1_000, 1_024, 0]), "{reason:?}");
        let deployment = world.suite.deployment.clone();
        let order_id = order_id(DEPLOYMENT, 1).unwrap();
        let close = ExecuteMsg::CloseOrder { order_id };
        world.send(&deployment, &close, &[]).unwrap();
        assert!(!TAKEN.has(&*world.storage(), 1), "nothing is left behind");
    }
}

/// The next provider is found by auction: an offer has no runner-up.
#[test]
fn an_order_whose_offer_fails_reopens_as_dutch_at_its_rate() {
    let mut world = selling();
    world.take(0, 100, 1).unwrap();
    world.silence("alice");
    world.wait(50);
    world.failover("bob", 1).unwrap();
    let seen = world.seen();
    assert_eq!((seen.phase, seen.best), (OrderPhase::Bidding, None));
    assert_eq!(seen.price, Some(rate(30)));
    assert_eq!(seen.excluded[0].provider, world.addr("alice"));
    world.claim("bob").unwrap();
    let lease: LeaseResponse = world.query(&QueryMsg::Lease { id: lease(2) });
    assert_eq!((lease.rate, lease.offer_id), (rate(30), None));
}

/// What was taken is stored with the lease: another group in its place gives back nothing else.
#[test]
fn a_later_change_of_the_group_gives_back_what_was_taken() {
    let mut world = selling();
    world.take(0, 100, 1).unwrap();
    let mut larger = group_spec();
    larger.resources[0].cpu = 4_000;
    let mut storage = world.deployments();
    GROUPS
        .save(&mut *storage, (DEPLOYMENT, 0), &larger)
        .unwrap();
    drop(storage);
    assert_eq!(world.taken(1), Usage(vec![1_000, 1_024, 0]));
    world.close().unwrap();
    assert_eq!(world.taken(1), Usage::default());
    world.take(0, 200, 1).unwrap();
    assert_eq!(world.taken(1), Usage(vec![4_000, 1_024, 0]));
}

/// Tenant and provider may agree on another price; the offer's counters are about what was taken.
#[test]
fn a_changed_lease_holds_what_it_took() {
    let mut world = selling();
    world.take(0, 100, 1).unwrap();
    world.change("alice", 1, 20, None).unwrap();
    assert_eq!(world.lease(1).rate, rate(20));
    assert_eq!(world.taken(1), Usage(vec![1_000, 1_024, 0]));
    world.close().unwrap();
    assert_eq!(world.taken(1), Usage::default());
}

/// A job's lease ends by itself; what it took is back with whoever notes that.
#[test]
fn a_job_on_an_offer_gives_back_when_it_is_over() {
    let mut world = selling();
    let deployment = world.suite.deployment.clone();
    let job = Terms {
        max_duration: Some(100),
        ..descending().into()
    };
    let msg = take_msg_on(job, 0, 100, taking(1));
    world.send(&deployment, &msg, &[]).unwrap();
    assert_eq!(world.lease(1).until, Some(START + 100));
    world.wait(100);
    assert_eq!(world.taken(1).0[0], 1_000);
    world.end("dave", 1).unwrap();
    assert_eq!(world.ended(1).unwrap().reason, EndReason::Finished);
    assert_eq!(world.taken(1), Usage::default());
}

#[test]
fn running_leases_keep_their_rate_when_the_price_changes() {
    let mut world = selling();
    world.take(0, 100, 1).unwrap();
    let response = world
        .update_offer("alice", 1, posted(goods(2, 50)))
        .unwrap();
    let updated = OfferUpdated {
        offer_id: 1,
        provider: world.addr("alice"),
        expires_at: START + OFFER_LIFE,
    };
    assert_eq!(event::<OfferUpdated>(&response), Some(updated));
    world.take(1, 100, 1).unwrap();
    let rate_of = |group: u32| {
        LEASES
            .load(&*world.storage(), lease_of(group, 1))
            .unwrap()
            .rate
    };
    assert_eq!((rate_of(0), rate_of(1)), (rate(30), rate(50)));
    assert_eq!(world.offer(1).left.0[0], 0);
}

#[test]
fn an_update_keeps_kinds_and_what_is_taken() {
    let mut world = selling();
    world.take(0, 100, 1).unwrap();
    let error = world
        .update_offer("alice", 1, posted(goods(0, 30)))
        .unwrap_err();
    assert_says(error, &["cpu", "at least 1000, which is taken"]);
    let mut with_disk = goods(4, 30);
    with_disk.storage.push(StorageStock {
        class: None,
        stock: with_disk.cpu,
    });
    let error = world
        .update_offer("alice", 1, posted(with_disk))
        .unwrap_err();
    assert_says(error, &["ephemeral storage", "as posted"]);
    world
        .update_offer("alice", 1, posted(goods(1, 30)))
        .unwrap();
    let left = ContractError::Rule(RuleError::SoldOut {
        what: "cpu (milli-cores)".into(),
        asked: 1_000,
        left: 0,
    });
    assert_eq!(world.take(1, 100, 1).unwrap_err(), left);
}

#[test]
fn a_withdrawn_offer_is_gone_and_its_leases_go_on() {
    let mut world = selling();
    world.take(0, 100, 1).unwrap();
    let response = world.withdraw_offer("alice", 1).unwrap();
    let withdrawn = OfferWithdrawn {
        offer_id: 1,
        provider: world.addr("alice"),
    };
    assert_eq!(event::<OfferWithdrawn>(&response), Some(withdrawn));
    let gone = ContractError::OfferNotFound { id: 1 };
    assert_eq!(world.take(1, 100, 1).unwrap_err(), gone);
    assert_eq!(world.withdraw_offer("alice", 1).unwrap_err(), gone);
    assert_eq!(
        world
            .update_offer("alice", 1, posted(goods(4, 30)))
            .unwrap_err(),
        gone
    );
    assert_eq!(world.seen().phase, OrderPhase::Leased);
    assert_eq!(
        world.post("alice", goods(4, 30)).unwrap(),
        2,
        "ids are used once"
    );
    world.close().unwrap();
    assert_eq!(world.taken(1), Usage::default());
}

#[test]
fn an_offer_is_posted_with_bounds() {
    let mut world = World::new();
    let expiring = |expires_at| OfferTerms {
        expires_at,
        ..posted(goods(4, 30))
    };
    let latest = START + MAX_OFFER_LIFE;
    for bad in [0, START, latest + 1] {
        let error = world.post_on("alice", expiring(bad)).unwrap_err();
        assert_says(
            error,
            &["expires_at", &bad.to_string(), &latest.to_string()],
        );
    }
    for good in [START + 1, latest] {
        world.post_on("alice", expiring(good)).unwrap();
    }
    let free = posted(goods(4, 0));
    assert_says(world.post_on("alice", free).unwrap_err(), &["above zero"]);
    let exit = |notice| OfferTerms {
        exit: Some(Exit {
            notice,
            compensation_bps: 0,
        }),
        ..posted(goods(4, 30))
    };
    let error = world.post_on("alice", exit(2_592_001)).unwrap_err();
    assert_says(error, &["notice"]);
    let error = world.update_offer("alice", 1, exit(2_592_001)).unwrap_err();
    assert_says(error, &["notice"]);
}

#[test]
fn an_offer_needs_collateral_in_its_denom() {
    let mut world = World::new();
    let msg = ExecuteMsg::PostOffer {
        denom: Denom::Native("ujunk".into()),
        terms: posted(goods(4, 30)),
    };
    let error = world.by("alice", msg).unwrap_err();
    assert_says(error, &["ujunk", "0 of the collateral is free"]);
}

#[test]
fn a_group_is_paid_in_the_offers_denom() {
    let mut world = selling();
    let deployment = world.suite.deployment.clone();
    let ExecuteMsg::OpenOrder {
        order_id,
        account,
        max_rate,
        terms,
        offer,
        ..
    } = take_msg(0, 100, taking(1), None)
    else {
        unreachable!("it opens an order")
    };
    let msg = ExecuteMsg::OpenOrder {
        order_id,
        account,
        denom: Denom::Native("uother".into()),
        max_rate,
        terms,
        offer,
    };
    let error = world.send(&deployment, &msg, &[]).unwrap_err();
    assert_eq!(
        error,
        ContractError::OfferDenom {
            id: 1,
            offered: "ucredit".into(),
            denom: "uother".into(),
        }
    );
}

#[test]
fn what_an_offer_does_not_sell_is_refused_by_name() {
    let mut world = selling();
    let mut spec = group_spec();
    spec.resources[0].gpu = Some(GpuRequirement {
        count: 1,
        models: vec![],
    });
    let mut storage = world.deployments();
    GROUPS.save(&mut *storage, (DEPLOYMENT, 0), &spec).unwrap();
    drop(storage);
    assert_says(
        world.take(0, 100, 1).unwrap_err(),
        &["the offer does not sell gpu"],
    );
}

/// A cheap offer on a machine that is not what the tenant requires is no bargain: eligibility holds as for a bid.
#[test]
fn a_provider_that_does_not_match_is_not_taken() {
    let mut world = selling();
    world.require(Requirements {
        attributes: vec![Attribute {
            key: "region".into(),
            value: "eu".into(),
        }],
        ..Requirements::default()
    });
    assert_says(
        world.take(0, 100, 1).unwrap_err(),
        &["attribute region = eu is missing"],
    );
}

// Adversaries.

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

#[test]
fn a_group_may_go_from_an_offer_to_auction_and_back() {
    let mut world = selling();
    world.take(0, 100, 1).unwrap();
    let error = world.take(0, 100, 1).unwrap_err();
    assert_says(error, &["is leased, it must be closed"]);
    world.close().unwrap();
    world.open(dutch(20), 100).unwrap();
    world.claim("bob").unwrap();
    world.close().unwrap();
    world.take(0, 100, 1).unwrap();
    let record = world.record();
    assert_eq!((record.round, record.leases), (3, 3));
    assert_eq!(record.status, OrderStatus::Leased);
}

/// Peers and clients read these bytes raw; a lease that took no offer is as small as ever.
#[test]
fn stored_offers_are_small_and_stable() {
    let mut world = selling();
    let offer = OFFERS.load(&*world.storage(), 1).unwrap();
    let text = String::from_utf8(to_json_binary(&offer).unwrap().to_vec()).unwrap();
    let expected = format!(
        r#"{{"p":"{}","d":"nucredit","t":{{"goods":{{"c":{{"n":4000,"p":"30000000000"}},"m":{{"n":1048576,"p":"0"}}}},"expires_at":1010000}}}}"#,
        world.addr("alice")
    );
    assert_eq!(text, expected);
    world.take(0, 100, 1).unwrap();
    let stored = |world: &World, number| {
        let bytes = to_json_binary(&world.lease(number)).unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    assert!(stored(&world, 1).ends_with(r#","t":1000000,"f":[1,[1000,1024,0]]}"#));
    world.close().unwrap();
    world.open(dutch(20), 100).unwrap();
    world.claim("bob").unwrap();
    assert!(stored(&world, 2).ends_with(r#","t":1000000}"#));
}
