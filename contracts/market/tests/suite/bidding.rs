use cosmwasm_std::Uint128;
use leasehold_api::deployment::order_id;
use leasehold_api::event::BidPlaced;
use leasehold_api::market::{BidsResponse, ExecuteMsg, OrderPhase, QueryMsg};
use leasehold_api::provider::{Declared, Standing, CAPABILITY};
use leasehold_api::{Attribute, AuctionMode, Capability, Requirements, RuleError};
use leasehold_market::ContractError;

use crate::harness::*;
use crate::orders::event;

#[test]
fn only_the_leader_is_bound() {
    let mut world = World::with_order(descending(), 100);
    let response = world.bid("alice", 100).unwrap();
    let placed: BidPlaced = event(&response).unwrap();
    assert!(placed.leader);
    assert_eq!(world.locked("alice"), 100_000);
    let response = world.bid("bob", 90).unwrap();
    assert!(event::<BidPlaced>(&response).unwrap().leader);
    assert_eq!((world.locked("alice"), world.locked("bob")), (0, 90_000));
    let response = world.bid("carol", 95).unwrap();
    assert!(!event::<BidPlaced>(&response).unwrap().leader);
    assert_eq!(world.locked("carol"), 0);
    let record = world.record();
    assert_eq!(record.auction.best.unwrap().provider, world.addr("bob"));
    assert_eq!(record.auction.second.unwrap().provider, world.addr("carol"));
}

#[test]
fn a_late_bid_moves_the_close() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 100).unwrap();
    world.wait(50);
    let response = world.bid("bob", 50).unwrap();
    let placed: BidPlaced = event(&response).unwrap();
    assert_eq!(placed.closes_at, START + 65);
    world.wait(14);
    assert_eq!(world.seen().phase, OrderPhase::Bidding);
    world.wait(1);
    assert_eq!(world.seen().phase, OrderPhase::AwardBest);
}

#[test]
fn prices_out_of_range_are_refused_by_value() {
    let mut world = World::with_order(descending(), 100);
    let bid = |world: &mut World, rate| {
        let msg = ExecuteMsg::Bid {
            order_id: order(),
            rate,
        };
        world.by("alice", msg).unwrap_err()
    };
    assert_eq!(
        bid(&mut world, Uint128::zero()),
        ContractError::Rule(RuleError::ZeroRate)
    );
    for high in [rate(100) + Uint128::one(), Uint128::MAX] {
        let refused = RuleError::BidTooHigh {
            rate: high.u128(),
            max: rate(100).u128(),
        };
        assert_eq!(bid(&mut world, high), ContractError::Rule(refused));
    }
    world.bid("bob", 100).unwrap();
    assert_says(
        world.bid("alice", 99).unwrap_err(),
        &["at most 98000000000000 "],
    );
}

fn refused(world: &mut World, parts: &[&str]) {
    let before = world.record();
    assert_says(world.bid("alice", 50).unwrap_err(), parts);
    assert_eq!(world.record(), before);
}

#[test]
fn only_a_live_active_provider_bids() {
    let mut world = World::with_order(descending(), 100);
    let alice = world.addr("alice");
    let hot = world.hot(&alice);
    let mut draining = hot.clone();
    draining.standing = Standing::Draining;
    world.set_hot(&alice, &draining);
    refused(&mut world, &["draining"]);
    let mut silent = hot;
    silent.live.until = world.now();
    world.set_hot(&alice, &silent);
    refused(&mut world, &["heartbeat lapsed at 1000000"]);
    silent.live.until += 1;
    world.set_hot(&alice, &silent);
    world.bid("alice", 50).unwrap();
}

#[test]
fn the_tenant_itself_never_serves() {
    let mut world = World::with_order(descending(), 100);
    let alice = world.addr("alice");
    world.transfer(&alice);
    refused(&mut world, &["owns the deployment"]);
}

#[test]
fn what_the_group_requires_must_be_declared() {
    let mut world = World::with_order(descending(), 100);
    let region = Attribute {
        key: "region".into(),
        value: "eu".into(),
    };
    world.require(Requirements {
        attributes: vec![region.clone()],
        ..Requirements::default()
    });
    refused(&mut world, &["attribute region = eu is missing"]);
    let alice = world.addr("alice");
    let profile = Declared(Capability {
        attributes: vec![region.clone()],
        gpus: vec![],
    });
    CAPABILITY
        .save(&mut *world.registry(), &alice, &profile)
        .unwrap();
    world.bid("alice", 50).unwrap();
    world.require(Requirements {
        attributes: vec![region],
        all_of: vec!["auditor".into()],
        ..Requirements::default()
    });
    assert_says(
        world.bid("alice", 40).unwrap_err(),
        &["auditor auditor does not vouch"],
    );
}

#[test]
fn collateral_covers_all_of_a_providers_bids() {
    let mut world = World::with_order(descending(), 1_000);
    let second = order_id(DEPLOYMENT, 1).unwrap();
    let deployment = world.suite.deployment.clone();
    let open = ExecuteMsg::OpenOrder {
        order_id: second,
        account: ACCOUNT,
        denom: denom(),
        terms: (descending()).into(),
        max_rate: rate(1_000),
        offer: None,
    };
    world.send(&deployment, &open, &[]).unwrap();
    world.bid("alice", 600).unwrap();
    let bid = |units| ExecuteMsg::Bid {
        order_id: second,
        rate: rate(units),
    };
    assert_eq!(
        world.by("alice", bid(401)).unwrap_err(),
        ContractError::InsufficientCollateral {
            denom: "ucredit".into(),
            needed: Uint128::new(401_000),
            free: Uint128::new(400_000),
        }
    );
    world.by("alice", bid(400)).unwrap();
    assert_eq!(world.locked("alice"), COLLATERAL);
    // All of it is in use; a better bid of its own still fits, because it replaces the former.
    world.bid("alice", 500).unwrap();
    assert_eq!(world.locked("alice"), 900_000);
    // A runner-up needs free collateral too, although nothing of it is locked.
    let error = world.by("bob", bid(1_000)).map(|_| ());
    assert_eq!(error, Ok(()));
    assert_eq!(world.locked("bob"), 0);
}

#[test]
fn a_closed_auction_takes_no_bids_until_it_lapses() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.wait(60);
    assert_says(world.bid("bob", 40).unwrap_err(), &["awarded to its best"]);
    world.wait(29);
    assert_says(world.bid("bob", 40).unwrap_err(), &["awarded to its best"]);
    world.wait(1);
    // No runner-up: lapsed. The bid slashes the no-show and starts afresh.
    assert_eq!(world.seen().phase, OrderPhase::Lapsed);
    world.bid("bob", 100).unwrap();
    assert_eq!(
        (world.locked("alice"), world.locked("bob")),
        (50_000, 100_000)
    );
    assert_eq!(world.seen().phase_ends_at, Some(world.now() + 60));
    world.carry_out();
    let [Told::Slash {
        provider,
        amount,
        recipients,
        reason,
        ..
    }] = &world.told()[..]
    else {
        panic!("one slash");
    };
    assert_eq!(*provider, world.addr("alice").to_string());
    assert_eq!((amount.u128(), reason.as_str()), (5_000, "no_show"));
    let parts: Vec<_> = recipients.iter().map(|r| r.bps).collect();
    assert_eq!(parts, [7_000, 1_500]);
    assert_eq!(recipients[1].to, world.addr("bob").to_string());
}

#[test]
fn a_dutch_order_takes_no_bids() {
    let mut world = World::with_order(dutch(10), 100);
    assert_says(world.bid("alice", 50).unwrap_err(), &["a bid", "dutch"]);
}

#[test]
fn the_runner_up_may_withdraw_the_leader_not() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    assert_says(world.withdraw("alice").unwrap_err(), &["leader is bound"]);
    world.withdraw("bob").unwrap();
    assert_eq!(world.record().auction.second, None);
    let error = world.withdraw("bob").unwrap_err();
    assert!(matches!(error, ContractError::Unauthorized { .. }));
    assert_eq!(world.locked("alice"), 50_000);
}

#[test]
fn withdrawing_brings_a_no_show_to_light() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.wait(90);
    world.withdraw("bob").unwrap();
    assert_eq!(world.seen().phase, OrderPhase::Bidding);
    world.carry_out();
    assert_eq!(world.locked("alice"), 0);
    assert_eq!(world.told().len(), 1);
}

fn bids(world: &World) -> BidsResponse {
    world.query(&QueryMsg::Bids {
        order_id: order(),
        start_after: None,
        limit: None,
    })
}

#[test]
fn bids_on_an_open_order_bind_nobody_and_may_change() {
    let mut world = World::with_order(AuctionMode::Open { auto_after: None }, 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 100).unwrap();
    world.bid("alice", 70).unwrap();
    assert_says(world.bid("bob", 101).unwrap_err(), &["too high"]);
    assert_eq!(world.locked("alice"), 0);
    let rates: Vec<_> = bids(&world)
        .bids
        .into_iter()
        .map(|b| (b.rate, b.live))
        .collect();
    assert_eq!(rates.len(), 2);
    assert!(rates.contains(&(rate(70), true)) && rates.contains(&(rate(100), true)));
    world.withdraw("bob").unwrap();
    assert_eq!(bids(&world).bids.len(), 1);
    assert!(matches!(
        world.withdraw("bob").unwrap_err(),
        ContractError::Unauthorized { .. }
    ));
    assert_says(
        world.claim("alice").unwrap_err(),
        &["a claim is not possible"],
    );
}

#[test]
fn bids_of_an_earlier_round_are_void() {
    let mut world = World::with_order(AuctionMode::Open { auto_after: None }, 100);
    world.bid("alice", 50).unwrap();
    world.close().unwrap();
    assert!(!bids(&world).bids[0].live);
    world
        .open(AuctionMode::Open { auto_after: None }, 100)
        .unwrap();
    assert!(!bids(&world).bids[0].live);
    assert_eq!(
        world.accept("alice").unwrap_err(),
        ContractError::NoBid {
            order: order(),
            provider: world.addr("alice")
        }
    );
    world.bid("alice", 60).unwrap();
    world.accept("alice").unwrap();
    assert_eq!(world.lease(1).rate, rate(60));
}
