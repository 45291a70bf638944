//! What a crowd does: orders, undercuts, claims, takes, in large transactions.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{bail, ensure, Context as _, Result};
use cosmwasm_std::Uint128;
use futures::future::try_join_all;
use futures::{stream, StreamExt as _, TryStreamExt as _};
use leasehold_api::deployment::order_id;
use leasehold_api::market::{ExecuteMsg, Order};
use leasehold_api::rules::auction::Phase;
use leasehold_api::rules::money::BPS;
use leasehold_api::SCALE;
use leasehold_client::{ClientError, Execute, TxOutcome, Wallet};
use leasehold_testing::verbs::small_group;

use crate::ground::{id_of, Ground, Tenant, MAX_RATE};
use crate::settings::Settings;
use crate::spread::Spread;

/// Messages in a transaction.
pub const BATCH: usize = 20;
/// Transactions of a wallet that are under way at once.
pub const DEPTH: usize = 8;
/// What is left of the leader's rate: more than the minimum decrement less.
const UNDERCUT_BPS: u128 = 9_700;
/// How often a batch of bids is made anew because an agent was faster on one of its orders.
const ATTEMPTS: u32 = 50;
/// Scripted bids on an order that is left to the agents.
const FEW: usize = 2;
/// Between two looks at whether auctions are over.
const LOOK: Duration = Duration::from_millis(200);

pub struct Crowd<'a> {
    pub ground: &'a Ground,
    pub settings: &'a Settings,
    /// From handing a transaction over, its simulation included, until it is seen in a block.
    pub confirmed: Spread,
    /// Batches that were made anew.
    pub repeated: u64,
}

impl Crowd<'_> {
    /// All auctions at once; their ids.
    pub async fn order(&mut self) -> Result<Vec<u64>> {
        let ground = self.ground;
        let request = || small_group("app", MAX_RATE).into();
        let mut floods = vec![];
        for (i, tenant) in ground.tenants.iter().enumerate() {
            let own = (i..self.settings.orders).step_by(ground.tenants.len());
            let creates = own
                .map(|_| ground.create(tenant, request()))
                .collect::<Result<_>>()?;
            floods.push(flood(&tenant.wallet, creates));
        }
        let mut orders = vec![];
        for (outcomes, waits) in try_join_all(floods).await? {
            self.confirmed.add(waits)?;
            for (outcome, messages) in outcomes {
                for message in 0..messages {
                    orders.push(order_id(id_of(&outcome, message)?, 0).context("an order id")?);
                }
            }
        }
        Ok(orders)
    }

    /// Wave after wave, each order gets a lower bid of another provider.
    pub async fn undercut(&mut self, orders: &[u64]) -> Result<()> {
        for wave in 0..self.settings.waves() {
            let bidders = &self.ground.providers;
            let mut lists = vec![vec![]; bidders.len()];
            for (i, order) in orders.iter().enumerate() {
                if wave < FEW || !self.settings.is_agents(i) {
                    lists[(i + wave) % bidders.len()].push(*order);
                }
            }
            let rounds = bidders.iter().zip(lists).map(|(bidder, orders)| {
                let ground = self.ground;
                async move {
                    stream::iter(orders.chunks(BATCH).map(<[u64]>::to_vec))
                        .map(|chunk| undercut(ground, bidder, chunk))
                        .buffer_unordered(DEPTH)
                        .try_collect::<Vec<_>>()
                        .await
                }
            });
            for (wait, repeats) in try_join_all(rounds).await?.into_iter().flatten() {
                self.confirmed.add([wait])?;
                self.repeated += u64::from(repeats);
            }
        }
        Ok(())
    }

    /// Scripted winners claim as soon as the auctions are over, until every order is leased: agents claim by themselves.
    pub async fn claim(&mut self, orders: &[u64]) -> Result<()> {
        let mut waiting: BTreeMap<u64, Order> = self.read(orders).await?;
        let start = self.ground.client.status().await?.time;
        let window = waiting.values().map(|order| order.auction.claim_window);
        let bidding = self.settings.genesis().market.auction.hard_close;
        let patience = bidding + 2 * window.max().context("an order")?;
        while !waiting.is_empty() {
            let status = self.ground.client.status().await?;
            let now = status.time.seconds();
            ensure!(
                now < start.seconds() + patience,
                "{} orders found no provider in {patience} s",
                waiting.len()
            );
            let due: Vec<u64> = waiting
                .iter()
                .filter(|(_, order)| order.auction.closes_at <= now)
                .map(|(id, _)| *id)
                .collect();
            let read = self.read(&due).await?;
            self.claim_won(&read, now, status.height).await?;
            waiting.extend(self.read(&due).await?);
            waiting.retain(|_, order| order.lease.is_none());
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    async fn claim_won(
        &mut self,
        orders: &BTreeMap<u64, Order>,
        now: u64,
        height: u64,
    ) -> Result<()> {
        let mut floods = vec![];
        for provider in &self.ground.providers {
            let won = orders
                .iter()
                .filter(|(_, order)| winner(order, now, height) == Some(provider.address()));
            let claims = won
                .map(|(id, _)| self.ground.market(&ExecuteMsg::Claim { order_id: *id }))
                .collect::<Result<Vec<_>>>()?;
            floods.push(flood(provider, claims));
        }
        for (_, waits) in try_join_all(floods).await? {
            self.confirmed.add(waits)?;
        }
        Ok(())
    }

    /// `count` leases on the standing offer for each tenant, all of its one account.
    pub async fn take(&mut self, tenants: &[&Tenant], count: usize) -> Result<()> {
        let mut floods = vec![];
        for tenant in tenants {
            let takes = (0..count).map(|_| self.ground.take(tenant));
            floods.push(flood(&tenant.wallet, takes.collect::<Result<_>>()?));
        }
        for (_, waits) in try_join_all(floods).await? {
            self.confirmed.add(waits)?;
        }
        Ok(())
    }

    async fn read(&self, orders: &[u64]) -> Result<BTreeMap<u64, Order>> {
        read(self.ground, orders).await
    }
}

/// Who may claim now.
fn winner(order: &Order, now: u64, height: u64) -> Option<&str> {
    let auction = &order.auction;
    let quote = match auction.phase(now, height) {
        Phase::AwardBest => auction.best.as_ref(),
        Phase::AwardSecond => auction.second.as_ref(),
        _ => None,
    };
    quote
        .filter(|_| order.lease.is_none())
        .map(|quote| quote.provider.as_str())
}

async fn read(ground: &Ground, orders: &[u64]) -> Result<BTreeMap<u64, Order>> {
    stream::iter(orders.to_vec())
        .map(|id| async move { anyhow::Ok((id, ground.order(id).await?)) })
        .buffer_unordered(DEPTH)
        .try_collect()
        .await
}

/// Undercuts the leaders of these orders in one transaction. When another was faster on one of them, all are bid on anew. How long it
/// took, and how often it was made anew.
async fn undercut(ground: &Ground, bidder: &Wallet, orders: Vec<u64>) -> Result<(Duration, u32)> {
    for attempt in 0..ATTEMPTS {
        let leaders = read(ground, &orders).await?;
        let bids = leaders
            .iter()
            .map(|(id, order)| bid(ground, *id, order))
            .collect::<Result<_>>()?;
        let start = Instant::now();
        match bidder.execute_many(bids).await {
            Ok(_) => return Ok((start.elapsed(), attempt)),
            Err(ClientError::Simulation { log } | ClientError::Failed { log, .. })
                if log.contains("is too high") => {}
            Err(e) => return Err(e.into()),
        }
    }
    bail!("{ATTEMPTS} attempts at a batch of bids were undercut");
}

fn bid(ground: &Ground, order_id: u64, order: &Order) -> Result<Execute> {
    let rate = match &order.auction.best {
        None => Uint128::new(MAX_RATE * SCALE),
        Some(best) => best.rate.multiply_ratio(UNDERCUT_BPS, BPS),
    };
    ground.market(&ExecuteMsg::Bid { order_id, rate })
}

/// Each transaction with its number of messages, and how long each took.
type Flood = (Vec<(TxOutcome, usize)>, Vec<Duration>);

/// Sends messages in large transactions, several under way at once, in their order.
async fn flood(wallet: &Wallet, calls: Vec<Execute>) -> Result<Flood> {
    let sent: Vec<_> = stream::iter(calls.chunks(BATCH).map(<[Execute]>::to_vec))
        .map(|batch| async move {
            let (messages, start) = (batch.len(), Instant::now());
            let outcome = wallet.execute_many(batch).await?;
            anyhow::Ok(((outcome, messages), start.elapsed()))
        })
        .buffered(DEPTH)
        .try_collect()
        .await?;
    Ok(sent.into_iter().unzip())
}
