//! `leasehold close`.

use anyhow::{bail, Result};
use leasehold_api::{deployment, escrow};
use serde_json::json;

use crate::args::CloseArgs;
use crate::commands::keys::confirm;
use crate::context::Context;
use crate::output;

pub async fn run(context: &Context, args: CloseArgs) -> Result<()> {
    let market = context.market().await?;
    let before = market.deployment(args.id).await?;
    if !args.yes && !confirm(&format!("Close deployment {} for good", args.id))? {
        bail!("deployment {} goes on", args.id);
    }
    let wallet = context.wallet(&market.client).await?;
    let mut hashes = Vec::new();
    if !before.closed {
        let close = deployment::ExecuteMsg::Close {
            deployment_id: args.id,
        };
        hashes.push(
            wallet
                .execute(&market.suite.deployment, &close, &[])
                .await?
                .hash,
        );
    }
    let account = market.account(before.account).await?;
    let refund = account.withdrawable;
    if !args.keep_account && !refund.is_zero() {
        let withdraw = escrow::ExecuteMsg::Withdraw {
            account: account.id,
            amount: Some(refund),
        };
        hashes.push(
            wallet
                .execute(&market.suite.escrow, &withdraw, &[])
                .await?
                .hash,
        );
    }
    if context.global.json {
        return output::json(
            &json!({"deployment": args.id, "txs": hashes, "refunded": if args.keep_account { Default::default() } else { refund }}),
        );
    }
    println!("deployment {} is closed", args.id);
    match args.keep_account {
        true => println!(
            "{} stay in account {}",
            output::amount(refund.u128(), &account.denom),
            account.id
        ),
        false => println!(
            "{} came back to {}",
            output::amount(refund.u128(), &account.denom),
            wallet.address()
        ),
    }
    Ok(())
}
