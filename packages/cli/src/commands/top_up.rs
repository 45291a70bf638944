//! `leasehold top-up`.

use anyhow::Result;
use cosmwasm_std::coin;
use leasehold_api::escrow::ExecuteMsg;
use leasehold_api::Denom;
use serde_json::json;

use crate::args::TopUpArgs;
use crate::context::Context;
use crate::output;

pub async fn run(context: &Context, args: TopUpArgs) -> Result<()> {
    let market = context.market().await?;
    let deployment = market.deployment(args.id).await?;
    let account = market.account(deployment.account).await?;
    let wallet = context.wallet(&market.client).await?;
    let outcome = match &account.denom {
        Denom::Native(denom) => {
            let deposit = ExecuteMsg::Deposit {
                account: account.id,
            };
            wallet
                .execute(&market.suite.escrow, &deposit, &[coin(args.amount, denom)])
                .await?
        }
        Denom::Cw20(token) => {
            let send = cw20_send(&market.suite.escrow, args.amount, account.id)?;
            wallet.execute(token, &send, &[]).await?
        }
    };
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

fn cw20_send(escrow: &str, amount: u128, account: u64) -> Result<serde_json::Value> {
    let hook =
        cosmwasm_std::to_json_binary(&leasehold_api::escrow::Cw20HookMsg::Deposit { account })?;
    Ok(json!({"send": {"contract": escrow, "amount": amount.to_string(), "msg": hook}}))
}
