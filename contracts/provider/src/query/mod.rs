pub mod trust;

use cosmwasm_std::{to_json_binary, Addr, Binary, Deps, Env, StdError, StdResult};
use leasehold_api::pagination::page;
use leasehold_api::provider::{
    ConfigResponse, Declared, Hot, InsuranceResponse, ProviderResponse, ProvidersResponse,
    QueryMsg, UnbondingsResponse, CAPABILITY, CONTACT, FAULTS, HOT, INSURANCE, MAINTENANCE,
};
use leasehold_api::Denom;

use crate::state::{params, unbondings, SUITE};

pub fn query(deps: Deps, env: &Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Config {} => to_json_binary(&ConfigResponse {
            suite: SUITE.load(deps.storage)?,
            params: params(deps.storage)?,
        }),
        QueryMsg::Provider { address } => to_json_binary(&provider(deps, env, &address)?),
        QueryMsg::Providers { start_after, limit } => {
            to_json_binary(&providers(deps, env, start_after, limit)?)
        }
        QueryMsg::Unbondings { address } => {
            let address = deps.api.addr_validate(&address)?;
            to_json_binary(&UnbondingsResponse {
                unbondings: unbondings(deps.storage, &address)?,
            })
        }
        QueryMsg::Insurance { start_after, limit } => {
            to_json_binary(&insurance(deps, start_after, limit)?)
        }
        QueryMsg::Member { role, address } => to_json_binary(&trust::member(deps, role, &address)?),
        QueryMsg::Members {
            role,
            start_after,
            limit,
        } => to_json_binary(&trust::members(deps, role, start_after, limit)?),
        QueryMsg::Attestations {
            provider,
            start_after,
            limit,
        } => to_json_binary(&trust::attestations(
            deps,
            env,
            &provider,
            start_after,
            limit,
        )?),
        QueryMsg::Device { commitment } => to_json_binary(&trust::device(deps, &commitment)?),
        QueryMsg::Watch { lease_id } => to_json_binary(&trust::watch(deps, env, lease_id)?),
        QueryMsg::Watches {
            watcher,
            start_after,
            limit,
        } => to_json_binary(&trust::watches(deps, env, watcher, start_after, limit)?),
    }
}

fn provider(deps: Deps, env: &Env, address: &str) -> StdResult<ProviderResponse> {
    let address = deps.api.addr_validate(address)?;
    let hot = HOT
        .may_load(deps.storage, &address)?
        .ok_or_else(|| StdError::not_found(format!("provider {address}")))?;
    describe(deps, env, address, hot)
}

fn providers(
    deps: Deps,
    env: &Env,
    start_after: Option<String>,
    limit: Option<u32>,
) -> StdResult<ProvidersResponse> {
    let start_after = start_after
        .map(|address| deps.api.addr_validate(&address))
        .transpose()?;
    // At most one page.
    let providers = page(&HOT, deps.storage, start_after.as_ref(), limit)?
        .into_iter()
        .map(|(address, hot)| describe(deps, env, address, hot))
        .collect::<StdResult<_>>()?;
    Ok(ProvidersResponse { providers })
}

fn describe(deps: Deps, env: &Env, address: Addr, hot: Hot) -> StdResult<ProviderResponse> {
    let now = env.block.time.seconds();
    let alive_seconds = hot
        .live
        .alive_at(now)
        .map_err(|e| StdError::generic_err(e.to_string()))?;
    let Declared(capability) = CAPABILITY.load(deps.storage, &address)?;
    Ok(ProviderResponse {
        audits: trust::audits(deps, env, &address, &capability)?,
        contact: CONTACT.load(deps.storage, &address)?,
        capability,
        standing: hot.standing,
        collateral: hot.collateral,
        last_heartbeat: hot.live.last,
        live_until: hot.live.until,
        alive_seconds,
        maintenance: MAINTENANCE
            .may_load(deps.storage, &address)?
            .filter(|pause| now < pause.until)
            .map(Into::into),
        faults: FAULTS
            .may_load(deps.storage, &address)?
            .map_or(0, |record| record.earlier(now)),
        address,
    })
}

fn insurance(
    deps: Deps,
    start_after: Option<Denom>,
    limit: Option<u32>,
) -> StdResult<InsuranceResponse> {
    let after = start_after.map(|denom| denom.key());
    let insurance = page(&INSURANCE, deps.storage, after.as_deref(), limit)?
        .into_iter()
        .map(|(_, asset)| asset)
        .collect();
    Ok(InsuranceResponse { insurance })
}
