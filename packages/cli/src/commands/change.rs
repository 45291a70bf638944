//! `leasehold change`: other resources, another price or another manifest for a running deployment.

use std::time::Duration;

use anyhow::{bail, ensure, Context as _, Result};
use cosmwasm_std::Uint128;
use indicatif::ProgressBar;
use leasehold_api::deployment::{DeploymentResponse, ExecuteMsg, GroupResponse};
use leasehold_api::GroupSpec;
use leasehold_client::{Execute, Wallet};
use leasehold_sdl::Sdl;
use serde::Serialize;
use serde_json::json;

use crate::args::ChangeArgs;
use crate::commands::keys::confirm;
use crate::context::{Context, Market};
use crate::output::{self, HOUR};
use crate::{ready, rent};

/// What the file asks of a leased group that it did not ask before.
#[derive(Serialize)]
struct Proposal {
    group: u32,
    name: String,
    lease: u64,
    /// What the lease costs now and would cost then, scaled per second.
    before: Uint128,
    rate: Uint128,
    #[serde(skip)]
    spec: GroupSpec,
}

pub async fn run(context: &Context, args: ChangeArgs) -> Result<()> {
    let sdl = super::sdl::read(&args.file)?;
    let market = context.market().await?;
    let deployment = market.deployment(args.id).await?;
    let proposals = proposals(&market, &deployment, &sdl).await?;
    let manifest = sdl.manifest();
    let is_new = deployment.manifest_hash.as_slice() != manifest.hash();
    ensure!(
        is_new || !proposals.is_empty(),
        "{} is what deployment {} runs already",
        args.file.display(),
        args.id
    );
    if !context.global.json {
        show(&proposals, &sdl);
    }
    if !args.yes && !confirm("Change")? {
        bail!("nothing was changed");
    }
    let wallet = context.wallet(&market.client).await?;
    context
        .home
        .keep_manifest(&manifest.hash(), manifest.canonical_json().as_bytes())?;
    let tx = send(&market, &wallet, &args, &sdl, &proposals, is_new).await?;
    let spinner = ready::spinner(context.global.json);
    let limit = Duration::from_secs(args.timeout);
    agreed(&market, &wallet, &spinner, limit, args.id, &proposals).await?;
    let orders = rent::orders(&market, &market.deployment(args.id).await?).await?;
    let urls = super::deploy::up(&market, &wallet, &spinner, limit, args.id, &sdl, &orders).await?;
    spinner.finish_and_clear();
    if context.global.json {
        return output::json(&json!({"tx": tx, "changes": proposals, "urls": urls}));
    }
    println!(
        "deployment {} runs what {} says",
        args.id,
        args.file.display()
    );
    Ok(())
}

/// The groups whose resources or prices the file changes. A lease keeps the discount on the maximum that its auction gave: what it costs
/// grows and shrinks with the file's price.
async fn proposals(
    market: &Market,
    deployment: &DeploymentResponse,
    sdl: &Sdl,
) -> Result<Vec<Proposal>> {
    let wanted = sdl.groups()?;
    ensure!(
        wanted.len() == deployment.groups.len(),
        "deployment {} has {} groups, the file {}: groups come and go with a deployment alone",
        deployment.id,
        deployment.groups.len(),
        wanted.len()
    );
    let mut found = Vec::new();
    for spec in wanted {
        let group = group(deployment, &spec.name)?;
        if group.spec == spec {
            continue;
        }
        let lease = group.lease_id.with_context(|| {
            format!(
                "group {} has no lease, and what it asks for changes only with its provider's consent",
                spec.name
            )
        })?;
        let before = market.lease(lease).await?.rate;
        let (from, to) = (group.spec.max_rate()?, spec.max_rate()?);
        found.push(Proposal {
            group: group.group,
            name: spec.name.clone(),
            lease,
            before,
            rate: before
                .checked_mul_ceil((to, from))
                .map_err(|e| anyhow::anyhow!("the new price: {e}"))?
                .min(to),
            spec,
        });
    }
    Ok(found)
}

fn group<'a>(deployment: &'a DeploymentResponse, name: &str) -> Result<&'a GroupResponse> {
    let mut groups = deployment.groups.iter();
    let found = groups.find(|group| group.spec.name == name);
    found.with_context(|| format!("deployment {} has no group {name}", deployment.id))
}

fn show(proposals: &[Proposal], sdl: &Sdl) {
    let denom = sdl.denom();
    let rows = proposals.iter().map(|p| {
        [
            p.name.clone(),
            p.lease.to_string(),
            output::rent(p.before.u128(), HOUR),
            output::rent(p.rate.u128(), HOUR),
        ]
    });
    if !proposals.is_empty() {
        let header = ["group", "lease", "now", "then"];
        println!(
            "{}\n{denom} per hour; its provider has to agree",
            output::table(header, rows)
        );
    }
    for warning in sdl.warnings() {
        eprintln!("warning: {warning}");
    }
}

/// All proposals in one transaction; a manifest that goes with none of them is updated at once.
async fn send(
    market: &Market,
    wallet: &Wallet,
    args: &ChangeArgs,
    sdl: &Sdl,
    proposals: &[Proposal],
    is_new: bool,
) -> Result<String> {
    let hash = || sdl.manifest().hash().into();
    let now = market.now().await?;
    let mut msgs: Vec<ExecuteMsg> = proposals
        .iter()
        .map(|p| ExecuteMsg::ProposeChange {
            deployment_id: args.id,
            group: p.group,
            rate: p.rate,
            spec: Some(p.spec.clone()),
            manifest_hash: is_new.then(hash),
            expires_at: now.saturating_add(args.timeout),
        })
        .collect();
    if proposals.is_empty() {
        msgs.push(ExecuteMsg::Update {
            deployment_id: args.id,
            manifest_hash: hash(),
        });
    }
    let calls = msgs
        .iter()
        .map(|msg| Execute::new(&market.suite.deployment, msg, &[]))
        .collect::<Result<_, _>>()?;
    Ok(wallet.execute_many(calls).await?.hash)
}

/// Waits until every provider has agreed.
async fn agreed(
    market: &Market,
    wallet: &Wallet,
    spinner: &ProgressBar,
    limit: Duration,
    id: u64,
    proposals: &[Proposal],
) -> Result<()> {
    let what = "waiting for the provider to agree";
    ready::wait(spinner, what, limit, || async {
        let deployment = market.deployment(id).await?;
        let mut waiting = false;
        for proposal in proposals {
            let group = group(&deployment, &proposal.name)?;
            if group.spec == proposal.spec {
                continue;
            }
            waiting = true;
            let change = group.change.as_ref().with_context(|| {
                format!("the proposal for group {} is void: it expired, or the lease ended", proposal.name)
            })?;
            if let Some(reason) = declined(market, wallet, proposal.lease, &change.hash.to_hex()).await? {
                bail!("the provider of group {} declines, {reason}; the proposal stands until it expires", proposal.name);
            }
        }
        Ok((!waiting).then_some(()))
    })
    .await
}

/// What the lease's provider has against a change, if it says so.
async fn declined(
    market: &Market,
    wallet: &Wallet,
    lease: u64,
    change: &str,
) -> Result<Option<String>> {
    let provider = market.lease(lease).await?.provider;
    let gateway = rent::gateway(market, wallet.key(), provider.as_str()).await?;
    let events = gateway.events(lease).await?;
    let said = events
        .into_iter()
        .find(|event| event.kind == "declined" && event.message.contains(change));
    Ok(said.map(|event| event.message))
}
