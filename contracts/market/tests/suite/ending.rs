use leasehold_api::event::{LeaseEnded, OrderClosed, OrderReopened, PenaltyNoted};
use leasehold_api::market::{EndReason, OrderPhase, OrderStatus};
use leasehold_api::provider::MAINTENANCE;
use leasehold_api::rules::alive::Maintenance;
use leasehold_api::AuctionMode;
use leasehold_market::ContractError;

use crate::harness::*;
use crate::orders::event;

/// Alice serves at 50 with Bob, at 60, behind her; nothing told so far.
fn leased() -> World {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    world.told();
    world
}

/// Carries out the one penalty; what the registry was told after the stream was closed.
fn shares(world: &mut World) -> (u128, Vec<(String, u32)>, String) {
    assert_eq!(world.told(), [Told::Close { stream: lease(1) }]);
    assert_eq!(world.locked("alice"), 50_000);
    world.carry_out();
    assert_eq!(world.locked("alice"), 0);
    let Some(Told::Slash {
        amount,
        bond,
        recipients,
        reason,
        ..
    }) = world.told().pop()
    else {
        panic!("a slash");
    };
    assert_eq!(bond.u128(), 50_000);
    let recipients = recipients.into_iter().map(|share| (share.to, share.bps));
    (amount.u128(), recipients.collect(), reason)
}

#[test]
fn the_tenant_ends_a_lease_and_the_order_looks_on() {
    let mut world = leased();
    let response = world.end("tenant", 1).unwrap();
    let ended: LeaseEnded = event(&response).unwrap();
    assert_eq!(ended.reason, "tenant");
    assert_eq!(event::<PenaltyNoted>(&response), None);
    let reopened: OrderReopened = event(&response).unwrap();
    assert_eq!(reopened.runner_up, world.addr("bob").to_string());
    assert_eq!((reopened.attempts, reopened.start_rate), (1, rate(50)));
    assert_eq!(world.told(), [Told::Close { stream: lease(1) }]);
    assert_eq!(world.locked("alice"), 0);
    assert_eq!(world.seen().phase, OrderPhase::AwardBest);
    assert_eq!(world.ended(1).unwrap().reason, EndReason::Tenant);
    assert_eq!(
        world.end("tenant", 1).unwrap_err(),
        ContractError::LeaseEnded {
            id: lease(1),
            reason: "tenant"
        }
    );
    assert_eq!(
        world.end("tenant", 2).unwrap_err(),
        ContractError::LeaseNotFound { id: lease(2) }
    );
}

#[test]
fn a_provider_that_quits_pays_the_tenant_and_insurance() {
    let mut world = leased();
    world.end("alice", 1).unwrap();
    let (amount, recipients, reason) = shares(&mut world);
    assert_eq!((amount, reason.as_str()), (25_000, "quit"));
    assert_eq!(recipients, [(world.tenant.to_string(), 7_000)]);
    assert_eq!(world.ended(1).unwrap().reason, EndReason::Provider);
}

#[test]
fn the_present_owner_is_the_tenant() {
    let mut world = leased();
    let heir = world.addr("heir");
    world.transfer(&heir);
    let error = world.end("tenant", 1).unwrap_err();
    assert!(matches!(error, ContractError::Unauthorized { .. }));
    world.end("heir", 1).unwrap();
}

#[test]
fn a_failover_needs_silence_in_time_and_in_blocks() {
    let mut world = leased();
    let error = world.failover("carol", 1).unwrap_err();
    assert_says(error, &["is not down", "alive until 2000000"]);
    world.silence("alice");
    world.jump(0, 10);
    assert!(world.failover("carol", 1).is_err(), "not yet in time");
    world.silence("alice");
    world.jump(1_000, 3);
    assert!(world.failover("carol", 1).is_err(), "not yet in blocks");
    world.jump(0, 1);
    world.failover("carol", 1).unwrap();
    assert!(world.failover("carol", 1).is_err());
}

#[test]
fn a_failover_slashes_and_shares() {
    let mut world = leased();
    world.silence("alice");
    let silent_at = world.now() + 1;
    world.wait(20);
    let response = world.failover("carol", 1).unwrap();
    let ended: LeaseEnded = event(&response).unwrap();
    assert_eq!(ended.reason, "down");
    let noted: PenaltyNoted = event(&response).unwrap();
    assert_eq!((noted.bond.u128(), noted.bps), (50_000, 10_000));
    assert_eq!(noted.due_at, silent_at + PENALTY_DELAY);
    let (amount, recipients, reason) = shares(&mut world);
    assert_eq!((amount, reason.as_str()), (50_000, "down"));
    let caller = world.addr("carol").to_string();
    assert_eq!(
        recipients,
        [(world.tenant.to_string(), 7_000), (caller, 1_500)]
    );
    assert_eq!(world.ended(1).unwrap().reason, EndReason::Down);
    assert_eq!(world.excluded(), [world.addr("alice")]);
}

#[test]
fn dealing_with_oneself_costs_the_insurance_share() {
    let mut world = leased();
    world.silence("alice");
    let alice = world.addr("alice");
    world.transfer(&alice);
    world.wait(20);
    world.failover("alice", 1).unwrap();
    let (amount, recipients, _) = shares(&mut world);
    let back: u32 = recipients.iter().map(|(_, bps)| bps).sum();
    assert!(recipients.iter().all(|(to, _)| *to == alice.to_string()));
    assert_eq!((amount, back), (50_000, 8_500));
}

/// Alice fell silent; anyone failed her lease over.
fn failed_over() -> World {
    let mut world = leased();
    world.silence("alice");
    world.wait(20);
    world.failover("carol", 1).unwrap();
    world.told();
    world
}

#[test]
fn the_runner_up_takes_over_at_its_own_price() {
    let mut world = failed_over();
    let error = world.claim("carol").unwrap_err();
    assert_says(error, &["may not claim"]);
    world.wait(29);
    world.claim("bob").unwrap();
    let lease = world.lease(2);
    assert_eq!((lease.provider, lease.rate), (world.addr("bob"), rate(60)));
    assert_eq!(world.locked("bob"), 60_000);
}

#[test]
fn after_the_runner_ups_window_the_order_is_dutch_up_to_the_maximum() {
    let mut world = failed_over();
    world.wait(30);
    let seen = world.seen();
    assert_eq!(seen.phase, OrderPhase::Bidding);
    assert!(matches!(seen.mode, AuctionMode::Dutch { .. }));
    assert_eq!(seen.price, Some(rate(50)));
    assert_says(world.expire("carol").unwrap_err(), &["no winner"]);
    assert_says(world.bid("carol", 40).unwrap_err(), &["dutch"]);
    world.wait(50);
    // The one that failed is out, even when it is back.
    let alice = world.addr("alice");
    let mut hot = world.hot(&alice);
    hot.live.until = world.now() + 1_000;
    world.set_hot(&alice, &hot);
    assert_says(world.claim("alice").unwrap_err(), &["failed this order"]);
    world.claim("carol").unwrap();
    assert_eq!(world.lease(2).rate, rate(75));
    assert!(world
        .told()
        .iter()
        .all(|t| !matches!(t, Told::Slash { .. })));
}

#[test]
fn a_runner_up_may_step_back_from_its_window() {
    let mut world = failed_over();
    world.withdraw("bob").unwrap();
    world.claim("carol").unwrap();
    assert_eq!(world.lease(2).rate, rate(50));
}

#[test]
fn without_a_runner_up_anyone_claims_at_once() {
    let mut world = World::with_order(AuctionMode::Open { auto_after: None }, 100);
    world.bid("alice", 50).unwrap();
    world.accept("alice").unwrap();
    let response = world.end("tenant", 1).unwrap();
    assert_eq!(event::<OrderReopened>(&response).unwrap().runner_up, "");
    let error = world.accept("alice").unwrap_err();
    assert_says(error, &["dutch"]);
    world.claim("dave").unwrap();
    assert_eq!(world.lease(2).rate, rate(50));
}

#[test]
fn after_max_attempts_the_group_pauses() {
    let mut world = failed_over();
    world.claim("bob").unwrap();
    world.end("bob", 2).unwrap();
    world.claim("carol").unwrap();
    assert_eq!(world.record().attempts, 2);
    let response = world.end("tenant", 3).unwrap();
    assert_eq!(event::<OrderClosed>(&response).unwrap().reason, "attempts");
    let record = world.record();
    assert_eq!(record.status, OrderStatus::Closed);
    assert_eq!(record.excluded.len(), 3);
    assert_eq!(world.locked("carol"), 0);
    world.open(descending(), 100).unwrap();
    world.bid("bob", 50).unwrap();
}

#[test]
fn what_the_dead_did_not_earn_counts_for_the_next() {
    // 100 s of rent; Alice is dead from the first second, so all of it but one second comes back.
    let mut world = leased();
    world.fund(50 * 100);
    world.silence("alice");
    world.wait(80);
    let response = world.failover("carol", 1).unwrap();
    assert!(event::<OrderReopened>(&response).is_some());
    world.claim("bob").unwrap();
}

#[test]
fn an_account_that_cannot_pay_the_next_lease_pauses_the_group() {
    let mut world = leased();
    world.fund(50 * 100);
    world.wait(41);
    let response = world.end("tenant", 1).unwrap();
    assert_eq!(event::<OrderClosed>(&response).unwrap().reason, "unfunded");
    let mut world = leased();
    world.fund(50 * 100);
    world.wait(40);
    let response = world.end("tenant", 1).unwrap();
    assert!(event::<OrderReopened>(&response).is_some());
}

#[test]
fn a_lease_long_dry_ends_at_no_cost() {
    for party in ["alice", "tenant"] {
        let mut world = leased();
        world.fund(50 * 10);
        world.wait(110);
        let response = world.end(party, 1).unwrap();
        let ended: LeaseEnded = event(&response).unwrap();
        assert_eq!(ended.reason, "unfunded");
        assert_eq!(event::<PenaltyNoted>(&response), None);
        assert_eq!(event::<OrderClosed>(&response).unwrap().reason, "unfunded");
        assert_eq!(world.told(), [Told::Close { stream: lease(1) }]);
        assert_eq!(world.locked("alice"), 0);
        assert_eq!(world.record().status, OrderStatus::Closed);
    }
    // One second earlier it is a quit.
    let mut world = leased();
    world.fund(50 * 10);
    world.wait(109);
    let response = world.end("alice", 1).unwrap();
    assert_eq!(event::<LeaseEnded>(&response).unwrap().reason, "provider");
}

#[test]
fn a_penalty_of_nothing_frees_the_bond_at_once() {
    let mut world = leased();
    let mut none = params();
    none.quit_slash_bps = 0;
    let governance = world.suite.governance.clone();
    let msg = leasehold_api::market::ExecuteMsg::UpdateParams { params: none };
    world.send(&governance, &msg, &[]).unwrap();
    world.end("alice", 1).unwrap();
    assert_eq!(world.told(), [Told::Close { stream: lease(1) }]);
    assert_eq!(world.locked("alice"), 0);
}

#[test]
fn a_penalty_is_carried_out_once_and_not_before_its_time() {
    let mut world = leased();
    world.end("alice", 1).unwrap();
    let due_at = world.now() + PENALTY_DELAY;
    let (id, number) = (order(), 1);
    let early = ContractError::NotDue { id, number, due_at };
    assert_eq!(world.slash("bob", 1).unwrap_err(), early);
    world.wait(PENALTY_DELAY - 1);
    assert_eq!(world.slash("bob", 1).unwrap_err(), early);
    world.wait(1);
    world.slash("bob", 1).unwrap();
    let again = ContractError::NoPenalty { id, number };
    assert_eq!(world.slash("bob", 1).unwrap_err(), again);
}

/// Also after the order is closed, opened again and closed once more: the numbers go on.
#[test]
fn penalties_outlive_their_round() {
    let mut world = leased();
    world.end("alice", 1).unwrap();
    world.close().unwrap();
    world.open(descending(), 100).unwrap();
    world.bid("carol", 10).unwrap();
    world.wait(90);
    world.close().unwrap();
    assert_eq!(world.record().penalties, 2);
    assert_eq!(
        (world.locked("alice"), world.locked("carol")),
        (50_000, 10_000)
    );
    world.wait(PENALTY_DELAY);
    world.slash("dave", 1).unwrap();
    world.slash("dave", 2).unwrap();
    assert_eq!((world.locked("alice"), world.locked("carol")), (0, 0));
}

#[test]
fn in_a_maintenance_only_the_tenant_moves_on_and_nobody_is_punished() {
    let announce = |world: &mut World, from: u64, until: u64| {
        let alice = world.addr("alice");
        MAINTENANCE
            .save(&mut *world.registry(), &alice, &Maintenance { from, until })
            .unwrap();
    };
    let mut world = leased();
    world.silence("alice");
    let silent_at = world.now() + 1;
    announce(&mut world, silent_at, silent_at + 100);
    world.wait(20);
    let error = world.failover("carol", 1).unwrap_err();
    assert_says(error, &["only the tenant", "maintenance"]);
    let response = world.failover("tenant", 1).unwrap();
    assert_eq!(event::<PenaltyNoted>(&response), None);
    assert_eq!(world.locked("alice"), 0);
    // Silent before it began, or not back when it was over: a fault like any other.
    for (from, until) in [(1, 100), (0, 19)] {
        let mut world = leased();
        world.silence("alice");
        let silent_at = world.now() + 1;
        announce(&mut world, silent_at + from, silent_at + until);
        world.wait(20);
        let response = world.failover("carol", 1).unwrap();
        assert!(event::<PenaltyNoted>(&response).is_some());
    }
}
