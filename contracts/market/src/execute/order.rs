use cosmwasm_std::Uint128;
use leasehold_api::event::OrderOpened;
use leasehold_api::market::{
    CloseReason, EndReason, Order, OrderStatus, TakeOffer, Terms, LEASES, LEASES_PER_ORDER, ORDERS,
};
use leasehold_api::rules::auction::Auction;
use leasehold_api::{Denom, RuleError};

use super::{end, offer, reservation};
use crate::state;
use crate::touch::Touch;
use crate::ContractError;

/// What the deployment contract orders for a group.
pub struct Request {
    pub account: u64,
    pub denom: Denom,
    pub max_rate: Uint128,
    pub terms: Terms,
    pub offer: Option<TakeOffer>,
}

/// Looks for a provider, or starts the lease on a standing offer at once.
pub fn open(touch: &mut Touch, id: u64, request: Request) -> Result<(), ContractError> {
    let Past {
        round,
        leases,
        penalties,
    } = past(touch, id)?;
    let mut auction = Auction::open(
        request.terms.auction,
        request.max_rate,
        &touch.params.auction,
        touch.now,
        touch.height,
    )?;
    let mode = match request.offer {
        Some(_) => {
            auction.rest();
            "offer"
        }
        None => auction.mode.as_str(),
    };
    touch.emit(OrderOpened {
        order_id: id,
        round,
        mode: mode.into(),
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
        exit: request.terms.exit,
        leaves_at: None,
        duration: request.terms.max_duration,
        penalties,
        closed_at: None,
    };
    match request.offer {
        Some(wanted) => offer::take(touch, id, order, wanted),
        None => {
            // A group that is started again after its start has passed is not reserved again.
            if let Some(at) = request.terms.starts_at.filter(|at| *at > touch.now) {
                reservation::begin(touch, id, &mut order, at)?;
            }
            let storage = &mut *touch.deps.storage;
            Ok(state::turn_order(
                storage,
                id,
                &mut order,
                OrderStatus::Open,
            )?)
        }
    }
}

/// What a new round goes on counting from.
struct Past {
    /// The new round's number.
    round: u32,
    leases: u32,
    penalties: u32,
}

/// A round has at most `max_attempts` leases: none of them finds the ids of its order used up.
fn past(touch: &Touch, id: u64) -> Result<Past, ContractError> {
    let Some(order) = ORDERS.may_load(touch.deps.storage, id)? else {
        return Ok(Past {
            round: 1,
            leases: 0,
            penalties: 0,
        });
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
    Ok(Past {
        round: next.ok_or(RuleError::Overflow { what: "round" })?,
        leases: order.leases,
        penalties: order.penalties,
    })
}

/// A closed order stays as it is.
pub fn close(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let mut order = state::order(touch.deps.storage, id)?;
    match (order.status, order.lease) {
        (OrderStatus::Closed, _) => return Ok(()),
        (_, Some(lease_id)) => {
            let lease = LEASES.load(touch.deps.storage, lease_id)?;
            let reason = match lease.is_over(touch.now) {
                true => EndReason::Finished,
                false => EndReason::Tenant,
            };
            end::finish(touch, &mut order, lease_id, lease, reason, None)?;
        }
        (_, None) => {
            touch.roll(id, &mut order, None)?;
        }
    }
    touch.close(id, &mut order, CloseReason::Tenant)
}
