use cosmwasm_std::Uint128;
use leasehold_api::event::OrderOpened;
use leasehold_api::market::{
    CloseReason, EndReason, Order, OrderStatus, LEASES, LEASES_PER_ORDER, ORDERS,
};
use leasehold_api::rules::auction::Auction;
use leasehold_api::{AuctionMode, Denom, RuleError};

use super::end;
use crate::state;
use crate::touch::Touch;
use crate::ContractError;

/// What the deployment contract orders for a group.
pub struct Request {
    pub account: u64,
    pub denom: Denom,
    pub mode: AuctionMode,
    pub max_rate: Uint128,
}

pub fn open(touch: &mut Touch, id: u64, request: Request) -> Result<(), ContractError> {
    let (round, leases) = next_round(touch, id)?;
    let auction = Auction::open(
        request.mode,
        request.max_rate,
        &touch.params.auction,
        touch.now,
        touch.height,
    )?;
    touch.emit(OrderOpened {
        order_id: id,
        round,
        mode: auction.mode.as_str().into(),
        max_rate: request.max_rate,
        closes_at: auction.closes_at,
    });
    let mut order = Order {
        account: request.account,
        denom: request.denom,
        status: OrderStatus::Closed,
        round,
        attempts: 0,
        auction,
        excluded: vec![],
        lease: None,
        leases,
    };
    Ok(state::turn_order(
        touch.deps.storage,
        id,
        &mut order,
        OrderStatus::Open,
    )?)
}

/// The number of the new round, and of the leases before it. A round has at most `max_attempts` leases: none of them finds the ids of
/// its order used up.
fn next_round(touch: &Touch, id: u64) -> Result<(u32, u32), ContractError> {
    let Some(order) = ORDERS.may_load(touch.deps.storage, id)? else {
        return Ok((1, 0));
    };
    if order.status != OrderStatus::Closed {
        return Err(ContractError::WrongStatus {
            id,
            status: state::name(order.status),
            allowed: "closed",
        });
    }
    let most = order.leases.saturating_add(touch.params.max_attempts);
    if u64::from(most) >= LEASES_PER_ORDER {
        return Err(ContractError::LeasesUsedUp {
            id,
            leases: order.leases,
        });
    }
    let next = order.round.checked_add(1);
    Ok((
        next.ok_or(RuleError::Overflow { what: "round" })?,
        order.leases,
    ))
}

/// A closed order stays as it is.
pub fn close(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let mut order = state::order(touch.deps.storage, id)?;
    match (order.status, order.lease) {
        (OrderStatus::Closed, _) => return Ok(()),
        (_, Some(lease_id)) => {
            let lease = LEASES.load(touch.deps.storage, lease_id)?;
            end::finish(touch, &mut order, lease_id, lease, EndReason::Tenant, None)?;
        }
        (_, None) => {
            touch.roll(id, &mut order, None)?;
        }
    }
    touch.close(id, &mut order, CloseReason::Tenant)
}
