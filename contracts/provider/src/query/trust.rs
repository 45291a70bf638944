//! What is known of auditors, watchers and their word.

use cosmwasm_std::{Addr, Binary, Deps, Env, StdError, StdResult};
use leasehold_api::pagination::{page, page_size};
use leasehold_api::provider::{
    counted, panel_of, round_at, AttestationResponse, AttestationsResponse, Attested,
    DeviceResponse, Member, MemberResponse, MembersResponse, Role, Watch, WatchResponse,
    WatchesResponse, ATTESTATIONS, DEVICES, TRUSTED, VERDICTS, VOUCHES, WATCHER_AT, WATCHER_COUNT,
    WATCHES,
};
use leasehold_api::{Audit, Capability};

use crate::state::params;

pub fn member(deps: Deps, role: Role, address: &str) -> StdResult<MemberResponse> {
    let address = deps.api.addr_validate(address)?;
    let member = role.members().may_load(deps.storage, &address)?;
    let missing = || StdError::not_found(format!("{} {address}", role.as_str()));
    Ok(describe(address.clone(), member.ok_or_else(missing)?))
}

pub fn members(
    deps: Deps,
    role: Role,
    start_after: Option<String>,
    limit: Option<u32>,
) -> StdResult<MembersResponse> {
    let after = address(deps, start_after)?;
    let members = page(&role.members(), deps.storage, after.as_ref(), limit)?
        .into_iter()
        .map(|(address, member)| describe(address, member))
        .collect();
    Ok(MembersResponse { members })
}

fn describe(address: Addr, member: Member) -> MemberResponse {
    MemberResponse {
        address,
        in_good_standing: member.is_in_good_standing(),
        key: member.key,
        bond: member.bond,
        jailed: member.jailed,
        leaves_at: member.leaves_at,
        fees: member.fees,
    }
}

pub fn attestations(
    deps: Deps,
    env: &Env,
    provider: &str,
    start_after: Option<String>,
    limit: Option<u32>,
) -> StdResult<AttestationsResponse> {
    let provider = deps.api.addr_validate(provider)?;
    let after = address(deps, start_after)?;
    let of_provider = ATTESTATIONS.prefix(&provider);
    let found = of_provider.range(
        deps.storage,
        after.as_ref().map(cw_storage_plus::Bound::exclusive),
        None,
        cosmwasm_std::Order::Ascending,
    );
    // At most one page.
    let attestations = found
        .take(page_size(limit))
        .map(|entry| {
            let (auditor, attested) = entry?;
            attestation(deps, env, auditor, attested)
        })
        .collect::<StdResult<_>>()?;
    Ok(AttestationsResponse { attestations })
}

fn attestation(
    deps: Deps,
    env: &Env,
    auditor: Addr,
    attested: Attested,
) -> StdResult<AttestationResponse> {
    let now = env.block.time.seconds();
    let counts = attested.attestation.as_ref();
    let suspended = attested.challenge.as_ref();
    let live = counts.is_some_and(|attestation| now < attestation.expires_at)
        && suspended.is_none_or(|challenge| challenge.suspended_until <= now)
        && TRUSTED.has(deps.storage, &auditor);
    Ok(AttestationResponse {
        auditor,
        measured_at: attested.measured_at,
        attestation: attested.attestation,
        challenge: attested.challenge,
        live,
    })
}

/// What counts of a provider's vouches now. One read for each, at most 8.
pub fn audits(
    deps: Deps,
    env: &Env,
    provider: &Addr,
    declared: &Capability,
) -> StdResult<Vec<Audit>> {
    let vouches = VOUCHES.may_load(deps.storage, provider)?;
    counted(vouches, declared, env.block.time.seconds(), |auditor| {
        Ok(TRUSTED.has(deps.storage, auditor))
    })
}

pub fn device(deps: Deps, commitment: &Binary) -> StdResult<DeviceResponse> {
    let device = DEVICES.may_load(deps.storage, commitment)?;
    Ok(DeviceResponse { device })
}

pub fn watch(deps: Deps, env: &Env, lease_id: u64) -> StdResult<WatchResponse> {
    let watch = WATCHES.may_load(deps.storage, lease_id)?;
    let missing = || StdError::not_found(format!("watch of lease {lease_id}"));
    show(deps, env, lease_id, watch.ok_or_else(missing)?)
}

pub fn watches(
    deps: Deps,
    env: &Env,
    watcher: Option<String>,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> StdResult<WatchesResponse> {
    let watcher = address(deps, watcher)?;
    let found = page(&WATCHES, deps.storage, start_after, limit)?;
    let full = found.len() == page_size(limit);
    let next = found.last().map(|(id, _)| *id).filter(|_| full);
    let mut watches = vec![];
    for (lease_id, watch) in found {
        let shown = show(deps, env, lease_id, watch)?;
        let mine = watcher.as_ref().is_none_or(|one| shown.panel.contains(one));
        watches.extend(mine.then_some(shown));
    }
    Ok(WatchesResponse { watches, next })
}

fn show(deps: Deps, env: &Env, lease_id: u64, watch: Watch) -> StdResult<WatchResponse> {
    let trust = params(deps.storage)?.trust;
    let round = round_at(env.block.time.seconds(), trust.watch_round);
    let (panel, quorum) = panel(deps, lease_id, round, trust.panel)?;
    Ok(WatchResponse {
        lease_id,
        payer: watch.payer,
        funds: watch.funds,
        round,
        panel,
        quorum,
        verdict: VERDICTS.may_load(deps.storage, lease_id)?,
    })
}

/// Who watches a lease in a round, at most 15, and how many signatures make a verdict.
pub fn panel(deps: Deps, lease_id: u64, round: u64, size: u32) -> StdResult<(Vec<Addr>, u32)> {
    let count = WATCHER_COUNT.may_load_at_height(deps.storage, round)?;
    let (places, quorum) = panel_of(lease_id, round, count.unwrap_or(0), size);
    let panel = places
        .into_iter()
        .filter_map(|place| {
            let watcher = WATCHER_AT.may_load_at_height(deps.storage, place, round);
            watcher.transpose()
        })
        .collect::<StdResult<_>>()?;
    Ok((panel, quorum))
}

fn address(deps: Deps, text: Option<String>) -> StdResult<Option<Addr>> {
    text.map(|text| deps.api.addr_validate(&text)).transpose()
}
