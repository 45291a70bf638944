//! The suite's main stories, to the unit.

mod refused;
mod silence;

use leasehold_api::deployment::{ExecuteMsg as DeploymentMsg, GroupStatus};
use leasehold_api::escrow::{AccountStatus, Cw20HookMsg, ExecuteMsg as EscrowMsg};
use leasehold_api::genesis::Genesis;
use leasehold_api::market::{EndReason, ExecuteMsg as MarketMsg};
use leasehold_api::provider::ExecuteMsg as ProviderMsg;
use leasehold_api::{Attribute, AuctionMode, Denom};
use leasehold_testing::world::{World, FORTUNE, RENT, STAKE};

const DESCENDING: AuctionMode = AuctionMode::Descending { min_bidders: None };

/// No fee, so that amounts are what they look like.
fn world() -> World {
    let mut genesis = Genesis::development(STAKE);
    genesis.escrow.fee_bps = 0;
    genesis.escrow.min_runway = 1;
    World::with(&genesis)
}

fn registered(world: &mut World, providers: usize) {
    for provider in world.providers.clone().into_iter().take(providers) {
        world
            .register(&provider, 1_000_000)
            .expect("a new provider registers");
    }
}

/// A lease on the deployment's first group at `units` per second with provider number `provider`.
fn lease(world: &mut World, deployment: u64, group: u64, provider: usize, units: u128) -> u64 {
    let who = world.providers[provider].clone();
    let order = deployment * 8 + group;
    world.heartbeat(&who).expect("heartbeat");
    world.bid(&who, order, units).expect("bid");
    world.pass(8);
    world.heartbeat(&who).expect("heartbeat");
    world.claim(&who, order).expect("claim");
    world.order(order).expect("order").lease_id.expect("leased")
}

#[test]
fn a_lease_from_deposit_to_refund_adds_up() {
    let mut world = world();
    registered(&mut world, 1);
    let (tenant, provider) = (world.tenants[0].clone(), world.providers[0].clone());
    let id = world
        .create(&tenant, &[(20, DESCENDING)], 1_000, None)
        .unwrap();
    let lease = lease(&mut world, id, 0, 0, 10);
    world.pass(5);
    world.heartbeat(&provider).unwrap();
    world.pass(5);
    world
        .deployment_call(&tenant, &DeploymentMsg::Close { deployment_id: id }, 0)
        .unwrap();
    let account = world.deployment(id).unwrap().account;
    let left = world.account(account).unwrap().withdrawable;
    world
        .escrow_call(
            &tenant,
            &EscrowMsg::Withdraw {
                account,
                amount: Some(left),
            },
            0,
        )
        .unwrap();

    let rent = world.rent_denom();
    assert_eq!(
        world.balance(&provider, &rent).u128(),
        FORTUNE - 1_000_000 + 100
    );
    assert_eq!(world.balance(&tenant, &rent).u128(), FORTUNE - 100);
    assert_eq!(
        world.lease(lease).unwrap().ended.unwrap().reason,
        EndReason::Tenant
    );
    world.check();
}

/// 100 funds, two streams of 10 per second, 6 seconds: Akash pays 60 and 40, here both get 50.
#[test]
fn dry_account_pays_all_to_the_same_second() {
    let mut world = world();
    registered(&mut world, 2);
    let tenant = world.tenants[0].clone();
    let (a, b) = (world.providers[0].clone(), world.providers[1].clone());
    let id = world
        .create(&tenant, &[(10, DESCENDING), (10, DESCENDING)], 100, None)
        .unwrap();
    world.bid(&a, id * 8, 10).unwrap();
    world.bid(&b, id * 8 + 1, 10).unwrap();
    world.pass(8);
    for (who, order) in [(&a, id * 8), (&b, id * 8 + 1)] {
        world.heartbeat(who).unwrap();
        world.claim(who, order).unwrap();
    }
    let leases = [0, 1].map(|group| world.order(id * 8 + group).unwrap().lease_id.unwrap());
    world.pass(6);
    let account = world.deployment(id).unwrap().account;
    assert_eq!(world.account(account).unwrap().status, AccountStatus::Dry);
    world.collect(&world.stranger.clone(), &leases).unwrap();
    let rent = world.rent_denom();
    assert_eq!(world.balance(&a, &rent).u128(), FORTUNE - 1_000_000 + 50);
    assert_eq!(world.balance(&b, &rent).u128(), FORTUNE - 1_000_000 + 50);
    world.check();
}

#[test]
fn a_top_up_resumes_and_the_gap_is_not_owed() {
    let mut world = world();
    registered(&mut world, 1);
    let (tenant, provider) = (world.tenants[0].clone(), world.providers[0].clone());
    let id = world
        .create(&tenant, &[(10, DESCENDING)], 50, None)
        .unwrap();
    let lease = lease(&mut world, id, 0, 0, 10);
    world.pass(7);
    world.heartbeat(&provider).unwrap();
    let account = world.deployment(id).unwrap().account;
    world
        .escrow_call(
            &world.stranger.clone(),
            &EscrowMsg::Deposit { account },
            1_000,
        )
        .unwrap();
    world.pass(4);
    world.collect(&provider, &[lease]).unwrap();
    let rent = world.rent_denom();
    assert_eq!(
        world.balance(&provider, &rent).u128(),
        FORTUNE - 1_000_000 + 50 + 40
    );
    world.check();
}

#[test]
fn rent_in_cw20_works_like_coins() {
    let mut world = world();
    let (tenant, provider) = (world.tenants[0].clone(), world.providers[0].clone());
    world.register(&provider, 1).unwrap();
    world.bond_token(&provider, 1_000_000).unwrap();
    let escrow = world.suite.escrow.clone();
    world
        .send_token(&tenant, &escrow, 1_000, &Cw20HookMsg::Open { owner: None })
        .unwrap();
    let token = world.token_denom();
    let id = world
        .create_in(&tenant, &[(20, DESCENDING)], 0, Some(1), token.clone())
        .unwrap();
    let lease = lease(&mut world, id, 0, 0, 10);
    world.pass(5);
    world.collect(&provider, &[lease]).unwrap();
    assert_eq!(
        world.balance(&provider, &token).u128(),
        FORTUNE - 1_000_000 + 50
    );
    world.check();
}

#[test]
fn a_paused_group_frees_everything_and_starts_again() {
    let mut world = world();
    registered(&mut world, 1);
    let (tenant, provider) = (world.tenants[0].clone(), world.providers[0].clone());
    let id = world
        .create(&tenant, &[(10, DESCENDING)], 10_000, None)
        .unwrap();
    lease(&mut world, id, 0, 0, 10);
    world
        .deployment_call(
            &tenant,
            &DeploymentMsg::PauseGroup {
                deployment_id: id,
                group: 0,
            },
            0,
        )
        .unwrap();
    world.check();
    assert_eq!(
        world.deployment(id).unwrap().groups[0].status,
        GroupStatus::Paused
    );
    world.unbond(&provider, 1_000_000).unwrap();
    world
        .deployment_call(
            &tenant,
            &DeploymentMsg::StartGroup {
                deployment_id: id,
                group: 0,
            },
            0,
        )
        .unwrap();
    assert_eq!(
        world.deployment(id).unwrap().groups[0].status,
        GroupStatus::Open
    );
    world.check();
}

#[test]
fn a_transfer_takes_the_money_along() {
    let mut world = world();
    registered(&mut world, 1);
    let (old, new) = (world.tenants[0].clone(), world.tenants[1].clone());
    let id = world
        .create(&old, &[(10, DESCENDING)], 10_000, None)
        .unwrap();
    lease(&mut world, id, 0, 0, 10);
    world
        .deployment_call(
            &old,
            &DeploymentMsg::Transfer {
                deployment_id: id,
                new_owner: new.to_string(),
            },
            0,
        )
        .unwrap();
    world
        .deployment_call(&old, &DeploymentMsg::Close { deployment_id: id }, 0)
        .unwrap_err();
    world
        .deployment_call(&new, &DeploymentMsg::Close { deployment_id: id }, 0)
        .unwrap();
    let account = world.deployment(id).unwrap().account;
    let amount = None;
    world
        .escrow_call(&old, &EscrowMsg::Withdraw { account, amount }, 0)
        .unwrap_err();
    world
        .escrow_call(&new, &EscrowMsg::Withdraw { account, amount }, 0)
        .unwrap();
    world.check();
}
