//! `leasehold penalties`.

use anyhow::Result;
use leasehold_api::market::{ExecuteMsg, PenaltiesResponse, PenaltyResponse, QueryMsg};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_client::Execute;
use serde_json::json;

use crate::args::PenaltiesArgs;
use crate::context::{Context, Market};
use crate::output;

/// Most that go into one transaction.
const BATCH: usize = 16;

pub async fn run(context: &Context, args: PenaltiesArgs) -> Result<()> {
    let market = context.market().await?;
    let now = market.now().await?;
    let pending = all(&market).await?;
    let hashes = match args.settle {
        true => settle(context, &market, &pending, now).await?,
        false => vec![],
    };
    if context.global.json {
        return output::json(&json!({"penalties": pending, "txs": hashes}));
    }
    let rows = pending.iter().map(|penalty| {
        [
            format!("{}/{}", penalty.order_id, penalty.number),
            penalty.provider.to_string(),
            penalty.reason.as_str().to_owned(),
            output::amount(penalty.bond.u128(), &penalty.denom),
            match penalty.due_at.saturating_sub(now) {
                0 => "now".to_owned(),
                seconds => format!("in {}", output::span(seconds)),
            },
        ]
    });
    println!(
        "{}",
        output::table(["penalty", "provider", "for", "of a bond of", "due"], rows)
    );
    for hash in hashes {
        println!("carried out in transaction {hash}");
    }
    Ok(())
}

/// All that wait.
pub async fn all(market: &Market) -> Result<Vec<PenaltyResponse>> {
    let mut found: Vec<PenaltyResponse> = Vec::new();
    loop {
        let query = QueryMsg::Penalties {
            start_after: found.last().map(|last| (last.order_id, last.number)),
            limit: Some(MAX_LIMIT),
        };
        let page: PenaltiesResponse = market.ask(&market.suite.market, &query).await?;
        let is_last = page.penalties.len() < MAX_LIMIT as usize;
        found.extend(page.penalties);
        if is_last {
            return Ok(found);
        }
    }
}

async fn settle(
    context: &Context,
    market: &Market,
    pending: &[PenaltyResponse],
    now: u64,
) -> Result<Vec<String>> {
    let wallet = context.wallet(&market.client).await?;
    let calls = pending
        .iter()
        .filter(|penalty| penalty.due_at <= now)
        .map(|penalty| {
            let slash = ExecuteMsg::Slash {
                order_id: penalty.order_id,
                number: penalty.number,
            };
            Execute::new(&market.suite.market, &slash, &[])
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut hashes = Vec::new();
    let mut calls = calls.into_iter().peekable();
    while calls.peek().is_some() {
        let batch = calls.by_ref().take(BATCH).collect();
        hashes.push(wallet.execute_many(batch).await?.hash);
    }
    Ok(hashes)
}
