use cosmwasm_std::{wasm_execute, DepsMut, Env, MessageInfo, Response, StdResult, Storage};
use leasehold_api::event::PausedByGuardian;

use crate::state::{CONFIG, PARAMS, PAUSED};
use crate::ContractError;

/// Part of [`leasehold_api::market::ExecuteMsg`], which would bring the code that writes all its other messages.
#[cosmwasm_schema::cw_serde]
enum ToMarket {
    Pause { until: u64 },
}

pub fn pause(deps: DepsMut, env: Env, info: MessageInfo) -> Result<Response, ContractError> {
    let now = env.block.time.seconds();
    let from = again_from(deps.storage)?;
    if now < from {
        return Err(ContractError::PauseRests { from });
    }
    let until = now.saturating_add(PARAMS.load(deps.storage)?.pause_seconds);
    PAUSED.save(deps.storage, &until)?;
    let market = CONFIG.load(deps.storage)?.suite.market;
    Ok(Response::new()
        .add_message(wasm_execute(market, &ToMarket::Pause { until }, vec![])?)
        .add_event(PausedByGuardian {
            guardian: info.sender,
            until,
        }))
}

/// Block time from which the guardian may pause: at once, or after a rest.
pub fn again_from(storage: &dyn Storage) -> StdResult<u64> {
    let rest = PARAMS.load(storage)?.pause_rest;
    let last = PAUSED.may_load(storage)?;
    Ok(last.map_or(0, |until| until.saturating_add(rest)))
}
