//! `leasehold gov stake|unstake|delegate|claim`.

use anyhow::{bail, ensure, Result};
use cosmwasm_std::Uint128;
use leasehold_api::governance::{Cw20HookMsg, ExecuteMsg, StakeResponse};
use leasehold_api::Denom;
use leasehold_client::TxOutcome;
use serde_json::json;

use super::Gov;
use crate::{gov, output, payment};

pub async fn stake(gov: &Gov<'_>, amount: u128) -> Result<()> {
    let (config, address, before) = standing(gov).await?;
    let denom = config.denom;
    gov.confirm(&format!(
        "Stake {} besides your {}, to come back {} after it is taken out",
        output::amount(amount, &denom),
        output::group_digits(before.amount.u128()),
        output::span(config.params.unbonding)
    ))?;
    let call = payment::call(
        &gov.market.suite.governance,
        (amount, &denom),
        &ExecuteMsg::Stake {},
        &Cw20HookMsg::Stake {},
    )?;
    let outcome = gov.calls(vec![call]).await?;
    done(gov, &outcome, &address, &denom).await
}

pub async fn unstake(gov: &Gov<'_>, amount: u128) -> Result<()> {
    let (config, address, before) = standing(gov).await?;
    let denom = config.denom;
    let amount = Uint128::new(amount);
    ensure!(
        amount <= before.amount,
        "{address} has {} staked",
        output::amount(before.amount.u128(), &denom)
    );
    gov.confirm(&format!(
        "Take {} of your {} out, to be claimed after {}",
        output::amount(amount.u128(), &denom),
        output::group_digits(before.amount.u128()),
        output::span(config.params.unbonding)
    ))?;
    let outcome = gov.send(&ExecuteMsg::Unstake { amount }, &[]).await?;
    done(gov, &outcome, &address, &denom).await
}

pub async fn delegate(gov: &Gov<'_>, to: &str) -> Result<()> {
    let (config, address, before) = standing(gov).await?;
    let denom = config.denom;
    let to = match to {
        "none" => None,
        name => Some(gov.context.address(Some(name))?),
    };
    let who = to.as_deref().unwrap_or(&address);
    gov.confirm(&format!(
        "Have {who} vote with your {} on proposals of later blocks",
        output::amount(before.amount.u128(), &denom)
    ))?;
    let outcome = gov.send(&ExecuteMsg::Delegate { to }, &[]).await?;
    done(gov, &outcome, &address, &denom).await
}

pub async fn claim(gov: &Gov<'_>) -> Result<()> {
    let (config, address, before) = standing(gov).await?;
    let denom = config.denom;
    let now = gov.market.now().await?;
    let due: u128 = before
        .unstaking
        .iter()
        .filter(|one| one.claimable_at <= now)
        .map(|one| one.amount.u128())
        .sum();
    if due == 0 {
        match before.unstaking.iter().map(|one| one.claimable_at).min() {
            Some(at) => bail!(
                "nothing can be claimed yet, the next in {}",
                output::span(at.saturating_sub(now))
            ),
            None => bail!("{address} has nothing to claim; `leasehold gov unstake` comes first"),
        }
    }
    gov.confirm(&format!("Claim {}", output::amount(due, &denom)))?;
    let outcome = gov.send(&ExecuteMsg::Claim {}, &[]).await?;
    done(gov, &outcome, &address, &denom).await
}

async fn standing(
    gov: &Gov<'_>,
) -> Result<(
    leasehold_api::governance::ConfigResponse,
    String,
    StakeResponse,
)> {
    let address = gov.context.address(None)?;
    let config = gov::config(&gov.market).await?;
    let stake = gov::stake(&gov.market, &address).await?;
    Ok((config, address, stake))
}

async fn done(gov: &Gov<'_>, outcome: &TxOutcome, address: &str, denom: &Denom) -> Result<()> {
    let after = gov::stake(&gov.market, address).await?;
    if gov.json() {
        return output::json(&json!({"tx": outcome.hash, "stake": after}));
    }
    let now = gov.market.now().await?;
    println!(
        "{address} has {} staked",
        output::amount(after.amount.u128(), denom)
    );
    if let Some(delegate) = &after.delegate {
        println!("{delegate} votes with it");
    }
    for one in &after.unstaking {
        println!(
            "{} can be claimed in {}",
            output::amount(one.amount.u128(), denom),
            output::span(one.claimable_at.saturating_sub(now))
        );
    }
    Ok(())
}
