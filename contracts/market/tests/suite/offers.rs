//! Standing offers: from nothing to a lease in one message.

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

mod attacks;
mod posting;

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
