//! The chain with the suite, and its tenant.

use std::future::Future;
use std::net::Ipv4Addr;
use std::time::Duration;

use cosmwasm_std::Coin;
use leasehold_agent::gateway::client::GatewayClient;
use leasehold_api::genesis::Genesis;
use leasehold_api::market::{self, LeaseResponse, LeasesResponse};
use leasehold_api::provider::{self, ProviderResponse};
use leasehold_api::Suite;
use leasehold_client::{ChainClient, ClientError, Wallet};
use leasehold_devchain::{Devchain, DevchainConfig};
use leasehold_sdl::Sdl;

use crate::chain::{create, deploy, key, tx_config};

const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A second of chain time.
const BLOCK: Duration = Duration::from_millis(250);
pub const GRACE: u64 = 60;

pub async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let found = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .unwrap_or_else(|_| panic!("in vain: {what}"))
}

pub struct World {
    pub chain: Devchain,
    pub client: ChainClient,
    pub suite: Suite,
    pub tenant: Wallet,
}

impl World {
    pub async fn new() -> Self {
        let chain = Devchain::start(DevchainConfig {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            block_time: BLOCK,
            speed: 4,
            ..DevchainConfig::default()
        })
        .unwrap();
        let client = ChainClient::connect(&chain.rpc_url()).await.unwrap();
        let deployer = Wallet::new(client.clone(), key("deployer"), tx_config());
        let mut genesis = Genesis::development("ustake");
        genesis.provider.grace = GRACE;
        let suite = deploy(&deployer, &genesis).await;
        let tenant = Wallet::new(client.clone(), key("tenant"), tx_config());
        Self {
            chain,
            client,
            suite,
            tenant,
        }
    }

    pub async fn create(&self, sdl: &Sdl, deposit: Coin) -> u64 {
        let call = create(&self.suite, sdl, deposit);
        let outcome = self.tenant.execute_many(vec![call]).await.unwrap();
        let data = outcome.execute_data(0).unwrap();
        serde_json::from_slice(&data).unwrap()
    }

    pub async fn leases(&self) -> Vec<LeaseResponse> {
        let query = market::QueryMsg::Leases {
            provider: None,
            start_after: None,
            limit: None,
        };
        let found: LeasesResponse = self
            .client
            .query_smart(&self.suite.market, &query)
            .await
            .unwrap();
        found.leases
    }

    pub async fn active(&self) -> Option<LeaseResponse> {
        self.leases()
            .await
            .into_iter()
            .find(|lease| lease.ended.is_none())
    }

    pub async fn gateway(&self, provider: &str) -> GatewayClient {
        let found = self.provider(provider).await.unwrap();
        GatewayClient::new(provider, found.contact, self.tenant.key().clone()).unwrap()
    }

    pub async fn provider(&self, address: &str) -> Result<ProviderResponse, ClientError> {
        let query = provider::QueryMsg::Provider {
            address: address.into(),
        };
        self.client.query_smart(&self.suite.provider, &query).await
    }
}
