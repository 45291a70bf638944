//! `leasehold gov ls|show|params`.

use anyhow::Result;
use cw3::VoteInfo;
use cw_utils::ThresholdResponse;
use leasehold_api::governance::RefundPolicy;
use leasehold_api::Denom;
use serde_json::json;

use super::{act, Gov};
use crate::gov::params::Governed;
use crate::gov::{preview, share, Proposal};
use crate::{gov, output};

pub async fn list(gov: &Gov<'_>, all: bool) -> Result<()> {
    let mut proposals = gov::proposals(&gov.market).await?;
    proposals.retain(|proposal| all || !proposal.is_over());
    if gov.json() {
        return output::json(&proposals);
    }
    let now = gov.market.now().await?;
    let rows = proposals.iter().map(|proposal| {
        let (standing, tally) = (&proposal.standing, &proposal.standing.tally);
        let part = |votes| share(votes, standing.total_power);
        [
            proposal.id().to_string(),
            proposal.content.title.clone(),
            standing.phase.as_str().to_owned(),
            part(tally.yes),
            part(tally.no),
            part(tally.abstain),
            part(tally.veto),
            proposal.outlook(now),
        ]
    });
    let header = [
        "proposal",
        "title",
        "status",
        "yes",
        "no",
        "abstain",
        "veto",
        "time left",
    ];
    println!("{}", output::table(header, rows));
    Ok(())
}

pub async fn show(gov: &Gov<'_>, proposal_id: u64) -> Result<()> {
    let proposal = gov::proposal(&gov.market, proposal_id).await?;
    let effects = preview::effects(&gov.market, &proposal.content.msgs).await?;
    let votes = gov::votes(&gov.market, proposal_id).await?;
    if gov.json() {
        return output::json(&json!({
            "proposal": proposal.content,
            "standing": proposal.standing,
            "votes": votes,
            "effects": effects,
        }));
    }
    let now = gov.market.now().await?;
    let standing = &proposal.standing;
    let denom = gov::config(&gov.market).await?.denom;
    println!("proposal {proposal_id}: {}", proposal.content.title);
    if !proposal.content.description.is_empty() {
        println!("{}", proposal.content.description);
    }
    println!("by {}", proposal.content.proposer);
    match proposal.is_over() {
        true => println!("{}", standing.phase.as_str()),
        false => println!("{}, {}", standing.phase.as_str(), proposal.outlook(now)),
    }
    println!("passes with {}", rule(&proposal.content.threshold));
    println!(
        "deposit of {}: {}",
        output::amount(standing.deposit.u128(), &denom),
        refund(standing.refund)
    );
    println!("{}", tally(&proposal, &denom));
    println!("{}", cast(&votes));
    if let Some(failure) = &standing.failure {
        println!("its execution failed: {}", failure.error);
    }
    println!("what it does, against the present values:");
    preview::print(&effects);
    Ok(())
}

pub async fn params(gov: &Gov<'_>, contract: Option<Governed>) -> Result<()> {
    let mut found = Vec::new();
    for one in Governed::ALL {
        if contract.is_none_or(|only| only == one) {
            found.extend(one.list(&one.present(&gov.market).await?)?);
        }
    }
    if gov.json() {
        return output::json(&found);
    }
    let rows = found.into_iter().map(|parameter| {
        let value = preview::plain(&parameter.value);
        [parameter.path, value, parameter.about]
    });
    println!("{}", output::table(["parameter", "value", "what"], rows));
    Ok(())
}

fn tally(proposal: &Proposal, denom: &Denom) -> comfy_table::Table {
    let (tally, total) = (&proposal.standing.tally, proposal.standing.total_power);
    let sides = [
        ("yes", tally.yes),
        ("no", tally.no),
        ("abstain", tally.abstain),
        ("veto", tally.veto),
        ("all power", total),
    ];
    let rows = sides.map(|(side, votes)| {
        let amount = output::group_digits(votes.u128());
        [side.to_owned(), amount, share(votes, total)]
    });
    output::table(["vote", &denom.to_string(), "of all power"], rows)
}

fn cast(votes: &[VoteInfo]) -> comfy_table::Table {
    let rows = votes.iter().map(|vote| {
        let weight = output::group_digits(vote.weight.into());
        let side = act::name(vote.vote).to_owned();
        [vote.voter.clone(), side, weight]
    });
    output::table(["voter", "vote", "weight"], rows)
}

fn rule(threshold: &ThresholdResponse) -> String {
    match threshold {
        ThresholdResponse::AbsoluteCount { weight, .. } => format!("{weight} of weight for it"),
        ThresholdResponse::AbsolutePercentage { percentage, .. } => {
            format!("{percentage} of all power but abstentions for it")
        }
        ThresholdResponse::ThresholdQuorum {
            threshold, quorum, ..
        } => format!(
            "{threshold} of the votes but abstentions for it, when {quorum} of all power votes"
        ),
    }
}

fn refund(policy: RefundPolicy) -> &'static str {
    match policy {
        RefundPolicy::Always => "comes back",
        RefundPolicy::OnlyPassed => "comes back if it passes and is not vetoed",
        RefundPolicy::Never => "stays in the treasury",
    }
}
