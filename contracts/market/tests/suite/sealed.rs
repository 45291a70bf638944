//! Sealed orders: commitments, reveals and who pays for keeping silent.

use cosmwasm_std::{Addr, Binary, Order as Direction, StdResult};
use cw_multi_test::AppResponse;
use leasehold_api::event::{
    BidCommitted, BidRevealed, CommitmentEnded, LeaseStarted, OrderReopened,
};
use leasehold_api::market::{
    CommitmentsResponse, ExecuteMsg, OrderPhase, OrderStatus, QueryMsg, COMMITMENTS, ORDERS,
};
use leasehold_api::rules::auction::Opening;
use leasehold_api::{AuctionMode, Pricing, RuleError};
use leasehold_market::ContractError;

use crate::harness::*;
use crate::orders::event;

mod attacks;

pub fn sealed(pricing: Pricing) -> AuctionMode {
    AuctionMode::Sealed {
        pricing,
        min_bidders: None,
    }
}

/// Everybody's: what protects a rate in these tests is that nobody looks.
pub fn salt() -> Binary {
    Binary::from([7; 16])
}

impl World {
    /// What `name` commits to `units` with, in the order's present round.
    pub fn digest(&self, name: &str, units: u128) -> Binary {
        self.digest_on(order(), name, units)
    }

    pub fn digest_on(&self, order_id: u64, name: &str, units: u128) -> Binary {
        let order = ORDERS.may_load(&*self.storage(), order_id).unwrap();
        let (block, bidder) = (self.app.block_info(), self.addr(name));
        let opening = Opening {
            chain_id: &block.chain_id,
            market: self.suite.market.as_str(),
            order_id,
            round: order.map_or(1, |order| order.round),
            bidder: bidder.as_str(),
            rate: rate(units),
            salt: &salt(),
        };
        opening.digest().unwrap()
    }

    pub fn commit(&mut self, name: &str, units: u128) -> Result<AppResponse, ContractError> {
        let msg = ExecuteMsg::Commit {
            order_id: order(),
            commitment: self.digest(name, units),
        };
        self.by(name, msg)
    }

    pub fn reveal(&mut self, name: &str, units: u128) -> Result<AppResponse, ContractError> {
        let msg = ExecuteMsg::Reveal {
            order_id: order(),
            rate: rate(units),
            salt: salt(),
        };
        self.by(name, msg)
    }

    /// By order and provider.
    pub fn commitments(&self) -> Vec<(u64, Addr)> {
        COMMITMENTS
            .keys(&*self.storage(), None, None, Direction::Ascending)
            .collect::<StdResult<_>>()
            .unwrap()
    }

    /// Anyone ends `provider`'s commitment.
    pub fn expire_of(&mut self, name: &str, provider: &str) -> Result<AppResponse, ContractError> {
        let msg = ExecuteMsg::Expire {
            order_id: order(),
            provider: Some(self.addr(provider).to_string()),
        };
        self.by(name, msg)
    }
}

/// Alice and Bob have committed to 50 and 60, Carol to 70 in a second-price auction; reveals are due.
fn committed(pricing: Pricing) -> World {
    let mut world = World::with_order(sealed(pricing), 100);
    world.commit("alice", 50).unwrap();
    world.commit("bob", 60).unwrap();
    world.commit("carol", 70).unwrap();
    world.wait(40);
    world
}

#[test]
fn a_commitment_locks_the_same_for_everybody_a_reveal_what_the_rate_asks_for() {
    let mut world = World::with_order(sealed(Pricing::First), 100);
    let response = world.commit("alice", 50).unwrap();
    let committed: BidCommitted = event(&response).unwrap();
    assert_eq!(
        (committed.order_id, committed.closes_at),
        (order(), START + 40)
    );
    world.commit("bob", 60).unwrap();
    assert_eq!(
        (world.locked("alice"), world.locked("bob")),
        (100_000, 100_000)
    );
    assert_eq!(world.seen().phase, OrderPhase::Bidding);
    world.wait(40);
    let seen = world.seen();
    assert_eq!(
        (seen.phase, seen.commitments, seen.bidders),
        (OrderPhase::Revealing, 2, 0)
    );
    let response = world.reveal("bob", 60).unwrap();
    let revealed: BidRevealed = event(&response).unwrap();
    assert!(revealed.leader && revealed.closes_at == START + 60);
    assert_eq!(
        (world.locked("alice"), world.locked("bob")),
        (100_000, 60_000)
    );
    world.reveal("alice", 50).unwrap();
    assert_eq!((world.locked("alice"), world.locked("bob")), (50_000, 0));
    // All have: the winner need not wait.
    assert_eq!(world.seen().phase, OrderPhase::AwardBest);
    let response = world.claim("alice").unwrap();
    assert_eq!(event::<LeaseStarted>(&response).unwrap().rate, rate(50));
    assert_eq!(
        (world.lease(1).bond.u128(), world.locked("alice")),
        (50_000, 50_000)
    );
    assert_eq!(
        world.record().auction.second.unwrap().provider,
        world.addr("bob")
    );
}

#[test]
fn a_second_price_winner_is_paid_the_runner_ups_rate() {
    let mut world = committed(Pricing::Second);
    world.reveal("carol", 70).unwrap();
    world.reveal("alice", 50).unwrap();
    world.reveal("bob", 60).unwrap();
    world.claim("alice").unwrap();
    assert_eq!(world.lease(1).rate, rate(60));
    let mut alone = committed(Pricing::Second);
    alone.reveal("alice", 50).unwrap();
    alone.wait(20);
    alone.claim("alice").unwrap();
    assert_eq!(alone.lease(1).rate, rate(100));
}

#[test]
fn a_no_show_leaves_the_order_to_the_runner_up_then_to_anyone() {
    let revealed = || {
        let mut world = committed(Pricing::Second);
        for (name, units) in [("alice", 50), ("bob", 60), ("carol", 70)] {
            world.reveal(name, units).unwrap();
        }
        world.wait(30);
        world
    };
    let mut world = revealed();
    world.expire("dave").unwrap();
    assert_eq!(world.penalties().len(), 1);
    // At its own rate: what the third bid is not remembered.
    world.claim("bob").unwrap();
    assert_eq!(
        (world.lease(1).rate, world.locked("bob")),
        (rate(60), 60_000)
    );
    let mut world = revealed();
    world.wait(30);
    let seen = world.seen();
    assert_eq!(
        (seen.phase, seen.price),
        (OrderPhase::Bidding, Some(rate(10)))
    );
    assert_eq!(seen.mode.as_str(), "dutch");
    world.wait(50);
    let response = world.claim("dave").unwrap();
    let reopened: OrderReopened = event(&response).unwrap();
    assert_eq!(
        (reopened.start_rate, reopened.runner_up.as_str()),
        (rate(10), "")
    );
    assert_eq!(reopened.closes_at, world.now() + 50);
    assert_eq!(world.lease(1).rate, rate(55));
    assert_eq!(
        world.penalties().len(),
        1,
        "the no-show pays though nobody came to expire it"
    );
}

/// One that was left behind gives its bond up for what this round asks.
#[test]
fn a_commitment_of_a_former_round_is_bound_anew() {
    let mut world = World::with_order(sealed(Pricing::First), 100);
    world.commit("alice", 50).unwrap();
    assert_eq!(world.locked("alice"), 100_000);
    world.close().unwrap();
    world.open(sealed(Pricing::First), 200).unwrap();
    world.commit("alice", 50).unwrap();
    assert_eq!(world.locked("alice"), 200_000);
}

#[test]
fn a_commitment_may_be_replaced_until_the_reveals_begin() {
    let mut world = World::with_order(sealed(Pricing::First), 100);
    world.commit("alice", 50).unwrap();
    world.commit("bob", 40).unwrap();
    world.commit("alice", 40).unwrap();
    assert_eq!(world.locked("alice"), 100_000);
    world.wait(40);
    assert!(world.reveal("alice", 50).is_err());
    world.reveal("bob", 40).unwrap();
    world.reveal("alice", 40).unwrap();
    // It keeps the place of the first.
    world.claim("alice").unwrap();
}

#[test]
fn a_commitment_needs_an_eligible_provider_with_the_bond_of_the_maximum() {
    let mut world = World::with_order(sealed(Pricing::First), 1_001);
    let error = world.commit("alice", 1).unwrap_err();
    assert_says(error, &["1001000 ucredit is required", "1000000"]);
    let mut world = World::with_order(sealed(Pricing::First), 1_000);
    let short = ExecuteMsg::Commit {
        order_id: order(),
        commitment: Binary::from([1; 31]),
    };
    assert_says(
        world.by("alice", short).unwrap_err(),
        &["bytes of the commitment is 31", "32"],
    );
    assert_says(
        world.commit("nobody", 1).unwrap_err(),
        &["registered provider"],
    );
    let alice = world.addr("alice");
    world.transfer(&alice);
    assert_says(
        world.commit("alice", 1).unwrap_err(),
        &["owns the deployment"],
    );
    world.commit("bob", 1).unwrap();
    // All of the collateral is in use: what replaces it still fits.
    world.commit("bob", 2).unwrap();
    let mut world = World::with_order(descending(), 100);
    assert_says(
        world.commit("alice", 1).unwrap_err(),
        &["a commitment", "descending"],
    );
    assert!(world.reveal("alice", 1).is_err());
}

#[test]
fn closing_in_time_frees_commitments_for_nothing() {
    let mut world = committed(Pricing::First);
    world.reveal("alice", 50).unwrap();
    assert_says(
        world.expire_of("dave", "bob").unwrap_err(),
        &["taking back a commitment"],
    );
    world.close().unwrap();
    assert_eq!((world.locked("alice"), world.locked("bob")), (0, 100_000));
    world.withdraw("bob").unwrap();
    let response = world.expire_of("dave", "carol").unwrap();
    assert!(!event::<CommitmentEnded>(&response).unwrap().forfeit);
    assert_eq!((world.locked("bob"), world.locked("carol")), (0, 0));
    assert_eq!(world.penalties(), []);
    assert_eq!(world.record().status, OrderStatus::Closed);
}

#[test]
fn closing_later_does_not_save_who_kept_silent() {
    let mut world = committed(Pricing::First);
    world.wait(20);
    world.close().unwrap();
    world.expire_of("dave", "bob").unwrap();
    assert_eq!(world.penalties().len(), 1);
    // What is left of a round that nobody settled before the next is free.
    world.open(sealed(Pricing::First), 100).unwrap();
    world.commit("alice", 30).unwrap();
    assert_eq!(world.locked("alice"), 100_000);
    world.withdraw("carol").unwrap();
    assert_eq!((world.locked("carol"), world.penalties().len()), (0, 1));
    world.wait(40);
    world.reveal("alice", 30).unwrap();
    world.claim("alice").unwrap();
}

#[test]
fn with_too_few_commitments_nobody_is_at_fault() {
    let mode = AuctionMode::Sealed {
        pricing: Pricing::First,
        min_bidders: Some(3),
    };
    let mut world = World::with_order(mode, 100);
    world.commit("alice", 50).unwrap();
    world.commit("bob", 60).unwrap();
    world.wait(40);
    assert_eq!(world.seen().price, Some(rate(10)));
    let response = world.withdraw("alice").unwrap();
    assert!(!event::<CommitmentEnded>(&response).unwrap().forfeit);
    world.claim("alice").unwrap();
    world.expire_of("dave", "bob").unwrap();
    assert_eq!((world.locked("bob"), world.penalties()), (0, vec![]));
}

#[test]
fn with_too_few_reveals_the_leader_is_free_and_the_silent_pay() {
    let mode = AuctionMode::Sealed {
        pricing: Pricing::Second,
        min_bidders: Some(2),
    };
    let mut world = World::with_order(mode, 100);
    world.commit("alice", 50).unwrap();
    world.commit("bob", 60).unwrap();
    world.wait(40);
    world.reveal("alice", 50).unwrap();
    world.wait(20);
    // Not the maximum for the one that revealed.
    assert_eq!(world.seen().price, Some(rate(10)));
    world.expire("dave").unwrap();
    assert_eq!((world.locked("alice"), world.penalties()), (0, vec![]));
    world.expire_of("dave", "bob").unwrap();
    assert_eq!(world.penalties().len(), 1);
}

#[test]
fn commitments_are_listed_by_provider() {
    let world = committed(Pricing::First);
    let page = |start_after: Option<String>| -> CommitmentsResponse {
        world.query(&QueryMsg::Commitments {
            order_id: order(),
            start_after,
            limit: Some(2),
        })
    };
    let first = page(None).commitments;
    let rest = page(Some(first[1].provider.to_string())).commitments;
    assert_eq!((first.len(), rest.len()), (2, 1));
    let alice = first
        .iter()
        .chain(&rest)
        .find(|c| c.provider == world.addr("alice"));
    let alice = alice.unwrap();
    assert_eq!((alice.bond.u128(), alice.round), (100_000, 1));
    assert_eq!(alice.commitment, world.digest("alice", 50));
}
