//! What governance holds, as the commands need it.

pub mod params;
pub mod preview;

use anyhow::{bail, Context as _, Result};
use cosmwasm_std::{Empty, Uint128};
use cw3::{
    ProposalListResponse, ProposalResponse, VoteInfo, VoteListResponse, VoteResponse, VoterResponse,
};
use leasehold_api::governance::{
    ConfigResponse, ProposalPhase, ProposalStatusResponse, QueryMsg, RewardsResponse,
    StakeResponse, StreamResponse, StreamsResponse, VotingPowerAtHeightResponse,
};
use leasehold_api::pagination::MAX_LIMIT;
use leasehold_api::Asset;
use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::context::Market;
use crate::output;

/// A proposal as cw3 tells it and what is known beyond.
#[derive(Serialize)]
pub struct Proposal {
    #[serde(rename = "proposal")]
    pub content: ProposalResponse<Empty>,
    pub standing: ProposalStatusResponse,
}

impl Proposal {
    pub fn id(&self) -> u64 {
        self.content.id
    }

    pub fn is_over(&self) -> bool {
        matches!(
            self.standing.phase,
            ProposalPhase::Executed | ProposalPhase::Vetoed | ProposalPhase::Closed
        )
    }

    /// What happens next, and when.
    pub fn outlook(&self, now: u64) -> String {
        let until = |at: Option<u64>| match at {
            Some(at) => output::span(at.saturating_sub(now)),
            None => "an unknown time".into(),
        };
        let standing = &self.standing;
        match standing.phase {
            ProposalPhase::Open if standing.passed_at.is_some() => {
                format!("passes in {}", until(Some(standing.passes_from)))
            }
            ProposalPhase::Open => format!("{} to vote", until(Some(standing.expires_at))),
            ProposalPhase::Timelocked => {
                format!("executable in {}", until(standing.executable_from))
            }
            ProposalPhase::Executable => format!("lapses in {}", until(standing.lapses_at)),
            ProposalPhase::Rejected | ProposalPhase::Lapsed => "may be closed".into(),
            ProposalPhase::Executed | ProposalPhase::Vetoed | ProposalPhase::Closed => "-".into(),
        }
    }

    /// Refuses a proposal that is not in one of these phases, and says what can be done instead.
    pub fn require(&self, phases: &[ProposalPhase], now: u64) -> Result<()> {
        if phases.contains(&self.standing.phase) {
            return Ok(());
        }
        let (id, phase) = (self.id(), self.standing.phase);
        let outlook = match self.is_over() {
            true => "nothing is left to do".into(),
            false => self.outlook(now),
        };
        let next = match phase {
            ProposalPhase::Open => format!(": `leasehold gov vote {id} yes`"),
            ProposalPhase::Executable => format!(": `leasehold gov execute {id}`"),
            ProposalPhase::Rejected | ProposalPhase::Lapsed => {
                format!(": `leasehold gov close {id}`")
            }
            _ => String::new(),
        };
        bail!("proposal {id} is {}, {outlook}{next}", phase.as_str())
    }
}

pub async fn ask<T: DeserializeOwned>(market: &Market, query: &QueryMsg) -> Result<T> {
    market.ask(&market.suite.governance, query).await
}

pub async fn config(market: &Market) -> Result<ConfigResponse> {
    ask(market, &QueryMsg::Config {}).await
}

pub async fn proposal(market: &Market, proposal_id: u64) -> Result<Proposal> {
    let content = ask(market, &QueryMsg::Proposal { proposal_id })
        .await
        .with_context(|| format!("proposal {proposal_id}; `leasehold gov ls --all` lists them"))?;
    let standing = ask(market, &QueryMsg::ProposalStatus { proposal_id }).await?;
    Ok(Proposal { content, standing })
}

/// All proposals, the latest first.
pub async fn proposals(market: &Market) -> Result<Vec<Proposal>> {
    let mut found: Vec<Proposal> = Vec::new();
    loop {
        let query = QueryMsg::ReverseProposals {
            start_before: found.last().map(Proposal::id),
            limit: Some(MAX_LIMIT),
        };
        let page: ProposalListResponse<Empty> = ask(market, &query).await?;
        let is_last = page.proposals.len() < MAX_LIMIT as usize;
        for content in page.proposals {
            let proposal_id = content.id;
            let standing = ask(market, &QueryMsg::ProposalStatus { proposal_id }).await?;
            found.push(Proposal { content, standing });
        }
        if is_last {
            return Ok(found);
        }
    }
}

pub async fn votes(market: &Market, proposal_id: u64) -> Result<Vec<VoteInfo>> {
    let mut found: Vec<VoteInfo> = Vec::new();
    loop {
        let query = QueryMsg::ListVotes {
            proposal_id,
            start_after: found.last().map(|vote| vote.voter.clone()),
            limit: Some(MAX_LIMIT),
        };
        let page: VoteListResponse = ask(market, &query).await?;
        let is_last = page.votes.len() < MAX_LIMIT as usize;
        found.extend(page.votes);
        if is_last {
            return Ok(found);
        }
    }
}

pub async fn vote_of(market: &Market, proposal_id: u64, voter: &str) -> Result<Option<VoteInfo>> {
    let query = QueryMsg::Vote {
        proposal_id,
        voter: voter.into(),
    };
    let answer: VoteResponse = ask(market, &query).await?;
    Ok(answer.vote)
}

pub async fn stake(market: &Market, address: &str) -> Result<StakeResponse> {
    let address = address.into();
    ask(market, &QueryMsg::Stake { address }).await
}

/// What may be claimed of fees, nothing left out but zeros.
pub async fn rewards(market: &Market, address: &str) -> Result<Vec<Asset>> {
    let address = address.into();
    let answer: RewardsResponse = ask(market, &QueryMsg::Rewards { address }).await?;
    let due = answer.rewards.into_iter();
    Ok(due.filter(|one| !one.amount.is_zero()).collect())
}

/// All streams of the treasury that are not all paid.
pub async fn streams(market: &Market) -> Result<Vec<StreamResponse>> {
    let mut found: Vec<StreamResponse> = Vec::new();
    loop {
        let query = QueryMsg::Streams {
            start_after: found.last().map(|stream| stream.id),
            limit: Some(MAX_LIMIT),
        };
        let page: StreamsResponse = ask(market, &query).await?;
        let is_last = page.streams.len() < MAX_LIMIT as usize;
        found.extend(page.streams);
        if is_last {
            return Ok(found);
        }
    }
}

/// Whether an address has power by now: of its own stake, or of others'.
pub async fn is_voter(market: &Market, address: &str) -> Result<bool> {
    let address = address.into();
    let answer: VoterResponse = ask(market, &QueryMsg::Voter { address }).await?;
    Ok(answer.weight.is_some())
}

/// Power at the start of a block.
pub async fn power(market: &Market, address: &str, height: u64) -> Result<Uint128> {
    let query = QueryMsg::VotingPowerAtHeight {
        address: address.into(),
        height: Some(height),
    };
    let answer: VotingPowerAtHeightResponse = ask(market, &query).await?;
    Ok(answer.power)
}

/// Part of a whole, in per cent with one decimal.
pub fn share(part: Uint128, whole: Uint128) -> String {
    let permille = part
        .checked_multiply_ratio(1_000u128, whole)
        .map_or(0, |permille| permille.u128());
    format!("{}.{} %", permille / 10, permille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_down_and_nothing_of_nothing_is_none() {
        let share = |part: u128, whole: u128| share(part.into(), whole.into());
        assert_eq!(share(2, 3), "66.6 %");
        assert_eq!(share(3, 3), "100.0 %");
        assert_eq!(share(0, 0), "0.0 %");
    }
}
