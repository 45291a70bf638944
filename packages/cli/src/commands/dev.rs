//! `leasehold dev`: a chain to develop on.

use std::time::Duration;

use anyhow::{Context as _, Result};
use leasehold_api::genesis::Genesis;
use leasehold_client::{ChainClient, Key, TxConfig, Wallet};
use leasehold_devchain::{Devchain, DevchainConfig, DEV_ACCOUNTS};

use crate::args::DevArgs;
use crate::context::Context;
use crate::{output, suite};

pub async fn run(context: &Context, args: DevArgs) -> Result<()> {
    let chain = Devchain::start(DevchainConfig {
        listen: args.listen,
        block_time: Duration::try_from_secs_f64(args.block_time).context("--block-time")?,
        speed: args.speed,
        ..DevchainConfig::default()
    })?;
    let client = ChainClient::connect(&chain.rpc_url()).await?;
    let accounts = import_accounts(context)?;
    let suite = match args.no_suite {
        true => None,
        false => {
            let deployer = Key::from_words(DEV_ACCOUNTS[0].1, &context.global.prefix)?;
            let wallet = Wallet::new(
                client.clone(),
                deployer,
                TxConfig::new(context.global.gas_price.clone()),
            );
            let suite = suite::deploy(
                &wallet,
                None,
                &Genesis::development("ustake"),
                "leasehold",
                |_| {},
            )
            .await?;
            context.home.remember_suite(client.chain_id(), &suite)?;
            Some(suite)
        }
    };
    if context.global.json {
        output::json(
            &serde_json::json!({"node": chain.rpc_url(), "chain_id": client.chain_id(), "suite": suite}),
        )?;
    } else {
        println!(
            "{} at {} (no gas is metered, nothing is kept)",
            client.chain_id(),
            chain.rpc_url()
        );
        println!("{}", output::table(["test account", "address"], accounts));
        if let Some(suite) = &suite {
            println!("{}", super::suite::addresses(suite));
        }
        println!(
            "Next: leasehold provider run --from provider0 --runtime process --bond 1000000000uakt"
        );
    }
    tokio::signal::ctrl_c().await?;
    chain.shutdown().await;
    Ok(())
}

/// The test accounts as keys without a passphrase, so that `--from tenant` works at once.
fn import_accounts(context: &Context) -> Result<Vec<[String; 2]>> {
    let keyring = context.keyring()?;
    let known = keyring.list()?;
    DEV_ACCOUNTS
        .iter()
        .map(|(name, words)| {
            let info = match known.iter().find(|key| key.name == *name) {
                Some(key) => key.clone(),
                None => keyring.import(name, words, "")?,
            };
            Ok([info.name, info.address])
        })
        .collect()
}
