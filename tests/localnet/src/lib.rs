//! The chain that scripts/localnet.sh names in the environment.

mod dao;
mod deploy;
mod fault;
pub mod field;
pub mod history;
pub mod laggard;
pub mod nodes;
pub mod proxy;
pub mod scene;
mod town;
mod verbs;

use std::time::Duration;

use anyhow::{Context as _, Result};
use cosmwasm_std::Timestamp;
use leasehold_api::{market, Suite};
use leasehold_client::{ChainClient, Key, TxConfig, Wallet, DEFAULT_PREFIX};
use leasehold_devchain::DEV_ACCOUNTS;

pub use dao::{wasm, DEPOSIT};
pub use deploy::{deploy, second, Code};
pub use town::{invariants, newcomers, Town, COLLATERAL, FORTUNE, RENT, STAKE};
pub use verbs::{posted, refused};

/// Pays nothing, which the localnet takes.
pub const FREE: &str = "0ustake";

/// The value of an environment variable that the scripts set.
pub fn setting(name: &str) -> Result<String> {
    std::env::var(name)
        .with_context(|| format!("{name} is not set: scripts/localnet.sh run sets it"))
}

/// Longest wait for something that the chain must come to, seconds of wall time: only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Asks until there is an answer. An error of `look` counts as none: the node may be away.
pub async fn eventually<T, F>(what: &str, mut look: impl FnMut() -> F) -> Result<T>
where
    F: std::future::Future<Output = Result<Option<T>>>,
{
    let mut last = None;
    let found = async {
        loop {
            match look().await {
                Ok(Some(found)) => return found,
                Ok(None) => {}
                Err(error) => last = Some(error),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, found).await;
    found.with_context(|| format!("in vain: {what} {last:?}"))
}

pub async fn connect() -> Result<ChainClient> {
    Ok(ChainClient::connect(&setting("LEASEHOLD_NODE")?).await?)
}

/// The suite that the chain was started with.
pub async fn suite(client: &ChainClient) -> Result<Suite> {
    let market = setting("LEASEHOLD_SUITE")?;
    let config: market::ConfigResponse = client
        .query_smart(&market, &market::QueryMsg::Config {})
        .await?;
    let addresses = config.suite.addresses().map(ToString::to_string);
    Suite::from_addresses(addresses).context("five addresses")
}

/// Pays `gas_price` and looks for its transactions more often than blocks come.
pub fn wallet(client: &ChainClient, key: Key, gas_price: &str) -> Result<Wallet> {
    let config = TxConfig {
        poll: Duration::from_millis(50),
        ..TxConfig::new(gas_price.parse()?)
    };
    Ok(Wallet::new(client.clone(), key, config))
}

/// The key of an account that is funded at genesis.
pub fn dev_key(name: &str) -> Result<Key> {
    let (_, words) = DEV_ACCOUNTS
        .iter()
        .find(|(known, _)| *known == name)
        .with_context(|| format!("no development account is called {name}"))?;
    Ok(Key::from_words(words, DEFAULT_PREFIX)?)
}

/// Until the chain's own clock has moved on.
pub async fn pass(client: &ChainClient, seconds: u64) -> Result<()> {
    let until = client.status().await?.time.plus_seconds(seconds);
    reach(client, until).await
}

/// Until the chain's state has this time: a node tells a block before it has carried it out, so until the next one.
pub async fn reach(client: &ChainClient, time: Timestamp) -> Result<()> {
    let mut reached = u64::MAX;
    loop {
        let status = client.status().await?;
        if status.time >= time {
            reached = reached.min(status.height);
        }
        if status.height > reached {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
