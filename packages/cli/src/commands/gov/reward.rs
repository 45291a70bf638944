//! `leasehold gov rewards|sweep|claim-rewards`.

use anyhow::{ensure, Result};
use cosmwasm_std::Uint128;
use leasehold_api::event::{FeesAdded, PayoutFailed};
use leasehold_api::governance::ExecuteMsg;
use leasehold_api::{escrow, Asset, Denom};
use leasehold_client::Execute;
use serde_json::json;

use super::Gov;
use crate::{events, gov, output};

pub async fn show(gov: &Gov<'_>, address: Option<&str>) -> Result<()> {
    let address = gov.context.address(address)?;
    let rewards = gov::rewards(&gov.market, &address).await?;
    if gov.json() {
        return output::json(&rewards);
    }
    match rewards.is_empty() {
        true => println!("{address} has earned nothing that could be claimed"),
        false => println!("{address} may claim {}", listed(&rewards)),
    }
    Ok(())
}

pub async fn sweep(gov: &Gov<'_>, denom: &str) -> Result<()> {
    let denom = Denom::from(denom);
    gov.confirm(&format!("Bring all fees in {denom} to governance"))?;
    let suite = &gov.market.suite;
    let sweep = escrow::ExecuteMsg::SweepFees { denom };
    let call = Execute::new(&suite.escrow, &sweep, &[])?;
    let outcome = gov.calls(vec![call]).await?;
    for added in events::all::<FeesAdded>(suite, &outcome.events)? {
        let denom = Denom::from(added.denom.as_str());
        let amount = |amount: Uint128| output::amount(amount.u128(), &denom);
        match gov.json() {
            true => output::json(&json!({
                "tx": outcome.hash, "amount": added.amount, "stakers": added.stakers,
            }))?,
            false => println!(
                "swept {}, of which stakers have {}",
                amount(added.amount),
                amount(added.stakers)
            ),
        }
    }
    Ok(())
}

pub async fn claim(gov: &Gov<'_>, denom: Option<String>) -> Result<()> {
    let address = gov.context.address(None)?;
    let denom = denom.as_deref().map(Denom::from);
    let mut due = gov::rewards(&gov.market, &address).await?;
    due.retain(|one| denom.as_ref().is_none_or(|denom| *denom == one.denom));
    ensure!(
        !due.is_empty(),
        "{address} has earned nothing that could be claimed; stakers earn when fees are swept"
    );
    gov.confirm(&format!("Claim {}", listed(&due)))?;
    let outcome = gov.send(&ExecuteMsg::ClaimRewards { denom }, &[]).await?;
    let failed: Vec<PayoutFailed> = events::all(&gov.market.suite, &outcome.events)?;
    let refused: Vec<String> = failed.into_iter().map(|one| one.denom).collect();
    if gov.json() {
        return output::json(&json!({"tx": outcome.hash, "claimed": due, "refused": refused}));
    }
    println!("claimed {}", listed(&due));
    for denom in refused {
        println!("{denom} refused to be paid out: it stays owed");
    }
    Ok(())
}

fn listed(assets: &[Asset]) -> String {
    let amounts = assets
        .iter()
        .map(|asset| output::amount(asset.amount.u128(), &asset.denom));
    amounts.collect::<Vec<_>>().join(" and ")
}
