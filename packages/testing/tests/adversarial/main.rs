//! Named attacks. Each says who attacks whom; what the attackers gained and the victims lost is measured over all that they own
//! (`leasehold_testing::wealth`). The list is in `docs/SECURITY.md`.

mod auction;
mod change;
mod deadlines;
mod extremes;
mod jobs;
mod offers;
mod pause;
mod prune;
mod reentrancy;
mod rent;
mod reputation;
mod reservation;
mod samples;
mod sealed;
mod slashing;
mod spoofing;
mod stage;
mod token;
mod trust;

use cosmwasm_std::Addr;
use leasehold_api::genesis::Genesis;
use leasehold_api::AuctionMode;
use leasehold_testing::wealth::Attack;
use leasehold_testing::world::{World, STAKE};

const DESCENDING: AuctionMode = AuctionMode::Descending { min_bidders: None };
const COLLATERAL: u128 = 10_000_000;
const DEPOSIT: u128 = 100_000;
/// Units per second.
const RATE: u128 = 10;

/// Honest: a tenant with a funded account, and providers 0 to 2. Crooked: providers 3 and 4, a tenant, and Mallory, who is nobody.
struct Scene {
    world: World,
    tenant: Addr,
    account: u64,
    honest: [Addr; 3],
    crooked: [Addr; 2],
    crook: Addr,
    mallory: Addr,
}

impl Scene {
    /// Without a fee, so that what somebody loses is somebody's gain.
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl Fn(&mut Genesis)) -> Self {
        let mut genesis = Genesis::development(STAKE);
        genesis.escrow.fee_bps = 0;
        change(&mut genesis);
        let mut world = World::with(&genesis);
        for provider in world.providers.clone() {
            world.register(&provider, COLLATERAL).unwrap();
        }
        let [tenant, crook] = [0, 1].map(|i| world.tenants[i].clone());
        let account = world.open_account(&tenant, DEPOSIT).unwrap();
        let provider = |i: usize| world.providers[i].clone();
        Scene {
            tenant,
            account,
            honest: [0, 1, 2].map(provider),
            crooked: [3, 4].map(provider),
            crook,
            mallory: world.stranger.clone(),
            world,
        }
    }

    /// A lease of the first honest provider for the honest tenant: deployment and lease.
    fn lease(&mut self) -> (u64, u64) {
        let [provider, ..] = self.honest.clone();
        let tenant = self.tenant.clone();
        self.world
            .rent(&tenant, self.account, &provider, RATE)
            .unwrap()
    }

    /// An order of the honest tenant at up to `most` units per second.
    fn order(&mut self, most: u128, mode: AuctionMode) -> u64 {
        let tenant = self.tenant.clone();
        let account = Some(self.account);
        let id = self.world.create(&tenant, &[(most, mode)], 0, account);
        id.unwrap() * 8
    }

    /// Lets time pass with all honest providers alive.
    fn pass(&mut self, seconds: u64) {
        self.world.pass_alive(seconds, &self.honest).unwrap();
    }

    /// All crooks together against all who are honest.
    fn attack(&self) -> Attack {
        let [one, two] = &self.crooked;
        let attackers = [one, two, &self.crook, &self.mallory];
        let [a, b, c] = &self.honest;
        Attack::begin(&self.world, &attackers, &[&self.tenant, a, b, c]).unwrap()
    }

    /// The crooks against the honest tenant alone, who pays honest providers for their service.
    fn attack_on_tenant(&self) -> Attack {
        let [one, two] = &self.crooked;
        let attackers = [one, two, &self.crook, &self.mallory];
        Attack::begin(&self.world, &attackers, &[&self.tenant]).unwrap()
    }

    /// A block every five seconds, and nobody beats.
    fn pass_in_blocks(&mut self, seconds: u64) {
        for _ in 0..seconds / 5 {
            self.world.halt(5);
        }
    }

    /// Until the present phase of an order ends by itself.
    fn left(&self, order: u64) -> u64 {
        let end = self.world.order(order).unwrap().phase_ends_at.unwrap();
        end - self.world.now()
    }
}
