use cosmwasm_std::{Addr, Uint128};
use leasehold_api::deployment::order_id;
use leasehold_api::event::{OrderClosed, OrderOpened, TypedEvent};
use leasehold_api::market::{
    EndReason, ExecuteMsg, OrderPhase, OrderStatus, Params, LEASES_PER_ORDER, ORDERS,
};
use leasehold_api::{AuctionMode, RuleError, SlashShares};
use leasehold_market::ContractError;

use crate::harness::*;

pub fn event<T: TypedEvent>(response: &cw_multi_test::AppResponse) -> Option<T> {
    let name = format!("wasm-{}", T::NAME);
    let event = response.events.iter().find(|event| event.ty == name)?;
    Some(T::parse(&event.attributes).unwrap())
}

#[test]
fn an_order_opens_for_bids() {
    let mut world = World::new();
    let response = world.open(descending(), 100).unwrap();
    let opened: OrderOpened = event(&response).unwrap();
    assert_eq!((opened.order_id, opened.round), (order(), 1));
    assert_eq!(opened.mode, "descending");
    assert_eq!(opened.closes_at, START + 60);
    let seen = world.seen();
    assert_eq!(seen.phase, OrderPhase::Bidding);
    assert_eq!((seen.deployment_id, seen.group), (DEPLOYMENT, 0));
    assert_eq!(seen.phase_ends_at, Some(START + 60));
}

#[test]
fn rates_out_of_range_open_nothing() {
    let mut world = World::new();
    let deployment = world.suite.deployment.clone();
    for max_rate in [
        Uint128::zero(),
        Uint128::MAX,
        Uint128::new(10_u128.pow(28) + 1),
    ] {
        let msg = open_msg(descending(), max_rate);
        let error = world.send(&deployment, &msg, &[]).unwrap_err();
        assert!(matches!(
            error,
            ContractError::Rule(RuleError::OutOfRange { .. })
        ));
    }
    for min in [0, 101] {
        let error = world.open(dutch(min), 100).unwrap_err();
        assert_says(error, &["dutch start"]);
    }
}

#[test]
fn only_a_closed_order_opens_again_as_a_fresh_round() {
    let mut world = World::with_order(descending(), 100);
    let error = world.open(descending(), 100).unwrap_err();
    assert_says(error, &["is open", "must be closed"]);
    world.bid("alice", 50).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    let error = world.open(descending(), 100).unwrap_err();
    assert_says(error, &["is leased", "must be closed"]);
    world.end("tenant", 1).unwrap();
    assert_eq!(world.excluded(), [world.addr("alice")]);
    world.close().unwrap();
    world.open(descending(), 90).unwrap();
    let record = world.record();
    assert_eq!((record.round, record.attempts), (2, 0));
    assert!(record.excluded.is_empty());
    assert_eq!(record.auction.mode, descending());
    world.bid("alice", 80).unwrap();
}

#[test]
fn closing_frees_the_leader_and_is_idempotent() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    assert_eq!(world.locked("alice"), 50_000);
    let response = world.close().unwrap();
    assert_eq!(event::<OrderClosed>(&response).unwrap().reason, "tenant");
    assert_eq!(world.locked("alice"), 0);
    assert_eq!(world.seen().phase, OrderPhase::Closed);
    assert!(event::<OrderClosed>(&world.close().unwrap()).is_none());
    let error = world.claim("alice").unwrap_err();
    assert_says(error, &["is closed", "must be open"]);
    let error = world.bid("alice", 10).unwrap_err();
    assert_says(error, &["is closed", "must be open"]);
    let unknown = ExecuteMsg::CloseOrder { order_id: 1 };
    let deployment = world.suite.deployment.clone();
    assert_eq!(
        world.send(&deployment, &unknown, &[]).unwrap_err(),
        ContractError::OrderNotFound { id: 1 }
    );
}

#[test]
fn closing_a_leased_order_ends_the_lease_and_nothing_stays_locked() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    world.told();
    world.close().unwrap();
    assert_eq!(world.told(), [Told::Close { stream: lease(1) }]);
    let ended = world.ended(1).unwrap();
    assert_eq!((ended.at, ended.reason), (world.now(), EndReason::Tenant));
    assert_eq!(world.record().status, OrderStatus::Closed);
    assert_eq!(world.locked("alice"), 0);
    assert_eq!(
        world.end("tenant", 1).unwrap_err(),
        ContractError::LeaseEnded {
            id: lease(1),
            reason: "tenant"
        }
    );
}

#[test]
fn closing_does_not_save_a_no_show_and_pays_no_caller() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.wait(90);
    world.close().unwrap();
    world.carry_out();
    let [Told::Slash {
        amount, recipients, ..
    }] = &world.told()[..]
    else {
        panic!("one slash");
    };
    assert_eq!(amount.u128(), 5_000);
    assert_eq!(recipients.len(), 1);
    assert_eq!(recipients[0].to, world.tenant.to_string());
    assert_eq!(recipients[0].bps, 7_000);
}

#[test]
fn orders_of_other_groups_are_apart() {
    let mut world = World::with_order(descending(), 100);
    let second = order_id(DEPLOYMENT, 1).unwrap();
    let deployment = world.suite.deployment.clone();
    let open = ExecuteMsg::OpenOrder {
        order_id: second,
        account: ACCOUNT,
        denom: denom(),
        terms: (AuctionMode::Open { auto_after: None }).into(),
        max_rate: rate(10),
        offer: None,
    };
    world.send(&deployment, &open, &[]).unwrap();
    world.bid("alice", 50).unwrap();
    let close = ExecuteMsg::CloseOrder { order_id: second };
    world.send(&deployment, &close, &[]).unwrap();
    assert_eq!(world.record().status, OrderStatus::Open);
}

/// No round begins that could run out of ids in the middle, where a winner could not claim.
#[test]
fn an_order_that_has_used_up_its_lease_ids_opens_no_more() {
    let mut world = World::with_order(descending(), 100);
    world.close().unwrap();
    let set = |world: &mut World, leases: u32| {
        let mut record = world.record();
        record.leases = leases;
        let market = world.suite.market.clone();
        let mut storage = world.app.contract_storage_mut(&market);
        ORDERS.save(&mut *storage, order(), &record).unwrap();
    };
    let most = u32::try_from(LEASES_PER_ORDER).unwrap() - 1 - params().max_attempts;
    set(&mut world, most + 1);
    let error = world.open(descending(), 100).unwrap_err();
    let (id, leases) = (order(), most + 1);
    assert_eq!(error, ContractError::LeasesUsedUp { id, leases });
    set(&mut world, most);
    world.open(descending(), 100).unwrap();
}

fn update(world: &mut World, params: Params) -> Result<(), ContractError> {
    let governance: Addr = world.suite.governance.clone();
    world
        .send(&governance, &ExecuteMsg::UpdateParams { params }, &[])
        .map(|_| ())
}

#[test]
fn a_change_of_parameters_moves_no_window_and_no_bond() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    let mut changed = params();
    changed.auction.bidding = 1;
    changed.auction.extension = 1;
    changed.auction.claim_window = 1;
    changed.auction.min_blocks = 600;
    changed.bond_seconds = 10;
    update(&mut world, changed).unwrap();
    assert_eq!(world.seen().phase_ends_at, Some(START + 60));
    world.wait(89);
    assert_eq!(world.seen().phase, OrderPhase::AwardBest);
    world.claim("alice").unwrap();
    assert_eq!(world.lease(1).bond.u128(), 50_000);
    world.close().unwrap();
    assert_eq!(world.locked("alice"), 0);
}

#[test]
fn every_parameter_has_bounds() {
    type Break = fn(&mut Params);
    let breaks: [(&str, Break); 10] = [
        ("bidding", |p| p.auction.bidding = 0),
        ("bond_seconds", |p| p.bond_seconds = 0),
        ("bond_seconds", |p| p.bond_seconds = 2_592_001),
        ("down_slash_bps", |p| p.down_slash_bps = 10_001),
        ("no_show_slash_bps", |p| p.no_show_slash_bps = 10_001),
        ("quit_slash_bps", |p| p.quit_slash_bps = 10_001),
        ("lapse_blocks", |p| p.lapse_blocks = 10_001),
        ("max_attempts", |p| p.max_attempts = 0),
        ("max_attempts", |p| p.max_attempts = 9),
        ("resume_window", |p| p.resume_window = 2_592_001),
    ];
    let mut world = World::new();
    for (name, break_it) in breaks {
        let mut broken = params();
        break_it(&mut broken);
        assert_says(update(&mut world, broken).unwrap_err(), &[name]);
    }
    let mut shares = params();
    shares.slash_shares = SlashShares {
        tenant_bps: 9_000,
        caller_bps: 1_001,
    };
    assert_says(update(&mut world, shares).unwrap_err(), &["slash shares"]);
}
