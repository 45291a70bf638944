//! Removing what has ended long ago: by anyone, a bounded part at a time, and nothing that is needed.

use cosmwasm_std::{Empty, Order as Direction};
use leasehold_api::deployment::OWNED;
use leasehold_api::event::OrderPruned;
use leasehold_api::market::{ExecuteMsg, BIDS, COMMITMENTS, ENDED, LEASES, RETENTION};
use leasehold_api::{AuctionMode, Pricing};
use leasehold_market::ContractError;

use crate::harness::*;
use crate::orders::event;
use crate::sealed::sealed;

const OPEN: AuctionMode = AuctionMode::Open { auto_after: None };

fn prune(world: &mut World) -> Result<OrderPruned, ContractError> {
    let order_id = order();
    let response = world.by("dave", ExecuteMsg::Prune { order_id })?;
    Ok(event(&response).unwrap())
}

fn pruned(records: u64, gone: bool) -> OrderPruned {
    OrderPruned {
        order_id: order(),
        records,
        gone,
    }
}

const NOTHING: ContractError = ContractError::NothingToPrune { id: DEPLOYMENT * 8 };

/// Its deployment is open: its groups can be started again.
fn list_as_open(world: &mut World) {
    let tenant = world.addr("tenant");
    OWNED
        .save(&mut *world.deployments(), (&tenant, order() / 8), &Empty {})
        .unwrap();
}

/// Alice has served 100 seconds, Bob has bid.
fn closed() -> World {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    world.wait(100);
    world.close().unwrap();
    world
}

fn records(world: &World) -> usize {
    world
        .storage()
        .range(None, None, Direction::Ascending)
        .count()
}

#[test]
fn what_has_ended_goes_after_its_time_and_not_a_second_before() {
    let mut world = closed();
    assert_eq!(prune(&mut world).unwrap_err(), NOTHING);
    world.wait(RETENTION - 1);
    assert_eq!(prune(&mut world).unwrap_err(), NOTHING);
    world.wait(1);
    let before = records(&world);
    assert_eq!(prune(&mut world).unwrap(), pruned(1, true));
    // Order, lease and its end.
    assert_eq!(records(&world), before - 3);
    let gone = ContractError::OrderNotFound { id: order() };
    assert_eq!(prune(&mut world).unwrap_err(), gone);
    assert_eq!(
        world.end("tenant", 1).unwrap_err(),
        ContractError::LeaseNotFound { id: lease(1) }
    );
}

#[test]
fn what_is_remembered_of_the_provider_stays() {
    let mut world = closed();
    world.wait(RETENTION);
    prune(&mut world).unwrap();
    let seen = world.reputation("alice");
    assert_eq!((seen.ended, seen.seconds), (1, 100));
}

/// A group that may be started again keeps its order: its ids go on from the number in it.
#[test]
fn an_order_stays_while_its_deployment_is_open_and_its_ids_go_on() {
    let mut world = closed();
    list_as_open(&mut world);
    world.wait(RETENTION);
    assert_eq!(prune(&mut world).unwrap(), pruned(1, false));
    assert_eq!(prune(&mut world).unwrap_err(), NOTHING);
    for name in ["alice", "bob", "carol"] {
        let provider = world.addr(name);
        let mut hot = world.hot(&provider);
        hot.live.until = world.now() + 1_000_000;
        world.set_hot(&provider, &hot);
    }
    world.open(dutch(50), 100).unwrap();
    world.claim("bob").unwrap();
    assert_eq!(world.record().lease, Some(lease(2)));
    assert_eq!(world.record().round, 2);
}

#[test]
fn attack_pruning_what_is_live() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    world.end("tenant", 1).unwrap();
    world.claim("bob").unwrap();
    world.wait(RETENTION);
    // The lease that ended goes, the one that runs does not.
    assert_eq!(prune(&mut world).unwrap(), pruned(1, false));
    assert!(!LEASES.has(&*world.storage(), lease(1)));
    assert!(LEASES.has(&*world.storage(), lease(2)));
    assert_eq!(prune(&mut world).unwrap_err(), NOTHING);
    assert_eq!(world.record().lease, Some(lease(2)));
    let mut bidding = World::with_order(OPEN, 100);
    bidding.bid("alice", 50).unwrap();
    bidding.wait(RETENTION);
    assert_eq!(prune(&mut bidding).unwrap_err(), NOTHING);
}

#[test]
fn attack_pruning_an_order_to_escape_its_penalty() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    world.end("alice", 1).unwrap();
    world.close().unwrap();
    world.wait(RETENTION);
    assert_eq!(prune(&mut world).unwrap(), pruned(1, false));
    assert_eq!(prune(&mut world).unwrap_err(), NOTHING);
    world.slash("bob", 1).unwrap();
    assert_eq!(world.locked("alice"), 0);
    assert_eq!(prune(&mut world).unwrap(), pruned(0, true));
}

/// It holds a bond, which anyone frees first.
#[test]
fn a_commitment_keeps_its_order() {
    let mut world = World::with_order(sealed(Pricing::First), 100);
    world.commit("alice", 50).unwrap();
    world.close().unwrap();
    world.wait(RETENTION);
    assert_eq!(prune(&mut world).unwrap_err(), NOTHING);
    assert!(COMMITMENTS.has(&*world.storage(), (order(), &world.addr("alice"))));
    world.expire_of("bob", "alice").unwrap();
    assert_eq!(prune(&mut world).unwrap(), pruned(0, true));
}

/// Also those that nobody took.
#[test]
fn bids_go_with_the_order() {
    let mut world = World::with_order(OPEN, 100);
    for name in ["alice", "bob", "carol"] {
        world.bid(name, 50).unwrap();
    }
    world.accept("bob").unwrap();
    world.close().unwrap();
    world.wait(RETENTION);
    assert_eq!(prune(&mut world).unwrap(), pruned(3, true));
    for name in ["alice", "bob", "carol"] {
        assert!(!BIDS.has(&*world.storage(), (order(), &world.addr(name))));
    }
    assert!(!ENDED.has(&*world.storage(), lease(1)));
}

/// One that was opened again is closed since its latest close.
#[test]
fn the_clock_starts_with_the_latest_close() {
    let mut world = closed();
    world.wait(RETENTION);
    world.open(descending(), 100).unwrap();
    world.close().unwrap();
    assert_eq!(prune(&mut world).unwrap(), pruned(1, false));
    world.wait(RETENTION - 1);
    assert_eq!(prune(&mut world).unwrap_err(), NOTHING);
    world.wait(1);
    assert_eq!(prune(&mut world).unwrap(), pruned(0, true));
}
