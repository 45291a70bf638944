//! Execution: `execute` calls `run` as one submessage, so that the messages, the deposit and the solvency check are one atomic unit
//! whose failure leaves nothing but a record.

use cosmwasm_std::{
    from_json, to_json_binary, DepsMut, Env, MessageInfo, Reply, ReplyOn, Response, SubMsg,
    SubMsgResult, WasmMsg,
};
use leasehold_api::event::{ExecutionFailed, ProposalExecuted};
use leasehold_api::governance::{ExecuteMsg, Failure, ProposalPhase};

use super::end::{end, require};
use super::reward;
use crate::proposal::Ended;
use crate::state::{proposal, CONTENTS, FAILURES};
use crate::{solvency, ContractError};

/// `run` failed: its payload is the proposal's id.
const FAILED: u64 = 1;
/// The last message of a proposal succeeded: its payload is the proposal's id.
const LAST_DONE: u64 = 2;

pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    proposal_id: u64,
) -> Result<Response, ContractError> {
    let proposal = proposal(deps.storage, proposal_id)?;
    let now = env.block.time.seconds();
    require(&proposal, proposal_id, now, ProposalPhase::Executable)?;
    let run = WasmMsg::Execute {
        contract_addr: env.contract.address.into(),
        msg: to_json_binary(&ExecuteMsg::Run { proposal_id })?,
        funds: vec![],
    };
    Ok(Response::new()
        .add_submessage(
            SubMsg::reply_on_error(run, FAILED).with_payload(to_json_binary(&proposal_id)?),
        )
        .add_attribute("action", "execute")
        .add_attribute("sender", info.sender)
        .add_attribute("proposal_id", proposal_id.to_string()))
}

/// Checks the phase once more: a proposal's messages may call it, for any proposal. Marks the proposal before its messages run, so
/// they cannot run it again.
pub fn run(deps: DepsMut, env: Env, proposal_id: u64) -> Result<Response, ContractError> {
    let mut proposal = proposal(deps.storage, proposal_id)?;
    let now = env.block.time.seconds();
    require(&proposal, proposal_id, now, ProposalPhase::Executable)?;
    let (refunded, payment) = end(
        deps.storage,
        now,
        proposal_id,
        &mut proposal,
        Ended::Executed,
    )?;
    FAILURES.remove(deps.storage, proposal_id);
    // At most MAX_MESSAGES and the refund.
    let mut messages: Vec<SubMsg> = CONTENTS
        .load(deps.storage, proposal_id)?
        .msgs
        .into_iter()
        .chain(payment)
        .map(SubMsg::new)
        .collect();
    if let Some(last) = messages.last_mut() {
        last.id = LAST_DONE;
        last.payload = to_json_binary(&proposal_id)?;
        last.reply_on = ReplyOn::Success;
    }
    Ok(Response::new()
        .add_submessages(messages)
        .add_event(ProposalExecuted {
            proposal_id,
            refunded,
        }))
}

pub fn reply(deps: DepsMut, env: Env, reply: Reply) -> Result<Response, ContractError> {
    match (reply.id, reply.result) {
        (FAILED, SubMsgResult::Err(error)) => {
            let proposal_id = from_json(&reply.payload)?;
            let failure = Failure {
                at: env.block.time.seconds(),
                error: error.clone(),
            };
            FAILURES.save(deps.storage, proposal_id, &failure)?;
            Ok(Response::new().add_event(ExecutionFailed { proposal_id, error }))
        }
        (LAST_DONE, SubMsgResult::Ok(_)) => {
            let content = CONTENTS.load(deps.storage, from_json(&reply.payload)?)?;
            solvency::check(deps.as_ref(), &env, &content.msgs)?;
            Ok(Response::new())
        }
        (reward::REFUSED, SubMsgResult::Err(reason)) => {
            reward::refused(deps.storage, &reply.payload, reason)
        }
        (id, _) => Err(ContractError::UnknownReply { id }),
    }
}
