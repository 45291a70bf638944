//! `leasehold watch ls`, and the queries of the services.

use anyhow::Result;
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::provider::{QueryMsg, Role, WatchResponse, WatchesResponse};

use crate::context::Context;
use crate::output;
use crate::registry::{self, Registry};

pub async fn list(context: &Context, watchers: bool) -> Result<()> {
    let registry = Registry::open(context).await?;
    if watchers {
        return registry::list(&registry, Role::Watcher).await;
    }
    let watches = watches(&registry, None).await?;
    if registry.json() {
        return output::json(&watches);
    }
    let now = registry.market.now().await?;
    let rows = watches.iter().map(|watch| {
        [
            watch.lease_id.to_string(),
            registry.amount(watch.funds),
            format!("{} of {}", watch.quorum, watch.panel.len()),
            verdict(watch, now),
        ]
    });
    let header = ["lease", "left for fees", "must agree", "latest verdict"];
    println!("{}", output::table(header, rows));
    Ok(())
}

fn verdict(watch: &WatchResponse, now: u64) -> String {
    let Some(verdict) = watch.verdict else {
        return "none yet".into();
    };
    let answer = if verdict.down { "down" } else { "up" };
    format!(
        "{answer}, {} ago",
        output::span(now.saturating_sub(verdict.at))
    )
}

pub async fn watch(registry: &Registry<'_>, lease_id: u64) -> Result<WatchResponse> {
    registry.ask(&QueryMsg::Watch { lease_id }).await
}

/// Watched leases with the panels of this round: all, or those that one watcher is drawn for.
pub async fn watches(registry: &Registry<'_>, watcher: Option<&str>) -> Result<Vec<WatchResponse>> {
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let query = QueryMsg::Watches {
            watcher: watcher.map(Into::into),
            start_after: next,
            limit: Some(MAX_LIMIT),
        };
        let page: WatchesResponse = registry.ask(&query).await?;
        found.extend(page.watches);
        if page.next.is_none() {
            return Ok(found);
        }
        next = page.next;
    }
}
