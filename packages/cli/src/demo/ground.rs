//! The chain that the demo plays on: an embedded one, or one that runs already and funds the development accounts.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{bail, ensure, Context as _, Result};
use leasehold_api::genesis::Genesis;
use leasehold_api::Suite;
use leasehold_client::{ChainClient, Keyring, TxConfig, Wallet};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::process::Child;

use super::narrator::Narrator;
use super::stage::{leasehold, DENOM};
use crate::commands::keys::import_dev_accounts;
use crate::context::{Context, Market};
use crate::suite;

pub struct Ground {
    pub market: Market,
    /// The embedded chain's process.
    pub process: Option<Child>,
}

#[derive(Deserialize)]
struct Announcement {
    node: String,
    suite: Suite,
}

impl Ground {
    /// A devchain of the demo's own; it leaves the development accounts' keys in `home`.
    pub async fn embedded(home: &TempDir) -> Result<Self> {
        let (process, announced) = start_chain(home).await?;
        let client = ChainClient::connect(&announced.node).await?;
        Ok(Ground {
            market: Market {
                client,
                suite: announced.suite,
            },
            process: Some(process),
        })
    }

    /// A chain that runs already, with the suite that `--suite` names or else one that is deployed now.
    pub async fn existing(
        context: &Context,
        node: &str,
        wasm: Option<&Path>,
        keyring: &Keyring,
        narrator: &Narrator,
    ) -> Result<Self> {
        let gas_price = &context.global.gas_price;
        ensure!(
            gas_price.amount.is_zero() || gas_price.denom != DENOM,
            "--gas-price {gas_price}: pay gas in another denom than {DENOM}, whose balances the demo checks to the unit"
        );
        import_dev_accounts(keyring)?;
        let client = ChainClient::connect(node).await?;
        if let Some(address) = &context.global.suite {
            let suite = suite::find(&client, &context.home, Some(address)).await?;
            let process = None;
            return Ok(Ground {
                market: Market { client, suite },
                process,
            });
        }
        let deployer = keyring.unlock("deployer", "")?;
        let wallet = Wallet::new(client.clone(), deployer, TxConfig::new(gas_price.clone()));
        let salt = format!("demo-{}", client.status().await?.height);
        let genesis = Genesis::development("ustake");
        let say = |step: &str| narrator.say(&step);
        let suite = suite::deploy(&wallet, wasm, &genesis, &salt, say).await?;
        Ok(Ground {
            market: Market { client, suite },
            process: None,
        })
    }
}

async fn start_chain(home: &TempDir) -> Result<(Child, Announcement)> {
    let mut chain = leasehold(home, "chain")?
        .args(["--json", "dev", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the chain")?;
    let mut stdout = chain
        .stdout
        .take()
        .context("the chain has a standard output")?;
    let mut text = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = tokio::time::timeout(Duration::from_secs(60), stdout.read(&mut buffer))
            .await
            .context("the chain did not come up")??;
        if read == 0 {
            bail!(
                "the chain ended; see {}",
                home.path().join("chain.log").display()
            );
        }
        text.extend_from_slice(&buffer[..read]);
        match serde_json::from_slice(&text) {
            Ok(announcement) => return Ok((chain, announcement)),
            Err(error) if error.is_eof() => {}
            Err(error) => return Err(error).context("the chain announced itself badly"),
        }
    }
}
