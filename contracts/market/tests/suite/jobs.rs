//! Leases that are paid ahead and end by themselves.

use leasehold_api::event::{LeaseEnded, OrderClosed, OrderReopened, PenaltyNoted};
use leasehold_api::market::{EndReason, LeaseResponse, OrderStatus, QueryMsg, Terms};
use leasehold_api::SCALE;
use leasehold_market::ContractError;

use crate::harness::*;
use crate::orders::event;

const DURATION: u64 = 600;

fn ordered() -> World {
    let mut world = World::new();
    let terms = Terms {
        max_duration: Some(DURATION),
        ..descending().into()
    };
    world.open_on(terms, 100).unwrap();
    world
}

/// Alice runs the job at 50, Bob, at 60, is behind her.
fn running() -> World {
    let mut world = ordered();
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    world.told();
    world
}

fn until(world: &World, number: u32) -> Option<u64> {
    let seen: LeaseResponse = world.query(&QueryMsg::Lease { id: lease(number) });
    seen.until
}

/// It ended as finished, at its end and at no cost, whoever said so.
fn assert_finished(world: &mut World, until: u64) {
    let ended = world.ended(1).unwrap();
    assert_eq!((ended.reason, ended.at), (EndReason::Finished, until));
    assert_eq!(world.record().status, OrderStatus::Closed);
    assert_eq!(world.locked("alice"), 0);
    assert_eq!(world.penalties(), []);
    assert_eq!(world.told(), [Told::Close { stream: lease(1) }]);
}

#[test]
fn a_job_is_paid_ahead_and_anyone_ends_it_when_it_is_over() {
    for by in ["alice", "tenant", "stranger"] {
        let mut world = running();
        let end = world.now() + DURATION;
        assert_eq!(until(&world, 1), Some(end));
        assert_eq!(world.account().prepaid.u128(), 50 * 600 * SCALE);
        assert_eq!(world.seen().duration, Some(DURATION));
        world.wait(DURATION - 1);
        let early = world.end("stranger", 1).unwrap_err();
        assert!(matches!(early, ContractError::Unauthorized { .. }));
        world.wait(1);
        let response = world.end(by, 1).unwrap();
        assert_eq!(event::<LeaseEnded>(&response).unwrap().reason, "finished");
        assert_eq!(event::<OrderClosed>(&response).unwrap().reason, "finished");
        assert_finished(&mut world, end);
        assert_eq!(
            world.end(by, 1).unwrap_err(),
            ContractError::LeaseEnded {
                id: lease(1),
                reason: "finished"
            }
        );
    }
}

#[test]
fn job_that_outlives_its_end_by_days_before_anybody_touches_it() {
    type Touching = fn(&mut World);
    let touches: [Touching; 3] = [
        |world| drop(world.end("stranger", 1).unwrap()),
        |world| drop(world.failover("carol", 1).unwrap()),
        |world| drop(world.close().unwrap()),
    ];
    for touch in touches {
        let mut world = running();
        let end = world.now() + DURATION;
        world.silence("alice");
        world.wait(400_000);
        touch(&mut world);
        assert_finished(&mut world, end);
    }
}

#[test]
fn job_ended_early_by_the_tenant() {
    let mut world = running();
    world.wait(200);
    let response = world.end("tenant", 1).unwrap();
    assert_eq!(event::<LeaseEnded>(&response).unwrap().reason, "tenant");
    assert!(event::<OrderReopened>(&response).is_some());
    assert_eq!(world.seen().duration, Some(400));
    // A pause ends it for good: its money is free, and a new start is a whole job again.
    world.close().unwrap();
    assert_eq!(world.account().prepaid.u128(), 0);
    assert_eq!(world.account().balance.u128(), (FUNDS - 200 * 50) * SCALE);
    let terms = Terms {
        max_duration: Some(DURATION),
        ..descending().into()
    };
    world.open_on(terms, 100).unwrap();
    assert_eq!(world.seen().duration, Some(DURATION));
}

#[test]
fn job_ended_early_by_its_provider() {
    let mut world = running();
    world.wait(150);
    let response = world.end("alice", 1).unwrap();
    assert_eq!(event::<PenaltyNoted>(&response).unwrap().reason, "quit");
    world.claim("bob").unwrap();
    assert_eq!(until(&world, 2), Some(world.now() + 450));
    assert_eq!(world.account().prepaid.u128(), 450 * 60 * SCALE);
}

#[test]
fn a_failover_orders_the_rest_of_the_job() {
    let mut world = running();
    world.wait(280);
    world.silence("alice");
    world.wait(20);
    let response = world.failover("carol", 1).unwrap();
    assert_eq!(event::<PenaltyNoted>(&response).unwrap().reason, "down");
    assert_eq!(world.seen().duration, Some(300));
    // Looking for the next provider takes no time from the job.
    world.wait(25);
    world.claim("bob").unwrap();
    assert_eq!(until(&world, 2), Some(world.now() + 300));
    world.wait(300);
    world.end("stranger", 2).unwrap();
    assert_eq!(world.ended(2).unwrap().reason, EndReason::Finished);
}

#[test]
fn provider_silent_for_half_of_a_job_is_paid_for_the_other_half() {
    let mut world = running();
    let before = world.account().balance.u128();
    let alice = world.addr("alice");
    let mut hot = world.hot(&alice);
    hot.live.until = world.now() + DURATION / 2;
    world.set_hot(&alice, &hot);
    world.wait(DURATION);
    world.end("tenant", 1).unwrap();
    let refund = world.account().balance.u128() - before;
    assert_eq!(refund, u128::from(DURATION) / 2 * 50 * SCALE);
}

#[test]
fn a_job_does_not_notice_that_the_account_is_dry() {
    let mut world = running();
    world.fund(0);
    world.wait(200);
    // Long past the resume window of an account that pays nothing else: leaving is a fault as ever.
    let response = world.end("alice", 1).unwrap();
    assert_eq!(event::<LeaseEnded>(&response).unwrap().reason, "provider");
    assert!(event::<PenaltyNoted>(&response).is_some());
}

#[test]
fn job_funds_withdrawn_under_its_feet() {
    // Before the claim: the order closes and the winner is free, as with any other lease.
    let mut world = ordered();
    world.bid("alice", 50).unwrap();
    world.wait(60);
    world.fund(50 * u128::from(DURATION) - 1);
    let response = world.claim("alice").unwrap();
    assert_eq!(event::<OrderClosed>(&response).unwrap().reason, "unfunded");
    assert_eq!(world.locked("alice"), 0);
    // After it: the rent is out of reach.
    let mut world = running();
    world.fund(0);
    world.wait(DURATION);
    world.end("alice", 1).unwrap();
    assert_eq!(world.ended(1).unwrap().reason, EndReason::Finished);
}

#[test]
fn a_failover_that_the_account_cannot_pay_closes_the_order() {
    let mut world = ordered();
    world.bid("alice", 50).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    world.fund(0);
    world.wait(300);
    // What the job did not use pays for the rest at its own price; then something takes it away.
    let response = world.end("tenant", 1).unwrap();
    assert!(event::<OrderReopened>(&response).is_some());
    world.fund(50 * 300 - 1);
    let response = world.claim("carol").unwrap();
    assert_eq!(event::<OrderClosed>(&response).unwrap().reason, "unfunded");
}

#[test]
fn a_change_reprices_the_rest_and_comes_too_late_after_the_end() {
    let mut world = running();
    world.wait(100);
    world.change("alice", 1, 70, None).unwrap();
    assert_eq!(world.account().prepaid.u128(), 500 * 70 * SCALE);
    assert_eq!(until(&world, 1), Some(world.now() + 500));
    world.wait(500);
    let error = world.change("alice", 1, 60, None).unwrap_err();
    assert_eq!(
        error,
        ContractError::LeaseEnded {
            id: lease(1),
            reason: "finished"
        }
    );
}
