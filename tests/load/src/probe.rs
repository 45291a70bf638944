//! What one operation costs amid many: each alone in its transaction, for the provider and the account that the crowd's leases are of.

use std::collections::BTreeMap;

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::Uint128;
use leasehold_api::deployment::{self, order_id, GroupRequest};
use leasehold_api::market::{self, lease_id};
use leasehold_api::{escrow, provider, AuctionMode, SCALE};
use leasehold_client::{Execute, TxOutcome, Wallet};
use leasehold_test_localnet::pass;
use leasehold_testing::verbs::small_group;
use serde::Serialize;

use crate::ground::{id_of, Ground, LOW_RATE};

/// Thousandths by which gas may differ.
const FLAT: u64 = 20;
/// Seconds of rent in a collect and a close.
const RENT: u64 = 5;

/// Gas by operation.
pub type Gas = BTreeMap<&'static str, u64>;

/// An operation as one of the first and as one of many.
#[derive(Debug, Clone, Serialize)]
pub struct Flat {
    pub operation: &'static str,
    pub first: u64,
    pub middle: u64,
    pub last: u64,
}

impl Flat {
    /// Thousandths that the further of the two is off.
    pub fn off(&self) -> u64 {
        let off = |gas: u64| gas.abs_diff(self.first) * 1_000 / self.first;
        off(self.middle).max(off(self.last))
    }

    fn is_flat(&self) -> bool {
        let near = |gas: u64| gas.abs_diff(self.first) * 1_000 <= self.first * FLAT;
        near(self.middle) && near(self.last)
    }

    /// Three measurements of the same operations, side by side.
    pub fn of([first, middle, last]: [&Gas; 3]) -> Result<Vec<Self>> {
        let find = |gas: &Gas, operation| gas.get(operation).copied().context(operation);
        first
            .iter()
            .map(|(operation, first)| {
                Ok(Flat {
                    operation,
                    first: *first,
                    middle: find(middle, *operation)?,
                    last: find(last, *operation)?,
                })
            })
            .collect()
    }
}

/// # Errors
/// An operation that costs more, or less, than it did among few.
pub fn check(flat: &[Flat]) -> Result<()> {
    let steep: Vec<_> = flat.iter().filter(|flat| !flat.is_flat()).collect();
    ensure!(steep.is_empty(), "not flat within 2 %: {steep:?}");
    Ok(())
}

/// Both providers hold a lease from here on, so that no record comes or goes with a bid.
pub async fn prepare(ground: &Ground) -> Result<()> {
    let probe = Probe(ground);
    for provider in &ground.providers[..2] {
        probe.lease(provider).await?;
    }
    Ok(())
}

/// One life on the crowd's account, of the crowd's provider, at rates below what agents ask: nobody interferes.
pub async fn probe(ground: &Ground) -> Result<Gas> {
    let probe = Probe(ground);
    let mut gas = Gas::new();
    let [seller, rival, ..] = ground.providers.as_slice() else {
        anyhow::bail!("two providers")
    };
    gas.insert("heartbeat", probe.beat(seller).await?.gas_used);
    gas.insert("take_offer", probe.take().await?.gas_used);

    let (auctioned, created) = probe.create(None).await?;
    gas.insert("create", created.gas_used);
    let order = order_id(auctioned, 0).context("an order id")?;
    let high = LOW_RATE * SCALE;
    gas.insert("bid_first", probe.bid(rival, order, high).await?.gas_used);
    let lower = high / 10 * 9;
    gas.insert("bid", probe.bid(seller, order, lower).await?.gas_used);
    probe.close(auctioned).await?;

    let (leased, claimed) = probe.lease(seller).await?;
    gas.insert("claim", claimed.gas_used);
    let order = order_id(leased, 0).context("an order id")?;
    let stream = lease_id(order, 1).context("a lease id")?;
    pass(&ground.client, RENT).await?;
    gas.insert("collect", probe.collect(seller, stream).await?.gas_used);
    pass(&ground.client, RENT).await?;
    gas.insert("close", probe.close(leased).await?.gas_used);
    Ok(gas)
}

struct Probe<'a>(&'a Ground);

impl Probe<'_> {
    async fn send(&self, who: &Wallet, call: Execute) -> Result<TxOutcome> {
        Ok(who.execute_many(vec![call]).await?)
    }

    async fn beat(&self, who: &Wallet) -> Result<TxOutcome> {
        let beat = provider::ExecuteMsg::Heartbeat {};
        let beat = Execute::new(&self.0.suite.provider, &beat, &[])?;
        self.send(who, beat).await
    }

    async fn take(&self) -> Result<TxOutcome> {
        let crowd = &self.0.crowd;
        self.send(&crowd.wallet, self.0.take(crowd)?).await
    }

    async fn create(&self, auction: Option<AuctionMode>) -> Result<(u64, TxOutcome)> {
        let request = GroupRequest {
            auction,
            ..small_group("app", LOW_RATE).into()
        };
        let create = self.0.create(&self.0.crowd, request)?;
        let created = self.send(&self.0.crowd.wallet, create).await?;
        Ok((id_of(&created, 0)?, created))
    }

    /// By an order at a posted price.
    async fn lease(&self, provider: &Wallet) -> Result<(u64, TxOutcome)> {
        let posted = AuctionMode::Dutch {
            min_rate: Some(Uint128::new(LOW_RATE * SCALE)),
        };
        let (deployment, _) = self.create(Some(posted)).await?;
        let order_id = order_id(deployment, 0).context("an order id")?;
        let claim = market::ExecuteMsg::Claim { order_id };
        let claimed = self.send(provider, self.0.market(&claim)?).await?;
        Ok((deployment, claimed))
    }

    async fn bid(&self, who: &Wallet, order_id: u64, rate: u128) -> Result<TxOutcome> {
        let rate = Uint128::new(rate);
        let bid = market::ExecuteMsg::Bid { order_id, rate };
        self.send(who, self.0.market(&bid)?).await
    }

    async fn collect(&self, who: &Wallet, stream: u64) -> Result<TxOutcome> {
        let streams = vec![stream];
        let collect = escrow::ExecuteMsg::Collect { streams };
        let collect = Execute::new(&self.0.suite.escrow, &collect, &[])?;
        self.send(who, collect).await
    }

    async fn close(&self, deployment_id: u64) -> Result<TxOutcome> {
        let close = deployment::ExecuteMsg::Close { deployment_id };
        let close = Execute::new(&self.0.suite.deployment, &close, &[])?;
        self.send(&self.0.crowd.wallet, close).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_percent_are_flat_and_more_are_not() {
        let flat = |last| Flat {
            operation: "bid",
            first: 75_000,
            middle: 75_000,
            last,
        };
        assert!(check(&[flat(76_500)]).is_ok());
        assert!(check(&[flat(73_499)]).is_err());
        assert!(check(&[flat(76_501)]).is_err());
    }
}
