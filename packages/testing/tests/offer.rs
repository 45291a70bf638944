//! Standing offers on the whole suite: one transaction from nothing to a lease, to the unit.

use leasehold_api::deployment::GroupStatus;
use leasehold_api::escrow::Cw20HookMsg;
use leasehold_api::genesis::Genesis;
use leasehold_api::provider::ExecuteMsg as ProviderMsg;
use leasehold_api::Usage;
use leasehold_testing::verbs::{rate, small_terms, taking};
use leasehold_testing::world::{World, FORTUNE, STAKE};

/// No fee, so that amounts are what they look like.
fn world() -> World {
    let mut genesis = Genesis::development(STAKE);
    genesis.escrow.fee_bps = 0;
    genesis.escrow.min_runway = 1;
    let mut world = World::with(&genesis);
    for provider in world.providers.clone().into_iter().take(2) {
        world.register(&provider, 1_000_000).expect("registers");
    }
    world
}

/// Of the first provider, at 10 a second for each small group.
fn post(world: &mut World, groups: u64) -> u64 {
    let (provider, terms) = (world.providers[0].clone(), small_terms(world, groups, 10));
    world.post_offer(&provider, terms).expect("posts")
}

#[test]
fn one_transaction_from_nothing_to_two_leases_and_back_adds_up() {
    let mut world = world();
    let offer = post(&mut world, 3);
    let (tenant, provider) = (world.tenants[0].clone(), world.providers[0].clone());
    let groups = [(20, taking(offer, 10)), (15, taking(offer, 10))];
    let id = world.take(&tenant, &groups, 1_000, None).unwrap();
    world.check();
    let deployment = world.deployment(id).unwrap();
    for group in &deployment.groups {
        assert_eq!(group.status, GroupStatus::Leased);
        let lease = world.lease(group.lease_id.unwrap()).unwrap();
        assert_eq!((lease.rate, lease.offer_id), (rate(10), Some(offer)));
    }
    assert_eq!(world.left(offer).unwrap(), Usage(vec![100, 64, 0]));
    world.pass(5);
    world.close(&tenant, id).unwrap();
    assert_eq!(world.left(offer).unwrap(), Usage(vec![300, 192, 0]));
    world.withdraw_all(&tenant, deployment.account).unwrap();
    let rent = world.rent_denom();
    let paid = world.balance(&provider, &rent).u128();
    assert_eq!(paid, FORTUNE - 1_000_000 + 100);
    assert_eq!(world.balance(&tenant, &rent).u128(), FORTUNE - 100);
    world.check();
}

/// All groups or none: the third finds the offer sold out, and the first two give back what they took, the deposit included.
#[test]
fn what_does_not_fit_whole_takes_nothing() {
    let mut world = world();
    let offer = post(&mut world, 2);
    let tenant = world.tenants[0].clone();
    let groups = [(20, taking(offer, 10)); 3];
    let refused = world.take(&tenant, &groups, 1_000, None);
    let error = format!("{:#}", refused.unwrap_err().root_cause());
    assert!(error.contains("0 are left of the offer"), "{error}");
    assert_eq!(world.left(offer).unwrap(), Usage(vec![200, 128, 0]));
    let rent = world.rent_denom();
    assert_eq!(world.balance(&tenant, &rent).u128(), FORTUNE);
    assert!(world.deployment(1).is_err());
    world.check();
}

#[test]
fn an_offer_in_a_token_is_taken_on_an_account_of_that_token() {
    let mut world = world();
    let token = world.token_denom();
    let (tenant, provider) = (world.tenants[0].clone(), world.providers[0].clone());
    world.bond_token(&provider, 1_000_000).unwrap();
    let terms = small_terms(&world, 1, 10);
    let offer = world.post_offer_in(&provider, terms, token.clone());
    let group = [(10, taking(offer.unwrap(), 10))];
    let escrow = world.suite.escrow.clone();
    let open = Cw20HookMsg::Open { owner: None };
    world.send_token(&tenant, &escrow, 100, &open).unwrap();
    let id = world.take_in(&tenant, &group, 0, Some(1), token).unwrap();
    let deployment = world.deployment(id).unwrap();
    assert_eq!(deployment.groups[0].status, GroupStatus::Leased);
    world.check();
}

/// The tenant gets its service back by auction, and the silent provider's offer is nobody's until it is heard of again.
#[test]
fn a_lease_from_an_offer_fails_over_to_another_provider() {
    let mut world = world();
    let offer = post(&mut world, 2);
    let tenant = world.tenants[0].clone();
    let group = [(20, taking(offer, 10))];
    let order = world.take(&tenant, &group, 1_000, None).unwrap() * 8;
    let first = world.lease_of(order).unwrap();
    world.pass(14);
    let keeper = world.stranger.clone();
    world.failover(&keeper, first).unwrap();
    world.check();
    assert_eq!(world.left(offer).unwrap(), Usage(vec![200, 128, 0]));
    let other = world.providers[1].clone();
    world.heartbeat(&other).unwrap();
    world.claim(&other, order).unwrap();
    let second = world.lease(world.lease_of(order).unwrap()).unwrap();
    assert_eq!((second.provider, second.offer_id), (other, None));
    let refused = world.take(&tenant, &group, 1_000, None);
    let error = format!("{:#}", refused.unwrap_err().root_cause());
    assert!(error.contains("heartbeat lapsed"), "{error}");
    world.heartbeat(&world.providers[0].clone()).unwrap();
    world.take(&tenant, &group, 1_000, None).unwrap();
    world.check();
}

/// Leaving is not held up by offers: nobody can take them any more.
#[test]
fn an_offer_of_a_provider_that_drained_or_left_is_not_taken() {
    let mut world = world();
    let offer = post(&mut world, 2);
    let (tenant, provider) = (world.tenants[0].clone(), world.providers[0].clone());
    let refusal = |world: &mut World, part: &str| {
        let refused = world.take(&tenant, &[(20, taking(offer, 10))], 1_000, None);
        let error = format!("{:#}", refused.unwrap_err().root_cause());
        assert!(error.contains(part), "{error}");
    };
    world
        .provider_call(&provider, &ProviderMsg::Drain {})
        .unwrap();
    refusal(&mut world, "draining");
    world.unbond(&provider, 1_000_000).unwrap();
    world
        .provider_call(&provider, &ProviderMsg::Leave {})
        .unwrap();
    refusal(&mut world, "registered provider");
    world.check();
}
