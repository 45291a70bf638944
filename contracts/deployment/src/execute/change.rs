use cosmwasm_std::{Binary, Checksum, DepsMut, Env, MessageInfo, Response, Uint128};
use leasehold_api::deployment::{Change, CHANGES, GROUPS};
use leasehold_api::event::{ChangeAccepted, ChangeProposed, ChangeWithdrawn};
use leasehold_api::{market, AuctionMode, GroupSpec, RuleError};
use leasehold_rules::auction::within;

use crate::execute::create::validate_auditors;
use crate::execute::group::{order, terms_of};
use crate::execute::life::put_manifest;
use crate::execute::{execute_message, validate_hash};
use crate::state::{self, owned};
use crate::ContractError;

/// What a tenant proposes, besides the group.
pub struct Proposal {
    pub rate: Uint128,
    pub spec: Option<GroupSpec>,
    pub manifest_hash: Option<Binary>,
    pub expires_at: u64,
}

pub fn propose(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    id: u64,
    group: u32,
    proposal: Proposal,
) -> Result<Response, ContractError> {
    let deployment = owned(deps.storage, id, &info.sender)?;
    let terms = terms_of(&deployment, id, group)?;
    let present = GROUPS.load(deps.storage, (id, group))?;
    if let Some(spec) = &proposal.spec {
        validate_spec(spec, &present, &terms.auction)?;
        validate_auditors(deps.as_ref(), std::slice::from_ref(spec))?;
    }
    if let Some(hash) = &proposal.manifest_hash {
        validate_hash(hash)?;
    }
    let max_rate = proposal.spec.as_ref().unwrap_or(&present).max_rate()?;
    within("rate", proposal.rate, Uint128::one()..=max_rate)?;
    let now = env.block.time.seconds();
    if proposal.expires_at <= now {
        let allowed = format!("after {now}");
        return Err(RuleError::range("expires_at", proposal.expires_at, allowed).into());
    }
    let suite = state::suite(deps.storage)?;
    let lease = order(deps.as_ref(), &suite, id, group)?
        .and_then(|order| order.lease)
        .ok_or(ContractError::NotLeased { id, group })?;
    let change = Change {
        tenant: deployment.owner,
        lease,
        rate: proposal.rate,
        expires_at: proposal.expires_at,
        spec: proposal.spec,
        manifest_hash: proposal.manifest_hash,
    };
    CHANGES.save(deps.storage, (id, group), &change)?;
    Ok(Response::new().add_event(ChangeProposed {
        deployment_id: id,
        group,
        lease_id: lease,
        rate: change.rate,
        expires_at: change.expires_at,
        change: change.hash()?.to_hex(),
    }))
}

pub fn withdraw(
    deps: DepsMut,
    info: MessageInfo,
    id: u64,
    group: u32,
) -> Result<Response, ContractError> {
    owned(deps.storage, id, &info.sender)?;
    if !CHANGES.has(deps.storage, (id, group)) {
        return Err(ContractError::NoChange { id, group });
    }
    CHANGES.remove(deps.storage, (id, group));
    Ok(Response::new().add_event(ChangeWithdrawn {
        deployment_id: id,
        group,
    }))
}

/// The provider agrees. What the group asks for is stored before the market hears of it and reads it; the market sees to it that the
/// sender holds the lease, which has not ended, and may serve it as it is now.
pub fn accept(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    id: u64,
    group: u32,
    named: Checksum,
) -> Result<Response, ContractError> {
    let deployment = state::deployment(deps.storage, id)?;
    let change = CHANGES
        .may_load(deps.storage, (id, group))?
        .filter(|change| change.tenant == deployment.owner)
        .ok_or(ContractError::NoChange { id, group })?;
    let proposed = change.hash()?;
    if proposed != named {
        return Err(ContractError::OtherChange { named, proposed });
    }
    if change.expires_at <= env.block.time.seconds() {
        let expired_at = change.expires_at;
        return Err(ContractError::ChangeExpired { expired_at });
    }
    CHANGES.remove(deps.storage, (id, group));
    let max_rate = change.spec.as_ref().map(GroupSpec::max_rate).transpose()?;
    if let Some(spec) = &change.spec {
        GROUPS.save(deps.storage, (id, group), spec)?;
    }
    let change_lease = market::ExecuteMsg::ChangeLease {
        lease_id: change.lease,
        provider: info.sender.to_string(),
        rate: change.rate,
        max_rate,
    };
    let market = state::suite(deps.storage)?.market;
    let response = Response::new()
        .add_message(execute_message(&market, &change_lease, vec![])?)
        .add_event(ChangeAccepted {
            deployment_id: id,
            group,
            lease_id: change.lease,
            provider: info.sender,
            rate: change.rate,
        });
    Ok(match change.manifest_hash {
        Some(hash) => response.add_event(put_manifest(deps.storage, id, deployment, hash)?),
        None => response,
    })
}

/// What a group may come to ask for: anything that it could have asked for at creation, under its name and in its mode.
fn validate_spec(
    spec: &GroupSpec,
    present: &GroupSpec,
    mode: &AuctionMode,
) -> Result<(), ContractError> {
    spec.validate()?;
    if spec.name != present.name {
        let allowed = format!("{}, the group's name", present.name);
        return Err(RuleError::range("group name", &spec.name, allowed).into());
    }
    // Else the group could not be started again.
    if let AuctionMode::Dutch {
        min_rate: Some(least),
    } = mode
    {
        let max_rate = spec.max_rate()?;
        if max_rate < *least {
            let allowed = format!("at least {least}, where its Dutch auction starts");
            return Err(RuleError::range("rate of the group", max_rate, allowed).into());
        }
    }
    Ok(())
}
