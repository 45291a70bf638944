use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use cw3::Vote;
use leasehold_api::event::Voted;

use crate::ballot::{count, decide};
use crate::power::power_at;
use crate::state::{proposal, Cast, PROPOSALS, VOTES};
use crate::ContractError;

pub fn vote(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    proposal_id: u64,
    vote: Vote,
) -> Result<Response, ContractError> {
    let now = env.block.time.seconds();
    let mut proposal = proposal(deps.storage, proposal_id)?;
    let power = power_at(deps.storage, &info.sender, proposal.start_height)?;
    if power.is_zero() {
        return Err(ContractError::Unauthorized {
            sender: info.sender,
            allowed: format!("who had power before block {}", proposal.start_height),
        });
    }
    // A vote after the decision changes nothing but the record; cw3 takes it too.
    if proposal.ended.is_some() || now >= proposal.expires_at {
        return Err(ContractError::VotingEnded { proposal_id });
    }
    if VOTES.has(deps.storage, (proposal_id, &info.sender)) {
        return Err(ContractError::AlreadyVoted {
            proposal_id,
            voter: info.sender,
        });
    }
    VOTES.save(
        deps.storage,
        (proposal_id, &info.sender),
        &Cast { vote, power },
    )?;
    proposal.tally = count(proposal.tally, vote, power)?;
    let won = decide(
        &proposal.tally,
        proposal.total_power,
        &proposal.threshold,
        false,
    )? == Some(true);
    if won && proposal.decided_at.is_none() {
        proposal.decided_at = Some(now);
    }
    PROPOSALS.save(deps.storage, proposal_id, &proposal)?;
    let phase = proposal.phase(now)?;
    Ok(Response::new()
        .add_attribute("action", "vote")
        .add_attribute("sender", &info.sender)
        .add_attribute("proposal_id", proposal_id.to_string())
        .add_attribute("status", status_name(phase.cw3()))
        .add_event(Voted {
            proposal_id,
            voter: info.sender,
            vote: name(vote).to_owned(),
            power,
        }))
}

fn name(vote: Vote) -> &'static str {
    match vote {
        Vote::Yes => "yes",
        Vote::No => "no",
        Vote::Abstain => "abstain",
        Vote::Veto => "veto",
    }
}

fn status_name(status: cw3::Status) -> &'static str {
    match status {
        cw3::Status::Pending => "pending",
        cw3::Status::Open => "open",
        cw3::Status::Rejected => "rejected",
        cw3::Status::Passed => "passed",
        cw3::Status::Executed => "executed",
    }
}
