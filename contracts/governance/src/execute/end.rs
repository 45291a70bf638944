use cosmwasm_std::{CosmosMsg, DepsMut, Env, MessageInfo, Response, Storage, Uint128};
use leasehold_api::event::{ProposalClosed, ProposalVetoed};
use leasehold_api::governance::ProposalPhase;
use leasehold_api::Asset;

use crate::payment::message;
use crate::proposal::{Ended, Proposal};
use crate::state::{proposal, CONFIG, HELD, PROPOSALS};
use crate::ContractError;

pub fn close(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    proposal_id: u64,
) -> Result<Response, ContractError> {
    let now = env.block.time.seconds();
    let mut proposal = proposal(deps.storage, proposal_id)?;
    let phase = proposal.phase(now)?;
    if !matches!(phase, ProposalPhase::Rejected | ProposalPhase::Lapsed) {
        return Err(ContractError::WrongPhase {
            proposal_id,
            phase: phase.as_str(),
            allowed: "rejected or lapsed",
        });
    }
    let (refunded, payment) = end(deps.storage, now, proposal_id, &mut proposal, Ended::Closed)?;
    Ok(Response::new()
        .add_messages(payment)
        .add_attribute("action", "close")
        .add_attribute("sender", info.sender)
        .add_attribute("proposal_id", proposal_id.to_string())
        .add_event(ProposalClosed {
            proposal_id,
            refunded,
        }))
}

pub fn veto(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    proposal_id: u64,
) -> Result<Response, ContractError> {
    let now = env.block.time.seconds();
    let mut proposal = proposal(deps.storage, proposal_id)?;
    require(&proposal, proposal_id, now, ProposalPhase::Timelocked)?;
    let (refunded, payment) = end(deps.storage, now, proposal_id, &mut proposal, Ended::Vetoed)?;
    Ok(Response::new()
        .add_messages(payment)
        .add_event(ProposalVetoed {
            proposal_id,
            guardian: info.sender,
            refunded,
        }))
}

pub(super) fn require(
    proposal: &Proposal,
    proposal_id: u64,
    now: u64,
    required: ProposalPhase,
) -> Result<(), ContractError> {
    let phase = proposal.phase(now)?;
    if phase == required {
        return Ok(());
    }
    Err(ContractError::WrongPhase {
        proposal_id,
        phase: phase.as_str(),
        allowed: required.as_str(),
    })
}

/// Ends a proposal for good and releases its deposit: to the proposer, if its policy says so, else to the treasury.
pub(super) fn end(
    storage: &mut dyn Storage,
    now: u64,
    proposal_id: u64,
    proposal: &mut Proposal,
    how: Ended,
) -> Result<(Uint128, Option<CosmosMsg>), ContractError> {
    proposal.ended = Some(how);
    PROPOSALS.save(storage, proposal_id, proposal)?;
    let mut held = HELD.load(storage)?;
    held.deposits = held.deposits.checked_sub(proposal.deposit)?;
    HELD.save(storage, &held)?;
    if proposal.deposit.is_zero() || !proposal.refunds(now)? {
        return Ok((Uint128::zero(), None));
    }
    let deposit = Asset {
        denom: CONFIG.load(storage)?.denom,
        amount: proposal.deposit,
    };
    let payment = message(&proposal.proposer, deposit)?;
    Ok((proposal.deposit, Some(payment)))
}
