//! Typed reads of the suite, raw where the record is published.

use async_trait::async_trait;
use cosmwasm_std::{Addr, Empty, Uint128};
use leasehold_api::deployment::Change;
use leasehold_api::market::{
    self, Bid, LeaseResponse, OfferResponse, OffersResponse, Order, OrderResponse,
    PenaltiesResponse, PenaltyResponse,
};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::provider::Declared;
use leasehold_api::rules::alive::Maintenance;
use leasehold_api::rules::stream::allowance::Allowance;
use leasehold_api::rules::stream::{Account, Stream};
use leasehold_api::{deployment, escrow, provider, Audit, Capability, Denom, GroupSpec, Suite};
use leasehold_client::{ChainClient, ClientError};
use serde::de::DeserializeOwned;

/// One suite on one chain.
#[derive(Clone)]
pub struct SuiteReader {
    pub client: ChainClient,
    pub suite: Suite<Addr>,
}

/// The part that the gateway needs, so that its tests need no chain.
#[async_trait]
pub trait Lookup: Send + Sync {
    async fn deployment(&self, id: u64) -> Result<Option<deployment::Deployment>, ClientError>;
    async fn is_closed(
        &self,
        id: u64,
        deployment: &deployment::Deployment,
    ) -> Result<bool, ClientError>;
    async fn order(&self, id: u64) -> Result<Option<Order>, ClientError>;
    async fn lease(&self, id: u64) -> Result<Option<market::Lease>, ClientError>;
}

#[async_trait]
impl Lookup for SuiteReader {
    async fn deployment(&self, id: u64) -> Result<Option<deployment::Deployment>, ClientError> {
        self.raw(
            &self.suite.deployment,
            deployment::DEPLOYMENTS.key(id).to_vec(),
        )
        .await
    }

    async fn is_closed(
        &self,
        id: u64,
        deployment: &deployment::Deployment,
    ) -> Result<bool, ClientError> {
        let key = deployment::OWNED.key((&deployment.owner, id)).to_vec();
        let listed: Option<Empty> = self.raw(&self.suite.deployment, key).await?;
        Ok(listed.is_none())
    }

    async fn order(&self, id: u64) -> Result<Option<Order>, ClientError> {
        self.raw(&self.suite.market, market::ORDERS.key(id).to_vec())
            .await
    }

    async fn lease(&self, id: u64) -> Result<Option<market::Lease>, ClientError> {
        self.raw(&self.suite.market, market::LEASES.key(id).to_vec())
            .await
    }
}

impl SuiteReader {
    async fn raw<T: DeserializeOwned>(
        &self,
        contract: &Addr,
        key: Vec<u8>,
    ) -> Result<Option<T>, ClientError> {
        let Some(bytes) = self.client.query_raw(contract.as_str(), &key).await? else {
            return Ok(None);
        };
        let record = serde_json::from_slice(&bytes).map_err(|e| ClientError::Decode {
            what: format!("a record of contract {contract}"),
            reason: e.to_string(),
        })?;
        Ok(Some(record))
    }

    pub async fn hot(&self, provider: &Addr) -> Result<Option<provider::Hot>, ClientError> {
        self.raw(&self.suite.provider, provider::HOT.key(provider).to_vec())
            .await
    }

    pub async fn contact(&self, provider: &Addr) -> Result<Option<provider::Contact>, ClientError> {
        self.raw(
            &self.suite.provider,
            provider::CONTACT.key(provider).to_vec(),
        )
        .await
    }

    pub async fn capability(&self, provider: &Addr) -> Result<Option<Capability>, ClientError> {
        let key = provider::CAPABILITY.key(provider).to_vec();
        let declared: Option<Declared> = self.raw(&self.suite.provider, key).await?;
        Ok(declared.map(|Declared(capability)| capability))
    }

    /// What auditors in good standing vouch for now.
    pub async fn audits(&self, provider: &Addr) -> Result<Vec<Audit>, ClientError> {
        let query = provider::QueryMsg::Provider {
            address: provider.to_string(),
        };
        let registry = self.suite.provider.as_str();
        let found: provider::ProviderResponse = self.client.query_smart(registry, &query).await?;
        Ok(found.audits)
    }

    pub async fn group(&self, order: u64) -> Result<Option<GroupSpec>, ClientError> {
        let key = deployment::GROUPS.key(deployment::group_of(order)).to_vec();
        self.raw(&self.suite.deployment, key).await
    }

    /// What the tenant of an order's lease proposes, in force or not.
    pub async fn change(&self, order: u64) -> Result<Option<Change>, ClientError> {
        let key = deployment::CHANGES.key(deployment::group_of(order));
        self.raw(&self.suite.deployment, key.to_vec()).await
    }

    pub async fn account(&self, id: u64) -> Result<Option<Account>, ClientError> {
        self.raw(&self.suite.escrow, escrow::ACCOUNTS.key(id).to_vec())
            .await
    }

    /// What feeds an account, if anything does.
    pub async fn allowance(&self, account: u64) -> Result<Option<Allowance>, ClientError> {
        let key = escrow::ALLOWANCES.key(account).to_vec();
        self.raw(&self.suite.escrow, key).await
    }

    pub async fn stream(&self, lease: u64) -> Result<Option<Stream>, ClientError> {
        self.raw(&self.suite.escrow, escrow::STREAMS.key(lease).to_vec())
            .await
    }

    pub async fn bid(&self, order: u64, provider: &Addr) -> Result<Option<Bid>, ClientError> {
        self.raw(
            &self.suite.market,
            market::BIDS.key((order, provider)).to_vec(),
        )
        .await
    }

    /// What the watchers of a lease found last.
    pub async fn verdict(&self, lease: u64) -> Result<Option<provider::Verdict>, ClientError> {
        let key = provider::VERDICTS.key(lease).to_vec();
        self.raw(&self.suite.provider, key).await
    }

    /// The maintenance that a provider announced last.
    pub async fn maintenance(&self, provider: &Addr) -> Result<Option<Maintenance>, ClientError> {
        let key = provider::MAINTENANCE.key(provider).to_vec();
        self.raw(&self.suite.provider, key).await
    }

    /// The penalties that `caller` brought up, of the oldest that wait: they wait for minutes.
    pub async fn penalties_for(&self, caller: &Addr) -> Result<Vec<PenaltyResponse>, ClientError> {
        let query = market::QueryMsg::Penalties {
            start_after: None,
            limit: Some(MAX_LIMIT),
        };
        let mut found: PenaltiesResponse = self
            .client
            .query_smart(self.suite.market.as_str(), &query)
            .await?;
        found
            .penalties
            .retain(|penalty| penalty.caller.as_ref() == Some(caller));
        Ok(found.penalties)
    }

    /// A provider's own standing offers, at most 16.
    pub async fn offers(&self, provider: &Addr) -> Result<Vec<OfferResponse>, ClientError> {
        let query = market::QueryMsg::ProviderOffers {
            provider: provider.to_string(),
        };
        let found: OffersResponse = self
            .client
            .query_smart(self.suite.market.as_str(), &query)
            .await?;
        Ok(found.offers)
    }

    /// Collateral that bids, leases and penalties lock, whole units.
    pub async fn locked(&self, provider: &Addr, denom: &Denom) -> Result<Uint128, ClientError> {
        let key = market::LOCKS.key((provider, denom.key().as_str())).to_vec();
        let lock: Option<market::Lock> = self.raw(&self.suite.market, key).await?;
        Ok(lock.map_or(Uint128::zero(), |lock| lock.amount))
    }

    pub async fn market_params(&self) -> Result<market::Params, ClientError> {
        let config: market::ConfigResponse = self
            .client
            .query_smart(self.suite.market.as_str(), &market::QueryMsg::Config {})
            .await?;
        Ok(config.params)
    }

    pub async fn provider_params(&self) -> Result<provider::Params, ClientError> {
        let query = provider::QueryMsg::Config {};
        let config: provider::ConfigResponse = self
            .client
            .query_smart(self.suite.provider.as_str(), &query)
            .await?;
        Ok(config.params)
    }

    pub async fn escrow_params(&self) -> Result<escrow::Params, ClientError> {
        let config: escrow::ConfigResponse = self
            .client
            .query_smart(self.suite.escrow.as_str(), &escrow::QueryMsg::Config {})
            .await?;
        Ok(config.params)
    }

    /// All orders that look for a provider.
    pub async fn open_orders(&self) -> Result<Vec<OrderResponse>, ClientError> {
        let query = |start_after| market::QueryMsg::OpenOrders {
            start_after,
            limit: Some(MAX_LIMIT),
        };
        let orders = |page: market::OrdersResponse| page.orders;
        self.pages(query, orders, |order| order.id).await
    }

    /// All active leases of a provider.
    pub async fn leases(&self, provider: &Addr) -> Result<Vec<LeaseResponse>, ClientError> {
        let query = |start_after| market::QueryMsg::Leases {
            provider: Some(provider.to_string()),
            start_after,
            limit: Some(MAX_LIMIT),
        };
        let leases = |page: market::LeasesResponse| page.leases;
        self.pages(query, leases, |lease| lease.id).await
    }

    /// A whole list of the market's; `query` asks for the page after an id.
    async fn pages<P: DeserializeOwned, T>(
        &self,
        query: impl Fn(Option<u64>) -> market::QueryMsg,
        items: impl Fn(P) -> Vec<T>,
        id: impl Fn(&T) -> u64,
    ) -> Result<Vec<T>, ClientError> {
        let market = self.suite.market.as_str();
        let mut all: Vec<T> = Vec::new();
        // One round per page.
        loop {
            let query = query(all.last().map(&id));
            let page = items(self.client.query_smart(market, &query).await?);
            let is_last = page.len() < MAX_LIMIT as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }
}
