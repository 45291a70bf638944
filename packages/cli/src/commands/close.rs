//! `leasehold close`.

use anyhow::{bail, Result};
use cosmwasm_std::{Event, Uint128};
use leasehold_api::deployment::DeploymentResponse;
use leasehold_api::event::HoldReleased;
use leasehold_api::{deployment, escrow, Suite};
use serde::Serialize;
use serde_json::json;

use crate::args::CloseArgs;
use crate::commands::keys::confirm;
use crate::context::{Context, Market};
use crate::{events, output, rent, reservation};

/// A provider that was bound to a start which will not come.
#[derive(Serialize)]
struct LetDown {
    provider: String,
    /// What it was paid for that, whole units.
    amount: Uint128,
}

pub async fn run(context: &Context, args: CloseArgs) -> Result<()> {
    let market = context.market().await?;
    let before = market.deployment(args.id).await?;
    if !args.yes && !confirm(&question(&market, &before).await?)? {
        bail!("deployment {} goes on", args.id);
    }
    let wallet = context.wallet(&market.client).await?;
    let mut hashes = Vec::new();
    let mut paid = Vec::new();
    if !before.closed {
        let close = deployment::ExecuteMsg::Close {
            deployment_id: args.id,
        };
        let outcome = wallet
            .execute(&market.suite.deployment, &close, &[])
            .await?;
        paid = let_down(&market.suite, &outcome.events)?;
        hashes.push(outcome.hash);
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
            &json!({"deployment": args.id, "txs": hashes, "let_down": paid, "refunded": if args.keep_account { Default::default() } else { refund }}),
        );
    }
    println!("deployment {} is closed", args.id);
    for LetDown { provider, amount } in paid {
        println!(
            "{} of what was set aside went to {provider}, whose reservation it was",
            output::amount(amount.u128(), &account.denom)
        );
    }
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

/// What to ask first, with what it may cost.
async fn question(market: &Market, deployment: &DeploymentResponse) -> Result<String> {
    let mut due = Vec::new();
    for order in rent::orders(market, deployment).await? {
        let set_aside = reservation::set_aside(market, &order).await?;
        let part = set_aside.and_then(|kept| kept.due);
        due.extend(part.map(|part| output::amount(part.u128(), &order.denom)));
    }
    let id = deployment.id;
    Ok(match due.as_slice() {
        [] => format!("Close deployment {id} for good"),
        due => format!(
            "Close deployment {id} for good, with {} to who waits for the start",
            due.join(" and ")
        ),
    })
}

/// Who was paid out of what was set aside.
fn let_down(suite: &Suite, events: &[Event]) -> Result<Vec<LetDown>> {
    let released: Vec<HoldReleased> = events::all(suite, events)?;
    let found = released.into_iter().map(|hold| LetDown {
        provider: hold.payee,
        amount: hold.amount,
    });
    Ok(found
        .filter(|one| !one.provider.is_empty() && !one.amount.is_zero())
        .collect())
}
