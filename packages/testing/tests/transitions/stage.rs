//! What all tables are driven on: a tenant with an account, three live providers, an order at any point of its life.

use anyhow::Result;
use cosmwasm_std::Addr;
use leasehold_api::genesis::Genesis;
use leasehold_api::provider::ExecuteMsg as ProviderMsg;
use leasehold_api::AuctionMode;
use leasehold_testing::puppet::Puppet;
use leasehold_testing::world::{World, STAKE};

pub const DESCENDING: AuctionMode = AuctionMode::Descending { min_bidders: None };
pub const COLLATERAL: u128 = 10_000_000;
pub const RATE: u128 = 10;
/// What the first and the second bid.
pub const RATES: [u128; 2] = [8, 9];
/// Of the development chain, seconds.
pub const RUNWAY: u64 = 30;
pub const RESUME_WINDOW: u64 = 60;
pub const NOTICE: u64 = 20;
pub const WINDOW: u64 = 8;
pub const DURATION: u64 = 50;
pub const PENALTY_DELAY: u64 = 6;

pub struct Stage {
    pub world: World,
    pub tenant: Addr,
    pub heir: Addr,
    pub stranger: Addr,
    /// Leads and wins, comes second, comes last.
    pub providers: [Addr; 3],
    pub account: u64,
    pub deployment: u64,
    pub order: u64,
    /// What the table is about, where that is not one of the above.
    pub subject: u64,
    pub puppet: Option<Puppet>,
}

impl Stage {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl Fn(&mut Genesis)) -> Self {
        let mut genesis = Genesis::development(STAKE);
        change(&mut genesis);
        let mut world = World::with(&genesis);
        for provider in world.providers.clone() {
            world.register(&provider, COLLATERAL).unwrap();
        }
        let [tenant, heir] = [0, 1].map(|i| world.tenants[i].clone());
        let account = world.open_account(&tenant, 100_000).unwrap();
        Stage {
            stranger: world.stranger.clone(),
            providers: [0, 1, 2].map(|i| world.providers[i].clone()),
            tenant,
            heir,
            account,
            deployment: 1,
            order: 8,
            subject: account,
            puppet: None,
            world,
        }
    }

    /// With an order.
    pub fn ordered(mut self, mode: AuctionMode) -> Self {
        let (tenant, account) = (self.tenant.clone(), Some(self.account));
        let id = self.world.create(&tenant, &[(RATE, mode)], 0, account);
        self.deployment = id.unwrap();
        self.order = self.deployment * 8;
        self
    }

    /// … on which the first `bidders` have bid, the first lowest.
    pub fn with_bids(mut self, bidders: usize) -> Self {
        for (provider, rate) in self.providers[..bidders].iter().zip(RATES).rev() {
            self.world.bid(provider, self.order, rate).unwrap();
        }
        self
    }

    /// With everybody alive all along.
    pub fn later(mut self, seconds: u64) -> Self {
        self.pass(seconds);
        self
    }

    pub fn pass(&mut self, seconds: u64) {
        let everybody = self.world.providers.clone();
        self.world.pass_alive(seconds, &everybody).unwrap();
    }

    /// Descending, at the winner's window.
    pub fn decided(self, bidders: usize) -> Self {
        self.ordered(DESCENDING).with_bids(bidders).later(WINDOW)
    }

    /// The winner has the lease.
    pub fn leased(self, bidders: usize) -> Self {
        let mut stage = self.decided(bidders);
        let winner = stage.providers[0].clone();
        stage.world.claim(&winner, stage.order).unwrap();
        stage
    }

    /// With an order of a job, for whoever claims it.
    pub fn with_job(mut self) -> Self {
        let (tenant, account) = (self.tenant.clone(), self.account);
        let id = self.world.create_job(&tenant, account, RATE, DURATION);
        self.deployment = id.unwrap();
        self.order = self.deployment * 8;
        self
    }

    /// Its tenant proposes another price for the lease.
    pub fn proposed(mut self) -> Self {
        let (tenant, id) = (self.tenant.clone(), self.deployment);
        self.world.propose(&tenant, id, 0, RATE, None).unwrap();
        self
    }

    pub fn lease(&self) -> u64 {
        let order = self.order;
        let first = || leasehold_api::market::lease_id(order, 1);
        self.world.lease_of(order).ok().or_else(first).unwrap()
    }

    /// The first provider falls silent; the others live on.
    pub fn silence(&mut self, seconds: u64) {
        let others = self.world.providers[1..].to_vec();
        self.world.pass_alive(seconds, &others).unwrap();
    }

    /// The account holds no more than it must.
    pub fn empty(&mut self) {
        let tenant = self.tenant.clone();
        self.world.withdraw_all(&tenant, self.account).unwrap();
    }

    pub fn announce_maintenance(&mut self) -> Result<()> {
        let from = self.world.now() + 10;
        let until = from + 60;
        let announce = ProviderMsg::AnnounceMaintenance { from, until };
        let first = self.providers[0].clone();
        self.world.provider_call(&first, &announce)?;
        Ok(())
    }
}

/// The circumstances of a row.
pub fn parts(when: &str) -> impl Iterator<Item = &str> {
    when.split(", ").filter(|part| !part.is_empty())
}

/// Forgets the response.
pub fn done<T>(sent: Result<T>) -> Option<Result<()>> {
    Some(sent.map(|_| ()))
}
