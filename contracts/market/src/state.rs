//! The market's storage. The published maps are in `leasehold_api::market`.

use cosmwasm_std::{Addr, Empty, StdError, StdResult, Storage, Uint128};
use cw_storage_plus::Item;
use leasehold_api::market::{
    ConfigResponse, Lease, Lock, Order, OrderStatus, LEASES, LOCKS, NEXT_LEASE, OPEN, ORDERS,
};
use leasehold_api::{Denom, RuleError};

use crate::ContractError;

/// Peers and parameters: one read for every message.
pub const CONFIG: Item<ConfigResponse> = Item::new("c");

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

/// Gives an order its status, saves it and keeps the list of open ones, which an unchanged status leaves alone.
pub fn turn_order(
    storage: &mut dyn Storage,
    id: u64,
    order: &mut Order,
    status: OrderStatus,
) -> StdResult<()> {
    match (order.status, status) {
        (OrderStatus::Open, OrderStatus::Leased | OrderStatus::Closed) => OPEN.remove(storage, id),
        (OrderStatus::Leased | OrderStatus::Closed, OrderStatus::Open) => {
            OPEN.save(storage, id, &Empty {})?;
        }
        _ => {}
    }
    order.status = status;
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

/// What a provider's bids and leases hold in one denom.
pub fn locked(storage: &dyn Storage, provider: &Addr, denom: &Denom) -> StdResult<Lock> {
    let lock = LOCKS.may_load(storage, (provider, &denom.key()))?;
    Ok(lock.unwrap_or_else(Lock::default))
}

/// Adds `bond` for one more bid or lease to `lock`, which the caller has just compared with the collateral.
pub fn lock(
    storage: &mut dyn Storage,
    provider: &Addr,
    denom: &Denom,
    lock: Lock,
    bond: Uint128,
) -> StdResult<()> {
    let uses = lock.uses.checked_add(1);
    let lock = Lock {
        amount: lock.amount.checked_add(bond)?,
        uses: uses.ok_or_else(|| StdError::generic_err("number of locks overflows"))?,
    };
    LOCKS.save(storage, (provider, &denom.key()), &lock)
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
