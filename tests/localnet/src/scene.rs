//! Providers with agents, a tenant, and what has to be true after every fault.

use anyhow::{ensure, Result};
use leasehold_api::event::{BidPlaced, Collected, Heartbeat, LeaseStarted};
use leasehold_api::genesis::Genesis;
use leasehold_api::rules::auction::AuctionParams;
use leasehold_api::{deployment, market, provider, Suite};
use leasehold_client::{ChainClient, Wallet};

use crate::field::Field;
use crate::history::History;
use crate::{connect, dev_key, eventually, invariants, second, suite, wallet, FREE, STAKE};

/// What a provider asks, smallest units per core and hour. Its first bid asks 30 % more.
pub const PRICE: u64 = 100_000_000;

/// Of a [`Scene::patient`] suite, seconds: less than a halt, and a third of it is time enough to come back late.
pub const GRACE: u64 = 24;

pub struct Scene {
    pub client: ChainClient,
    pub suite: Suite,
    pub tenant: Wallet,
    pub providers: Vec<String>,
    pub field: Field,
    /// The block after which it began.
    pub first: u64,
}

impl Scene {
    /// Every provider with the node that its agent asks, and its price; all hearts beat.
    pub async fn new(providers: &[(&str, &str, u64)]) -> Result<Self> {
        let suite = suite(&connect().await?).await?;
        Self::on(suite, providers).await
    }

    /// On a suite of these rules that nobody else uses.
    pub async fn with(genesis: &Genesis, providers: &[(&str, &str, u64)]) -> Result<Self> {
        let client = connect().await?;
        let salt = client.status().await?.height.to_string();
        Self::on(second(&client, &salt, genesis).await?, providers).await
    }

    /// The development profile with heartbeats of `GRACE` and time to claim for those who hear late.
    pub fn patient() -> Genesis {
        let development = Genesis::development(STAKE);
        Genesis {
            provider: provider::Params {
                grace: GRACE,
                ..development.provider
            },
            market: market::Params {
                auction: AuctionParams {
                    // Ten in the bidding.
                    min_blocks: 75,
                    claim_window: 20,
                    ..development.market.auction
                },
                ..development.market
            },
            ..development
        }
    }

    /// The development profile with bidding that lasts longer than it takes to lose a validator.
    pub fn long_bidding() -> Genesis {
        let development = Genesis::development(STAKE);
        Genesis {
            market: market::Params {
                auction: AuctionParams {
                    bidding: 30,
                    hard_close: 40,
                    ..development.market.auction
                },
                ..development.market
            },
            ..development
        }
    }

    async fn on(suite: Suite, providers: &[(&str, &str, u64)]) -> Result<Self> {
        let client = connect().await?;
        let first = client.status().await?.height;
        let tenant = wallet(&client, dev_key("tenant")?, FREE)?;
        let mut field = Field::new(&suite).await?;
        let mut addresses = Vec::new();
        for (name, node, price) in providers {
            field.provider(name, node, *price)?;
            addresses.push(dev_key(name)?.address().to_owned());
        }
        let scene = Scene {
            client,
            suite,
            tenant,
            providers: addresses,
            field,
            first,
        };
        scene.beat_after(first).await?;
        Ok(scene)
    }

    /// What happened since.
    pub async fn history(&self) -> Result<History> {
        History::read(&self.client, &self.suite, self.first).await
    }

    /// Leases that have begun since, with their blocks.
    pub async fn leases(&self) -> Result<Vec<(u64, LeaseStarted)>> {
        self.history().await?.all()
    }

    pub async fn height(&self) -> Result<u64> {
        Ok(self.client.status().await?.height)
    }

    /// Until somebody has bid.
    pub async fn bid_on(&self) -> Result<()> {
        eventually("a bid", || async {
            let bids = self.history().await?.all::<BidPlaced>()?;
            Ok((!bids.is_empty()).then_some(()))
        })
        .await
    }

    /// Until this provider has no transaction under way: its last bid and heartbeat are some blocks old, and the next is not due.
    pub async fn rests(&self, provider: &str) -> Result<()> {
        eventually("a provider that rests", || async {
            let history = self.history().await?;
            let bids = history.all::<BidPlaced>()?;
            let bids = bids.iter().map(|(height, bid)| (height, &bid.provider));
            let beats = history.all::<Heartbeat>()?;
            let beats = beats.iter().map(|(height, beat)| (height, &beat.provider));
            let own = bids
                .chain(beats)
                .filter(|(_, who)| who.as_str() == provider);
            let last = own.map(|(height, _)| *height).max().unwrap_or(self.first);
            let age = self.height().await? - last;
            Ok((3..=5).contains(&age).then_some(()))
        })
        .await
    }

    /// The first block by which every provider's heart has beaten after `height`.
    pub async fn beat_after(&self, height: u64) -> Result<u64> {
        eventually("a heartbeat of everybody", || async {
            let history = History::read(&self.client, &self.suite, height + 1).await?;
            let beats = history.all::<Heartbeat>()?;
            let first = |provider: &String| {
                let mut own = beats
                    .iter()
                    .filter(|(_, b)| b.provider.as_str() == provider);
                own.next().map(|(height, _)| *height)
            };
            let firsts: Option<Vec<u64>> = self.providers.iter().map(first).collect();
            Ok(firsts.and_then(|heights| heights.into_iter().max()))
        })
        .await
    }

    /// Until the lease's provider gets rent after `height`.
    pub async fn paid_after(&self, lease: u64, height: u64) -> Result<()> {
        eventually("rent", || async {
            let history = History::read(&self.client, &self.suite, height + 1).await?;
            let mut pay = history.all::<Collected>()?.into_iter();
            Ok(pay.any(|(_, pay)| pay.stream == lease).then_some(()))
        })
        .await
    }

    /// Closes the deployments and holds what happened against the rules: one lease each, no bid twice, nobody slashed.
    pub async fn end(mut self, deployments: &[u64]) -> Result<()> {
        for id in deployments {
            let close = deployment::ExecuteMsg::Close { deployment_id: *id };
            let deployment = &self.suite.deployment;
            self.tenant.execute(deployment, &close, &[]).await?;
        }
        let history = self.history().await?;
        history.check_once()?;
        let leases = history.all::<LeaseStarted>()?;
        ensure!(leases.len() == deployments.len(), "{leases:?}");
        self.field.close().await?;
        invariants(&self.client, &self.suite).await
    }
}
