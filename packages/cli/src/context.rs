//! What every command needs: the chain, the signer, the suite.

use anyhow::{bail, Context as _, Result};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::{deployment, escrow, market, provider, Suite};
use leasehold_client::{ChainClient, Keyring, TxConfig, Wallet};
use serde::de::DeserializeOwned;

use crate::args::Global;
use crate::home::Home;
use crate::suite;

pub struct Context {
    pub global: Global,
    pub home: Home,
}

impl Context {
    pub fn new(global: Global) -> Result<Self> {
        let home = Home::open(global.home.as_deref())?;
        Ok(Context { global, home })
    }

    pub fn keyring(&self) -> Result<Keyring> {
        Ok(Keyring::open(self.home.keys(), &self.global.prefix)?)
    }

    /// Name of the key that signs.
    pub fn signer_name(&self) -> Result<String> {
        if let Some(name) = &self.global.from {
            return Ok(name.clone());
        }
        let keys = self.keyring()?.list()?;
        match keys.as_slice() {
            [only] => Ok(only.name.clone()),
            [] => bail!("there is no key yet; make one with `leasehold keys add NAME`, or run `leasehold dev` for test accounts"),
            many => bail!(
                "say which key signs with --from: {}",
                many.iter().map(|key| key.name.as_str()).collect::<Vec<_>>().join(", ")
            ),
        }
    }

    /// The address behind a key name, or the address itself.
    pub fn address(&self, name_or_address: Option<&str>) -> Result<String> {
        let name = match name_or_address {
            Some(text) if text.starts_with(&format!("{}1", self.global.prefix)) => {
                return Ok(text.into())
            }
            Some(name) => name.to_owned(),
            None => self.signer_name()?,
        };
        Ok(self.keyring()?.show(&name)?.address)
    }

    pub async fn client(&self) -> Result<ChainClient> {
        Ok(ChainClient::connect(self.global.node()).await?)
    }

    /// The signing key on the chain, unlocked.
    pub async fn wallet(&self, client: &ChainClient) -> Result<Wallet> {
        let key = crate::commands::keys::unlock(&self.keyring()?, &self.signer_name()?)?;
        let config = TxConfig::new(self.global.gas_price.clone());
        Ok(Wallet::new(client.clone(), key, config))
    }

    /// Chain and suite, for commands that only look.
    pub async fn market(&self) -> Result<Market> {
        let client = self.client().await?;
        let suite = suite::find(&client, &self.home, self.global.suite.as_deref()).await?;
        Ok(Market { client, suite })
    }
}

/// The suite on its chain.
#[derive(Clone)]
pub struct Market {
    pub client: ChainClient,
    pub suite: Suite,
}

impl Market {
    /// Time of the latest block, seconds.
    pub async fn now(&self) -> Result<u64> {
        Ok(self.client.status().await?.time.seconds())
    }

    pub async fn deployment(&self, id: u64) -> Result<deployment::DeploymentResponse> {
        self.ask(
            &self.suite.deployment,
            &deployment::QueryMsg::Deployment { id },
        )
        .await
        .with_context(|| format!("deployment {id}"))
    }

    pub async fn order(&self, id: u64) -> Result<market::OrderResponse> {
        self.ask(&self.suite.market, &market::QueryMsg::Order { id })
            .await
    }

    pub async fn lease(&self, id: u64) -> Result<market::LeaseResponse> {
        self.ask(&self.suite.market, &market::QueryMsg::Lease { id })
            .await
    }

    pub async fn account(&self, id: u64) -> Result<escrow::AccountResponse> {
        self.ask(&self.suite.escrow, &escrow::QueryMsg::Account { id })
            .await
    }

    pub async fn provider(&self, address: &str) -> Result<provider::ProviderResponse> {
        let query = provider::QueryMsg::Provider {
            address: address.into(),
        };
        self.ask(&self.suite.provider, &query).await
    }

    /// All of them, by address.
    pub async fn providers(&self) -> Result<Vec<provider::ProviderResponse>> {
        let mut found: Vec<provider::ProviderResponse> = Vec::new();
        loop {
            let query = provider::QueryMsg::Providers {
                start_after: found.last().map(|last| last.address.to_string()),
                limit: Some(MAX_LIMIT),
            };
            let page: provider::ProvidersResponse = self.ask(&self.suite.provider, &query).await?;
            let is_last = page.providers.len() < MAX_LIMIT as usize;
            found.extend(page.providers);
            if is_last {
                return Ok(found);
            }
        }
    }

    pub async fn ask<T: DeserializeOwned>(
        &self,
        contract: &str,
        query: &impl serde::Serialize,
    ) -> Result<T> {
        Ok(self.client.query_smart(contract, query).await?)
    }
}
