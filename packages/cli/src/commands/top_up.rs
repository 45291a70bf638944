//! `leasehold top-up`.

use anyhow::Result;
use serde_json::json;

use crate::args::TopUpArgs;
use crate::context::Context;
use crate::{output, payment};

pub async fn run(context: &Context, args: TopUpArgs) -> Result<()> {
    let market = context.market().await?;
    let deployment = market.deployment(args.id).await?;
    let account = market.account(deployment.account).await?;
    let wallet = context.wallet(&market.client).await?;
    let deposit = payment::deposit(&market, account.id, (args.amount, &account.denom))?;
    let outcome = wallet.execute_many(vec![deposit]).await?;
    let after = market.account(account.id).await?;
    if context.global.json {
        return output::json(&json!({"tx": outcome.hash, "account": after}));
    }
    println!(
        "account {} runs {}",
        account.id,
        super::status::runway(&market, &after).await?
    );
    Ok(())
}
