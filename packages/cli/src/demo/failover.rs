//! How the order of a dead provider goes to another, and what its silence costs it.

use std::cell::RefCell;

use anyhow::{ensure, Context as _, Result};
use leasehold_api::market::{LeaseResponse, PenaltiesResponse, QueryMsg};

use super::books::Books;
use super::narrator::Narrator;
use super::stage::{Stage, DENOM};
use super::story::{earnings, offer, PATIENCE};
use crate::output::{self, group_digits, HOUR};
use crate::ready;

/// Shows the dead provider's pay stop, and waits for another provider's lease.
pub async fn watch_failover(
    stage: &Stage,
    narrator: &Narrator,
    first: &LeaseResponse,
    order_id: u64,
) -> Result<LeaseResponse> {
    let said = RefCell::new(String::new());
    let lease = ready::wait(
        &ready::spinner(true),
        "waiting for the fail-over",
        PATIENCE,
        || async {
            let order = stage.market.order(order_id).await?;
            let line = match order.lease_id {
                Some(lease) if lease == first.id => match earnings(stage, first).await {
                    // It ended since the order was read.
                    Err(_) if stage.market.lease(first.id).await?.ended.is_some() => String::new(),
                    earned => earned?,
                },
                Some(_) => String::new(),
                None => match &order.best {
                    Some(next) => offer(stage, "may step in", next),
                    None => String::new(),
                },
            };
            if !line.is_empty() && *said.borrow() != line {
                narrator.say(&line);
                said.replace(line);
            }
            Ok(order.lease_id.filter(|lease| *lease != first.id))
        },
    )
    .await?;
    let lease = stage.market.lease(lease).await?;
    ensure!(
        lease.provider != first.provider,
        "the dead provider got the lease again"
    );
    let ended = stage
        .market
        .lease(first.id)
        .await?
        .ended
        .context("the first lease has ended")?;
    let dead = stage.market.provider(first.provider.as_str()).await?;
    narrator.say(&format!(
        "lease {} ended as {}: its provider counted as alive for {} s, the {} s after that earned nothing",
        first.id,
        ended.reason.as_str(),
        dead.live_until - first.started_at,
        ended.at.saturating_sub(dead.live_until),
    ));
    narrator.say(&format!(
        "lease {}: {} at {} {DENOM} per hour",
        lease.id,
        stage.name(lease.provider.as_str()),
        output::rent(lease.rate.u128(), HOUR)
    ));
    Ok(lease)
}

/// Whoever ended the lease carries out the penalty when it is due: it gets a share.
pub async fn watch_slash(stage: &Stage, narrator: &Narrator, first: &LeaseResponse) -> Result<()> {
    ready::wait(
        &ready::spinner(true),
        "waiting for the penalty to be due",
        PATIENCE,
        || async {
            let query = QueryMsg::Penalties {
                start_after: None,
                limit: None,
            };
            let pending: PenaltiesResponse =
                stage.market.ask(&stage.market.suite.market, &query).await?;
            let mut penalties = pending.penalties.iter();
            let waits = penalties.any(|penalty| penalty.provider == first.provider);
            Ok((!waits).then_some(()))
        },
    )
    .await?;
    let books = Books::read(&stage.market, stage.began).await?;
    let taken = books.slashed.get(first.provider.as_str());
    narrator.say(&format!(
        "{} {DENOM} of {} are gone, the rest is free again",
        group_digits(taken.copied().context("the penalty was waived")?),
        group_digits(first.bond.u128()),
    ));
    for (who, share) in &books.rewarded {
        narrator.say(&format!(
            "{} gets {}",
            stage.name(who),
            group_digits(*share)
        ));
    }
    Ok(())
}
