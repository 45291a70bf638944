use cosmwasm_std::{DepsMut, Env, Response};
use leasehold_api::escrow::{Config, Params, CONFIG};
use leasehold_api::event::ParamsUpdated;
use leasehold_api::RuleError;

use crate::ContractError;

/// Refuses parameters outside the ranges that [`Params`] states.
pub fn check(params: &Params) -> Result<(), RuleError> {
    if !(1..=604_800).contains(&params.min_runway) {
        return Err(RuleError::range(
            "min_runway",
            params.min_runway,
            "1 to 604800 seconds",
        ));
    }
    if params.fee_bps > 2_000 {
        return Err(RuleError::range(
            "fee_bps",
            params.fee_bps,
            "0 to 2000 basis points",
        ));
    }
    Ok(())
}

pub fn update(
    deps: DepsMut,
    env: &Env,
    config: Config,
    params: Params,
) -> Result<Response, ContractError> {
    check(&params)?;
    CONFIG.save(deps.storage, &Config { params, ..config })?;
    Ok(Response::new().add_event(ParamsUpdated {
        contract: env.contract.address.clone(),
    }))
}
