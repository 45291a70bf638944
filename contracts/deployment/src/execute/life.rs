use cosmwasm_std::{
    Addr, Binary, CosmosMsg, Deps, DepsMut, MessageInfo, Response, StdResult, Storage,
};
use leasehold_api::deployment::{order_id, Deployment, CHANGES, DEPLOYMENTS, GROUPS};
use leasehold_api::event::{
    DeploymentClosed, DeploymentPruned, DeploymentTransferred, DeploymentUpdated,
};
use leasehold_api::{escrow, Suite};

use crate::execute::group::{close_order, order};
use crate::execute::{execute_message, hash_hex, validate_hash};
use crate::state::{self, hand_over, id_overflow, is_closed, owned, retire};
use crate::ContractError;

pub fn update(
    deps: DepsMut,
    info: MessageInfo,
    id: u64,
    manifest_hash: Binary,
) -> Result<Response, ContractError> {
    let deployment = owned(deps.storage, id, &info.sender)?;
    validate_hash(&manifest_hash)?;
    if deployment.manifest_hash == manifest_hash {
        return Err(ContractError::SameHash { id });
    }
    let updated = put_manifest(deps.storage, id, deployment, manifest_hash)?;
    Ok(Response::new().add_event(updated))
}

/// Has the deployment run what this manifest says from now on.
pub fn put_manifest(
    storage: &mut dyn Storage,
    id: u64,
    deployment: Deployment,
    manifest_hash: Binary,
) -> StdResult<DeploymentUpdated> {
    let event = DeploymentUpdated {
        deployment_id: id,
        manifest_hash: hash_hex(&manifest_hash),
    };
    let deployment = Deployment {
        manifest_hash,
        ..deployment
    };
    DEPLOYMENTS.save(storage, id, &deployment)?;
    Ok(event)
}

pub fn close(deps: DepsMut, info: MessageInfo, id: u64) -> Result<Response, ContractError> {
    let deployment = owned(deps.storage, id, &info.sender)?;
    let suite = state::suite(deps.storage)?;
    // At most MAX_GROUPS groups; the market passes over those that are closed already.
    let orders = (0_u32..)
        .zip(&deployment.terms)
        .map(|(group, _)| close_order(&suite, id, group))
        .collect::<Result<Vec<CosmosMsg>, _>>()?;
    retire(deps.storage, id, &deployment);
    Ok(Response::new()
        .add_messages(orders)
        .add_event(DeploymentClosed { deployment_id: id }))
}

/// Of a closed deployment nothing is left to read once its orders are gone: penalties name its owner until then.
pub fn prune(deps: DepsMut, id: u64) -> Result<Response, ContractError> {
    let deployment = state::deployment(deps.storage, id)?;
    if !is_closed(deps.storage, id, &deployment) {
        return Err(ContractError::StillOpen { id });
    }
    let suite = state::suite(deps.storage)?;
    // At most MAX_GROUPS groups.
    for (group, _) in (0_u32..).zip(&deployment.terms) {
        if order(deps.as_ref(), &suite, id, group)?.is_some() {
            let order = order_id(id, group).ok_or_else(id_overflow)?;
            return Err(ContractError::OrderKept { id, order });
        }
        GROUPS.remove(deps.storage, (id, group));
        CHANGES.remove(deps.storage, (id, group));
    }
    DEPLOYMENTS.remove(deps.storage, id);
    Ok(Response::new().add_event(DeploymentPruned { deployment_id: id }))
}

pub fn transfer(
    deps: DepsMut,
    info: MessageInfo,
    id: u64,
    new_owner: String,
) -> Result<Response, ContractError> {
    let deployment = owned(deps.storage, id, &info.sender)?;
    let new_owner = deps.api.addr_validate(&new_owner)?;
    let owner = deployment.owner.clone();
    if new_owner == owner {
        return Err(ContractError::SameOwner { id, owner });
    }
    let account = deployment.account;
    let suite = state::suite(deps.storage)?;
    require_own_account(deps.as_ref(), &suite, id, &deployment)?;
    let msg = escrow::ExecuteMsg::TransferAccount {
        account,
        owner: owner.to_string(),
        new_owner: new_owner.to_string(),
    };
    hand_over(deps.storage, id, deployment, new_owner.clone())?;
    Ok(Response::new()
        .add_message(execute_message(&suite.escrow, &msg, vec![])?)
        .add_event(DeploymentTransferred {
            deployment_id: id,
            owner,
            new_owner,
        }))
}

/// The account must be the owner's, not one that it is only allowed to spend from. The new owner must not pay for leases that stay
/// the old owner's: each stream of the account must be one of this deployment's. Orders of other deployments on the account may be
/// open: a claim closes them as unfunded and frees its bond.
fn require_own_account(
    deps: Deps,
    suite: &Suite<Addr>,
    id: u64,
    deployment: &Deployment,
) -> Result<(), ContractError> {
    let account = deployment.account;
    let held = escrow::account(&deps.querier, &suite.escrow, account)?
        .ok_or(ContractError::NoSuchAccount { account })?;
    if held.owner != deployment.owner {
        return Err(ContractError::NotYourAccount {
            account,
            owner: held.owner,
            sender: deployment.owner.clone(),
        });
    }
    let mut others = held.streams;
    // At most MAX_GROUPS groups.
    for (group, _) in (0_u32..).zip(&deployment.terms) {
        if order(deps, suite, id, group)?.is_some_and(|order| order.lease.is_some()) {
            others = others.saturating_sub(1);
        }
    }
    match others {
        0 => Ok(()),
        leases => Err(ContractError::AccountShared { account, leases }),
    }
}
