//! Akash's settlement, case by case, and the defects seen on its running node: the same where Akash is exact, different on purpose
//! where it is not. One of its blocks is one of our seconds. The table is `docs/akash-differential.md`.

mod defects;
mod settlement;

use cosmwasm_std::Addr;
use leasehold_api::escrow::AccountStatus;
use leasehold_api::genesis::Genesis;
use leasehold_api::{AuctionMode, SCALE};
use leasehold_testing::world::{World, FORTUNE, STAKE};

const DESCENDING: AuctionMode = AuctionMode::Descending { min_bidders: None };
const COLLATERAL: u128 = 1_000_000;

/// No fee, as on Akash today, and a runway of one second, so that amounts are those of Akash's table.
fn world() -> World {
    let mut genesis = Genesis::development(STAKE);
    genesis.escrow.fee_bps = 0;
    genesis.escrow.min_runway = 1;
    let mut world = World::with(&genesis);
    for provider in world.providers.clone() {
        world.register(&provider, COLLATERAL).unwrap();
    }
    world
}

/// A deployment whose groups are leased, all from the same second on, each by a provider of its own.
struct Running {
    deployment: u64,
    account: u64,
    leases: Vec<u64>,
    providers: Vec<Addr>,
}

fn running(world: &mut World, deposit: u128, rates: &[u128]) -> Running {
    let tenant = world.tenants[0].clone();
    let groups: Vec<_> = rates.iter().map(|rate| (*rate, DESCENDING)).collect();
    let deployment = world.create(&tenant, &groups, deposit, None).unwrap();
    let providers = world.providers[..rates.len()].to_vec();
    let orders: Vec<u64> = (deployment * 8..).take(rates.len()).collect();
    for ((provider, order), rate) in providers.iter().zip(&orders).zip(rates) {
        world.heartbeat(provider).unwrap();
        world.bid(provider, *order, *rate).unwrap();
    }
    world.pass_alive(8, &providers).unwrap();
    for (provider, order) in providers.iter().zip(&orders) {
        world.claim(provider, *order).unwrap();
    }
    Running {
        deployment,
        account: world.deployment(deployment).unwrap().account,
        leases: orders.iter().map(|o| world.lease_of(*o).unwrap()).collect(),
        providers,
    }
}

/// Rent that a provider has been paid.
fn paid(world: &World, provider: &Addr) -> u128 {
    world.balance(provider, &world.rent_denom()).u128() + COLLATERAL - FORTUNE
}

/// What the providers were paid and what is left after `seconds` of leases at `rates`, and how the account stands.
fn settled(deposit: u128, rates: &[u128], seconds: u64) -> (Vec<u128>, u128, AccountStatus) {
    let mut world = world();
    let running = running(&mut world, deposit, rates);
    world.pass_alive(seconds, &running.providers).unwrap();
    let anyone = world.stranger.clone();
    world.collect(&anyone, &running.leases).unwrap();
    world.check();
    let account = world.account(running.account).unwrap();
    let paid = running.providers.iter().map(|p| paid(&world, p)).collect();
    (paid, account.balance.u128() / SCALE, account.status)
}
