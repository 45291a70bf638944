//! What one operation costs amid many: each alone in its transaction, for the provider and the account that the crowd's leases are of.

use anyhow::{Context as _, Result};
use cosmwasm_std::Uint128;
use leasehold_api::deployment::{self, order_id, GroupRequest};
use leasehold_api::market::{self, lease_id};
use leasehold_api::{escrow, provider, AuctionMode, SCALE};
use leasehold_client::{Execute, TxOutcome, Wallet};
use leasehold_test_localnet::pass;
use leasehold_testing::verbs::small_group;

use crate::flat::Gas;
use crate::ground::{id_of, Ground, LOW_RATE};

/// Seconds of rent in a collect and a close.
pub const RENT: u64 = 5;

/// These hold a lease from here on, so that their locks neither come nor go with a bid that is outbid.
pub async fn settle_in(ground: &Ground, providers: &[Wallet]) -> Result<()> {
    for provider in providers {
        Probe(ground).lease(provider).await?;
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

/// Sends one message in a transaction.
pub struct Probe<'a>(pub &'a Ground);

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

    pub async fn create(&self, auction: Option<AuctionMode>) -> Result<(u64, TxOutcome)> {
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
        Ok((deployment, self.claim(provider, order_id).await?))
    }

    pub async fn claim(&self, who: &Wallet, order_id: u64) -> Result<TxOutcome> {
        let claim = market::ExecuteMsg::Claim { order_id };
        self.send(who, self.0.market(&claim)?).await
    }

    pub async fn bid(&self, who: &Wallet, order_id: u64, rate: u128) -> Result<TxOutcome> {
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

    pub async fn close(&self, deployment_id: u64) -> Result<TxOutcome> {
        let close = deployment::ExecuteMsg::Close { deployment_id };
        let close = Execute::new(&self.0.suite.deployment, &close, &[])?;
        self.send(&self.0.crowd.wallet, close).await
    }
}
