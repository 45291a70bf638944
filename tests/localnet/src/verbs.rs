//! What the parties of a town do, and what is known of it.

use anyhow::{bail, ensure, Context as _, Result};
use cosmwasm_std::{coin, from_json, Coin};
use leasehold_api::deployment::{self, order_id, GroupRequest};
use leasehold_api::market::{LeaseResponse, LeasesResponse, OrderPhase, OrderResponse};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::{escrow, market, provider, AuctionMode, Denom, SCALE};
use leasehold_client::{TxOutcome, Wallet};
use leasehold_testing::verbs::{rate, small_group};
use serde::{de::DeserializeOwned, Serialize};

use crate::town::{Town, RENT};

/// Seconds of the chain's clock after which what is waited for will not come.
pub(crate) const PATIENCE: u64 = 60;

/// One small group at a posted price, in whole units per second: the first to claim it serves it.
pub fn posted(units: u128) -> GroupRequest {
    GroupRequest {
        auction: Some(AuctionMode::Dutch {
            min_rate: Some(rate(units)),
        }),
        ..small_group("web", units).into()
    }
}

/// That the chain refused, for a reason that contains `why`.
pub fn refused<T>(answer: Result<T>, why: &str) -> Result<()> {
    match answer {
        Ok(_) => bail!("it went through and should not: {why}"),
        Err(error) => {
            let text = format!("{error:#}");
            ensure!(text.contains(why), "not `{why}` but: {text}");
            Ok(())
        }
    }
}

impl Town {
    pub async fn call(
        &self,
        who: &Wallet,
        contract: &str,
        msg: &impl Serialize,
        funds: &[Coin],
    ) -> Result<TxOutcome> {
        Ok(who.execute(contract, msg, funds).await?)
    }

    pub async fn market(&self, who: &Wallet, msg: &market::ExecuteMsg) -> Result<TxOutcome> {
        self.call(who, &self.suite.market, msg, &[]).await
    }

    pub async fn deployment(
        &self,
        who: &Wallet,
        msg: &deployment::ExecuteMsg,
    ) -> Result<TxOutcome> {
        self.call(who, &self.suite.deployment, msg, &[]).await
    }

    pub async fn escrow(&self, who: &Wallet, msg: &escrow::ExecuteMsg) -> Result<TxOutcome> {
        self.call(who, &self.suite.escrow, msg, &[]).await
    }

    pub async fn registry(
        &self,
        who: &Wallet,
        msg: &provider::ExecuteMsg,
        funds: &[Coin],
    ) -> Result<TxOutcome> {
        self.call(who, &self.suite.provider, msg, funds).await
    }

    pub async fn heartbeat(&self, who: &Wallet) -> Result<TxOutcome> {
        let beat = provider::ExecuteMsg::Heartbeat {};
        self.registry(who, &beat, &[]).await
    }

    pub async fn query<T: DeserializeOwned>(
        &self,
        contract: &str,
        msg: &impl Serialize,
    ) -> Result<T> {
        Ok(self.client.query_smart(contract, msg).await?)
    }

    pub async fn order(&self, id: u64) -> Result<OrderResponse> {
        let query = market::QueryMsg::Order { id };
        self.query(&self.suite.market, &query).await
    }

    pub async fn lease(&self, id: u64) -> Result<LeaseResponse> {
        let query = market::QueryMsg::Lease { id };
        self.query(&self.suite.market, &query).await
    }

    pub async fn account(&self, id: u64) -> Result<escrow::AccountResponse> {
        let query = escrow::QueryMsg::Account { id };
        self.query(&self.suite.escrow, &query).await
    }

    /// The running lease of an order.
    pub async fn lease_of(&self, order_id: u64) -> Result<LeaseResponse> {
        let leased = self.order(order_id).await?.lease_id;
        self.lease(leased.context("the order is leased")?).await
    }

    /// Opens an account of `who` with `units` of rent in it; answers its id.
    pub async fn open_account(&self, who: &Wallet, units: u128) -> Result<u64> {
        let open = escrow::ExecuteMsg::Open {
            owner: None,
            denom: Denom::Native(RENT.into()),
        };
        let funds = [coin(units, RENT)];
        let opened = self.call(who, &self.suite.escrow, &open, &funds).await?;
        Ok(from_json(opened.execute_data(0)?)?)
    }

    /// A deployment of one group on `account`; answers its id and its order's.
    pub async fn create(
        &self,
        who: &Wallet,
        group: GroupRequest,
        account: u64,
    ) -> Result<(u64, u64)> {
        let rent = Denom::Native(RENT.into());
        self.create_in(who, group, account, rent).await
    }

    pub async fn create_in(
        &self,
        who: &Wallet,
        group: GroupRequest,
        account: u64,
        denom: Denom,
    ) -> Result<(u64, u64)> {
        let create = deployment::ExecuteMsg::Create {
            groups: vec![group],
            manifest_hash: [1; 32].into(),
            denom,
            account: Some(account),
        };
        let created = self.deployment(who, &create).await?;
        let id: u64 = from_json(created.execute_data(0)?)?;
        Ok((id, order_id(id, 0).context("an order id")?))
    }

    /// The tenant's small group of at most `units` whole units a second, on a new account, with every provider alive. Answers deployment,
    /// order and account.
    pub async fn ask(&self, units: u128, auction: AuctionMode) -> Result<(u64, u64, u64)> {
        for provider in &self.providers {
            self.heartbeat(provider).await?;
        }
        let account = self.open_account(&self.tenant, 1_000_000).await?;
        let group = GroupRequest {
            auction: Some(auction),
            ..small_group("web", units).into()
        };
        let (id, order) = self.create(&self.tenant, group, account).await?;
        Ok((id, order, account))
    }

    pub async fn bid(&self, who: &Wallet, order_id: u64, units: u128) -> Result<TxOutcome> {
        let rate = rate(units);
        let bid = market::ExecuteMsg::Bid { order_id, rate };
        self.market(who, &bid).await
    }

    pub async fn claim(&self, who: &Wallet, order_id: u64) -> Result<TxOutcome> {
        let claim = market::ExecuteMsg::Claim { order_id };
        self.market(who, &claim).await
    }

    pub async fn end_lease(&self, who: &Wallet, lease_id: u64) -> Result<TxOutcome> {
        let end = market::ExecuteMsg::EndLease { lease_id };
        self.market(who, &end).await
    }

    /// The order in that phase, once the chain says so.
    pub async fn until(&self, order_id: u64, phase: OrderPhase) -> Result<OrderResponse> {
        let deadline = self.now().await? + PATIENCE;
        loop {
            let order = self.order(order_id).await?;
            if order.phase == phase {
                return Ok(order);
            }
            ensure!(self.now().await? < deadline, "never {phase:?}: {order:?}");
            self.pass(1).await?;
        }
    }

    pub async fn close(&self, who: &Wallet, deployment_id: u64) -> Result<TxOutcome> {
        let close = deployment::ExecuteMsg::Close { deployment_id };
        self.deployment(who, &close).await
    }

    /// Closes the tenant's deployment and takes all that is left out of its account.
    pub async fn end(&self, deployment_id: u64, account: u64) -> Result<()> {
        self.close(&self.tenant, deployment_id).await?;
        self.withdraw(account).await
    }

    pub async fn withdraw(&self, account: u64) -> Result<()> {
        let withdraw = escrow::ExecuteMsg::Withdraw {
            account,
            amount: None,
        };
        self.escrow(&self.tenant, &withdraw).await?;
        Ok(())
    }

    /// What a provider's leases, all of them ended, paid in whole units: rate times seconds.
    pub(crate) async fn earned(&self, provider: &str) -> Result<u128> {
        let query = market::QueryMsg::Leases {
            provider: None,
            start_after: None,
            limit: Some(MAX_LIMIT),
        };
        let all: LeasesResponse = self.query(&self.suite.market, &query).await?;
        let own = all
            .leases
            .iter()
            .filter(|l| l.provider.as_str() == provider);
        own.map(|lease| {
            let ended = lease.ended.as_ref().context("the lease has ended")?;
            let seconds = u128::from(ended.at - lease.started_at);
            Ok(lease.rate.u128() * seconds / SCALE)
        })
        .sum()
    }
}
