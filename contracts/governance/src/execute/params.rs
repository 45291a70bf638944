use cosmwasm_std::{DepsMut, Env, Response};
use leasehold_api::event::ParamsUpdated;
use leasehold_api::governance::Params;

use crate::rewards::POOLS;
use crate::state::PARAMS;
use crate::ContractError;

pub fn update(deps: DepsMut, env: Env, params: Params) -> Result<Response, ContractError> {
    let pools = POOLS.may_load(deps.storage)?.unwrap_or_default();
    crate::params::validate(&params, deps.api, &env, &pools)?;
    PARAMS.save(deps.storage, &params)?;
    Ok(Response::new().add_event(ParamsUpdated {
        contract: env.contract.address,
    }))
}
