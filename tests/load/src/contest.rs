//! Many bids on one order: two providers undercut each other by as little as there is, on a suite where that is allowed.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::Uint128;
use futures::{stream, StreamExt as _, TryStreamExt as _};
use leasehold_api::deployment::order_id;
use leasehold_api::genesis::Genesis;
use leasehold_api::market::{self, BidsResponse, ExecuteMsg, QueryMsg, ORDERS};
use leasehold_api::rules::auction::{self, AuctionParams};
use leasehold_api::SCALE;
use leasehold_client::{Any, Wallet};
use leasehold_test_localnet::{eventually, invariants, pass};
use serde::Serialize;

use crate::blocks;
use crate::clock::Clock;
use crate::crowd::{BATCH, DEPTH};
use crate::delegate::{delegate, on_behalf};
use crate::flat::{check, Flat, Gas};
use crate::ground::{Ground, LOW_RATE};
use crate::phase::Phase;
use crate::probe::{settle_in, Probe, RENT};
use crate::settings::Settings;

/// What is bid first, scaled: the most that the order pays.
const HIGH: u128 = LOW_RATE * SCALE;
/// Seconds from the last bid to the close: longer than any transaction takes.
const CLOSE_AFTER: u64 = 20;
/// By how much the last bid undercuts: room for a runner-up.
const ROOM: u128 = 10;
/// [`BATCH`] of them, which is how most come.
const BIDS: &str = "a transaction of bids";

/// What many bids on one order made of the next.
#[derive(Debug, Serialize)]
pub struct Contest {
    /// The bidding on the order that has the most.
    pub phase: Phase,
    /// Bids on the orders that the first, the middle and the last figures are of.
    pub bids: [u64; 3],
    /// Length of those orders' records.
    pub bytes: [u64; 3],
    pub flat: Vec<Flat>,
    /// Gas of each transaction of [`BATCH`] bids on the order that has the most.
    pub batches: Vec<u64>,
}

/// Three orders: one with a single bid, one with half of all bids and one with all.
///
/// # Errors
/// Bids that are kept, or that do not cost what the first of them cost.
pub async fn hold(settings: &Settings, home: &str) -> Result<Contest> {
    let sizes = Settings {
        tenants: 1,
        providers: 2,
        leases: 1,
        ..settings.clone()
    };
    let ground = Ground::new("contest", &genesis(), &sizes).await?;
    settle_in(&ground, &ground.providers).await?;
    let arena = Arena::new(&ground)?;
    for bidder in arena.bidders {
        delegate(bidder, arena.sender).await?;
    }
    let mut clock = Clock::new(&ground, home, &[])?;
    let mut fights = vec![];
    for bids in [0, settings.undercuts / 2, settings.undercuts] {
        let mut fight = arena.open().await?;
        let start = clock.start().await?;
        arena.undercut(&mut fight, bids).await?;
        clock.lap("bids on one order", start).await?;
        arena.probe(&mut fight).await?;
        fights.push(fight);
    }
    arena.end(&mut fights).await?;
    invariants(&ground.client, &ground.suite).await?;
    let lap = clock.laps.pop().context("three laps")?;
    let heights = lap.heights.start() - 1..=*lap.heights.end();
    let blocks = blocks::read(&ground.client, &ground.suite.market, heights).await?;
    let mut bids = blocks.iter().flat_map(|block| &block.bids);
    ensure!(bids.all(|bid| bid.leader), "a bid that does not lead");
    Contest::of(&fights, lap.phase(&blocks, settings.block_gas)?)
}

impl Contest {
    fn of(fights: &[Fight], phase: Phase) -> Result<Self> {
        let [first, middle, last] = fights else {
            anyhow::bail!("three orders")
        };
        let mut flat = Flat::of([first, middle, last].map(|fight| &fight.gas))?;
        let [start, half, end] = [0, last.batches.len() / 2, last.batches.len() - 1];
        flat.push(Flat {
            operation: BIDS,
            first: last.batches[start],
            middle: last.batches[half],
            last: last.batches[end],
        });
        Ok(Contest {
            phase,
            bids: [first, middle, last].map(|fight| fight.bids),
            bytes: [first, middle, last].map(|fight| fight.bytes),
            flat,
            batches: last.batches.clone(),
        })
    }

    /// # Errors
    /// One of the bids that does not cost what the first of them cost, or what follows on them.
    pub fn check(&self) -> Result<()> {
        check(&self.flat)?;
        let first = self.batches.first().context("bids")?;
        let each = self.batches.iter().map(|gas| Flat {
            operation: BIDS,
            first: *first,
            middle: *gas,
            last: *gas,
        });
        check(&each.collect::<Vec<_>>())
    }
}

/// The design's parameters, but that a bid leads by one unit less and that the winner claims when all is over.
fn genesis() -> Genesis {
    let production = Genesis::production("ustake");
    Genesis {
        market: market::Params {
            auction: AuctionParams {
                bidding: CLOSE_AFTER,
                extension: CLOSE_AFTER,
                hard_close: 86_400,
                claim_window: 86_400,
                min_decrement_bps: 0,
                ..production.market.auction
            },
            ..production.market
        },
        ..production
    }
}

/// Who fights.
struct Arena<'a> {
    ground: &'a Ground,
    /// The first wins.
    bidders: [&'a Wallet; 2],
    /// May send what the two bid, so that they take turns in one transaction.
    sender: &'a Wallet,
}

/// One order.
struct Fight {
    deployment: u64,
    order: u64,
    bids: u64,
    bytes: u64,
    gas: Gas,
    /// Gas of each transaction of [`BATCH`] bids.
    batches: Vec<u64>,
}

impl<'a> Arena<'a> {
    fn new(ground: &'a Ground) -> Result<Self> {
        let [one, two] = ground.providers.as_slice() else {
            anyhow::bail!("two providers")
        };
        let [sender] = ground.tenants.as_slice() else {
            anyhow::bail!("one tenant")
        };
        Ok(Arena {
            ground,
            bidders: [one, two],
            sender: &sender.wallet,
        })
    }

    fn alone(&self) -> Probe<'a> {
        Probe(self.ground)
    }

    /// With the second bidder's first bid.
    async fn open(&self) -> Result<Fight> {
        let (deployment, _) = self.alone().create(None).await?;
        let order = order_id(deployment, 0).context("an order id")?;
        self.alone().bid(self.bidders[1], order, HIGH).await?;
        Ok(Fight {
            deployment,
            order,
            bids: 1,
            bytes: 0,
            gas: Gas::new(),
            batches: vec![],
        })
    }

    /// At least `count` bids, in turn, each by one unit below the one before; the second bidder's is the last.
    async fn undercut(&self, fight: &mut Fight, count: usize) -> Result<()> {
        let rates = (0..).map(|k| HIGH - 1 - k);
        let bids = self.bidders.iter().cycle().zip(rates);
        let bids = bids
            .take(count.next_multiple_of(BATCH))
            .map(|(bidder, rate)| self.bid(bidder, fight.order, rate))
            .collect::<Result<Vec<_>>>()?;
        fight.batches = stream::iter(bids.chunks(BATCH).map(<[Any]>::to_vec))
            .map(|batch| async move {
                let batch = on_behalf(self.sender, batch)?;
                anyhow::Ok(self.sender.send(vec![batch], "").await?.gas_used)
            })
            .buffered(DEPTH)
            .try_collect()
            .await?;
        fight.bids += u64::try_from(bids.len())?;
        Ok(())
    }

    fn bid(&self, bidder: &Wallet, order_id: u64, rate: u128) -> Result<Any> {
        let rate = Uint128::new(rate);
        let bid = self.ground.market(&ExecuteMsg::Bid { order_id, rate })?;
        Ok(bid.into_any(bidder.address())?)
    }

    /// One more that leads and one that does not, and what the market keeps of all.
    async fn probe(&self, fight: &mut Fight) -> Result<()> {
        let [one, two] = self.bidders;
        let lowest = HIGH - u128::from(fight.bids) - ROOM;
        let bid = self.alone().bid(one, fight.order, lowest).await?;
        fight.gas.insert("bid", bid.gas_used);
        let second = self.alone().bid(two, fight.order, lowest + 1).await?;
        fight.gas.insert("bid_second", second.gas_used);
        fight.bytes = self.bytes(fight.order).await?;
        let query = QueryMsg::Bids {
            order_id: fight.order,
            start_after: None,
            limit: None,
        };
        let market = &self.ground.suite.market;
        let kept: BidsResponse = self.ground.client.query_smart(market, &query).await?;
        ensure!(kept.bids.is_empty(), "bids are kept: {kept:?}");
        Ok(())
    }

    /// Of the order's record, which has the two that lead.
    async fn bytes(&self, order: u64) -> Result<u64> {
        let key = ORDERS.key(order);
        let market = &self.ground.suite.market;
        let record = self.ground.client.query_raw(market, &key).await?;
        Ok(u64::try_from(record.context("an order")?.len())?)
    }

    /// The winner claims all, one after the other, and all are closed.
    async fn end(&self, fights: &mut [Fight]) -> Result<()> {
        for fight in fights.iter() {
            let over = || self.is_over(fight.order);
            eventually("the bidding is over", over).await?;
        }
        self.ground.beat().await?;
        for fight in fights.iter_mut() {
            let claim = self.alone().claim(self.bidders[0], fight.order).await?;
            fight.gas.insert("claim", claim.gas_used);
        }
        pass(&self.ground.client, RENT).await?;
        for fight in fights {
            let close = self.alone().close(fight.deployment).await?;
            fight.gas.insert("close", close.gas_used);
        }
        Ok(())
    }

    async fn is_over(&self, order: u64) -> Result<Option<()>> {
        let status = self.ground.client.status().await?;
        let auction = self.ground.order(order).await?.auction;
        let phase = auction.phase(status.time.seconds(), status.height);
        Ok((phase == auction::Phase::AwardBest).then_some(()))
    }
}
