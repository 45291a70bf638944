//! Renting, step by step: place the order, send the manifest to whoever may serve it, wait until the app is up. The commands and the demo
//! share these steps.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, from_json};
use leasehold_agent::gateway::client::GatewayClient;
use leasehold_agent::gateway::LeaseStatus;
use leasehold_api::deployment::{DeploymentResponse, ExecuteMsg, GroupRequest};
use leasehold_api::market::Exit;
use leasehold_api::market::OrderResponse;
use leasehold_api::Denom;
use leasehold_client::{Execute, Key, TxOutcome, Wallet};
use leasehold_sdl::{Manifest, Sdl};

use crate::commands::plan::Plan;
use crate::context::Market;
use crate::payment;
use crate::reservation::expectant;

/// Default deposit: the rent of this many seconds at the maximum price.
const DEFAULT_RUNWAY: u128 = 86_400;

/// What the file costs at most, with `deposit` to start with, or else a day's rent, of jobs all of it, and what is `set_aside` for a
/// reservation (whole units).
///
/// # Errors
/// A group that the chain would refuse.
pub fn plan(sdl: &Sdl, deposit: Option<u128>, set_aside: u128) -> Result<Plan> {
    let groups = sdl.groups()?;
    let mut max_rate = 0_u128;
    for group in &groups {
        max_rate = max_rate
            .checked_add(group.max_rate()?.u128())
            .context("the prices overflow")?;
    }
    let duration = sdl.extensions().duration;
    let start = max_rate
        .saturating_mul(duration.map_or(DEFAULT_RUNWAY, u128::from))
        .div_ceil(leasehold_api::SCALE);
    Ok(Plan {
        groups,
        denom: Denom::from(sdl.denom()),
        max_rate,
        deposit: deposit.unwrap_or(start.saturating_add(set_aside)),
        set_aside,
        duration,
    })
}

/// What the file asks the market for, group by group.
pub fn requests(sdl: &Sdl, plan: &Plan) -> Vec<GroupRequest> {
    let auction = Some(sdl.extensions().auction);
    let exit = sdl.reclamation().map(|notice| Exit {
        notice: notice.as_secs(),
        compensation_bps: 0,
    });
    plan.groups
        .iter()
        .map(|spec| GroupRequest {
            auction,
            exit,
            max_duration: plan.duration,
            ..spec.clone().into()
        })
        .collect()
}

/// Creates the deployment, in one message unless the deposit is in a token; answers its id.
///
/// # Errors
/// What the chain refused.
pub async fn create(
    market: &Market,
    wallet: &Wallet,
    sdl: &Sdl,
    plan: &Plan,
    groups: Vec<GroupRequest>,
    mut account: Option<u64>,
) -> Result<(u64, TxOutcome)> {
    let paid = (plan.deposit, &plan.denom);
    let (mut calls, mut funds) = (vec![], vec![]);
    match (&plan.denom, account) {
        _ if plan.deposit == 0 => {}
        (Denom::Native(denom), _) => funds.push(coin(plan.deposit, denom)),
        (Denom::Cw20(_), Some(id)) => calls.push(payment::deposit(market, id, paid)?),
        // The message cannot name an account of the same transaction.
        (Denom::Cw20(_), None) => account = Some(payment::open(market, wallet, paid).await?.0),
    }
    let msg = ExecuteMsg::Create {
        groups,
        manifest_hash: sdl.manifest().hash().into(),
        denom: plan.denom.clone(),
        account,
    };
    calls.push(Execute::new(&market.suite.deployment, &msg, &funds)?);
    let last = calls.len().saturating_sub(1);
    let outcome = wallet.execute_many(calls).await?;
    let id = from_json(outcome.execute_data(last)?)?;
    Ok((id, outcome))
}

/// All orders of a deployment, as they stand.
pub async fn orders(
    market: &Market,
    deployment: &DeploymentResponse,
) -> Result<Vec<OrderResponse>> {
    let mut orders = Vec::new();
    for group in &deployment.groups {
        orders.push(market.order(group.order_id).await?);
    }
    Ok(orders)
}

/// Whether anybody may come to run an order.
pub fn has_candidates(order: &OrderResponse) -> bool {
    order.best.is_some() || order.second.is_some() || order.lease_id.is_some()
}

/// Who is bound to run the deployment: lease holders and the winners of reservations.
pub async fn bound(market: &Market, orders: &[OrderResponse]) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for order in orders {
        if let Some(lease) = order.lease_id {
            found.insert(market.lease(lease).await?.provider.into_string());
        } else if let Some(best) = expectant(order) {
            found.insert(best.provider.to_string());
        }
    }
    Ok(found)
}

/// Who may come to run the deployment: lease holders, leaders and runners-up.
pub async fn candidates(market: &Market, orders: &[OrderResponse]) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for order in orders {
        found.extend(
            [&order.best, &order.second]
                .into_iter()
                .flatten()
                .map(|quote| quote.provider.to_string()),
        );
        if let Some(lease) = order.lease_id {
            found.insert(market.lease(lease).await?.provider.into_string());
        }
    }
    Ok(found)
}

/// A connection to a provider's gateway, pinned to the key it has on chain, speaking as `key`.
pub async fn gateway(market: &Market, key: &Key, provider: &str) -> Result<GatewayClient> {
    let record = market.provider(provider).await?;
    GatewayClient::new(provider, record.contact.clone(), key.clone())
        .with_context(|| format!("provider {provider} at {}", record.contact.gateway))
}

/// Sends the manifest, sealed to each, to `providers`; answers who took it and why others did not.
pub async fn send_manifest(
    market: &Market,
    key: &Key,
    deployment_id: u64,
    manifest: &Manifest,
    providers: impl IntoIterator<Item = String>,
) -> Vec<(String, Result<()>)> {
    let mut results = Vec::new();
    for provider in providers {
        let sent = async {
            let gateway = gateway(market, key, &provider).await?;
            Ok(gateway.put_manifest(deployment_id, manifest).await?)
        };
        let result = sent.await;
        results.push((provider, result));
    }
    results
}

/// What the provider of a lease says about its services.
pub async fn lease_status(market: &Market, key: &Key, lease_id: u64) -> Result<LeaseStatus> {
    let lease = market.lease(lease_id).await?;
    let gateway = gateway(market, key, lease.provider.as_str()).await?;
    Ok(gateway.status(lease_id).await?)
}

/// Whether every service has all its replicas running.
pub fn is_up(status: &LeaseStatus) -> bool {
    !status.services.is_empty()
        && status
            .services
            .iter()
            .all(|service| service.ready >= service.replicas)
}

/// Where a lease's services answer, ingress first.
pub fn urls(status: &LeaseStatus) -> Vec<String> {
    let uris = status
        .services
        .iter()
        .flat_map(|service| service.uris.iter().cloned());
    let ports = status
        .services
        .iter()
        .flat_map(|service| service.ports.iter().map(|port| port.address.to_string()));
    uris.chain(ports).collect()
}
