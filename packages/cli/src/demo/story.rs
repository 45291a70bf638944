//! The story itself.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{bail, ensure, Context as _, Result};
use leasehold_api::market::{LeaseResponse, OrderPhase};
use leasehold_api::{deployment, escrow, Quote};
use leasehold_sdl::Sdl;
use leasehold_testing::{invariants, node};
use serde::Serialize;

use super::books::Books;
use super::failover::{watch_failover, watch_slash};
use super::http;
use super::narrator::Narrator;
use super::stage::{Stage, DENOM};
use crate::output::{self, group_digits, HOUR};
use crate::{ready, rent};

/// The tenant's file: the same that a person deploys by hand.
const APP: &str = include_str!("../../../../examples/hello.yaml");
const DEPOSIT: u128 = 1_000_000;
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What the demo proves, for programs.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub lease_seconds: u64,
    pub failover_seconds: u64,
    pub paid: BTreeMap<String, u128>,
    pub fees: u128,
    pub refunded: u128,
    pub deposited: u128,
    pub conserved: bool,
    pub http_before: u16,
    pub http_after: u16,
    pub runtime: &'static str,
    pub slashed: BTreeMap<String, u128>,
}

/// # Errors
/// The first thing that did not go as told.
pub async fn tell(stage: &mut Stage, narrator: &Narrator) -> Result<Summary> {
    let sdl = Sdl::parse("examples/hello.yaml", APP)?;

    narrator.chapter("A tenant deploys examples/hello.yaml");
    let plan = rent::plan(&sdl, Some(DEPOSIT), 0)?;
    narrator.say(&plan.table());
    let groups = rent::requests(&sdl, &plan);
    let (id, outcome) =
        rent::create(&stage.market, &stage.tenant, &sdl, &plan, groups, None).await?;
    narrator.say(&format!(
        "deployment {id} in transaction {}, {} {DENOM} in escrow",
        outcome.hash,
        group_digits(DEPOSIT)
    ));
    let order_id = stage.market.deployment(id).await?.groups[0].order_id;

    narrator.chapter("The auction");
    let first = watch_auction(stage, narrator, order_id).await?;
    let loser_price = stage.market.order(order_id).await?.second;
    narrator.say(&format!(
        "lease {}: {} at {} {DENOM} per hour",
        first.id,
        stage.name(first.provider.as_str()),
        output::rent(first.rate.u128(), HOUR)
    ));
    if let Some(second) = loser_price {
        narrator.say(&format!(
            "runner-up: {} at {}",
            stage.name(second.provider.as_str()),
            output::rent(second.rate.u128(), HOUR)
        ));
    }

    narrator.chapter("The manifest goes to winner and runner-up, sealed to each; the app comes up");
    hand_over(stage, narrator, id, &sdl).await?;
    let http_before = answers(stage, narrator, &first).await?;

    narrator.chapter("Rent streams by the second");
    watch_rent(stage, narrator, &first, 3).await?;

    let killed_at = stage.market.now().await?;
    let name = stage.cut_power(first.provider.as_str()).await?;
    narrator.chapter(&format!(
        "{name} is killed, with its workload: SIGKILL, no goodbye"
    ));
    let second = watch_failover(stage, narrator, &first, order_id).await?;
    let http_after = answers(stage, narrator, &second).await?;
    let failover_seconds = stage.market.now().await? - killed_at;
    narrator.say(&format!("the app was away for {failover_seconds} s"));
    watch_rent(stage, narrator, &second, 2).await?;

    narrator.chapter(&format!("{name} pays for its silence out of its bond"));
    watch_slash(stage, narrator, &first).await?;

    narrator.chapter("The tenant closes and takes the rest back");
    close(stage, id, first.account).await?;
    settle_accounts(
        stage,
        narrator,
        [first.id, second.id],
        failover_seconds,
        [http_before, http_after],
    )
    .await
}

/// Prints each new leader until the order has a lease.
async fn watch_auction(stage: &Stage, narrator: &Narrator, order_id: u64) -> Result<LeaseResponse> {
    let leader = RefCell::new(None);
    let lease = ready::wait(
        &ready::spinner(true),
        "waiting for a lease",
        PATIENCE,
        || async {
            let order = stage.market.order(order_id).await?;
            ensure!(
                order.phase != OrderPhase::Closed,
                "the order closed without a lease: {order:?}"
            );
            if let Some(best) = order.best {
                if leader.borrow().as_ref() != Some(&best) {
                    narrator.say(&offer(stage, "leads", &best));
                    leader.replace(Some(best));
                }
            }
            Ok(order.lease_id)
        },
    )
    .await?;
    stage.market.lease(lease).await
}

pub fn offer(stage: &Stage, verb: &str, quote: &Quote) -> String {
    format!(
        "{} {verb} at {} {DENOM} per hour",
        stage.name(quote.provider.as_str()),
        output::rent(quote.rate.u128(), HOUR)
    )
}

/// Sends the manifest to everyone who may come to run it; at least the lease's holder must take it.
async fn hand_over(stage: &Stage, narrator: &Narrator, id: u64, sdl: &Sdl) -> Result<()> {
    let deployment = stage.market.deployment(id).await?;
    let orders = rent::orders(&stage.market, &deployment).await?;
    let to = rent::candidates(&stage.market, &orders).await?;
    for (provider, sent) in
        rent::send_manifest(&stage.market, stage.tenant.key(), id, sdl.manifest(), to).await
    {
        sent.with_context(|| format!("sending the manifest to {}", stage.name(&provider)))?;
        narrator.say(&format!("{} has it", stage.name(&provider)));
    }
    Ok(())
}

/// Waits for the app's answer over HTTP and checks that this lease's provider gave it.
async fn answers(stage: &Stage, narrator: &Narrator, lease: &LeaseResponse) -> Result<u16> {
    let (url, code, body) = ready::wait(
        &ready::spinner(true),
        "waiting for the app",
        PATIENCE,
        || async {
            let status = rent::lease_status(&stage.market, stage.tenant.key(), lease.id).await;
            let Some(url) = status
                .ok()
                .filter(rent::is_up)
                .and_then(|status| rent::urls(&status).into_iter().next())
            else {
                return Ok(None);
            };
            // The ingress answers 502 until the app listens.
            let (code, body) = http::get(&url).await?;
            Ok((code == 200).then_some((url, code, body)))
        },
    )
    .await?;
    narrator.say(&format!("GET {url}: {code} {body}"));
    let who: serde_json::Value =
        serde_json::from_str(&body).context("the demo's app answers JSON")?;
    ensure!(
        who["provider"] == lease.provider.as_str()
            && who["lease"].as_str() == Some(lease.id.to_string().as_str()),
        "lease {} of {} was expected to answer, not {body}",
        lease.id,
        lease.provider
    );
    Ok(code)
}

async fn watch_rent(
    stage: &Stage,
    narrator: &Narrator,
    lease: &LeaseResponse,
    times: u32,
) -> Result<()> {
    for _ in 0..times {
        tokio::time::sleep(Duration::from_secs(1)).await;
        narrator.say(&earnings(stage, lease).await?);
    }
    Ok(())
}

pub async fn earnings(stage: &Stage, lease: &LeaseResponse) -> Result<String> {
    let stream: escrow::StreamResponse = stage
        .market
        .ask(
            &stage.market.suite.escrow,
            &escrow::QueryMsg::Stream { id: lease.id },
        )
        .await?;
    let account = stage.market.account(lease.account).await?;
    Ok(format!(
        "{} has earned {} since its last collect, {} are left in the account",
        stage.name(lease.provider.as_str()),
        output::rent(stream.unclaimed.u128(), 1),
        output::rent(account.balance.u128(), 1),
    ))
}

async fn close(stage: &Stage, id: u64, account: u64) -> Result<()> {
    let suite = &stage.market.suite;
    let close = deployment::ExecuteMsg::Close { deployment_id: id };
    stage.tenant.execute(&suite.deployment, &close, &[]).await?;
    let amount = None;
    let withdraw = escrow::ExecuteMsg::Withdraw { account, amount };
    stage.tenant.execute(&suite.escrow, &withdraw, &[]).await?;
    Ok(())
}

async fn settle_accounts(
    stage: &mut Stage,
    narrator: &Narrator,
    leases: [u64; 2],
    failover_seconds: u64,
    http: [u16; 2],
) -> Result<Summary> {
    let mut lease_seconds = 0;
    for id in leases {
        let lease = stage.market.lease(id).await?;
        let ended = lease
            .ended
            .with_context(|| format!("lease {id} has not ended"))?;
        lease_seconds += ended.at - lease.started_at;
    }
    stage.stop_providers().await?;
    let books = Books::read(&stage.market, stage.began).await?;
    let named = |amounts: &BTreeMap<String, u128>| -> BTreeMap<String, u128> {
        amounts
            .iter()
            .map(|(who, amount)| (stage.name(who).to_owned(), *amount))
            .collect()
    };
    let summary = Summary {
        lease_seconds,
        failover_seconds,
        paid: named(&books.paid),
        fees: books.fees,
        refunded: books.refunded,
        deposited: books.deposited,
        conserved: books.conserved() && bank_agrees(stage, &books).await?,
        http_before: http[0],
        http_after: http[1],
        runtime: stage.runtime,
        slashed: named(&books.slashed),
    };
    narrator.chapter("Who got what");
    narrator.say(&ledger(&summary));

    narrator.chapter("The invariants");
    let snapshot = node::snapshot(&stage.market.client, &stage.market.suite).await?;
    let violations = invariants::check(&snapshot)?;
    ensure!(violations.is_empty(), "violated: {violations:#?}");
    narrator.say(&"all hold on the chain's end state");
    ensure!(http == [200, 200], "the app answered {http:?}");
    Ok(summary)
}

/// The bank shows every provider what the events promise: no more, no less. None of it went into gas.
async fn bank_agrees(stage: &Stage, books: &Books) -> Result<bool> {
    let of = |amounts: &BTreeMap<String, u128>, who: &str| amounts.get(who).copied().unwrap_or(0);
    for actor in &stage.providers {
        let balance = stage
            .market
            .client
            .balance(&actor.address, DENOM)
            .await?
            .u128();
        let expected = actor.balance - of(&books.bonded, &actor.address)
            + of(&books.paid, &actor.address)
            + of(&books.rewarded, &actor.address);
        if balance != expected {
            bail!(
                "{} has {balance} {DENOM}, by its events it should have {expected}",
                actor.name
            );
        }
    }
    Ok(true)
}

fn ledger(summary: &Summary) -> comfy_table::Table {
    let out = |amount: u128| ["".to_owned(), group_digits(amount)];
    let row = |who: String, [paid_in, got]: [String; 2]| [who, paid_in, got];
    let paid = summary
        .paid
        .iter()
        .map(|(who, amount)| row(format!("{who}, rent"), out(*amount)));
    let total = summary.paid.values().sum::<u128>() + summary.fees + summary.refunded;
    let rows = [row(
        "tenant, deposit".into(),
        [group_digits(summary.deposited), String::new()],
    )]
    .into_iter()
    .chain(paid)
    .chain([
        row("governance, fees".into(), out(summary.fees)),
        row("tenant, refund".into(), out(summary.refunded)),
        row(
            "sum".into(),
            [group_digits(summary.deposited), group_digits(total)],
        ),
    ]);
    output::table(
        [
            "who",
            &format!("paid in, {DENOM}"),
            &format!("got, {DENOM}"),
        ],
        rows,
    )
}
