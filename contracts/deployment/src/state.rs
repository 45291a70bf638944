//! Storage: the published maps are in `api`, the rest is private here.

use cosmwasm_std::{Addr, Empty, StdError, Storage};
use cw_storage_plus::{Item, Map};
use leasehold_api::deployment::{Deployment, DEPLOYMENTS, NEXT_DEPLOYMENT, OWNED};
use leasehold_api::Suite;

use crate::ContractError;

pub const SUITE: Item<Suite<Addr>> = Item::new("suite");
/// Open deployments that draw on an escrow account. An account changes hands only while it is one: its new owner must not pay for
/// leases that stay the old owner's.
const DRAWING: Map<u64, u32> = Map::new("r");

/// The next deployment id, taken.
pub fn take_id(storage: &mut dyn Storage) -> Result<u64, ContractError> {
    let id = NEXT_DEPLOYMENT.load(storage)?;
    let next = id.checked_add(1).ok_or_else(id_overflow)?;
    NEXT_DEPLOYMENT.save(storage, &next)?;
    Ok(id)
}

pub fn insert(
    storage: &mut dyn Storage,
    id: u64,
    deployment: &Deployment,
) -> Result<(), ContractError> {
    DEPLOYMENTS.save(storage, id, deployment)?;
    OWNED.save(storage, (&deployment.owner, id), &Empty {})?;
    let drawing = drawing(storage, deployment.account)?;
    let more = drawing.checked_add(1).ok_or_else(id_overflow)?;
    DRAWING.save(storage, deployment.account, &more)?;
    Ok(())
}

/// Marks a deployment as closed.
pub fn retire(
    storage: &mut dyn Storage,
    id: u64,
    deployment: Deployment,
) -> Result<(), ContractError> {
    let account = deployment.account;
    match drawing(storage, account)?.saturating_sub(1) {
        0 => DRAWING.remove(storage, account),
        fewer => DRAWING.save(storage, account, &fewer)?,
    }
    let closed = true;
    DEPLOYMENTS.save(
        storage,
        id,
        &Deployment {
            closed,
            ..deployment
        },
    )?;
    Ok(())
}

pub fn hand_over(
    storage: &mut dyn Storage,
    id: u64,
    deployment: Deployment,
    owner: Addr,
) -> Result<(), ContractError> {
    OWNED.remove(storage, (&deployment.owner, id));
    OWNED.save(storage, (&owner, id), &Empty {})?;
    DEPLOYMENTS.save(
        storage,
        id,
        &Deployment {
            owner,
            ..deployment
        },
    )?;
    Ok(())
}

/// Open deployments that draw on `account`.
pub fn drawing(storage: &dyn Storage, account: u64) -> Result<u32, ContractError> {
    Ok(DRAWING.may_load(storage, account)?.unwrap_or(0))
}

/// An open deployment of the sender's: what every message but `create` needs.
pub fn owned(storage: &dyn Storage, id: u64, sender: &Addr) -> Result<Deployment, ContractError> {
    let deployment = DEPLOYMENTS
        .may_load(storage, id)?
        .ok_or(ContractError::NoSuchDeployment { id })?;
    if deployment.owner != *sender {
        return Err(ContractError::Unauthorized {
            sender: sender.clone(),
            owner: deployment.owner,
        });
    }
    if deployment.closed {
        return Err(ContractError::Closed { id });
    }
    Ok(deployment)
}

pub fn id_overflow() -> StdError {
    StdError::generic_err("the ids are used up")
}
