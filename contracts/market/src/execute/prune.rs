//! What has ended long ago, and its removal.

use cosmwasm_std::{Empty, Order as Direction, StdResult, Storage};
use cw_storage_plus::{Bound, Map};
use leasehold_api::deployment::{self, group_of};
use leasehold_api::event::OrderPruned;
use leasehold_api::market::{is_stale, lease_id, Order, OrderStatus, ENDED, LEASES, ORDERS};
use leasehold_api::pagination::page_size;
use leasehold_api::RuleError;

use crate::state;
use crate::touch::Touch;
use crate::ContractError;

/// The published maps by order and something else, as far as their keys go: one reader for all.
type Keys = Map<(u64, Vec<u8>), Empty>;
const BIDS: Keys = Map::new("b");
const COMMITMENTS: Keys = Map::new("s");
const PENALTIES: Keys = Map::new("y");

pub fn prune(touch: &mut Touch, id: u64, limit: Option<u32>) -> Result<(), ContractError> {
    let order = state::order(touch.deps.storage, id)?;
    let most = page_size(limit);
    let mut removed = remove_leases(touch, id, &order, most)?;
    let is_closed = order.status == OrderStatus::Closed
        && order.closed_at.is_none_or(|at| is_stale(at, touch.now));
    if is_closed {
        removed = removed.saturating_add(remove_bids(touch, id, most.saturating_sub(removed))?);
    }
    let gone = is_closed && removed < most && is_finished(touch, id, &order)?;
    if gone {
        ORDERS.remove(touch.deps.storage, id);
    } else if removed == 0 {
        return Err(ContractError::NothingToPrune { id });
    }
    touch.emit(OrderPruned {
        order_id: id,
        records: removed as u64,
        gone,
    });
    Ok(())
}

/// The oldest leases, at most `most` of them.
fn remove_leases(
    touch: &mut Touch,
    id: u64,
    order: &Order,
    most: usize,
) -> Result<usize, ContractError> {
    let (first, last) = lease_id(id, 0)
        .zip(lease_id(id, order.leases))
        .ok_or(RuleError::Overflow { what: "lease id" })?;
    let storage = &mut *touch.deps.storage;
    let ended = ENDED
        .range(
            storage,
            Some(Bound::inclusive(first)),
            Some(Bound::inclusive(last)),
            Direction::Ascending,
        )
        .take(most)
        .collect::<StdResult<Vec<_>>>()?;
    let mut removed: usize = 0;
    // They end in the order of their numbers.
    for (lease, _) in ended
        .into_iter()
        .take_while(|(_, ended)| is_stale(ended.at, touch.now))
    {
        LEASES.remove(storage, lease);
        ENDED.remove(storage, lease);
        removed = removed.saturating_add(1);
    }
    Ok(removed)
}

/// Those of a closed order are void, in whatever mode.
fn remove_bids(touch: &mut Touch, id: u64, most: usize) -> StdResult<usize> {
    let bidders = keys(touch.deps.storage, &BIDS, id, most)?;
    let removed = bidders.len();
    for bidder in bidders {
        BIDS.remove(touch.deps.storage, (id, bidder));
    }
    Ok(removed)
}

/// At most `most`.
fn keys(storage: &dyn Storage, map: &Keys, id: u64, most: usize) -> StdResult<Vec<Vec<u8>>> {
    map.prefix(id)
        .keys(storage, None, None, Direction::Ascending)
        .take(most)
        .collect()
}

/// Whether nothing hangs on a closed order, and it cannot be opened again: its lease ids would begin anew.
fn is_finished(touch: &Touch, id: u64, order: &Order) -> Result<bool, ContractError> {
    let storage = touch.deps.as_ref().storage;
    for map in [&COMMITMENTS, &PENALTIES] {
        if !keys(storage, map, id, 1)?.is_empty() {
            return Ok(false);
        }
    }
    // Leases are removed oldest first: with the last one all are gone.
    let last = lease_id(id, order.leases).ok_or(RuleError::Overflow { what: "lease id" })?;
    if LEASES.has(storage, last) {
        return Ok(false);
    }
    let (deployment, _) = group_of(id);
    let (querier, contract) = (&touch.deps.querier, &touch.suite.deployment);
    let owner = touch.tenant(id)?;
    Ok(!deployment::is_open(querier, contract, &owner, deployment)?)
}
