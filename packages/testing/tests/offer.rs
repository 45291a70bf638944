//! Standing offers on the whole suite: one transaction from nothing to a lease, to the unit.

use anyhow::Result;
use cosmwasm_std::{from_json, Binary, Uint128};
use cw_multi_test::AppResponse;
use leasehold_api::deployment::{ExecuteMsg as DeploymentMsg, GroupRequest, GroupStatus};
use leasehold_api::escrow::{Cw20HookMsg, ExecuteMsg as EscrowMsg};
use leasehold_api::genesis::Genesis;
use leasehold_api::market::{
    ExecuteMsg as MarketMsg, OfferResponse, OfferTerms, QueryMsg, TakeOffer,
};
use leasehold_api::provider::ExecuteMsg as ProviderMsg;
use leasehold_api::{Denom, Goods, Stock, Usage, SCALE};
use leasehold_testing::verbs::{rate, small_group};
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

/// Room for `groups` small groups at 10 a second each.
fn terms(world: &World, groups: u64, units: u128) -> OfferTerms {
    OfferTerms {
        goods: Goods {
            cpu: Stock {
                amount: 100 * groups,
                price: Uint128::new(units * SCALE / 100),
            },
            memory: Stock {
                amount: 64 * groups,
                price: Uint128::zero(),
            },
            storage: vec![],
            gpus: vec![],
            ips: Stock::default(),
            endpoint: Uint128::zero(),
        },
        exit: None,
        expires_at: world.now() + 1_000,
    }
}

fn post(world: &mut World, provider: usize, denom: Denom, groups: u64, units: u128) -> u64 {
    let who = world.providers[provider].clone();
    let terms = terms(world, groups, units);
    let response = world
        .market_call(&who, &MarketMsg::PostOffer { denom, terms })
        .expect("posts");
    from_json(response.data.expect("the id")).expect("an id")
}

fn create(
    world: &mut World,
    maxima: &[u128],
    offer: TakeOffer,
    denom: Denom,
    deposit: u128,
    account: Option<u64>,
) -> Result<AppResponse> {
    let groups = maxima
        .iter()
        .enumerate()
        .map(|(i, units)| GroupRequest {
            offer: Some(offer),
            ..small_group(&format!("group{i}"), *units).into()
        })
        .collect();
    let create = DeploymentMsg::Create {
        groups,
        manifest_hash: Binary::from(vec![1; 32]),
        denom,
        account,
    };
    let tenant = world.tenants[0].clone();
    world.deployment_call(&tenant, &create, deposit)
}

fn taking(offer_id: u64) -> TakeOffer {
    TakeOffer {
        offer_id,
        max_rate: None,
    }
}

fn left(world: &World, id: u64) -> Usage {
    let query = QueryMsg::Offer { id };
    let offer: OfferResponse = world.query(&world.suite.market, &query).expect("the offer");
    offer.left
}

#[test]
fn one_transaction_from_nothing_to_two_leases_and_back_adds_up() {
    let mut world = world();
    let rent = world.rent_denom();
    let offer = post(&mut world, 0, rent.clone(), 3, 10);
    create(
        &mut world,
        &[20, 15],
        taking(offer),
        rent.clone(),
        1_000,
        None,
    )
    .unwrap();
    world.check();
    let deployment = world.deployment(1).unwrap();
    for group in &deployment.groups {
        assert_eq!(group.status, GroupStatus::Leased);
        let lease = world.lease(group.lease_id.unwrap()).unwrap();
        assert_eq!((lease.rate, lease.offer_id), (rate(10), Some(offer)));
    }
    assert_eq!(left(&world, offer), Usage(vec![100, 64, 0]));
    world.pass(5);
    let tenant = world.tenants[0].clone();
    world
        .deployment_call(&tenant, &DeploymentMsg::Close { deployment_id: 1 }, 0)
        .unwrap();
    assert_eq!(left(&world, offer), Usage(vec![300, 192, 0]));
    let account = deployment.account;
    let amount = world.account(account).unwrap().withdrawable;
    let withdraw = EscrowMsg::Withdraw {
        account,
        amount: Some(amount),
    };
    world.escrow_call(&tenant, &withdraw, 0).unwrap();
    let provider = world.providers[0].clone();
    let paid = world.balance(&provider, &rent).u128();
    assert_eq!(paid, FORTUNE - 1_000_000 + 100);
    assert_eq!(world.balance(&tenant, &rent).u128(), FORTUNE - 100);
    world.check();
}

/// All groups or none: the third finds the offer sold out, and the first two give back what they took, the deposit included.
#[test]
fn what_does_not_fit_whole_takes_nothing() {
    let mut world = world();
    let rent = world.rent_denom();
    let offer = post(&mut world, 0, rent.clone(), 2, 10);
    let refused = create(
        &mut world,
        &[20; 3],
        taking(offer),
        rent.clone(),
        1_000,
        None,
    );
    let error = format!("{:#}", refused.unwrap_err().root_cause());
    assert!(error.contains("0 are left of the offer"), "{error}");
    assert_eq!(left(&world, offer), Usage(vec![200, 128, 0]));
    assert_eq!(world.balance(&world.tenants[0], &rent).u128(), FORTUNE);
    assert!(world.deployment(1).is_err());
    world.check();
}

#[test]
fn an_offer_in_a_token_is_taken_on_an_account_of_that_token() {
    let mut world = world();
    let token = world.token_denom();
    let provider = world.providers[0].clone();
    world.bond_token(&provider, 1_000_000).unwrap();
    let offer = post(&mut world, 0, token.clone(), 1, 10);
    let (tenant, escrow) = (world.tenants[0].clone(), world.suite.escrow.clone());
    let open = Cw20HookMsg::Open { owner: None };
    world.send_token(&tenant, &escrow, 100, &open).unwrap();
    create(&mut world, &[10], taking(offer), token, 0, Some(1)).unwrap();
    assert_eq!(
        world.deployment(1).unwrap().groups[0].status,
        GroupStatus::Leased
    );
    world.check();
}

/// The tenant gets its service back by auction, and the silent provider's offer is nobody's until it is heard of again.
#[test]
fn a_lease_from_an_offer_fails_over_to_another_provider() {
    let mut world = world();
    let rent = world.rent_denom();
    let offer = post(&mut world, 0, rent.clone(), 2, 10);
    create(&mut world, &[20], taking(offer), rent.clone(), 1_000, None).unwrap();
    let first = world.order(8).unwrap().lease_id.unwrap();
    world.pass(14);
    let keeper = world.stranger.clone();
    world.failover(&keeper, first).unwrap();
    world.check();
    assert_eq!(left(&world, offer), Usage(vec![200, 128, 0]));
    let other = world.providers[1].clone();
    world.heartbeat(&other).unwrap();
    world.claim(&other, 8).unwrap();
    let second = world
        .lease(world.order(8).unwrap().lease_id.unwrap())
        .unwrap();
    assert_eq!((second.provider, second.offer_id), (other, None));
    let refused = create(&mut world, &[20], taking(offer), rent.clone(), 1_000, None);
    let error = format!("{:#}", refused.unwrap_err().root_cause());
    assert!(error.contains("heartbeat lapsed"), "{error}");
    world.heartbeat(&world.providers[0].clone()).unwrap();
    create(&mut world, &[20], taking(offer), rent, 1_000, None).unwrap();
    world.check();
}

/// Leaving is not held up by offers: nobody can take them any more.
#[test]
fn an_offer_of_a_provider_that_drained_or_left_is_not_taken() {
    let mut world = world();
    let rent = world.rent_denom();
    let offer = post(&mut world, 0, rent.clone(), 2, 10);
    let provider = world.providers[0].clone();
    let refusal = |world: &mut World, part: &str| {
        let rent = world.rent_denom();
        let refused = create(world, &[20], taking(offer), rent, 1_000, None);
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
