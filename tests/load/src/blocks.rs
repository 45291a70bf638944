//! What the blocks of a run say: how full they are, and when orders found their providers.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use anyhow::{Context as _, Result};
use cosmrs::Tx;
use cosmwasm_std::{Event, Timestamp};
use futures::{stream, StreamExt as _, TryStreamExt as _};
use leasehold_api::event::{BidPlaced, LeaseStarted, OrderOpened, TypedEvent};
use leasehold_client::{attribute, ChainClient};
use serde::Serialize;

use crate::spread::Spread;

/// Blocks that are asked for at once.
const DEPTH: usize = 4;

#[derive(Debug, Clone, Default)]
pub struct Block {
    pub height: u64,
    pub time: Timestamp,
    pub gas_used: u64,
    /// Sum of the transactions' limits, by which a proposer fills a block.
    pub gas_wanted: u64,
    pub txs: u64,
    pub failed: u64,
    pub opened: Vec<OrderOpened>,
    pub bids: Vec<BidPlaced>,
    pub leases: Vec<LeaseStarted>,
}

/// All blocks in the range, in order, with what `market` did in them.
pub async fn read(
    client: &ChainClient,
    market: &str,
    heights: RangeInclusive<u64>,
) -> Result<Vec<Block>> {
    stream::iter(heights)
        .map(|height| block(client, market, height))
        .buffered(DEPTH)
        .try_collect()
        .await
}

async fn block(client: &ChainClient, market: &str, height: u64) -> Result<Block> {
    let header = client.block(height).await?;
    let mut block = Block {
        height,
        time: header.time,
        ..Block::default()
    };
    for bytes in &header.txs {
        let tx = Tx::from_bytes(bytes).map_err(|e| anyhow::anyhow!("block {height}: {e}"))?;
        block.gas_wanted += tx.auth_info.fee.gas_limit;
    }
    for tx in client.block_results(height).await?.txs {
        block.txs += 1;
        block.gas_used += tx.gas_used;
        block.failed += u64::from(tx.code != 0);
        if tx.code == 0 {
            block.note(&tx.events, market)?;
        }
    }
    Ok(block)
}

impl Block {
    fn note(&mut self, events: &[Event], market: &str) -> Result<()> {
        let of_market = |event: &&Event| attribute(event, "_contract_address") == Some(market);
        for event in events.iter().filter(of_market) {
            let attributes = &event.attributes;
            match event.ty.strip_prefix("wasm-") {
                Some(OrderOpened::NAME) => self.opened.push(OrderOpened::parse(attributes)?),
                Some(BidPlaced::NAME) => self.bids.push(BidPlaced::parse(attributes)?),
                Some(LeaseStarted::NAME) => self.leases.push(LeaseStarted::parse(attributes)?),
                _ => {}
            }
        }
        Ok(())
    }
}

/// A stretch of blocks in sum.
#[derive(Debug, Clone, Serialize)]
pub struct Stretch {
    pub blocks: u64,
    /// By the blocks' own times.
    pub seconds: f64,
    pub txs: u64,
    pub failed: u64,
    pub gas_used: u64,
    pub gas_wanted: u64,
    /// Fullest block.
    pub most_gas_used: u64,
    pub most_gas_wanted: u64,
    pub most_txs: u64,
    pub orders: u64,
    pub bids: u64,
    pub leases: u64,
}

impl Stretch {
    /// Of blocks and the one before them: from the first with a transaction to the last, and the seconds that these took.
    pub fn of(blocks: &[Block]) -> Result<Self> {
        let (before, blocks) = blocks.split_first().context("a block before")?;
        let is_busy = |block: &Block| block.txs > 0;
        let first = blocks.iter().position(is_busy).context("a transaction")?;
        let last = blocks.iter().rposition(is_busy).context("a transaction")?;
        let busy = &blocks[first..=last];
        let before = first.checked_sub(1).map_or(before, |i| &blocks[i]);
        let sum = |of: fn(&Block) -> u64| busy.iter().map(of).sum();
        let most = |of: fn(&Block) -> u64| busy.iter().map(of).max().unwrap_or_default();
        Ok(Stretch {
            blocks: u64::try_from(busy.len())?,
            seconds: since(before.time, blocks[last].time).as_secs_f64(),
            txs: sum(|block| block.txs),
            failed: sum(|block| block.failed),
            gas_used: sum(|block| block.gas_used),
            gas_wanted: sum(|block| block.gas_wanted),
            most_gas_used: most(|block| block.gas_used),
            most_gas_wanted: most(|block| block.gas_wanted),
            most_txs: most(|block| block.txs),
            orders: sum(|block| block.opened.len() as u64),
            bids: sum(|block| block.bids.len() as u64),
            leases: sum(|block| block.leases.len() as u64),
        })
    }
}

/// From an order to its lease, and from the end of its auction to its lease, for leases of these providers.
pub fn waits(
    blocks: &[Block],
    orders: &[u64],
    of: impl Fn(&str) -> bool,
) -> Result<(Spread, Spread)> {
    let mut opened: BTreeMap<u64, (Timestamp, u64)> = BTreeMap::new();
    let (mut from_order, mut from_close) = (Spread::new()?, Spread::new()?);
    for block in blocks {
        for order in &block.opened {
            opened.insert(order.order_id, (block.time, order.closes_at));
        }
        for bid in &block.bids {
            if let Some((_, closes_at)) = opened.get_mut(&bid.order_id) {
                *closes_at = bid.closes_at;
            }
        }
        let started = block.leases.iter().filter(|lease| {
            orders.binary_search(&lease.order_id).is_ok() && of(lease.provider.as_str())
        });
        for lease in started {
            let order = opened.get(&lease.order_id);
            let (at, closes_at) = order.context("a lease follows its order")?;
            from_order.add([since(*at, block.time)])?;
            from_close.add([since(Timestamp::from_seconds(*closes_at), block.time)])?;
        }
    }
    Ok((from_order, from_close))
}

fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_nanos(to.nanos().saturating_sub(from.nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{Addr, Uint128};

    fn at(seconds: u64) -> Block {
        Block {
            time: Timestamp::from_seconds(seconds),
            ..Block::default()
        }
    }

    fn story() -> Vec<Block> {
        let provider = Addr::unchecked("p");
        let mut blocks: Vec<Block> = [9, 10, 12, 40].map(at).into();
        for block in &mut blocks[1..] {
            (block.txs, block.gas_used, block.gas_wanted) = (1, 70, 100);
        }
        blocks[1].opened.push(OrderOpened {
            order_id: 8,
            round: 1,
            mode: "descending".into(),
            max_rate: Uint128::one(),
            closes_at: 30,
        });
        blocks[2].bids.push(BidPlaced {
            order_id: 8,
            provider: provider.clone(),
            rate: Uint128::one(),
            leader: true,
            closes_at: 37,
        });
        blocks[3].leases.push(LeaseStarted {
            lease_id: 80_001,
            order_id: 8,
            provider,
            rate: Uint128::one(),
            bond: Uint128::one(),
        });
        blocks
    }

    #[test]
    fn a_lease_is_timed_from_its_order_and_from_the_last_close() -> Result<()> {
        let (from_order, from_close) = waits(&story(), &[8], |_| true)?;
        assert_eq!(from_order.percentiles().p50 / 100, 300);
        assert_eq!(from_close.percentiles().max / 100, 30);
        let (none, _) = waits(&story(), &[8], |who| who == "q")?;
        assert_eq!(none.percentiles().count, 0);
        Ok(())
    }

    #[test]
    fn a_stretch_begins_with_the_block_before_its_first_transaction() -> Result<()> {
        let mut blocks = vec![at(1)];
        blocks.extend(story());
        blocks.push(at(50));
        let stretch = Stretch::of(&blocks)?;
        assert_eq!((stretch.blocks, stretch.seconds), (3, 31.0));
        assert_eq!((stretch.gas_used, stretch.gas_wanted), (210, 300));
        assert_eq!((stretch.orders, stretch.bids, stretch.leases), (1, 1, 1));
        Ok(())
    }
}
