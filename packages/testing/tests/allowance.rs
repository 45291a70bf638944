//! Renting on somebody else's account, through all five contracts.

use cosmwasm_std::{from_json, Addr, Uint128};
use leasehold_api::deployment::{ExecuteMsg as DeploymentMsg, GroupStatus};
use leasehold_api::escrow::{ExecuteMsg as EscrowMsg, Limits, Refill};
use leasehold_api::genesis::Genesis;
use leasehold_api::AuctionMode;
use leasehold_testing::verbs::rate;
use leasehold_testing::world::{World, FORTUNE, STAKE};

/// No fee and hardly a runway, so that amounts are what they look like.
fn world() -> World {
    let mut genesis = Genesis::development(STAKE);
    genesis.escrow.fee_bps = 0;
    genesis.escrow.min_runway = 1;
    let mut world = World::with(&genesis);
    for provider in world.providers.clone() {
        world.register(&provider, 1_000_000).unwrap();
    }
    world
}

/// The owner's account of 10 000 and one that the spender draws on it, at up to ten a second and 3 000 in all.
fn allowed(world: &mut World, owner: &Addr, spender: &Addr) -> (u64, u64) {
    let open = EscrowMsg::Open {
        owner: None,
        denom: world.rent_denom(),
    };
    let id = |response: cw_multi_test::AppResponse| from_json::<u64>(response.data.unwrap());
    let source = id(world.escrow_call(owner, &open, 10_000).unwrap()).unwrap();
    let allow = EscrowMsg::Allow {
        account: source,
        spender: spender.to_string(),
        limits: Limits {
            max_rate: rate(10),
            max_total: Uint128::new(3_000),
            expires: None,
            refill: Some(Refill { below: 5, to: 20 }),
        },
    };
    let drawn = id(world.escrow_call(owner, &allow, 0).unwrap()).unwrap();
    let draw = EscrowMsg::Draw {
        account: drawn,
        amount: Uint128::new(100),
    };
    world.escrow_call(spender, &draw, 0).unwrap();
    (source, drawn)
}

/// A posted price, so that the first provider takes it.
fn posted(units: u128) -> [(u128, AuctionMode); 1] {
    let min_rate = Some(rate(units));
    [(units, AuctionMode::Dutch { min_rate })]
}

#[test]
fn a_spender_rents_and_the_owner_pays_to_the_second() {
    let mut world = world();
    let (owner, spender) = (world.tenants[0].clone(), world.tenants[1].clone());
    let (provider, stranger) = (world.providers[0].clone(), world.stranger.clone());
    let (source, drawn) = allowed(&mut world, &owner, &spender);
    let id = world.create(&spender, &posted(10), 0, Some(drawn)).unwrap();
    world.heartbeat(&provider).unwrap();
    world.claim(&provider, id * 8).unwrap();
    world.check();

    world.pass(6);
    let top_up = EscrowMsg::TopUp { account: drawn };
    world.escrow_call(&stranger, &top_up, 0).unwrap();
    world.escrow_call(&stranger, &top_up, 0).unwrap_err();
    assert_eq!(world.account(drawn).unwrap().runway, Some(20));
    world.pass(4);
    world
        .deployment_call(&spender, &DeploymentMsg::Close { deployment_id: id }, 0)
        .unwrap();
    let back = EscrowMsg::Move {
        from: drawn,
        to: source,
        amount: None,
    };
    world.escrow_call(&owner, &back, 0).unwrap();

    let rent = world.rent_denom();
    let earned = world.balance(&provider, &rent).u128() + 1_000_000 - FORTUNE;
    assert_eq!(earned, 100);
    assert_eq!(world.account(source).unwrap().withdrawable.u128(), 9_900);
    assert_eq!(world.balance(&spender, &rent).u128(), FORTUNE);
    world.check();
}

#[test]
fn groups_above_the_allowed_rate_never_reach_the_market() {
    let mut world = world();
    let (owner, spender) = (world.tenants[0].clone(), world.tenants[1].clone());
    let (_, drawn) = allowed(&mut world, &owner, &spender);
    let refused = world.create(&spender, &posted(11), 0, Some(drawn));
    let text = format!("{:#}", refused.unwrap_err());
    assert!(text.contains("at most 10000000000000"), "{text}");
    let refused = world.create(&world.tenants[2].clone(), &posted(1), 0, Some(drawn));
    let text = format!("{:#}", refused.unwrap_err());
    assert!(text.contains("its allowance is for"), "{text}");
    world.check();
}

/// The provider that won loses nothing when the owner takes its permission back before the claim.
#[test]
fn a_revocation_frees_the_winner() {
    let mut world = world();
    let (owner, spender) = (world.tenants[0].clone(), world.tenants[1].clone());
    let provider = world.providers[0].clone();
    let (_, drawn) = allowed(&mut world, &owner, &spender);
    let groups = [(10, AuctionMode::default())];
    let id = world.create(&spender, &groups, 0, Some(drawn)).unwrap();
    world.heartbeat(&provider).unwrap();
    world.bid(&provider, id * 8, 9).unwrap();
    world.pass(8);
    let revoke = EscrowMsg::Revoke { account: drawn };
    world.escrow_call(&owner, &revoke, 0).unwrap();
    world.heartbeat(&provider).unwrap();
    world.claim(&provider, id * 8).unwrap();
    let group = &world.deployment(id).unwrap().groups[0];
    assert_eq!(group.status, GroupStatus::Paused);
    world.unbond(&provider, 1_000_000).unwrap();
    let start = DeploymentMsg::StartGroup {
        deployment_id: id,
        group: 0,
    };
    world.deployment_call(&spender, &start, 0).unwrap_err();
    world.check();
}

#[test]
fn an_allowance_cannot_be_handed_on() {
    let mut world = world();
    let [owner, spender, heir] = [0, 1, 2].map(|i| world.tenants[i].clone());
    let (_, drawn) = allowed(&mut world, &owner, &spender);
    let id = world.create(&spender, &posted(10), 0, Some(drawn)).unwrap();
    let transfer = DeploymentMsg::Transfer {
        deployment_id: id,
        new_owner: heir.to_string(),
    };
    let refused = world.deployment_call(&spender, &transfer, 0).unwrap_err();
    let text = format!("{refused:#}");
    assert!(text.contains("cannot hand it over"), "{text}");
    assert_eq!(world.deployment(id).unwrap().owner, spender);
    world.check();
}
