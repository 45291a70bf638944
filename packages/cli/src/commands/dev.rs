//! `leasehold dev`: a chain to develop on.

use std::time::Duration;

use anyhow::{Context as _, Result};
use leasehold_api::genesis::Genesis;
use leasehold_client::{ChainClient, Key, TxConfig, Wallet};
use leasehold_devchain::{Devchain, DevchainConfig, DEV_ACCOUNTS};

use crate::args::DevArgs;
use crate::commands::keys::import_dev_accounts;
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
    let accounts = import_dev_accounts(&context.keyring()?)?;
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
        println!(
            "{}",
            output::table(
                ["test account", "address"],
                accounts.into_iter().map(|key| [key.name, key.address])
            )
        );
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
