//! `leasehold watch`.

mod aggregate;
mod look;
mod run;

use anyhow::Result;
use leasehold_api::provider::{ExecuteMsg, Role};
use serde_json::json;

use crate::args::WatchCommand;
use crate::context::Context;
use crate::output;
use crate::registry::{self, Registry};

pub async fn run(context: &Context, command: WatchCommand) -> Result<()> {
    match command {
        WatchCommand::Register(args) => registry::enrol(context, Role::Watcher, &args).await,
        WatchCommand::Retire => registry::retire(context, Role::Watcher).await,
        WatchCommand::Withdraw => registry::withdraw(context, Role::Watcher).await,
        WatchCommand::Claim => claim(context).await,
        WatchCommand::Run(args) => run::run(context, &args).await,
        WatchCommand::Aggregate(args) => aggregate::run(context, &args).await,
        WatchCommand::Add { lease, amount } => add(context, lease, amount).await,
        WatchCommand::End { lease } => end(context, lease).await,
        WatchCommand::Ls { watchers } => look::list(context, watchers).await,
    }
}

async fn claim(context: &Context) -> Result<()> {
    let registry = Registry::open(context).await?;
    let address = context.address(None)?;
    let fees = registry.member(Role::Watcher, &address).await?.fees;
    let outcome = registry.send(&ExecuteMsg::ClaimFees {}, &[]).await?;
    if registry.json() {
        return output::json(&json!({"tx": outcome.hash, "paid": fees}));
    }
    println!("{address} has {} of fees", registry.amount(fees));
    Ok(())
}

async fn add(context: &Context, lease_id: u64, amount: u128) -> Result<()> {
    let registry = Registry::open(context).await?;
    let funds = registry.coins(amount.into());
    let outcome = registry
        .send(&ExecuteMsg::WatchLease { lease_id }, &funds)
        .await?;
    let watch = look::watch(&registry, lease_id).await?;
    if registry.json() {
        return output::json(&json!({"tx": outcome.hash, "watch": watch}));
    }
    println!(
        "lease {lease_id} is watched, with {} for fees",
        registry.amount(watch.funds)
    );
    Ok(())
}

async fn end(context: &Context, lease_id: u64) -> Result<()> {
    let registry = Registry::open(context).await?;
    let watch = look::watch(&registry, lease_id).await?;
    let outcome = registry
        .send(&ExecuteMsg::UnwatchLease { lease_id }, &[])
        .await?;
    if registry.json() {
        return output::json(&json!({"tx": outcome.hash, "refunded": watch.funds}));
    }
    println!(
        "lease {lease_id} is watched no more; {} goes back to {}",
        registry.amount(watch.funds),
        watch.payer
    );
    Ok(())
}
