//! Storage: the published maps are in `api`, the rest is private here.

use cosmwasm_std::{Addr, Empty, StdError, StdResult, Storage};
use cw_storage_plus::Item;
use leasehold_api::deployment::{Deployment, DEPLOYMENTS, NEXT_DEPLOYMENT, OWNED};
use leasehold_api::suite::stored_suite;
use leasehold_api::Suite;
use serde::{Deserialize, Serialize};

use crate::ContractError;

const PEERS: Item<Peers> = Item::new("suite");

#[derive(Serialize, Deserialize)]
struct Peers(#[serde(with = "stored_suite")] Suite<Addr>);

pub fn suite(storage: &dyn Storage) -> StdResult<Suite<Addr>> {
    PEERS.load(storage).map(|Peers(suite)| suite)
}

pub fn set_suite(storage: &mut dyn Storage, suite: Suite<Addr>) -> StdResult<()> {
    PEERS.save(storage, &Peers(suite))
}

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
    Ok(())
}

/// Closes a deployment for good: its record stays, its place among its owner's open ones does not.
pub fn retire(storage: &mut dyn Storage, id: u64, deployment: &Deployment) {
    OWNED.remove(storage, (&deployment.owner, id));
}

pub fn is_closed(storage: &dyn Storage, id: u64, deployment: &Deployment) -> bool {
    !OWNED.has(storage, (&deployment.owner, id))
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

pub fn deployment(storage: &dyn Storage, id: u64) -> Result<Deployment, ContractError> {
    DEPLOYMENTS
        .may_load(storage, id)?
        .ok_or(ContractError::NoSuchDeployment { id })
}

/// An open deployment of the sender's: what every message of an owner but `create` needs.
pub fn owned(storage: &dyn Storage, id: u64, sender: &Addr) -> Result<Deployment, ContractError> {
    let deployment = deployment(storage, id)?;
    if deployment.owner != *sender {
        return Err(ContractError::Unauthorized {
            sender: sender.clone(),
            owner: deployment.owner,
        });
    }
    if is_closed(storage, id, &deployment) {
        return Err(ContractError::Closed { id });
    }
    Ok(deployment)
}

pub fn id_overflow() -> StdError {
    StdError::generic_err("the ids are used up")
}
