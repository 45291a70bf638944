use std::collections::BTreeMap;

use cosmwasm_schema::serde::de::IgnoredAny;
use cosmwasm_std::{
    from_json, to_json_binary, to_json_vec, wasm_execute, CosmosMsg, DepsMut, Env, MessageInfo,
    Response, Timestamp, Uint128, WasmMsg,
};
use cw20::Cw20ExecuteMsg;
use cw_utils::Expiration;
use leasehold_api::event::Proposed;
use leasehold_api::governance::{Params, Tally, MAX_MESSAGES, MAX_PROPOSAL_BYTES};
use leasehold_api::{Denom, RuleError};

use super::one_coin;
use crate::params::range;
use crate::power::{power_at, total_at};
use crate::proposal::{Content, Proposal};
use crate::state::{CONFIG, CONTENTS, HELD, LAST_PROPOSAL, PARAMS, PROPOSALS};
use crate::ContractError;

/// What a proposer says of the time.
pub struct When {
    pub earliest: Option<Expiration>,
    pub latest: Option<Expiration>,
    pub expedited: bool,
}

pub fn propose(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    content: Content,
    when: When,
) -> Result<Response, ContractError> {
    let start_height = env.block.height;
    if power_at(deps.storage, &info.sender, start_height)?.is_zero() {
        return Err(ContractError::Unauthorized {
            sender: info.sender,
            allowed: format!("who had power before block {start_height}"),
        });
    }
    check_content(&content)?;
    if when.earliest.is_some() {
        return Err(ContractError::EarliestNotSupported);
    }
    let params = terms(PARAMS.load(deps.storage)?, when.expedited)?;
    let denom = CONFIG.load(deps.storage)?.denom;
    let deposit = take_deposit(&env, &info, &denom, params.deposit)?;
    let mut held = HELD.load(deps.storage)?;
    held.deposits = held.deposits.checked_add(params.deposit)?;
    HELD.save(deps.storage, &held)?;

    let opened_at = env.block.time.seconds();
    let expires_at = voting_end(&params, opened_at, when.latest)?;
    let proposal_id = LAST_PROPOSAL.load(deps.storage)?.saturating_add(1);
    let proposal = Proposal {
        proposer: info.sender.clone(),
        start_height,
        total_power: total_at(deps.storage, start_height)?,
        opened_at,
        passes_from: opened_at.saturating_add(params.min_voting_period),
        expires_at,
        timelock: params.timelock,
        execution_window: params.execution_window,
        threshold: params.threshold,
        tally: Tally::default(),
        decided_at: None,
        deposit: params.deposit,
        refund: params.refund,
        ended: None,
    };
    LAST_PROPOSAL.save(deps.storage, &proposal_id)?;
    PROPOSALS.save(deps.storage, proposal_id, &proposal)?;
    CONTENTS.save(deps.storage, proposal_id, &content)?;
    Ok(Response::new()
        .add_messages(deposit)
        .add_attribute("action", "propose")
        .add_attribute("sender", &info.sender)
        .add_attribute("proposal_id", proposal_id.to_string())
        .add_attribute("status", "open")
        .add_event(Proposed {
            proposal_id,
            proposer: info.sender,
            expires_at,
        })
        .set_data(to_json_binary(&proposal_id)?))
}

/// The parameters as they are for an ordinary proposal, or for an expedited one.
fn terms(params: Params, expedited: bool) -> Result<Params, ContractError> {
    if !expedited {
        return Ok(params);
    }
    let Some(faster) = params.expedited.clone() else {
        return Err(ContractError::NotExpedited);
    };
    Ok(Params {
        threshold: faster.threshold,
        min_voting_period: params.min_voting_period.min(faster.voting_period),
        voting_period: faster.voting_period,
        timelock: faster.timelock,
        ..params
    })
}

fn check_content(content: &Content) -> Result<(), ContractError> {
    if content.msgs.len() > MAX_MESSAGES {
        let allowed = format!("at most {MAX_MESSAGES}");
        return Err(RuleError::range("number of messages", content.msgs.len(), allowed).into());
    }
    let bytes = to_json_vec(content)?.len();
    if bytes > MAX_PROPOSAL_BYTES {
        let allowed = format!("at most {MAX_PROPOSAL_BYTES} bytes");
        return Err(RuleError::range("size of the proposal", bytes, allowed).into());
    }
    match content.msgs.iter().position(|msg| !is_done_at_once(msg)) {
        Some(index) => Err(ContractError::MessageNotAllowed { index }),
        None => Ok(()),
    }
}

/// Whether what a message takes is gone when it has run. An `Any` message, or a token's `increase_allowance`, could grant the right to
/// take what is owed later, past the check that follows the messages.
fn is_done_at_once(msg: &CosmosMsg) -> bool {
    match msg {
        CosmosMsg::Bank(_) => true,
        CosmosMsg::Wasm(WasmMsg::Execute { msg, .. }) => {
            match from_json::<BTreeMap<String, IgnoredAny>>(msg) {
                Ok(fields) => !fields.contains_key("increase_allowance"),
                Err(_) => true,
            }
        }
        CosmosMsg::Wasm(_) => true,
        _ => false,
    }
}

/// A deposit in a token comes by its proposer's allowance, in the message that this answers with.
fn take_deposit(
    env: &Env,
    info: &MessageInfo,
    denom: &Denom,
    deposit: Uint128,
) -> Result<Option<CosmosMsg>, ContractError> {
    let token = match denom {
        _ if deposit.is_zero() => None,
        Denom::Cw20(token) => Some(token),
        Denom::Native(_) => {
            let paid = one_coin(info, denom)?;
            if paid == deposit {
                return Ok(None);
            }
            return Err(RuleError::range("deposit", paid, format!("exactly {deposit}")).into());
        }
    };
    if let Some(coin) = info.funds.first() {
        return Err(ContractError::FundsNotAllowed {
            denom: coin.denom.clone(),
        });
    }
    let Some(token) = token else {
        return Ok(None);
    };
    let transfer = Cw20ExecuteMsg::TransferFrom {
        owner: info.sender.to_string(),
        recipient: env.contract.address.to_string(),
        amount: deposit,
    };
    Ok(Some(wasm_execute(token, &transfer, vec![])?.into()))
}

fn voting_end(params: &Params, now: u64, latest: Option<Expiration>) -> Result<u64, ContractError> {
    let first = now.saturating_add(params.min_voting_period.max(1));
    let last = now.saturating_add(params.voting_period);
    match latest {
        None => Ok(last),
        Some(Expiration::AtTime(time)) => {
            range("latest", time.seconds(), first, last)?;
            if Timestamp::from_seconds(time.seconds()) != time {
                return Err(RuleError::range("latest", time, "a whole second").into());
            }
            Ok(time.seconds())
        }
        Some(other) => Err(RuleError::range("latest", other, "a time").into()),
    }
}
