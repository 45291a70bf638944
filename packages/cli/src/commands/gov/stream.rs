//! `leasehold gov streams|claim-stream`.

use anyhow::{ensure, Result};
use leasehold_api::governance::{ExecuteMsg, QueryMsg, StreamResponse};
use serde_json::json;

use super::Gov;
use crate::{gov, output};

pub async fn list(gov: &Gov<'_>) -> Result<()> {
    let streams = gov::streams(&gov.market).await?;
    if gov.json() {
        return output::json(&streams);
    }
    if streams.is_empty() {
        println!("the treasury pays nobody over time; `leasehold gov propose stream` does");
        return Ok(());
    }
    let now = gov.market.now().await?;
    let rows = streams.iter().map(|stream| {
        let amount = |amount: cosmwasm_std::Uint128| output::group_digits(amount.u128());
        [
            stream.id.to_string(),
            stream.to.to_string(),
            output::amount(stream.asset.amount.u128(), &stream.asset.denom),
            amount(stream.paid),
            amount(stream.claimable),
            output::span(stream.ends_at.saturating_sub(now)),
        ]
    });
    let columns = ["id", "to", "amount", "paid", "claimable", "ends in"];
    println!("{}", output::table(columns, rows));
    Ok(())
}

pub async fn claim(gov: &Gov<'_>, id: u64) -> Result<()> {
    let stream: StreamResponse = gov::ask(&gov.market, &QueryMsg::Stream { id }).await?;
    ensure!(
        !stream.claimable.is_zero(),
        "stream {id} has earned nothing that is not paid"
    );
    let amount = output::amount(stream.claimable.u128(), &stream.asset.denom);
    gov.confirm(&format!("Pay {amount} or a little more to {}", stream.to))?;
    let outcome = gov.send(&ExecuteMsg::ClaimStream { id }, &[]).await?;
    if gov.json() {
        return output::json(&json!({"tx": outcome.hash, "stream": id}));
    }
    println!("paid {amount} or a little more to {}", stream.to);
    Ok(())
}
