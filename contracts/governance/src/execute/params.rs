use cosmwasm_std::{DepsMut, Env, Response};
use leasehold_api::event::ParamsUpdated;
use leasehold_api::governance::Params;

use crate::state::PARAMS;
use crate::{rewards, ContractError};

pub fn update(deps: DepsMut, env: Env, params: Params) -> Result<Response, ContractError> {
    let pools = rewards::pools(deps.storage)?;
    crate::params::validate(&params, deps.api, &env, &pools)?;
    PARAMS.save(deps.storage, &params)?;
    Ok(Response::new().add_event(ParamsUpdated {
        contract: env.contract.address,
    }))
}
