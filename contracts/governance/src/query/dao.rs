//! DAO DAO's voting-module queries.

use cosmwasm_std::{Deps, Env, StdResult};
use leasehold_api::governance::{
    InfoResponse, TotalPowerAtHeightResponse, VotingPowerAtHeightResponse,
};

use crate::power::{power_at, total_at};
use crate::ContractError;

pub fn power_at_height(
    deps: Deps,
    env: &Env,
    address: &str,
    height: Option<u64>,
) -> Result<VotingPowerAtHeightResponse, ContractError> {
    let height = known(env, height)?;
    let address = deps.api.addr_validate(address)?;
    Ok(VotingPowerAtHeightResponse {
        power: power_at(deps.storage, &address, height)?,
        height,
    })
}

pub fn total_at_height(
    deps: Deps,
    env: &Env,
    height: Option<u64>,
) -> Result<TotalPowerAtHeightResponse, ContractError> {
    let height = known(env, height)?;
    Ok(TotalPowerAtHeightResponse {
        power: total_at(deps.storage, height)?,
        height,
    })
}

pub fn info(deps: Deps) -> StdResult<InfoResponse> {
    Ok(InfoResponse {
        info: cw2::get_contract_version(deps.storage)?,
    })
}

/// A height whose power can no longer change.
fn known(env: &Env, height: Option<u64>) -> Result<u64, ContractError> {
    let asked = height.unwrap_or(env.block.height);
    if asked > env.block.height {
        return Err(ContractError::FutureHeight {
            asked,
            height: env.block.height,
        });
    }
    Ok(asked)
}
