//! How large a run is, from the environment; what scripts/load.sh does not set is a run of two minutes.

use anyhow::{ensure, Context as _, Result};
use leasehold_api::genesis::Genesis;
use leasehold_api::market;
use leasehold_api::rules::auction::AuctionParams;
use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub struct Settings {
    /// Auctions that run at the same time.
    pub orders: usize,
    /// Bids on them, at least.
    pub bids: usize,
    /// Leases that are active at the end, at least.
    pub leases: usize,
    /// Scripted wallets that bid.
    pub providers: usize,
    /// Agents that compete with them, each a process of its own.
    pub agents: usize,
    /// Scripted wallets that order.
    pub tenants: usize,
    /// Seconds that every auction takes bids for.
    pub bidding: u64,
    /// Bids on one order, at least, of two providers that undercut each other.
    pub undercuts: usize,
    /// Gas that a block may use.
    pub block_gas: u64,
}

impl Settings {
    /// # Errors
    /// A value that is no number, or that makes no sense.
    pub fn from_env() -> Result<Self> {
        let settings = Settings {
            orders: number("ORDERS", 30)?,
            bids: number("BIDS", 120)?,
            leases: number("LEASES", 100)?,
            providers: number("PROVIDERS", 3)?,
            agents: number("AGENTS", 2)?,
            tenants: number("TENANTS", 2)?,
            bidding: u64::try_from(number("BIDDING", 10)?)?,
            undercuts: number("UNDERCUTS", 400)?,
            block_gas: u64::try_from(number("BLOCK_GAS", 100_000_000)?)?,
        };
        ensure!(settings.orders > 0, "ORDERS: at least one");
        ensure!(settings.bids >= settings.orders, "BIDS: at least ORDERS");
        ensure!(
            settings.leases >= settings.orders,
            "LEASES: at least ORDERS"
        );
        ensure!(
            settings.providers >= 2,
            "PROVIDERS: two undercut each other"
        );
        ensure!(settings.undercuts > 0, "UNDERCUTS: at least one");
        ensure!(settings.tenants > 0, "TENANTS: at least one");
        Ok(settings)
    }

    /// The design's parameters, but that the bidding lasts until all have bid.
    pub fn genesis(&self) -> Genesis {
        let production = Genesis::production("ustake");
        Genesis {
            market: market::Params {
                auction: AuctionParams {
                    bidding: self.bidding,
                    hard_close: 2 * self.bidding,
                    extension: production.market.auction.extension.min(self.bidding),
                    claim_window: 120,
                    ..production.market.auction
                },
                ..production.market
            },
            ..production
        }
    }

    /// Undercutting bids on each order but those that are left to the agents.
    pub fn waves(&self) -> usize {
        let contested = (0..self.orders).filter(|i| !self.is_agents(*i)).count();
        self.bids.div_ceil(contested.max(1))
    }

    /// Every tenth order has two scripted bids: its winner is an agent, where agents run.
    pub fn is_agents(&self, order: usize) -> bool {
        self.agents > 0 && order % 10 == 9
    }
}

fn number(name: &str, default: usize) -> Result<usize> {
    let Ok(text) = std::env::var(name) else {
        return Ok(default);
    };
    text.parse()
        .with_context(|| format!("{name}={text} is no number"))
}
