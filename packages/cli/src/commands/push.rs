//! `leasehold push`: the manifest again, to whoever may serve now.

use anyhow::{ensure, Context as _, Result};
use leasehold_api::market::OrderResponse;
use leasehold_client::Key;
use leasehold_sdl::Manifest;

use crate::context::{Context, Market};
use crate::{output, rent};

pub async fn run(context: &Context, id: u64) -> Result<()> {
    let market = context.market().await?;
    let deployment = market.deployment(id).await?;
    let json = context.home.manifest(&deployment.manifest_hash)?;
    let manifest: Manifest =
        serde_json::from_slice(&json).context("the kept manifest is damaged")?;
    let wallet = context.wallet(&market.client).await?;
    let orders = rent::orders(&market, &deployment).await?;
    ensure!(
        orders.iter().any(rent::has_candidates),
        "deployment {id} has no provider yet; try again once `leasehold status {id}` shows one"
    );
    let took = send(&market, wallet.key(), id, &manifest, &orders).await?;
    if context.global.json {
        return output::json(&took);
    }
    for provider in took {
        println!("{provider} has the manifest");
    }
    Ok(())
}

/// Sends to lease holders, leaders and runners-up; those that are bound to run it must take it. Answers who did.
pub async fn send(
    market: &Market,
    key: &Key,
    id: u64,
    manifest: &Manifest,
    orders: &[OrderResponse],
) -> Result<Vec<String>> {
    let providers = rent::candidates(market, orders).await?;
    let bound = rent::bound(market, orders).await?;
    let mut took = Vec::new();
    for (provider, sent) in rent::send_manifest(market, key, id, manifest, providers).await {
        match sent {
            Ok(()) => took.push(provider),
            Err(error) if bound.contains(&provider) => {
                return Err(error.context(format!(
                    "provider {provider} did not take the manifest; try `leasehold push {id}`"
                )))
            }
            Err(error) => {
                eprintln!("warning: runner-up {provider} did not take the manifest: {error:#}")
            }
        }
    }
    Ok(took)
}
