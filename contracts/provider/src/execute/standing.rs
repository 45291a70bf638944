use cosmwasm_std::{Addr, DepsMut, Env, MessageInfo, Response};
use leasehold_api::event::{
    Heartbeat, MaintenanceAnnounced, ParamsUpdated, ProviderDraining, ProviderResumed,
};
use leasehold_api::provider::{Hot, Params, Standing, HOT, MAINTENANCE};
use leasehold_rules::alive::Maintenance;
use leasehold_rules::auction::within;

use crate::execute::outage;
use crate::state::{self, grace, own, params, set_params};
use crate::ContractError;

/// One read and one write, whatever the number of leases; the first after a silence also counts that.
pub fn heartbeat(deps: DepsMut, env: Env, info: MessageInfo) -> Result<Response, ContractError> {
    let provider = info.sender;
    let hot = own(deps.storage, &provider)?;
    let now = env.block.time.seconds();
    let lapse = match now < hot.live.until {
        true => None,
        false => {
            let params = params(deps.storage)?;
            outage::count(deps.storage, &params, &provider, &hot)?
        }
    };
    let live = hot.live.beat(now, env.block.height, grace(deps.storage)?)?;
    HOT.save(deps.storage, &provider, &Hot { live, ..hot })?;
    let beat = Heartbeat {
        provider,
        live_until: live.until,
    };
    Ok(Response::new().add_events(lapse).add_event(beat))
}

/// How much later than it could, a maintenance may begin, seconds: 30 days.
const AHEAD: u64 = 2_592_000;

/// One at a time, so that no provider is excused for ever.
pub fn announce_maintenance(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    from: u64,
    until: u64,
) -> Result<Response, ContractError> {
    let provider = info.sender;
    own(deps.storage, &provider)?;
    let params = params(deps.storage)?;
    let now = env.block.time.seconds();
    let last = MAINTENANCE.may_load(deps.storage, &provider)?;
    let noticed = now.saturating_add(params.maintenance_notice);
    let rested = last.map_or(0, |last| last.until.saturating_add(params.maintenance_rest));
    let earliest = noticed.max(rested);
    within("from", from, earliest..=earliest.saturating_add(AHEAD))?;
    let longest = from.saturating_add(params.maintenance_longest);
    within("until", until, from.saturating_add(1)..=longest)?;
    MAINTENANCE.save(deps.storage, &provider, &Maintenance { from, until })?;
    Ok(Response::new().add_event(MaintenanceAnnounced {
        provider,
        from,
        until,
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
    let former = state::params(deps.storage)?.trust;
    if former.denom != params.trust.denom {
        let parameter = "trust.denom";
        return Err(ContractError::Fixed { parameter });
    }
    if former.watch_round != params.trust.watch_round {
        let parameter = "trust.watch_round";
        return Err(ContractError::Fixed { parameter });
    }
    set_params(deps.storage, params)?;
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
