//! What has ended long ago, and its removal.

use cosmwasm_std::{from_json, Addr, Order as Direction, Record, StdError, Storage};
use leasehold_api::deployment::{self, group_of};
use leasehold_api::event::OrderPruned;
use leasehold_api::market::{
    is_stale, lease_id, Ended, Order, OrderStatus, BIDS, COMMITMENTS, ENDED, LEASES, ORDERS,
    PENALTIES, PRUNE_LIMIT,
};
use leasehold_api::RuleError;

use crate::state;
use crate::touch::Touch;
use crate::ContractError;

pub fn prune(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let order = state::order(touch.deps.storage, id)?;
    let last = lease_id(id, order.leases).ok_or(RuleError::Overflow { what: "lease id" })?;
    let mut records = remove_leases(touch, last, &order)?;
    let is_closed = order.status == OrderStatus::Closed
        && order.closed_at.is_none_or(|at| is_stale(at, touch.now));
    if is_closed {
        records = records.saturating_add(remove_bids(touch, id, records));
    }
    // Leases are removed oldest first: with the last one all are gone.
    let is_empty = is_closed && records < PRUNE_LIMIT && !LEASES.has(touch.deps.storage, last);
    let gone = is_empty && !is_bound(touch.deps.storage, id) && !may_reopen(touch, id)?;
    if gone {
        ORDERS.remove(touch.deps.storage, id);
    } else if records == 0 {
        return Err(ContractError::NothingToPrune { id });
    }
    touch.emit(OrderPruned {
        order_id: id,
        records: records as u64,
        gone,
    });
    Ok(())
}

/// The oldest leases, up to the `last` that there was: they end in the order of their numbers.
fn remove_leases(touch: &mut Touch, last: u64, order: &Order) -> Result<usize, ContractError> {
    let after = last.saturating_add(1);
    let first = after.saturating_sub(order.leases.into());
    let (from, to) = (ENDED.key(first), ENDED.key(after));
    let mut removed: usize = 0;
    for (key, value) in range(touch.deps.storage, &from, &to, PRUNE_LIMIT) {
        let ended: Ended = from_json(value)?;
        if !is_stale(ended.at, touch.now) {
            break;
        }
        let id = key.last_chunk().copied().map(u64::from_be_bytes);
        let id = id.ok_or_else(|| StdError::generic_err("the end of a lease without an id"))?;
        LEASES.remove(touch.deps.storage, id);
        ENDED.remove(touch.deps.storage, id);
        removed = removed.saturating_add(1);
    }
    Ok(removed)
}

/// Those of a closed order are void, in whatever mode.
fn remove_bids(touch: &mut Touch, order: u64, removed: usize) -> usize {
    let (nobody, next) = (Addr::unchecked(""), order.saturating_add(1));
    let (from, to) = (BIDS.key((order, &nobody)), BIDS.key((next, &nobody)));
    let most = PRUNE_LIMIT.saturating_sub(removed);
    let bids = range(touch.deps.storage, &from, &to, most);
    for (key, _) in &bids {
        touch.deps.storage.remove(key);
    }
    bids.len()
}

/// Whether a commitment or a penalty holds a bond with a closed order. Anyone can end either.
fn is_bound(storage: &dyn Storage, order: u64) -> bool {
    let (nobody, next) = (Addr::unchecked(""), order.saturating_add(1));
    let (from, to) = (
        COMMITMENTS.key((order, &nobody)),
        COMMITMENTS.key((next, &nobody)),
    );
    let commitments = range(storage, &from, &to, 1);
    let (from, to) = (PENALTIES.key((order, 0)), PENALTIES.key((next, 0)));
    !commitments.is_empty() || !range(storage, &from, &to, 1).is_empty()
}

/// Whether its group can be started again: then the ids of its leases go on from the number in it.
fn may_reopen(touch: &Touch, id: u64) -> Result<bool, ContractError> {
    let (deployment, _) = group_of(id);
    let (querier, contract) = (&touch.deps.querier, &touch.suite.deployment);
    let owner = touch.tenant(id)?;
    Ok(deployment::is_open(querier, contract, &owner, deployment)?)
}

/// At most `most` records from one key up to another. Raw, so that one function serves all maps: the contract has little room for code.
fn range(storage: &dyn Storage, from: &[u8], to: &[u8], most: usize) -> Vec<Record> {
    storage
        .range(Some(from), Some(to), Direction::Ascending)
        .take(most)
        .collect()
}
