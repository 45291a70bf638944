//! A provider that leaves: with notice, for a price, or as a fault.

use leasehold_api::event::{NoticeGiven, PenaltyNoted};
use leasehold_api::market::{EndReason, Exit, LeaseResponse, OrderStatus, QueryMsg, Terms};
use leasehold_market::ContractError;

use crate::harness::*;
use crate::orders::event;

/// Alice serves at 50, with a bond of 50 000, on these terms of leaving.
fn leased(exit: Option<Exit>) -> World {
    let mut world = World::new();
    let terms = Terms {
        exit,
        ..descending().into()
    };
    world.open_on(terms, 100).unwrap();
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    world.told();
    world
}

fn leaves_at(world: &World) -> Option<u64> {
    let lease: LeaseResponse = world.query(&QueryMsg::Lease { id: lease(1) });
    lease.leaves_at
}

#[test]
fn after_its_notice_a_provider_leaves_at_no_cost() {
    let mut world = leased(None);
    let response = world.give_notice("alice", 1).unwrap();
    let given: NoticeGiven = event(&response).unwrap();
    assert_eq!(given.leaves_at, world.now() + NOTICE);
    assert_eq!(leaves_at(&world), Some(given.leaves_at));
    world.wait(NOTICE);
    let response = world.end("alice", 1).unwrap();
    assert_eq!(event::<PenaltyNoted>(&response), None);
    assert_eq!(world.ended(1).unwrap().reason, EndReason::Notice);
    assert_eq!(world.told(), [Told::Close { stream: lease(1) }]);
    assert_eq!(world.locked("alice"), 0);
    assert_eq!(leaves_at(&world), None);
    // The order looks on, without the one that left.
    assert_eq!(world.record().status, OrderStatus::Open);
    assert_eq!(world.excluded(), [world.addr("alice")]);
    world.claim("bob").unwrap();
    assert_eq!(world.record().leaves_at, None);
}

#[test]
fn without_notice_or_before_its_end_leaving_is_a_fault() {
    for wait in [None, Some(NOTICE - 1)] {
        let mut world = leased(None);
        if let Some(seconds) = wait {
            world.give_notice("alice", 1).unwrap();
            world.wait(seconds);
        }
        let response = world.end("alice", 1).unwrap();
        assert_eq!(event::<PenaltyNoted>(&response).unwrap().reason, "quit");
        assert_eq!(world.ended(1).unwrap().reason, EndReason::Provider);
        assert_eq!(world.record().leaves_at, None);
    }
}

#[test]
fn notice_is_given_once_by_the_holder_of_a_running_lease() {
    let mut world = leased(None);
    for stranger in ["bob", "tenant"] {
        let error = world.give_notice(stranger, 1).unwrap_err();
        assert!(matches!(error, ContractError::Unauthorized { .. }));
    }
    world.give_notice("alice", 1).unwrap();
    let (id, leaves_at) = (lease(1), world.now() + NOTICE);
    let again = world.give_notice("alice", 1).unwrap_err();
    assert_eq!(again, ContractError::NoticeGiven { id, leaves_at });
    world.end("tenant", 1).unwrap();
    let error = world.give_notice("alice", 1).unwrap_err();
    assert!(matches!(error, ContractError::LeaseEnded { .. }));
}

/// A spot lease: short notice, and a price for using it.
#[test]
fn a_spot_lease_is_interrupted_for_the_agreed_price() {
    let spot = Exit {
        notice: 30,
        compensation_bps: 1_000,
    };
    let mut world = leased(Some(spot));
    world.give_notice("alice", 1).unwrap();
    world.wait(30);
    world.end("alice", 1).unwrap();
    let paid = Told::Compensate {
        provider: world.addr("alice").to_string(),
        amount: 5_000_u128.into(),
        to: world.tenant.to_string(),
    };
    assert_eq!(world.told(), [Told::Close { stream: lease(1) }, paid]);
    assert_eq!(world.locked("alice"), 0);
}

/// The tenant cannot turn a notice into a gain: its own end costs the provider nothing.
#[test]
fn the_tenant_may_go_during_the_notice_and_gets_no_compensation() {
    let spot = Exit {
        notice: 30,
        compensation_bps: 10_000,
    };
    let mut world = leased(Some(spot));
    world.give_notice("alice", 1).unwrap();
    world.end("tenant", 1).unwrap();
    assert_eq!(world.told(), [Told::Close { stream: lease(1) }]);
}

/// Reclamation: the tenant asked for more time than is usual.
#[test]
fn a_group_may_ask_for_a_longer_notice() {
    let long = Exit {
        notice: 10 * NOTICE,
        compensation_bps: 0,
    };
    let mut world = leased(Some(long));
    world.give_notice("alice", 1).unwrap();
    world.wait(NOTICE);
    let response = world.end("alice", 1).unwrap();
    assert!(event::<PenaltyNoted>(&response).is_some());
}

/// A notice binds nobody to a lease that fails: silence in it is a fault like any other.
#[test]
fn silence_during_the_notice_is_a_fault() {
    let mut world = leased(None);
    world.give_notice("alice", 1).unwrap();
    world.silence("alice");
    world.wait(20);
    let response = world.failover("carol", 1).unwrap();
    assert_eq!(event::<PenaltyNoted>(&response).unwrap().reason, "down");
}
