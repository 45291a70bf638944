//! The market's storage. The published maps are in `leasehold_api::market`.

use cosmwasm_std::{Addr, Empty, StdError, StdResult, Storage, Uint128};
use cw_storage_plus::Item;
use leasehold_api::market::{
    Lease, Lock, Order, OrderStatus, Params, LEASES, LOCKS, NEXT_LEASE, OPEN, ORDERS,
};
use leasehold_api::{Denom, RuleError, Suite};

use crate::ContractError;

pub const SUITE: Item<Suite<Addr>> = Item::new("suite");
pub const PARAMS: Item<Params> = Item::new("params");

pub fn order(storage: &dyn Storage, id: u64) -> Result<Order, ContractError> {
    ORDERS
        .may_load(storage, id)?
        .ok_or(ContractError::OrderNotFound { id })
}

/// An order that looks for a provider.
pub fn open_order(storage: &dyn Storage, id: u64) -> Result<Order, ContractError> {
    let order = order(storage, id)?;
    match order.status {
        OrderStatus::Open => Ok(order),
        status => Err(ContractError::WrongStatus {
            id,
            status: name(status),
            allowed: "open",
        }),
    }
}

pub fn name(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Open => "open",
        OrderStatus::Leased => "leased",
        OrderStatus::Closed => "closed",
    }
}

/// Saves an order and its entry in the list of open ones.
pub fn save_order(storage: &mut dyn Storage, id: u64, order: &Order) -> StdResult<()> {
    match order.status {
        OrderStatus::Open => OPEN.save(storage, id, &Empty {})?,
        OrderStatus::Leased | OrderStatus::Closed => OPEN.remove(storage, id),
    }
    ORDERS.save(storage, id, order)
}

/// A lease that has not ended.
pub fn active_lease(storage: &dyn Storage, id: u64) -> Result<Lease, ContractError> {
    let lease = LEASES
        .may_load(storage, id)?
        .ok_or(ContractError::LeaseNotFound { id })?;
    match &lease.ended {
        None => Ok(lease),
        Some(ended) => Err(ContractError::LeaseEnded {
            id,
            reason: ended.reason.as_str(),
        }),
    }
}

/// The id of a new lease.
pub fn next_lease(storage: &mut dyn Storage) -> Result<u64, ContractError> {
    let id = NEXT_LEASE.load(storage)?;
    let next = id.checked_add(1).ok_or(RuleError::Overflow {
        what: "number of leases",
    })?;
    NEXT_LEASE.save(storage, &next)?;
    Ok(id)
}

/// Locks `bond` for one more bid or lease; the caller has compared it with the free collateral.
pub fn lock(
    storage: &mut dyn Storage,
    provider: &Addr,
    denom: &Denom,
    bond: Uint128,
) -> StdResult<()> {
    let key = denom.key();
    let lock = LOCKS.may_load(storage, (provider, &key))?;
    let lock = lock.unwrap_or_else(Lock::default);
    let uses = lock.uses.checked_add(1);
    let lock = Lock {
        amount: lock.amount.checked_add(bond)?,
        uses: uses.ok_or_else(|| StdError::generic_err("number of locks overflows"))?,
    };
    LOCKS.save(storage, (provider, &key), &lock)
}

/// Frees the bond of one bid or lease.
pub fn release(
    storage: &mut dyn Storage,
    provider: &Addr,
    denom: &Denom,
    bond: Uint128,
) -> StdResult<()> {
    let key = denom.key();
    let lock = LOCKS.load(storage, (provider, &key))?;
    let uses = lock.uses.checked_sub(1);
    let lock = Lock {
        amount: lock.amount.checked_sub(bond)?,
        uses: uses.ok_or_else(|| StdError::generic_err("number of locks falls below zero"))?,
    };
    if lock.uses == 0 {
        LOCKS.remove(storage, (provider, &key));
        return Ok(());
    }
    LOCKS.save(storage, (provider, &key), &lock)
}
