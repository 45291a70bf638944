//! A lease that goes on on other terms.

use cosmwasm_std::Uint128;
use leasehold_api::event::LeaseChanged;
use leasehold_api::market::{ExecuteMsg, LeaseResponse, OrderStatus, QueryMsg};
use leasehold_api::provider::Standing;
use leasehold_api::{Attribute, Requirements, RuleError, SCALE};
use leasehold_market::ContractError;

use crate::harness::*;
use crate::orders::event;

/// Alice serves at 50, with a bond of 50 000, of at most 100; Bob, at 60, is behind her.
fn leased() -> World {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    world.told();
    world
}

fn unauthorized(error: &ContractError) -> bool {
    matches!(error, ContractError::Unauthorized { .. })
}

#[test]
fn rent_bond_and_lease_change_together() {
    let mut world = leased();
    let response = world.change("alice", 1, 80, None).unwrap();
    let changed: LeaseChanged = event(&response).unwrap();
    assert_eq!((changed.rate, changed.bond.u128()), (rate(80), 80_000));
    assert_eq!(world.locked("alice"), 80_000);
    let reprice = Told::Reprice {
        stream: lease(1),
        tenant: world.tenant.to_string(),
        rate: rate(80),
    };
    assert_eq!(world.told(), [reprice]);
    world.change("alice", 1, 20, None).unwrap();
    assert_eq!(world.locked("alice"), 20_000);
    let kept = world.lease(1);
    assert_eq!((kept.rate, kept.bond.u128()), (rate(20), 20_000));
    world.end("tenant", 1).unwrap();
    assert_eq!(world.locked("alice"), 0);
}

#[test]
fn a_price_stays_under_the_maximum() {
    let mut world = leased();
    let above = world.change("alice", 1, 101, None).unwrap_err();
    assert!(matches!(
        above,
        ContractError::Rule(RuleError::BidTooHigh { .. })
    ));
    let zero = world.change("alice", 1, 0, None).unwrap_err();
    assert_eq!(zero, RuleError::ZeroRate.into());
    world.change("alice", 1, 100, None).unwrap();
    world.change("alice", 1, 150, Some(150)).unwrap();
    let above = world.change("alice", 1, 70, Some(69)).unwrap_err();
    assert!(matches!(
        above,
        ContractError::Rule(RuleError::BidTooHigh { .. })
    ));
}

#[test]
fn a_failover_orders_what_runs_now() {
    let mut world = leased();
    world.change("alice", 1, 120, Some(200)).unwrap();
    assert_eq!(world.record().auction.max_rate, rate(200));
    world.silence("alice");
    world.wait(20);
    world.failover("carol", 1).unwrap();
    // Bob's price was for what the group asked before: nobody goes first.
    let seen = world.seen();
    assert_eq!((seen.second, seen.best), (None, None));
    assert_eq!(seen.price, Some(rate(120)));
    world.wait(100);
    assert_eq!(world.seen().price, Some(rate(200)));
    world.claim("carol").unwrap();
    assert_eq!(world.lease(2).rate, rate(200));
    assert_eq!(world.ended(1).unwrap().reason.as_str(), "down");
}

#[test]
fn a_price_alone_leaves_the_runner_up_where_it_is() {
    let mut world = leased();
    world.change("alice", 1, 30, None).unwrap();
    world.end("tenant", 1).unwrap();
    assert_eq!(world.seen().best.unwrap().provider, world.addr("bob"));
    world.claim("bob").unwrap();
    assert_eq!(world.lease(2).rate, rate(60));
}

#[test]
fn the_holder_must_meet_what_the_group_asks_now() {
    let mut world = leased();
    world.require(Requirements {
        attributes: vec![Attribute {
            key: "region".into(),
            value: "moon".into(),
        }],
        ..Requirements::default()
    });
    let error = world.change("alice", 1, 60, Some(100)).unwrap_err();
    assert_says(error, &["does not qualify", "region = moon"]);
    assert_eq!(world.locked("alice"), 50_000);
    world.ask_for(&group_spec());
    let alice = world.addr("alice");
    let mut hot = world.hot(&alice);
    hot.standing = Standing::Draining;
    world.set_hot(&alice, &hot);
    let error = world.change("alice", 1, 60, None).unwrap_err();
    assert_says(error, &["draining"]);
}

#[test]
fn collateral_must_cover_the_new_bond() {
    let mut world = World::with_order(descending(), 2_000);
    world.bid("alice", 500).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    world.fund(10_000_000);
    // All of the collateral, the lease's present bond included; not one unit more.
    let most = COLLATERAL / 1_000;
    let error = world.change("alice", 1, most + 1, None).unwrap_err();
    assert_says(error, &["a bond of 1001000", "1000000 of the collateral"]);
    world.change("alice", 1, most, None).unwrap();
    assert_eq!(world.locked("alice"), COLLATERAL);
}

#[test]
fn accept_by_another_provider() {
    let mut world = leased();
    for other in ["bob", "carol", "tenant"] {
        let error = world.change(other, 1, 10, None).unwrap_err();
        assert!(unauthorized(&error), "{error}");
    }
    assert_eq!(world.lease(1).rate, rate(50));
}

#[test]
fn an_ended_lease_does_not_change() {
    let mut world = leased();
    world.end("tenant", 1).unwrap();
    let error = world.change("alice", 1, 60, None).unwrap_err();
    assert_eq!(
        error,
        ContractError::LeaseEnded {
            id: lease(1),
            reason: "tenant"
        }
    );
    assert_eq!(world.record().status, OrderStatus::Open);
}

#[test]
fn what_escrow_refuses_changes_nothing() {
    let mut world = leased();
    world.fund(u128::from(MIN_RUNWAY) * 80 - 1);
    let error = world.change("alice", 1, 80, Some(300)).unwrap_err();
    assert_says(error, &["account balance"]);
    assert_eq!(world.locked("alice"), 50_000);
    assert_eq!(world.lease(1).rate, rate(50));
    assert_eq!(world.record().auction.max_rate, rate(100));
    assert!(world.record().auction.second.is_some());
}

/// The owner of the deployment would be both sides.
#[test]
fn a_holder_that_came_to_own_the_deployment_makes_no_bargain_with_itself() {
    let mut world = leased();
    let alice = world.addr("alice");
    world.transfer(&alice);
    let error = world.change("alice", 1, 1, None).unwrap_err();
    assert_says(error, &["owns the deployment"]);
}

#[test]
fn the_extremes_of_128_bits_are_refused_or_exact() {
    let mut world = leased();
    let deployment = world.suite.deployment.clone();
    for (rate, max_rate) in [(Uint128::MAX, None), (Uint128::MAX, Some(Uint128::MAX))] {
        let msg = ExecuteMsg::ChangeLease {
            lease_id: lease(1),
            provider: world.addr("alice").to_string(),
            rate,
            max_rate,
        };
        let error = world.send(&deployment, &msg, &[]).unwrap_err();
        assert!(matches!(error, ContractError::Rule(_)), "{error}");
    }
    // Less than a unit for the whole bond still locks one.
    let least = ExecuteMsg::ChangeLease {
        lease_id: lease(1),
        provider: world.addr("alice").to_string(),
        rate: Uint128::new(SCALE / 1_000_000),
        max_rate: None,
    };
    world.send(&deployment, &least, &[]).unwrap();
    assert_eq!(world.locked("alice"), 1);
    let seen: LeaseResponse = world.query(&QueryMsg::Lease { id: lease(1) });
    assert_eq!(seen.rate, Uint128::new(SCALE / 1_000_000));
}
