//! `leasehold ls`.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use cosmwasm_std::Event;
use leasehold_api::deployment::{
    DeploymentResponse, DeploymentsResponse, GroupResponse, GroupStatus, QueryMsg, DEPLOYMENTS,
};
use leasehold_api::event::{DeploymentCreated, DeploymentTransferred, TypedEvent};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_client::{attribute, Query};

use crate::args::ListArgs;
use crate::context::{Context, Market};
use crate::{output, reservation};

pub async fn run(context: &Context, args: ListArgs) -> Result<()> {
    let market = context.market().await?;
    let owner = context.address(args.owner.as_deref())?;
    let deployments = match args.all {
        true => ever(&market, &owner).await?,
        false => open(&market, &owner).await?,
    };
    if context.global.json {
        return output::json(&deployments);
    }
    let mut rows = Vec::new();
    for deployment in &deployments {
        let account = market.account(deployment.account).await?;
        for group in &deployment.groups {
            rows.push([
                deployment.id.to_string(),
                group.spec.name.clone(),
                standing(&market, group).await?,
                group.lease_id.map_or("-".into(), |id| id.to_string()),
                deployment.account.to_string(),
                super::status::runway(&market, &account).await?,
            ]);
        }
    }
    println!(
        "{}",
        output::table(
            [
                "deployment",
                "group",
                "status",
                "lease",
                "account",
                "money lasts"
            ],
            rows
        )
    );
    Ok(())
}

/// The status of a group, and when a reservation starts.
async fn standing(market: &Market, group: &GroupResponse) -> Result<String> {
    let status = format!("{:?}", group.status).to_lowercase();
    if group.status != GroupStatus::Open || group.starts_at.is_none() {
        return Ok(status);
    }
    let order = market.order(group.order_id).await?;
    let Some(at) = order.starts_at else {
        return Ok(status);
    };
    let left = output::span(at.saturating_sub(market.now().await?));
    Ok(match reservation::is_reserved(&order) {
        true => format!("reserved, starts in {left}"),
        false => format!("{status}, starts in {left}"),
    })
}

async fn open(market: &Market, owner: &str) -> Result<Vec<DeploymentResponse>> {
    let mut found = Vec::new();
    loop {
        let query = QueryMsg::Deployments {
            owner: Some(owner.into()),
            start_after: found
                .last()
                .map(|deployment: &DeploymentResponse| deployment.id),
            limit: Some(MAX_LIMIT),
        };
        let page: DeploymentsResponse = market.ask(&market.suite.deployment, &query).await?;
        let last = page.deployments.len() < MAX_LIMIT as usize;
        found.extend(page.deployments);
        if last {
            return Ok(found);
        }
    }
}

/// Closed ones too, which the chain lists nowhere: by the events of their creation and hand-over.
async fn ever(market: &Market, owner: &str) -> Result<Vec<DeploymentResponse>> {
    let mut ids = BTreeSet::new();
    for event in [
        format!("wasm-{}.owner", DeploymentCreated::NAME),
        format!("wasm-{}.new_owner", DeploymentTransferred::NAME),
    ] {
        ids.extend(named_in(market, &Query::eq(event, owner)).await?);
    }
    let mut found = Vec::new();
    for id in ids {
        if is_pruned(market, id).await? {
            continue;
        }
        let deployment = market.deployment(id).await?;
        if deployment.owner.as_str() == owner {
            found.push(deployment);
        }
    }
    Ok(found)
}

/// Closed so long ago that somebody has removed it.
async fn is_pruned(market: &Market, id: u64) -> Result<bool> {
    let key = DEPLOYMENTS.key(id).to_vec();
    let contract = &market.suite.deployment;
    let stored = market.client.query_raw(contract, &key).await?;
    Ok(stored.is_none())
}

/// The deployments in the events of the transactions that match.
async fn named_in(market: &Market, query: &Query) -> Result<Vec<u64>> {
    const PER_PAGE: u8 = 100;
    let mut ids = Vec::new();
    for page in 1.. {
        let (txs, total) = market
            .client
            .tx_search(query.clone(), page, PER_PAGE)
            .await?;
        let events = txs.iter().flat_map(|tx| &tx.events);
        let of_suite = |event: &&Event| {
            attribute(event, "_contract_address") == Some(market.suite.deployment.as_str())
        };
        for event in events.filter(of_suite) {
            if let Some(id) = attribute(event, "deployment_id") {
                ids.push(id.parse().context("a deployment's id in an event")?);
            }
        }
        if page * u32::from(PER_PAGE) >= total {
            break;
        }
    }
    Ok(ids)
}
