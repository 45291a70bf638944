//! `leasehold deploy`: from a file to a running app.

use std::time::Duration;

use anyhow::{bail, ensure, Result};
use indicatif::ProgressBar;
use leasehold_agent::gateway::client::GatewayClientError;
use leasehold_api::deployment::GroupRequest;
use leasehold_api::market::{OrderPhase, OrderResponse, TakeOffer};
use leasehold_api::Denom;
use leasehold_client::Wallet;
use leasehold_sdl::Sdl;
use serde_json::json;

use crate::args::DeployArgs;
use crate::commands::keys::confirm;
use crate::commands::plan::Plan;
use crate::context::{Context, Market};
use crate::output::HOUR;
use crate::{offers, output, ready, rent, reputation, reservation};

pub async fn run(context: &Context, args: DeployArgs) -> Result<()> {
    let sdl = super::sdl::read(&args.file)?;
    let market = context.market().await?;
    let deposit = match args.account {
        Some(_) => Some(args.deposit.unwrap_or(0)),
        None => args.deposit,
    };
    let set_aside = match args.starts_in {
        Some(_) => reservation::planned(&market, &sdl).await?,
        None => 0,
    };
    let plan = rent::plan(&sdl, deposit, set_aside)?;
    let mut groups = rent::requests(&sdl, &plan);
    if let Some(choice) = args.offer {
        let minimum = args.min_reliability;
        offers::choose(&market, &plan.denom, &mut groups, choice, minimum).await?;
    }
    if args.min_reliability.is_some() {
        reputation::require_choice(&groups, !args.no_wait)?;
    }
    if !context.global.json {
        show(&plan, &sdl, args.account);
        show_offers(&groups, &plan.denom);
    }
    if !args.yes && !confirm("Deploy")? {
        bail!("nothing was deployed");
    }
    let wallet = context.wallet(&market.client).await?;
    let manifest = sdl.manifest();
    context
        .home
        .keep_manifest(&manifest.hash(), manifest.canonical_json().as_bytes())?;
    let starts_at = match args.starts_in {
        Some(lead) => Some(reservation::book(&market, &mut groups, lead).await?),
        None => None,
    };
    let (id, outcome) = rent::create(&market, &wallet, &sdl, &plan, groups, args.account).await?;
    if args.no_wait {
        return placed(context, id, &outcome.hash, starts_at);
    }
    let spinner = ready::spinner(context.global.json);
    let limit = Duration::from_secs(args.timeout);
    if let Some(minimum) = args.min_reliability {
        reputation::accept(&market, &wallet, &spinner, limit, id, minimum).await?;
    }
    let orders = decided(&market, &spinner, limit, id).await?;
    if orders.iter().any(reservation::is_reserved) {
        let with = sent(&market, &wallet, &spinner, limit, id, &sdl, &orders).await?;
        spinner.finish_and_clear();
        return reserved(context, &market, id, &outcome.hash, &orders, &with).await;
    }
    let urls = up(&market, &wallet, &spinner, limit, id, &sdl, &orders).await?;
    spinner.finish_and_clear();
    if context.global.json {
        return output::json(
            &json!({"deployment": id, "tx": outcome.hash, "starts_at": starts_at, "orders": orders, "urls": urls}),
        );
    }
    println!("deployment {id} is up");
    for url in urls {
        println!("  {url}");
    }
    println!("next: leasehold status {id}, leasehold logs -f {id}, leasehold top-up {id} AMOUNT, leasehold close {id}");
    Ok(())
}

fn show(plan: &Plan, sdl: &Sdl, account: Option<u64>) {
    println!("{}", plan.table());
    for warning in sdl.warnings() {
        eprintln!("warning: {warning}");
    }
    if let Some(seconds) = plan.duration {
        println!(
            "a job: paid ahead for {}, over after that, what is not used comes back",
            output::span(seconds)
        );
    }
    match account {
        Some(account) => println!(
            "paid from escrow account {account}, with {} more",
            output::amount(plan.deposit, &plan.denom)
        ),
        None => println!(
            "{} into escrow: lasts {} at these prices, what is left comes back",
            output::amount(plan.deposit, &plan.denom),
            output::span(plan.lasts())
        ),
    }
    if plan.set_aside > 0 {
        println!(
            "{} set aside until the start: at most that goes to a provider which you let down by then, the rest stays yours",
            output::amount(plan.set_aside, &plan.denom)
        );
    }
}

fn show_offers(groups: &[GroupRequest], denom: &Denom) {
    for GroupRequest { spec, offer, .. } in groups {
        if let Some(TakeOffer {
            offer_id,
            max_rate: Some(rate),
        }) = offer
        {
            println!(
                "group {} takes offer {offer_id}: {} {denom} per hour",
                spec.name,
                output::rent(rate.u128(), HOUR)
            );
        }
    }
}

fn placed(context: &Context, id: u64, tx: &str, starts_at: Option<u64>) -> Result<()> {
    if context.global.json {
        return output::json(&json!({"deployment": id, "tx": tx, "starts_at": starts_at}));
    }
    println!("deployment {id} is on the market; once it has a provider: leasehold push {id}");
    Ok(())
}

/// Tells what is reserved, and who has the manifest for its start.
async fn reserved(
    context: &Context,
    market: &Market,
    id: u64,
    tx: &str,
    orders: &[OrderResponse],
    with: &[String],
) -> Result<()> {
    let mut set_aside = Vec::new();
    for order in orders {
        set_aside.push(reservation::set_aside(market, order).await?);
    }
    if context.global.json {
        let starts_at = orders.iter().find_map(|order| order.starts_at);
        return output::json(
            &json!({"deployment": id, "tx": tx, "starts_at": starts_at, "set_aside": set_aside, "orders": orders, "manifest_with": with}),
        );
    }
    println!("deployment {id} is reserved");
    let now = market.now().await?;
    for (order, kept) in orders.iter().zip(set_aside) {
        println!("group {}:", order.group);
        for line in reservation::describe(order, kept, now) {
            println!("  {line}");
        }
    }
    match with {
        [] => println!("nobody has the manifest yet; once there is a lease: leasehold push {id}"),
        with => println!("the manifest is with {}", with.join(", ")),
    }
    println!("next: leasehold status {id}, leasehold close {id}");
    Ok(())
}

/// Waits until every group has a lease or is reserved.
async fn decided(
    market: &Market,
    spinner: &ProgressBar,
    limit: Duration,
    id: u64,
) -> Result<Vec<OrderResponse>> {
    ready::wait(spinner, "waiting for a provider", limit, || async {
        let orders = rent::orders(market, &market.deployment(id).await?).await?;
        for order in &orders {
            ensure!(
                order.phase != OrderPhase::Closed,
                "order {} closed without a lease: its account ran short or every provider failed; see `leasehold status {id}`",
                order.id
            );
        }
        spinner.set_message(progress(&orders));
        let is_decided = |order: &OrderResponse| order.lease_id.is_some() || reservation::is_reserved(order);
        Ok(orders.iter().all(is_decided).then_some(orders))
    })
    .await
}

fn progress(orders: &[OrderResponse]) -> String {
    let leading = orders
        .iter()
        .filter(|order| order.best.is_some() || order.lease_id.is_some())
        .count();
    format!(
        "waiting for providers: {leading} of {} orders have an offer",
        orders.len()
    )
}

/// Sends the manifest to all who may serve; answers who has it.
async fn sent(
    market: &Market,
    wallet: &Wallet,
    spinner: &ProgressBar,
    limit: Duration,
    id: u64,
    sdl: &Sdl,
    orders: &[OrderResponse],
) -> Result<Vec<String>> {
    ready::wait(spinner, "sending the manifest", limit, || async {
        unless_starting(super::push::send(market, wallet.key(), id, sdl.manifest(), orders).await)
    })
    .await
}

/// Sends the manifest to all who may serve and waits until every lease is up; answers the URLs.
pub async fn up(
    market: &Market,
    wallet: &Wallet,
    spinner: &ProgressBar,
    limit: Duration,
    id: u64,
    sdl: &Sdl,
    orders: &[OrderResponse],
) -> Result<Vec<String>> {
    sent(market, wallet, spinner, limit, id, sdl, orders).await?;
    let mut urls = Vec::new();
    for lease in orders.iter().filter_map(|order| order.lease_id) {
        let what = format!("waiting for lease {lease} to come up");
        let status = ready::wait(spinner, &what, limit, || async {
            let status = unless_starting(rent::lease_status(market, wallet.key(), lease).await)?;
            Ok(status.filter(rent::is_up))
        })
        .await?;
        urls.extend(rent::urls(&status));
    }
    Ok(urls)
}

/// Nothing yet, when the provider may still be starting or not know that it was chosen.
fn unless_starting<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error)
            if error
                .downcast_ref()
                .is_some_and(GatewayClientError::is_transient) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
