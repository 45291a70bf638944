use leasehold_api::event::{AwardExpired, LeaseStarted, OrderClosed};
use leasehold_api::market::{OrderPhase, OrderStatus};
use leasehold_api::provider::Standing;
use leasehold_api::AuctionMode;
use leasehold_market::ContractError;

use crate::harness::*;
use crate::orders::event;

/// Alice leads at 50, Bob follows at 60; the bidding is over.
fn awarded() -> World {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.wait(60);
    world
}

#[test]
fn the_winners_claim_starts_the_lease() {
    let mut world = awarded();
    assert_eq!(world.seen().bond, Some(50_000_u128.into()));
    let response = world.claim("alice").unwrap();
    assert_eq!(world.seen().bond, None);
    let started: LeaseStarted = event(&response).unwrap();
    assert_eq!((started.lease_id, started.order_id), (lease(1), order()));
    let open = Told::Open {
        stream: lease(1),
        account: ACCOUNT,
        tenant: world.tenant.to_string(),
        payee: world.addr("alice").to_string(),
        rate: rate(50),
    };
    assert_eq!(world.told(), [open]);
    let agreed = world.lease(1);
    assert_eq!((agreed.rate, agreed.bond.u128()), (rate(50), 50_000));
    assert_eq!((agreed.started_at, world.ended(1)), (world.now(), None));
    assert_eq!(world.locked("alice"), 50_000);
    let seen = world.seen();
    assert_eq!(
        (seen.phase, seen.lease_id),
        (OrderPhase::Leased, Some(lease(1)))
    );
    // The runner-up is kept for a fail-over.
    assert_eq!(seen.second.unwrap().provider, world.addr("bob"));
    assert_says(world.claim("alice").unwrap_err(), &["is leased"]);
    assert_says(world.claim("bob").unwrap_err(), &["is leased"]);
}

/// Only the runner-up itself steps back, once.
#[test]
fn a_runner_up_need_not_stand_by() {
    let mut world = awarded();
    world.claim("alice").unwrap();
    assert_says(world.withdraw("carol").unwrap_err(), &["bid stands"]);
    let second = world.seen().second.map(|second| second.provider);
    assert_eq!(second, Some(world.addr("bob")));
    world.withdraw("bob").unwrap();
    assert_eq!(world.seen().second, None);
    assert_says(world.withdraw("bob").unwrap_err(), &["bid stands"]);
}

#[test]
fn a_claim_outside_its_window_is_refused() {
    let mut world = World::with_order(descending(), 100);
    assert_says(world.claim("alice").unwrap_err(), &["taking bids"]);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.wait(59);
    assert_says(world.claim("alice").unwrap_err(), &["taking bids"]);
    world.wait(1);
    assert_says(world.claim("bob").unwrap_err(), &["may not claim"]);
    assert_says(world.claim("carol").unwrap_err(), &["may not claim"]);
    world.wait(30);
    assert_says(world.claim("alice").unwrap_err(), &["may not claim"]);
    world.wait(30);
    assert_says(
        world.claim("bob").unwrap_err(),
        &["a claim is not possible"],
    );
}

#[test]
fn a_halted_chain_ends_nothing_in_one_block() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.jump(100_000, 1);
    assert_eq!(world.seen().phase, OrderPhase::Bidding);
    world.bid("bob", 40).unwrap();
    world.jump(1, 7);
    assert_eq!(world.seen().phase, OrderPhase::Bidding);
    world.jump(1, 1);
    assert_eq!(world.seen().phase, OrderPhase::AwardBest);
    world.jump(100_000, 2);
    world.claim("bob").unwrap();
}

#[test]
fn after_a_no_show_the_runner_up_wins_at_its_own_price() {
    let mut world = awarded();
    world.wait(30);
    let response = world.claim("bob").unwrap();
    let expired: AwardExpired = event(&response).unwrap();
    assert_eq!(expired.provider, world.addr("alice"));
    assert_eq!(
        (world.locked("alice"), world.locked("bob")),
        (50_000, 60_000)
    );
    assert_eq!(world.lease(1).rate, rate(60));
    assert_eq!(world.record().auction.second, None);
    world.carry_out();
    assert_eq!(world.locked("alice"), 0);
    let alice = world.addr("alice");
    let left = world.hot(&alice).collateral_in(&denom());
    assert_eq!(left.u128(), COLLATERAL - 5_000);
}

#[test]
fn anyone_may_expire_a_no_show_once() {
    let mut world = awarded();
    let due = ContractError::NothingDue { id: order() };
    assert_eq!(world.expire("carol").unwrap_err(), due);
    world.wait(29);
    assert_eq!(world.expire("carol").unwrap_err(), due);
    world.wait(1);
    world.expire("carol").unwrap();
    assert_eq!(world.expire("carol").unwrap_err(), due);
    assert_eq!(world.seen().phase, OrderPhase::AwardSecond);
    world.claim("bob").unwrap();
    world.told();
    world.carry_out();
    let [Told::Slash { recipients, .. }] = &world.told()[..] else {
        panic!("one slash");
    };
    assert_eq!(recipients[1].to, world.addr("carol").to_string());
}

#[test]
fn eligibility_is_judged_again_at_the_claim() {
    let mut world = awarded();
    let alice = world.addr("alice");
    let hot = world.hot(&alice);
    let mut draining = hot.clone();
    draining.standing = Standing::Draining;
    world.set_hot(&alice, &draining);
    assert_says(world.claim("alice").unwrap_err(), &["draining"]);
    world.set_hot(&alice, &hot);
    let bob = world.addr("bob");
    let mut poor = world.hot(&bob);
    poor.collateral[0].amount = 59_999_u128.into();
    world.set_hot(&bob, &poor);
    world.wait(30);
    let error = world.claim("bob").unwrap_err();
    assert_says(error, &["60000 ucredit is required", "59999"]);
}

#[test]
fn a_tenant_cannot_make_its_winner_a_no_show_by_withdrawing() {
    let mut world = awarded();
    world.fund(50 * u128::from(MIN_RUNWAY) - 1);
    let response = world.claim("alice").unwrap();
    let closed: OrderClosed = event(&response).unwrap();
    assert_eq!(closed.reason, "unfunded");
    assert_eq!(world.record().status, OrderStatus::Closed);
    assert_eq!((world.locked("alice"), world.told().len()), (0, 0));
    let mut world = awarded();
    world.fund(50 * u128::from(MIN_RUNWAY));
    world.claim("alice").unwrap();
    assert_eq!(world.record().status, OrderStatus::Leased);
}

#[test]
fn a_claim_counts_what_the_account_pays_already() {
    let mut world = awarded();
    let mut account = world.account();
    account.balance = rate(60 * u128::from(MIN_RUNWAY));
    account.settled_at = world.now();
    account.rate = rate(11);
    world.set_account(&account);
    let response = world.claim("alice").unwrap();
    assert_eq!(event::<OrderClosed>(&response).unwrap().reason, "unfunded");
}

#[test]
fn nor_by_losing_its_allowance() {
    for lapse in [
        (|world: &mut World| world.revoke()) as fn(&mut World),
        |world| world.allow(49, None),
        |world| world.allow(50, Some(world.now())),
    ] {
        let mut world = awarded();
        world.allow(50, None);
        lapse(&mut world);
        let response = world.claim("alice").unwrap();
        let closed: OrderClosed = event(&response).unwrap();
        assert_eq!(closed.reason, "unfunded");
        assert_eq!((world.locked("alice"), world.told().len()), (0, 0));
    }
}

#[test]
fn an_allowed_spender_leases_at_up_to_its_rate() {
    let mut world = awarded();
    let until = world.now() + 1;
    world.allow(50, Some(until));
    world.claim("alice").unwrap();
    assert_eq!(world.record().status, OrderStatus::Leased);
}

#[test]
fn nor_by_handing_its_account_or_its_deployment_away() {
    let mut world = awarded();
    let mut account = world.account();
    account.owner = world.addr("stranger");
    world.set_account(&account);
    let response = world.claim("alice").unwrap();
    assert_eq!(event::<OrderClosed>(&response).unwrap().reason, "unfunded");

    let mut world = awarded();
    let alice = world.addr("alice");
    world.transfer(&alice);
    let response = world.claim("alice").unwrap();
    assert_eq!(event::<OrderClosed>(&response).unwrap().reason, "own_order");
    assert_eq!((world.locked("alice"), world.told().len()), (0, 0));
    assert_eq!(world.record().status, OrderStatus::Closed);
}

#[test]
fn a_dutch_order_goes_to_the_first_at_the_present_price() {
    let mut world = World::with_order(dutch(10), 100);
    world.wait(50);
    assert_eq!(world.seen().price, Some(rate(55)));
    world.claim("carol").unwrap();
    assert_eq!(world.lease(1).rate, rate(55));
    assert_eq!(world.locked("carol"), 55_000);
    assert_eq!(world.seen().price, None);
    assert_says(world.claim("dave").unwrap_err(), &["is leased"]);
    let mut world = World::with_order(AuctionMode::Dutch { min_rate: None }, 100);
    assert_eq!(world.seen().price, Some(rate(10)));
    world.wait(1_000);
    world.claim("carol").unwrap();
    assert_eq!(world.lease(1).rate, rate(100));
}

#[test]
fn a_dutch_claim_needs_eligibility_and_collateral() {
    let mut world = World::with_order(dutch(10), 2_000);
    world.wait(100);
    let error = world.claim("carol").unwrap_err();
    assert_says(error, &["2000000 ucredit is required", "1000000"]);
    let carol = world.addr("carol");
    world.transfer(&carol);
    let error = world.claim("carol").unwrap_err();
    assert_says(error, &["owns the deployment"]);
}

#[test]
fn a_claim_needs_a_registered_provider() {
    let mut world = World::with_order(dutch(10), 100);
    assert_says(world.claim("nobody").unwrap_err(), &["registered provider"]);
}

#[test]
fn the_tenant_accepts_any_live_bid() {
    let mut world = World::with_order(AuctionMode::Open { auto_after: None }, 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 90).unwrap();
    world.accept("bob").unwrap();
    let made = world.lease(1);
    assert_eq!((made.provider, made.rate), (world.addr("bob"), rate(90)));
    assert_eq!((world.locked("alice"), world.locked("bob")), (0, 90_000));
    assert_says(world.accept("alice").unwrap_err(), &["is leased"]);
}

#[test]
fn accepting_judges_the_bidder_and_the_account() {
    let mut world = World::with_order(AuctionMode::Open { auto_after: None }, 100);
    world.bid("alice", 50).unwrap();
    world.silence("alice");
    world.wait(5);
    assert_says(world.accept("alice").unwrap_err(), &["heartbeat lapsed"]);
    let error = world.accept("bob").unwrap_err();
    assert!(matches!(error, ContractError::NoBid { .. }));
    world.bid("bob", 60).unwrap();
    world.fund(60 * u128::from(MIN_RUNWAY) - 1);
    let error = world.accept("bob").unwrap_err();
    assert_says(error, &["account 5 cannot pay"]);
    world.fund(60 * u128::from(MIN_RUNWAY));
    world.accept("bob").unwrap();
    let mut world = awarded();
    assert_says(world.accept("bob").unwrap_err(), &["descending"]);
    let error = world.by(
        "tenant",
        leasehold_api::market::ExecuteMsg::Accept {
            order_id: order(),
            provider: "NOT-AN-ADDRESS".into(),
        },
    );
    assert!(matches!(error, Err(ContractError::Std(_))));
}
