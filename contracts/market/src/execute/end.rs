use cosmwasm_std::{Addr, Uint128};
use leasehold_api::escrow;
use leasehold_api::event::{LeaseEnded, OrderReopened};
use leasehold_api::market::{
    order_of, CloseReason, EndReason, Ended, Lease, Order, OrderStatus, ACTIVE, ENDED, ORDERS,
};
use leasehold_api::RuleError;

use crate::permission::unauthorized;
use crate::state;
use crate::touch::{Slash, Touch};
use crate::ContractError;

/// What an end costs the provider.
pub struct Penalty {
    /// Part of the bond, basis points.
    bps: u32,
    /// Who gets the caller's share.
    caller: Option<Addr>,
}

/// By a party: the tenant, or the provider at the cost of part of its bond. Long dry, by either at no cost.
pub fn end_lease(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let (order, lease) = state::active_lease(touch.deps.storage, id)?;
    let tenant = touch.tenant(order_of(id))?;
    let by_tenant = touch.sender == tenant;
    if !by_tenant && touch.sender != lease.provider {
        let parties = format!("the tenant {tenant} and the provider {}", lease.provider);
        return Err(unauthorized(&touch.sender, parties));
    }
    if long_dry(touch, &order)? {
        return end_unfunded(touch, order, id, lease);
    }
    if by_tenant {
        return end_and_reopen(touch, order, id, lease, EndReason::Tenant, None);
    }
    let penalty = Penalty {
        bps: touch.params.quit_slash_bps,
        caller: None,
    };
    end_and_reopen(touch, order, id, lease, EndReason::Provider, Some(penalty))
}

pub fn failover(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let (order, lease) = state::active_lease(touch.deps.storage, id)?;
    let live = touch.registered(&lease.provider)?.live;
    if !live.lapsed(touch.now, touch.height, touch.params.lapse_blocks) {
        return Err(ContractError::NotDown {
            provider: lease.provider,
            live_until: live.until,
            height: live.height,
        });
    }
    let penalty = Penalty {
        bps: touch.params.down_slash_bps,
        caller: Some(touch.sender.clone()),
    };
    end_and_reopen(touch, order, id, lease, EndReason::Down, Some(penalty))
}

fn long_dry(touch: &Touch, order: &Order) -> Result<bool, ContractError> {
    let depletes_at = touch.account(order.account)?.depletes_at();
    Ok(depletes_at.is_some_and(|at| {
        at.checked_add(touch.params.resume_window)
            .is_some_and(|end| end <= touch.now)
    }))
}

fn end_unfunded(
    touch: &mut Touch,
    mut order: Order,
    id: u64,
    lease: Lease,
) -> Result<(), ContractError> {
    let order_id = order_of(id);
    finish(touch, &mut order, id, lease, EndReason::Unfunded, None)?;
    touch.close(order_id, &mut order, CloseReason::Unfunded)
}

fn end_and_reopen(
    touch: &mut Touch,
    mut order: Order,
    id: u64,
    lease: Lease,
    reason: EndReason,
    penalty: Option<Penalty>,
) -> Result<(), ContractError> {
    let funded = touch.can_pay_after(&order, id, &lease)?;
    let (order_id, last_rate) = (order_of(id), lease.rate);
    // One entry per attempt: at most max_attempts.
    order.excluded.push(lease.provider.clone());
    finish(touch, &mut order, id, lease, reason, penalty)?;
    order.attempts = order
        .attempts
        .checked_add(1)
        .ok_or(RuleError::Overflow { what: "attempts" })?;
    if order.attempts >= touch.params.max_attempts {
        return touch.close(order_id, &mut order, CloseReason::Attempts);
    }
    if !funded {
        return touch.close(order_id, &mut order, CloseReason::Unfunded);
    }
    reopen(touch, order_id, order, last_rate)
}

fn reopen(
    touch: &mut Touch,
    id: u64,
    mut order: Order,
    last_rate: Uint128,
) -> Result<(), ContractError> {
    order.auction.reopen(
        &touch.params.auction,
        last_rate,
        &order.excluded,
        touch.now,
        touch.height,
    )?;
    state::turn_order(touch.deps.storage, id, &mut order, OrderStatus::Open)?;
    let best = order.auction.best;
    touch.emit(OrderReopened {
        order_id: id,
        attempts: order.attempts,
        runner_up: best.map_or_else(String::new, |best| best.provider.into()),
        start_rate: last_rate,
        closes_at: order.auction.closes_at,
    });
    Ok(())
}

/// Ends a lease: exact pay by escrow, the bond released, less the penalty. The order is left without a lease, for the caller to save.
pub fn finish(
    touch: &mut Touch,
    order: &mut Order,
    id: u64,
    lease: Lease,
    reason: EndReason,
    penalty: Option<Penalty>,
) -> Result<(), ContractError> {
    let close = escrow::ExecuteMsg::CloseStream { stream: id };
    touch.send(touch.suite.escrow.clone(), &close)?;
    state::release(
        touch.deps.storage,
        &lease.provider,
        &order.denom,
        lease.bond,
    )?;
    ACTIVE.remove(touch.deps.storage, (&lease.provider, id));
    let ended = Ended {
        at: touch.now,
        reason,
    };
    ENDED.save(touch.deps.storage, id, &ended)?;
    order.lease = None;
    let slashed = match penalty {
        None => Uint128::zero(),
        Some(Penalty { bps, caller }) => touch.slash(Slash {
            order: order_of(id),
            provider: &lease.provider,
            denom: &order.denom,
            bond: lease.bond,
            bps,
            caller,
            reason: reason.as_str(),
        })?,
    };
    touch.emit(LeaseEnded {
        lease_id: id,
        order_id: order_of(id),
        provider: lease.provider,
        reason: reason.as_str().into(),
        slashed,
    });
    Ok(())
}

/// Slashes a winner that let its window pass.
pub fn expire(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let mut order = state::open_order(touch.deps.storage, id)?;
    let caller = Some(touch.sender.clone());
    if !touch.roll(id, &mut order, caller)? {
        return Err(ContractError::NothingDue { id });
    }
    Ok(ORDERS.save(touch.deps.storage, id, &order)?)
}
