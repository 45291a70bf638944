use cosmwasm_std::{Addr, DepsMut, Env, MessageInfo, Response};
use leasehold_api::event::{Heartbeat, ParamsUpdated, ProviderDraining, ProviderResumed};
use leasehold_api::provider::{Hot, Params, Standing, HOT};

use crate::state::{own, PARAMS};
use crate::ContractError;

/// One read and one write, whatever the number of leases.
pub fn heartbeat(deps: DepsMut, env: Env, info: MessageInfo) -> Result<Response, ContractError> {
    let provider = info.sender;
    let hot = own(deps.storage, &provider)?;
    let grace = PARAMS.load(deps.storage)?.grace;
    let now = env.block.time.seconds();
    let live = hot.live.beat(now, env.block.height, grace)?;
    HOT.save(deps.storage, &provider, &Hot { live, ..hot })?;
    let live_until = live.until;
    Ok(Response::new().add_event(Heartbeat {
        provider,
        live_until,
    }))
}

pub fn drain(deps: DepsMut, info: MessageInfo) -> Result<Response, ContractError> {
    let provider = info.sender;
    turn(deps, &provider, Standing::Active, Standing::Draining)?;
    Ok(Response::new().add_event(ProviderDraining { provider }))
}

pub fn resume(deps: DepsMut, info: MessageInfo) -> Result<Response, ContractError> {
    let provider = info.sender;
    turn(deps, &provider, Standing::Draining, Standing::Active)?;
    Ok(Response::new().add_event(ProviderResumed { provider }))
}

pub fn update_params(deps: DepsMut, env: Env, params: Params) -> Result<Response, ContractError> {
    params.validate()?;
    PARAMS.save(deps.storage, &params)?;
    let contract = env.contract.address;
    Ok(Response::new().add_event(ParamsUpdated { contract }))
}

pub fn require(hot: &Hot, provider: &Addr, allowed: Standing) -> Result<(), ContractError> {
    if hot.standing == allowed {
        return Ok(());
    }
    Err(ContractError::WrongStanding {
        provider: provider.clone(),
        standing: name(hot.standing),
        allowed: name(allowed),
    })
}

fn turn(deps: DepsMut, provider: &Addr, from: Standing, to: Standing) -> Result<(), ContractError> {
    let hot = own(deps.storage, provider)?;
    require(&hot, provider, from)?;
    let standing = to;
    HOT.save(deps.storage, provider, &Hot { standing, ..hot })?;
    Ok(())
}

fn name(standing: Standing) -> &'static str {
    match standing {
        Standing::Active => "active",
        Standing::Draining => "draining",
    }
}
