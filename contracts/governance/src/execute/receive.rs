use cosmwasm_std::{from_json, DepsMut, Env, MessageInfo, Response};
use cw20::Cw20ReceiveMsg;
use leasehold_api::governance::Cw20HookMsg;
use leasehold_api::{Asset, Denom};

use super::{reward, stake};
use crate::state::CONFIG;
use crate::ContractError;

/// Tokens that came with a message. A token can only speak for itself: what it says of others' transfers is about its own denom.
pub fn receive(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    told: Cw20ReceiveMsg,
) -> Result<Response, ContractError> {
    let sender = deps.api.addr_validate(&told.sender)?;
    let config = CONFIG.load(deps.storage)?;
    let came = Asset {
        denom: Denom::Cw20(info.sender.into()),
        amount: told.amount,
    };
    match from_json(&told.msg)? {
        Cw20HookMsg::AddFees {} if sender == config.suite.escrow => {
            reward::take(deps.storage, came)
        }
        Cw20HookMsg::AddFees {} => Err(ContractError::Unauthorized {
            sender,
            allowed: format!("escrow {}", config.suite.escrow),
        }),
        Cw20HookMsg::Stake {} if came.denom == config.denom && !came.amount.is_zero() => {
            stake::add(deps, env, config, sender, came.amount)
        }
        Cw20HookMsg::Stake {} => Err(ContractError::WrongFunds {
            expected: config.denom.to_string(),
            sent: format!("{} of {}", came.amount, came.denom),
        }),
    }
}
