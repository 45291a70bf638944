//! Open orders that decide by themselves, and auctions that need several bidders: held once a round, then the order is Dutch.

use leasehold_api::event::{LeaseStarted, OrderReopened};
use leasehold_api::market::{BidsResponse, OrderPhase, QueryMsg};
use leasehold_api::AuctionMode;
use leasehold_market::ContractError;

use crate::harness::*;
use crate::orders::event;

/// The lowest may claim after 50 seconds.
fn open() -> World {
    let mode = AuctionMode::Open {
        auto_after: Some(50),
    };
    let mut world = World::with_order(mode, 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.bid("carol", 70).unwrap();
    world
}

fn crowd(least: u32) -> World {
    let mode = AuctionMode::Descending {
        min_bidders: Some(least),
    };
    World::with_order(mode, 100)
}

fn bids(world: &World) -> BidsResponse {
    world.query(&QueryMsg::Bids {
        order_id: order(),
        start_after: None,
        limit: None,
    })
}

#[test]
fn the_tenants_choice_comes_first_and_leaves_the_lowest_as_runner_up() {
    let mut world = open();
    assert_says(world.claim("alice").unwrap_err(), &["taking bids"]);
    world.accept("carol").unwrap();
    assert_eq!(world.lease(1).rate, rate(70));
    let runner_up = world.record().auction.second.unwrap();
    assert_eq!(runner_up.provider, world.addr("alice"));
    world.end("tenant", 1).unwrap();
    world.claim("alice").unwrap();
    assert_eq!(world.lease(2).rate, rate(50));
}

#[test]
fn without_it_the_lowest_claims_then_the_next_and_nobody_is_slashed() {
    let mut world = open();
    world.wait(49);
    assert_says(world.claim("alice").unwrap_err(), &["taking bids"]);
    world.wait(1);
    let seen = world.seen();
    assert_eq!(
        (seen.phase, seen.phase_ends_at),
        (OrderPhase::AwardBest, Some(world.now() + 30))
    );
    assert_says(
        world.bid("dave", 40).unwrap_err(),
        &["a bid", "best bidder"],
    );
    assert_says(world.claim("bob").unwrap_err(), &["may not claim"]);
    world.wait(30);
    assert_eq!(world.locked("alice"), 0);
    let response = world.claim("bob").unwrap();
    assert_eq!(event::<LeaseStarted>(&response).unwrap().rate, rate(60));
    assert_eq!((world.locked("bob"), world.penalties()), (60_000, vec![]));
    assert!(bids(&world).bids.iter().all(|bid| !bid.live));
}

#[test]
fn the_tenant_may_still_choose_while_the_lowest_has_not_claimed() {
    let mut world = open();
    world.wait(50);
    world.accept("carol").unwrap();
    assert_says(world.claim("alice").unwrap_err(), &["is leased"]);
}

#[test]
fn a_bid_taken_back_is_neither_accepted_nor_claimed_and_keeps_its_rank() {
    let mut world = open();
    world.withdraw("alice").unwrap();
    assert!(matches!(
        world.withdraw("alice").unwrap_err(),
        ContractError::Unauthorized { .. }
    ));
    let gone = ContractError::NoBid {
        order: order(),
        provider: world.addr("alice"),
    };
    assert_eq!(world.accept("alice").unwrap_err(), gone);
    world.wait(50);
    assert_eq!(world.claim("alice").unwrap_err(), gone);
    // Its place is not Bob's for that.
    assert_says(world.claim("bob").unwrap_err(), &["may not claim"]);
    world.wait(30);
    world.claim("bob").unwrap();
}

#[test]
fn attack_low_bids_that_are_taken_back_do_not_make_room_for_a_dear_one() {
    // Two addresses of one owner fill both places, then leave, to claim alone at the maximum.
    let mut world = World::with_order(
        AuctionMode::Open {
            auto_after: Some(50),
        },
        100,
    );
    world.bid("carol", 70).unwrap();
    world.bid("alice", 1).unwrap();
    world.bid("bob", 2).unwrap();
    world.wait(49);
    world.withdraw("alice").unwrap();
    world.withdraw("bob").unwrap();
    assert_says(world.bid("alice", 100).unwrap_err(), &["too high"]);
    world.bid("dave", 100).unwrap();
    assert_eq!(world.seen().best.unwrap().rate, rate(1));
    // Nobody gains: after two windows anyone may serve, from a tenth of the maximum.
    world.wait(1 + 60);
    assert_eq!(world.seen().price, Some(rate(10)));
    world.claim("carol").unwrap();
}

#[test]
fn an_order_that_nobody_claims_is_dutch_and_its_bids_are_void() {
    let mut world = open();
    world.wait(50 + 60 + 50);
    assert!(bids(&world).bids.iter().all(|bid| !bid.live));
    assert_says(world.accept("alice").unwrap_err(), &["dutch"]);
    let response = world.claim("alice").unwrap();
    assert_eq!(
        event::<OrderReopened>(&response).unwrap().start_rate,
        rate(10)
    );
    assert_eq!(world.lease(1).rate, rate(55));
}

#[test]
fn attack_a_halt_does_not_take_the_choice_from_the_tenant() {
    let mut world = open();
    world.jump(100_000, 1);
    assert_says(world.claim("alice").unwrap_err(), &["taking bids"]);
    world.accept("bob").unwrap();
}

#[test]
fn several_bidders_are_counted_once_each() {
    let mut world = crowd(3);
    world.bid("alice", 90).unwrap();
    world.bid("alice", 80).unwrap();
    world.bid("bob", 85).unwrap();
    assert_eq!(world.seen().bidders, 2);
    // Bob leaves and comes back.
    world.withdraw("bob").unwrap();
    assert!(matches!(
        world.withdraw("bob").unwrap_err(),
        ContractError::Unauthorized { .. }
    ));
    world.bid("bob", 85).unwrap();
    assert_eq!(world.seen().bidders, 2);
    world.wait(60);
    let seen = world.seen();
    assert_eq!(
        (seen.phase, seen.phase_ends_at),
        (OrderPhase::Bidding, Some(START + 90))
    );
    // The third moves the close, though it only follows.
    world.bid("carol", 83).unwrap();
    assert_eq!(world.seen().phase_ends_at, Some(START + 75));
    world.wait(15);
    world.claim("alice").unwrap();
    assert_eq!(world.lease(1).rate, rate(80));
}

#[test]
fn with_too_few_bidders_the_leader_is_free_at_the_hard_close() {
    let mut world = crowd(2);
    world.bid("alice", 50).unwrap();
    world.wait(89);
    assert_says(world.claim("alice").unwrap_err(), &["taking bids"]);
    let due = ContractError::NothingDue { id: order() };
    assert_eq!(world.expire("dave").unwrap_err(), due);
    world.wait(1);
    assert_eq!(world.seen().price, Some(rate(10)));
    let response = world.expire("dave").unwrap();
    assert!(event::<OrderReopened>(&response).is_some());
    assert_eq!((world.locked("alice"), world.penalties()), (0, vec![]));
    world.wait(50);
    world.claim("alice").unwrap();
    assert_eq!(world.lease(1).rate, rate(55));
}

#[test]
fn bidders_of_an_earlier_round_do_not_count() {
    let mut world = crowd(2);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.close().unwrap();
    let mode = AuctionMode::Descending {
        min_bidders: Some(2),
    };
    world.open(mode, 100).unwrap();
    assert_eq!(world.seen().bidders, 0);
    world.bid("alice", 50).unwrap();
    assert_eq!(world.seen().bidders, 1);
}

#[test]
fn an_excluded_provider_may_serve_again_when_its_time_is_over() {
    let mut world = World::with_order(dutch(10), 100);
    world.claim("alice").unwrap();
    world.end("tenant", 1).unwrap();
    let excluded = &world.seen().excluded[0];
    assert_eq!(excluded.provider, world.addr("alice"));
    assert_eq!(excluded.until, world.now() + 500);
    world.wait(499);
    assert_says(world.claim("alice").unwrap_err(), &["failed this order"]);
    world.wait(1);
    world.claim("alice").unwrap();
}
