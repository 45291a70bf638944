//! Changes of a leased group: proposed, withdrawn, accepted.

use cosmwasm_std::{Addr, Checksum, Uint128};
use leasehold_api::deployment::{ChangeResponse, ExecuteMsg};
use leasehold_api::event::{ChangeAccepted, ChangeProposed, ChangeWithdrawn, DeploymentUpdated};
use leasehold_api::market::{self, OrderStatus};
use leasehold_api::{GroupSpec, RuleError};
use leasehold_deployment::ContractError;

use crate::peers::{break_on, set_order};
use crate::setup::*;

const LEASE: u64 = 80_001;
const EXPIRES: u64 = START + 100;

/// The tenant's first group, at most 200, has a lease.
fn leased() -> World {
    let mut world = World::deployed();
    lease(&mut world, 8, Some(LEASE));
    world
}

fn lease(world: &mut World, order: u64, lease: Option<u64>) {
    let market = world.suite.market.clone();
    let status = lease.map_or(OrderStatus::Open, |_| OrderStatus::Leased);
    set_order(&mut world.app, &market, order, status, lease);
}

fn proposal(group: u32, rate: u128, spec: Option<GroupSpec>) -> ExecuteMsg {
    ExecuteMsg::ProposeChange {
        deployment_id: 1,
        group,
        rate: Uint128::new(rate),
        spec,
        manifest_hash: None,
        expires_at: EXPIRES,
    }
}

fn withdraw(group: u32) -> ExecuteMsg {
    ExecuteMsg::WithdrawChange {
        deployment_id: 1,
        group,
    }
}

fn accept(change: Checksum) -> ExecuteMsg {
    ExecuteMsg::AcceptChange {
        deployment_id: 1,
        group: 0,
        change,
    }
}

fn proposed(world: &World) -> Option<ChangeResponse> {
    world.deployment(1).groups[0].change.clone()
}

fn holder(world: &World) -> Addr {
    world.app.api().addr_make("holder")
}

fn later(world: &mut World, seconds: u64) {
    world
        .app
        .update_block(|block| block.time = block.time.plus_seconds(seconds));
}

/// What the market was told last.
fn told(world: &World) -> String {
    world.market_calls().last().unwrap().0.clone()
}

#[test]
fn an_accepted_change_reaches_group_manifest_and_market() {
    let mut world = leased();
    let bigger = spec("web", 300, 2);
    let msg = ExecuteMsg::ProposeChange {
        deployment_id: 1,
        group: 0,
        rate: Uint128::new(550),
        spec: Some(bigger.clone()),
        manifest_hash: Some(hash(7)),
        expires_at: EXPIRES,
    };
    let response = world.tenant(&msg).unwrap();
    let said: ChangeProposed = event(&response).unwrap();
    let change = proposed(&world).unwrap();
    assert_eq!(said.change, change.hash.to_hex());
    assert_eq!((said.lease_id, said.rate.u128()), (LEASE, 550));
    assert_eq!(change.spec.as_ref(), Some(&bigger));
    // Nothing has changed so far.
    assert_eq!(world.deployment(1).groups[0].spec, spec("web", 100, 2));
    assert_eq!(world.market_calls().len(), 2);

    let holder = holder(&world);
    let response = world.send(&holder, &accept(change.hash), &[]).unwrap();
    let accepted: ChangeAccepted = event(&response).unwrap();
    assert_eq!((accepted.lease_id, &accepted.provider), (LEASE, &holder));
    let updated: DeploymentUpdated = event(&response).unwrap();
    assert_eq!(updated.manifest_hash, "07".repeat(32));
    let after = world.deployment(1);
    assert_eq!(after.groups[0].spec, bigger);
    assert_eq!(
        (after.manifest_hash, &after.groups[0].change),
        (hash(7), &None)
    );
    let told_market = market::ExecuteMsg::ChangeLease {
        lease_id: LEASE,
        provider: holder.to_string(),
        rate: Uint128::new(550),
        max_rate: Some(Uint128::new(600)),
    };
    assert_eq!(told(&world), format!("{told_market:?}"));
    let again = refusal(world.send(&holder, &accept(change.hash), &[]));
    assert_eq!(again, ContractError::NoChange { id: 1, group: 0 });
}

#[test]
fn a_price_alone_leaves_what_is_asked_and_the_manifest() {
    let mut world = leased();
    world.tenant(&proposal(0, 200, None)).unwrap();
    let hash_before = world.deployment(1).manifest_hash;
    let (who, named) = (holder(&world), proposed(&world).unwrap().hash);
    let response = world.send(&who, &accept(named), &[]).unwrap();
    assert_eq!(event::<DeploymentUpdated>(&response), None);
    assert_eq!(world.deployment(1).manifest_hash, hash_before);
    let told_market = market::ExecuteMsg::ChangeLease {
        lease_id: LEASE,
        provider: who.to_string(),
        rate: Uint128::new(200),
        max_rate: None,
    };
    assert_eq!(told(&world), format!("{told_market:?}"));
}

#[test]
fn a_proposal_has_the_bounds_of_a_creation() {
    let mut world = leased();
    let mut huge = spec("web", 100, 2);
    huge.resources[0].cpu = u32::MAX;
    let mut stranger = spec("web", 100, 2);
    stranger.requirements.all_of = vec!["nobody".into()];
    for (msg, reason) in [
        (proposal(0, 0, None), "rate is 0, allowed: 1 to 200"),
        (proposal(0, 201, None), "rate is 201, allowed: 1 to 200"),
        (
            proposal(0, 61, Some(spec("web", 10, 6))),
            "allowed: 1 to 60",
        ),
        (
            proposal(0, 1, Some(spec("api", 100, 2))),
            "group name is api",
        ),
        (proposal(0, 1, Some(huge)), "cpu is 4294967295"),
        (proposal(0, 1, Some(stranger)), "\"nobody\" is no address"),
        (proposal(2, 1, None), "no group 2"),
        (proposal(u32::MAX, 1, None), "no group"),
    ] {
        let refused = refusal(world.tenant(&msg)).to_string();
        assert!(refused.contains(reason), "{refused} does not say {reason}");
    }
    let with = |manifest_hash, expires_at| ExecuteMsg::ProposeChange {
        deployment_id: 1,
        group: 0,
        rate: Uint128::one(),
        spec: None,
        manifest_hash,
        expires_at,
    };
    let short = refusal(world.tenant(&with(Some(vec![1; 31].into()), EXPIRES)));
    assert_eq!(short, ContractError::HashLength { length: 31 });
    let late = refusal(world.tenant(&with(None, START)));
    assert!(late.to_string().contains("expires_at"), "{late}");
    assert_eq!(proposed(&world), None);
}

/// Else the group could never be started again after a pause.
#[test]
fn a_group_stays_above_the_start_of_its_dutch_auction() {
    let mut world = leased();
    lease(&mut world, 9, Some(90_001));
    let low = proposal(1, 10, Some(spec("gpu", 49, 1)));
    let refused = refusal(world.tenant(&low));
    assert!(matches!(
        refused,
        ContractError::Rule(RuleError::OutOfRange { .. })
    ));
    world
        .tenant(&proposal(1, 10, Some(spec("gpu", 50, 1))))
        .unwrap();
}

#[test]
fn only_a_lease_can_be_changed() {
    let mut world = World::deployed();
    let refused = refusal(world.tenant(&proposal(0, 1, None)));
    assert_eq!(refused, ContractError::NotLeased { id: 1, group: 0 });
}

#[test]
fn a_proposal_is_withdrawn_or_replaced_by_the_next() {
    let mut world = leased();
    let none = refusal(world.tenant(&withdraw(0)));
    assert_eq!(none, ContractError::NoChange { id: 1, group: 0 });
    world.tenant(&proposal(0, 10, None)).unwrap();
    let first = proposed(&world).unwrap();
    world.tenant(&proposal(0, 20, None)).unwrap();
    assert_eq!(proposed(&world).unwrap().rate.u128(), 20);
    let response = world.tenant(&withdraw(0)).unwrap();
    assert!(event::<ChangeWithdrawn>(&response).is_some());
    assert_eq!(proposed(&world), None);
    let who = holder(&world);
    let refused = refusal(world.send(&who, &accept(first.hash), &[]));
    assert_eq!(refused, ContractError::NoChange { id: 1, group: 0 });
}

#[test]
fn proposal_swapped_in_the_same_block() {
    let mut world = leased();
    world.tenant(&proposal(0, 150, None)).unwrap();
    let read = proposed(&world).unwrap().hash;
    // All that the provider did not agree to differs in its name.
    for swapped in [
        proposal(0, 1, None),
        proposal(0, 150, Some(spec("web", 100, 2))),
        ExecuteMsg::ProposeChange {
            deployment_id: 1,
            group: 0,
            rate: Uint128::new(150),
            spec: None,
            manifest_hash: Some(hash(9)),
            expires_at: EXPIRES,
        },
    ] {
        world.tenant(&swapped).unwrap();
        let proposed = proposed(&world).unwrap().hash;
        let who = holder(&world);
        let refused = refusal(world.send(&who, &accept(read), &[]));
        let named = read;
        assert_eq!(refused, ContractError::OtherChange { named, proposed });
    }
    // The same once more is the same.
    world.tenant(&proposal(0, 150, None)).unwrap();
    let who = holder(&world);
    world.send(&who, &accept(read), &[]).unwrap();
}

#[test]
fn accept_after_expiry() {
    let mut world = leased();
    world.tenant(&proposal(0, 10, None)).unwrap();
    let named = proposed(&world).unwrap().hash;
    let who = holder(&world);
    later(&mut world, 100);
    assert_eq!(proposed(&world), None);
    let expired_at = EXPIRES;
    let refused = refusal(world.send(&who, &accept(named), &[]));
    assert_eq!(refused, ContractError::ChangeExpired { expired_at });
    let mut world = leased();
    world.tenant(&proposal(0, 10, None)).unwrap();
    later(&mut world, 99);
    world.send(&who, &accept(named), &[]).unwrap();
}

/// The market knows who holds the lease; what it refuses leaves all as it was.
#[test]
fn what_the_market_refuses_is_not_half_done() {
    let mut world = leased();
    world
        .tenant(&proposal(0, 10, Some(spec("web", 30, 1))))
        .unwrap();
    let before = world.app.dump_wasm_raw(&world.address);
    let market = world.suite.market.clone();
    break_on(&mut world.app, &market, "ChangeLease");
    let (who, named) = (holder(&world), proposed(&world).unwrap().hash);
    world.send(&who, &accept(named), &[]).unwrap_err();
    assert_eq!(world.app.dump_wasm_raw(&world.address), before);
}

#[test]
fn a_proposal_for_one_lease_is_none_for_the_next() {
    let mut world = leased();
    world.tenant(&proposal(0, 10, None)).unwrap();
    lease(&mut world, 8, None);
    assert_eq!(proposed(&world), None);
    lease(&mut world, 8, Some(LEASE + 1));
    assert_eq!(proposed(&world), None);
    // The next proposal takes its place, under another name.
    world.tenant(&proposal(0, 10, None)).unwrap();
    assert_eq!(proposed(&world).unwrap().lease_id, LEASE + 1);
}

/// Else a seller could leave the buyer with a price that it agreed on with the provider.
#[test]
fn proposal_left_behind_by_the_former_owner() {
    let mut world = leased();
    world.tenant(&proposal(0, 200, None)).unwrap();
    let named = proposed(&world).unwrap().hash;
    let transfer = ExecuteMsg::Transfer {
        deployment_id: 1,
        new_owner: world.stranger.to_string(),
    };
    world.tenant(&transfer).unwrap();
    assert_eq!(proposed(&world), None);
    let who = holder(&world);
    let refused = refusal(world.send(&who, &accept(named), &[]));
    assert_eq!(refused, ContractError::NoChange { id: 1, group: 0 });
}

#[test]
fn nothing_is_proposed_for_a_closed_deployment() {
    let mut world = leased();
    world.tenant(&proposal(0, 200, None)).unwrap();
    world
        .tenant(&ExecuteMsg::Close { deployment_id: 1 })
        .unwrap();
    assert_eq!(proposed(&world), None);
    for msg in [proposal(0, 10, None), withdraw(0)] {
        let refused = refusal(world.tenant(&msg));
        assert_eq!(refused, ContractError::Closed { id: 1 });
    }
}
