//! The market's storage. The published maps are in `leasehold_api::market`.

use cosmwasm_std::{Addr, Empty, StdError, StdResult, Storage, Uint128};
use leasehold_api::market::{
    lease_id, order_of, Bid, Lease, Lock, Mark, Offer, Order, OrderStatus, Penalty, BIDS, ENDED,
    LEASES, LOCKS, OFFERS, OPEN, ORDERS, PENALTIES, TAKEN,
};
use leasehold_api::{Denom, RuleError, Usage};

use crate::ContractError;

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

/// A lease that has not ended, and its order.
pub fn active_lease(storage: &dyn Storage, id: u64) -> Result<(Order, Lease), ContractError> {
    let named = ORDERS
        .may_load(storage, order_of(id))?
        .filter(|order| order.lease == Some(id));
    if let Some(order) = named {
        return Ok((order, LEASES.load(storage, id)?));
    }
    Err(match ENDED.may_load(storage, id)? {
        Some(ended) => ContractError::LeaseEnded {
            id,
            reason: ended.reason.as_str(),
        },
        None => ContractError::LeaseNotFound { id },
    })
}

pub fn offer(storage: &dyn Storage, id: u64) -> Result<Offer, ContractError> {
    OFFERS
        .may_load(storage, id)?
        .ok_or(ContractError::OfferNotFound { id })
}

/// What the leases of an offer hold of it.
pub fn taken(storage: &dyn Storage, offer: u64) -> StdResult<Usage> {
    let taken = TAKEN.may_load(storage, offer)?;
    Ok(taken.unwrap_or_else(Usage::default))
}

/// Counts one more lease of an order; answers with its id.
pub fn next_lease(id: u64, order: &mut Order) -> Result<u64, ContractError> {
    const WHAT: RuleError = RuleError::Overflow {
        what: "number of leases",
    };
    order.leases = order.leases.checked_add(1).ok_or(WHAT)?;
    Ok(lease_id(id, order.leases).ok_or(WHAT)?)
}

/// Keeps a penalty; answers with its number within the order.
pub fn add_penalty(
    storage: &mut dyn Storage,
    id: u64,
    order: &mut Order,
    penalty: &Penalty,
) -> Result<u32, ContractError> {
    order.penalties = order.penalties.checked_add(1).ok_or(RuleError::Overflow {
        what: "number of penalties",
    })?;
    PENALTIES.save(storage, (id, order.penalties), penalty)?;
    Ok(order.penalties)
}

/// What a provider's bids, commitments, leases and penalties hold in one denom.
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
        history: lock.history,
    };
    LOCKS.save(storage, (provider, &denom.key()), &lock)
}

/// A provider's bid of the order's present round.
pub fn bid(
    storage: &dyn Storage,
    id: u64,
    order: &Order,
    provider: &Addr,
) -> Result<Bid, ContractError> {
    BIDS.may_load(storage, (id, provider))?
        .filter(|bid| bid.round == order.round)
        .ok_or_else(|| ContractError::NoBid {
            order: id,
            provider: provider.clone(),
        })
}

/// Puts the bond `to` in the place of `from`; the caller has compared one that grows with the collateral.
pub fn relock(
    storage: &mut dyn Storage,
    provider: &Addr,
    denom: &Denom,
    from: Uint128,
    to: Uint128,
) -> StdResult<()> {
    let key = denom.key();
    let mut lock = LOCKS.load(storage, (provider, &key))?;
    lock.amount = lock.amount.checked_sub(from)?.checked_add(to)?;
    LOCKS.save(storage, (provider, &key), &lock)
}

/// Frees the bond of one bid, commitment, lease or penalty.
pub fn release(
    storage: &mut dyn Storage,
    provider: &Addr,
    denom: &Denom,
    bond: Uint128,
) -> StdResult<()> {
    remember(storage, provider, denom, Some(bond), &[])
}

/// Counts what a tenant did.
pub fn blame(storage: &mut dyn Storage, tenant: &Addr, denom: &Denom, mark: Mark) -> StdResult<()> {
    remember(storage, tenant, denom, None, &[(mark, 1)])
}

/// Adds to what is known of a provider or a tenant, and frees the bond of one bid, commitment, lease or penalty in the same write.
pub fn remember(
    storage: &mut dyn Storage,
    address: &Addr,
    denom: &Denom,
    freed: Option<Uint128>,
    marks: &[(Mark, u64)],
) -> StdResult<()> {
    let mut lock = locked(storage, address, denom)?;
    if let Some(bond) = freed {
        let uses = lock.uses.checked_sub(1);
        lock.amount = lock.amount.checked_sub(bond)?;
        lock.uses =
            uses.ok_or_else(|| StdError::generic_err("number of locks falls below zero"))?;
    }
    // At most three.
    for (mark, amount) in marks {
        lock.history.add(*mark, *amount);
    }
    let key = denom.key();
    if lock.uses == 0 && lock.history.is_empty() {
        LOCKS.remove(storage, (address, &key));
        return Ok(());
    }
    LOCKS.save(storage, (address, &key), &lock)
}
