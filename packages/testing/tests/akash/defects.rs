//! Defects seen on Akash's running node: the same situation here.

use leasehold_api::deployment::ExecuteMsg as DeploymentMsg;
use leasehold_api::market::OrderPhase;
use leasehold_api::provider::ExecuteMsg as ProviderMsg;
use leasehold_api::{Attribute, Capability, Denom, SCALE};
use leasehold_testing::verbs::small_group;
use leasehold_testing::world::RENT;

use crate::{paid, running, settled, world, COLLATERAL, DESCENDING};

/// Seen: a second lease on a deployment settled the account and threw away what the first had accrued; 210 000 left the tenant and
/// reached nobody. Here a stream's pay depends on nothing but its own seconds.
#[test]
fn a_second_lease_loses_nothing_of_the_first() {
    let mut world = world();
    let tenant = world.tenants[0].clone();
    let [first, second] = [world.providers[0].clone(), world.providers[1].clone()];
    let account = world.open_account(&tenant, 100_000).unwrap();
    let (_, lease) = world.rent(&tenant, account, &first, 100).unwrap();
    world.pass_alive(13, std::slice::from_ref(&first)).unwrap();
    let (_, other) = world.rent(&tenant, account, &second, 7).unwrap();
    let both = [first.clone(), second.clone()];
    world.pass_alive(5, &both).unwrap();
    world.collect(&tenant, &[lease, other]).unwrap();
    let seconds = u128::from(world.now() - world.lease(lease).unwrap().started_at);
    assert_eq!(paid(&world, &first), 100 * seconds);
    assert_eq!(paid(&world, &second), 7 * 5);
    let left = world.account(account).unwrap().balance.u128() / SCALE;
    assert_eq!(left, 100_000 - 100 * seconds - 7 * 5);
    world.check();
}

/// Seen: of 20 bids one won, one was refunded and 18 stayed open with their deposits locked. Here a loser has nothing locked, before or
/// after the award, and all of its collateral can leave at once.
#[test]
fn losers_have_nothing_locked() {
    let mut world = world();
    let tenant = world.tenants[0].clone();
    let id = world
        .create(&tenant, &[(100, DESCENDING)], 10_000, None)
        .unwrap();
    let mut bidders = vec![];
    for k in 0..20 {
        let bidder = world.newcomer(&format!("bidder{k}"), COLLATERAL).unwrap();
        world.register(&bidder, COLLATERAL).unwrap();
        world.bid(&bidder, id * 8, 100 - 4 * k).unwrap();
        bidders.push(bidder);
    }
    let winner = bidders.pop().unwrap();
    let late = bidders.split_off(10);
    for loser in &bidders {
        world.unbond(loser, COLLATERAL).unwrap();
    }
    world.pass_alive(8, std::slice::from_ref(&winner)).unwrap();
    world.claim(&winner, id * 8).unwrap();
    for loser in &late {
        world.unbond(loser, COLLATERAL).unwrap();
    }
    world.unbond(&winner, COLLATERAL).unwrap_err();
    world.check();
}

/// Seen: past exhaustion, with two equal leases, the touch gave all that was left to the first provider and nothing to the second.
#[test]
fn an_overdraft_is_not_all_or_nothing() {
    let (paid, left, _) = settled(410, &[10, 10], 100);
    // 20 seconds for both; the last 10 units pay no whole second of both and stay the tenant's.
    assert_eq!((paid, left), (vec![200, 200], 10));
}

/// Seen: two withdrawals in one block panic, and of two leases closed in one transaction the second stays open and keeps draining.
#[test]
fn any_number_of_collects_and_closes_share_a_block() {
    let mut world = world();
    let tenant = world.tenants[0].clone();
    let running = running(&mut world, 1_000, &[10, 10, 10]);
    world.pass_alive(5, &running.providers).unwrap();
    for _ in 0..3 {
        world.collect(&tenant, &running.leases).unwrap();
        world.settle(&tenant, running.account).unwrap();
    }
    world.close(&tenant, running.deployment).unwrap();
    for (provider, lease) in running.providers.iter().zip(&running.leases) {
        assert_eq!(paid(&world, provider), 50);
        assert!(world.lease(*lease).unwrap().ended.is_some());
    }
    world.pass_alive(100, &running.providers).unwrap();
    let account = world.account(running.account).unwrap();
    assert_eq!((account.streams, account.rate.u128()), (0, 0));
    assert_eq!(account.balance.u128() / SCALE, 1_000 - 150);
    world.check();
}

/// Seen: a group of a closed deployment was started again; a provider's bid and deposit were taken and the award then failed.
#[test]
fn a_closed_deployment_is_closed_for_good() {
    let mut world = world();
    let tenant = world.tenants[0].clone();
    let running = running(&mut world, 1_000, &[10]);
    world.close(&tenant, running.deployment).unwrap();
    world.deposit(&tenant, running.account, 1_000).unwrap();
    world.start(&tenant, running.deployment, 0).unwrap_err();
    let order = running.deployment * 8;
    assert_eq!(world.order(order).unwrap().phase, OrderPhase::Closed);
    let other = world.providers[1].clone();
    world.heartbeat(&other).unwrap();
    world.bid(&other, order, 5).unwrap_err();
    for provider in &world.providers.clone()[..2] {
        world.unbond(provider, COLLATERAL).unwrap();
    }
    world.check();
}

/// Seen: a bid that offered 10m CPU for 500m was accepted, and a duplicated resource panicked. Here a bid offers nothing of its own: it
/// is a rate for the group as asked, and what the provider has is compared on chain; twice the same declaration is an error.
#[test]
fn a_bid_cannot_offer_less_than_was_asked() {
    let mut world = world();
    let tenant = world.tenants[0].clone();
    let [poor, rich] = [world.providers[0].clone(), world.providers[1].clone()];
    let region = Attribute {
        key: "region".into(),
        value: "eu-west".into(),
    };
    let mut spec = small_group("web", 10);
    spec.requirements.attributes = vec![region.clone()];
    let create = DeploymentMsg::Create {
        groups: vec![spec.into()],
        manifest_hash: vec![1; 32].into(),
        denom: Denom::Native(RENT.into()),
        account: None,
    };
    world.deployment_call(&tenant, &create, 1_000).unwrap();
    let order = 8;
    world.bid(&poor, order, 5).unwrap_err();
    let declare = |attributes: Vec<Attribute>| ProviderMsg::Update {
        contact: None,
        capability: Some(Capability {
            attributes,
            ..Default::default()
        }),
    };
    let twice = declare(vec![region.clone(), region.clone()]);
    world.provider_call(&rich, &twice).unwrap_err();
    world.provider_call(&rich, &declare(vec![region])).unwrap();
    world.bid(&rich, order, 9).unwrap();
    assert!(world.order(order).unwrap().second.is_none());
    world.check();
}
