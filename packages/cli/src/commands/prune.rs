//! `leasehold prune`: removes from the chain what has ended long ago.

use std::collections::BTreeSet;

use anyhow::Result;
use cosmwasm_std::from_json;
use leasehold_api::deployment::{self, DeploymentResponse, DeploymentsResponse};
use leasehold_api::market::{
    self, is_stale, CommitmentsResponse, LeasesResponse, Order, QueryMsg, ORDERS,
};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_client::{Execute, Wallet};
use serde::Serialize;
use serde_json::json;

use super::penalties;
use crate::args::PruneArgs;
use crate::context::{Context, Market};
use crate::output;

/// Most that go into one transaction.
const BATCH: usize = 16;

/// What may go now.
#[derive(Serialize, Default)]
struct Stale {
    orders: BTreeSet<u64>,
    deployments: BTreeSet<u64>,
}

pub async fn run(context: &Context, args: PruneArgs) -> Result<()> {
    let market = context.market().await?;
    let found = stale(&market).await?;
    let mut hashes = Vec::new();
    if !args.dry_run && !found.is_empty() {
        let wallet = context.wallet(&market.client).await?;
        hashes.extend(remove(&market, &wallet, &found).await?);
        // What is removed makes room for more: an order's next hundred records, then its deployment.
        loop {
            let more = stale(&market).await?;
            if more.is_empty() {
                break;
            }
            hashes.extend(remove(&market, &wallet, &more).await?);
        }
    }
    if context.global.json {
        return output::json(&json!({"stale": found, "txs": hashes}));
    }
    let (orders, deployments) = (found.orders.len(), found.deployments.len());
    println!("{orders} orders and {deployments} deployments have records that ended 30 days ago");
    for hash in hashes {
        println!("removed in transaction {hash}");
    }
    Ok(())
}

impl Stale {
    fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.deployments.is_empty()
    }
}

async fn stale(market: &Market) -> Result<Stale> {
    let now = market.now().await?;
    let waiting: BTreeSet<u64> = penalties::all(market)
        .await?
        .into_iter()
        .map(|penalty| penalty.order_id)
        .collect();
    let mut found = Stale {
        orders: with_stale_leases(market, now).await?,
        ..Stale::default()
    };
    for deployment in closed(market).await? {
        let mut kept = 0;
        for group in &deployment.groups {
            let Some(order) = order(market, group.order_id).await? else {
                continue;
            };
            kept += 1;
            let is_due = order.closed_at.is_none_or(|at| is_stale(at, now));
            let id = group.order_id;
            if is_due && !waiting.contains(&id) && !is_committed(market, id).await? {
                found.orders.insert(id);
            }
        }
        if kept == 0 {
            found.deployments.insert(deployment.id);
        }
    }
    Ok(found)
}

/// Orders of leases that ended long ago.
async fn with_stale_leases(market: &Market, now: u64) -> Result<BTreeSet<u64>> {
    let mut orders = BTreeSet::new();
    let mut start_after = None;
    loop {
        let query = QueryMsg::Leases {
            provider: None,
            start_after,
            limit: Some(MAX_LIMIT),
        };
        let page: LeasesResponse = market.ask(&market.suite.market, &query).await?;
        let is_last = page.leases.len() < MAX_LIMIT as usize;
        start_after = page.leases.last().map(|lease| lease.id);
        let stale = page.leases.into_iter().filter(|lease| {
            let ended = lease.ended.as_ref();
            ended.is_some_and(|ended| is_stale(ended.at, now))
        });
        orders.extend(stale.map(|lease| lease.order_id));
        if is_last {
            return Ok(orders);
        }
    }
}

/// All deployments that are closed.
async fn closed(market: &Market) -> Result<Vec<DeploymentResponse>> {
    let mut found = Vec::new();
    let mut start_after = None;
    loop {
        let query = deployment::QueryMsg::Deployments {
            owner: None,
            start_after,
            limit: Some(MAX_LIMIT),
        };
        let page: DeploymentsResponse = market.ask(&market.suite.deployment, &query).await?;
        let is_last = page.deployments.len() < MAX_LIMIT as usize;
        start_after = page.deployments.last().map(|deployment| deployment.id);
        found.extend(page.deployments.into_iter().filter(|each| each.closed));
        if is_last {
            return Ok(found);
        }
    }
}

/// Raw, because it may be gone.
async fn order(market: &Market, id: u64) -> Result<Option<Order>> {
    let key = ORDERS.key(id).to_vec();
    let stored = market.client.query_raw(&market.suite.market, &key).await?;
    Ok(stored.map(from_json).transpose()?)
}

async fn is_committed(market: &Market, order_id: u64) -> Result<bool> {
    let query = QueryMsg::Commitments {
        order_id,
        start_after: None,
        limit: Some(1),
    };
    let left: CommitmentsResponse = market.ask(&market.suite.market, &query).await?;
    Ok(!left.commitments.is_empty())
}

async fn remove(market: &Market, wallet: &Wallet, stale: &Stale) -> Result<Vec<String>> {
    let orders = stale.orders.iter().map(|order_id| {
        let prune = market::ExecuteMsg::Prune {
            order_id: *order_id,
        };
        Execute::new(&market.suite.market, &prune, &[])
    });
    let deployments = stale.deployments.iter().map(|deployment_id| {
        let prune = deployment::ExecuteMsg::Prune {
            deployment_id: *deployment_id,
        };
        Execute::new(&market.suite.deployment, &prune, &[])
    });
    let calls = orders.chain(deployments).collect::<Result<Vec<_>, _>>()?;
    let mut hashes = Vec::new();
    let mut calls = calls.into_iter().peekable();
    while calls.peek().is_some() {
        let batch = calls.by_ref().take(BATCH).collect();
        hashes.push(wallet.execute_many(batch).await?.hash);
    }
    Ok(hashes)
}
