//! `leasehold gov vote|execute|close|veto|pause`.

use anyhow::{bail, ensure, Context as _, Result};
use cw3::Vote;
use leasehold_api::governance::{ExecuteMsg, Guardian, PauseResponse, ProposalPhase, QueryMsg};
use serde_json::json;

use super::Gov;
use crate::gov::{preview, share, Proposal};
use crate::{gov, output};

pub async fn vote(gov: &Gov<'_>, proposal_id: u64, vote: Vote) -> Result<()> {
    let voter = gov.context.address(None)?;
    let proposal = gov::proposal(&gov.market, proposal_id).await?;
    let standing = &proposal.standing;
    let now = gov.market.now().await?;
    ensure!(
        !proposal.is_over() && now < standing.expires_at,
        "proposal {proposal_id} takes no votes any more, it is {}",
        standing.phase.as_str()
    );
    if let Some(before) = gov::vote_of(&gov.market, proposal_id, &voter).await? {
        bail!(
            "{voter} has voted {} on proposal {proposal_id} already, for good",
            name(before.vote)
        );
    }
    let power = gov::power(&gov.market, &voter, standing.start_height).await?;
    ensure!(
        !power.is_zero(),
        "{voter} had no power before block {}, in which proposal {proposal_id} was opened; stake votes on later proposals",
        standing.start_height
    );
    let question = format!(
        "Vote {} on proposal {proposal_id} ({}) with {} of the power, for good",
        name(vote),
        proposal.content.title,
        share(power, standing.total_power)
    );
    preview_before(gov, &proposal).await?;
    gov.confirm(&question)?;
    let outcome = gov
        .send(&ExecuteMsg::Vote { proposal_id, vote }, &[])
        .await?;
    report(gov, proposal_id, &outcome.hash).await
}

pub async fn execute(gov: &Gov<'_>, proposal_id: u64) -> Result<()> {
    let proposal = gov::proposal(&gov.market, proposal_id).await?;
    proposal.require(&[ProposalPhase::Executable], gov.market.now().await?)?;
    preview_before(gov, &proposal).await?;
    gov.confirm(&format!("Execute proposal {proposal_id}"))?;
    let outcome = gov.send(&ExecuteMsg::Execute { proposal_id }, &[]).await?;
    let after = gov::proposal(&gov.market, proposal_id).await?;
    if let Some(failure) = &after.standing.failure {
        bail!(
            "nothing of proposal {proposal_id} was done, its messages failed: {}; it may be tried again, it {} (transaction {})",
            failure.error,
            after.outlook(failure.at),
            outcome.hash
        );
    }
    report(gov, proposal_id, &outcome.hash).await
}

pub async fn close(gov: &Gov<'_>, proposal_id: u64) -> Result<()> {
    let proposal = gov::proposal(&gov.market, proposal_id).await?;
    let phases = [ProposalPhase::Rejected, ProposalPhase::Lapsed];
    proposal.require(&phases, gov.market.now().await?)?;
    gov.confirm(&format!("Close proposal {proposal_id}"))?;
    let outcome = gov.send(&ExecuteMsg::Close { proposal_id }, &[]).await?;
    report(gov, proposal_id, &outcome.hash).await
}

pub async fn veto(gov: &Gov<'_>, proposal_id: u64) -> Result<()> {
    let proposal = gov::proposal(&gov.market, proposal_id).await?;
    proposal.require(&[ProposalPhase::Timelocked], gov.market.now().await?)?;
    let sender = gov.context.address(None)?;
    match gov::config(&gov.market).await?.params.guardian {
        Some(guardian) if guardian.address == sender => {}
        Some(Guardian { address, .. }) => {
            bail!("{sender} may not veto, only the guardian {address} may")
        }
        None => bail!(
            "there is no guardian; a proposal may name one: `leasehold gov propose param governance.guardian NAME:SECONDS`"
        ),
    }
    preview_before(gov, &proposal).await?;
    gov.confirm(&format!(
        "End proposal {proposal_id} ({}) for good",
        proposal.content.title
    ))?;
    let outcome = gov.send(&ExecuteMsg::Veto { proposal_id }, &[]).await?;
    report(gov, proposal_id, &outcome.hash).await
}

/// Shows a person what is at stake.
async fn preview_before(gov: &Gov<'_>, proposal: &Proposal) -> Result<()> {
    if !gov.json() {
        preview::print(&preview::effects(&gov.market, &proposal.content.msgs).await?);
    }
    Ok(())
}

async fn report(gov: &Gov<'_>, proposal_id: u64, hash: &str) -> Result<()> {
    let after = gov::proposal(&gov.market, proposal_id).await?;
    if gov.json() {
        return output::json(&json!({"tx": hash, "proposal": after}));
    }
    let phase = after.standing.phase.as_str();
    let tally = after.standing.tally;
    let denom = gov::config(&gov.market).await?.denom;
    println!(
        "proposal {proposal_id} is {phase} with {} yes and {} against, of {}",
        output::group_digits(tally.yes.u128()),
        output::group_digits(tally.no.u128().saturating_add(tally.veto.u128())),
        output::amount(after.standing.total_power.u128(), &denom)
    );
    if !after.is_over() {
        println!("{}", after.outlook(gov.market.now().await?));
    }
    Ok(())
}

pub fn name(vote: Vote) -> &'static str {
    match vote {
        Vote::Yes => "yes",
        Vote::No => "no",
        Vote::Abstain => "abstain",
        Vote::Veto => "veto",
    }
}

pub async fn pause(gov: &Gov<'_>) -> Result<()> {
    let now = gov.market.now().await?;
    let pause: PauseResponse = gov::ask(&gov.market, &QueryMsg::Pause {}).await?;
    ensure!(
        pause.again_from <= now,
        "the guardian may pause the market again in {}",
        output::span(pause.again_from.saturating_sub(now))
    );
    let params = gov::config(&gov.market).await?.params;
    gov.confirm(&format!(
        "Let nothing begin on the market for {}",
        output::span(params.pause_seconds)
    ))?;
    let outcome = gov.send(&ExecuteMsg::Pause {}, &[]).await?;
    let pause: PauseResponse = gov::ask(&gov.market, &QueryMsg::Pause {}).await?;
    let until = pause
        .until
        .context("governance does not tell until when the market is paused")?;
    if gov.json() {
        return output::json(&json!({"tx": outcome.hash, "until": until}));
    }
    println!(
        "the market is paused for {}; `leasehold gov propose lift` ends it earlier",
        output::span(until.saturating_sub(now))
    );
    Ok(())
}
