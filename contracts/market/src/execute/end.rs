use cosmwasm_std::{Addr, Uint128};
use leasehold_api::event::{LeaseEnded, NoticeGiven, OrderReopened};
use leasehold_api::market::{
    order_of, CloseReason, EndReason, Ended, Lease, Mark, Order, OrderStatus, PenaltyReason,
    ACTIVE, ENDED, ORDERS,
};
use leasehold_api::rules::auction::exclude;
use leasehold_api::rules::money;
use leasehold_api::{provider, Liveness, RuleError};

use super::{offer, sealed};
use crate::messages::{ToEscrow, ToRegistry};
use crate::permission::unauthorized;
use crate::state;
use crate::touch::{Fault, Freed, Touch};
use crate::ContractError;

/// By a party: the tenant, or the provider at the cost of part of its bond. Long dry, by either at no cost.
pub fn end_lease(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let (order, lease) = state::active_lease(touch.deps.storage, id)?;
    if lease.is_over(touch.now) {
        return end_finished(touch, order, id, lease);
    }
    let tenant = touch.tenant(order_of(id))?;
    let by_tenant = touch.sender == tenant;
    if !by_tenant && touch.sender != lease.provider {
        let parties = format!("the tenant {tenant} and the provider {}", lease.provider);
        return Err(unauthorized(&touch.sender, parties));
    }
    if long_dry(touch, &order, &lease)? {
        state::blame(touch.deps.storage, &tenant, &order.denom, Mark::Unfunded)?;
        return end_unfunded(touch, order, id, lease);
    }
    let noticed = order.leaves_at.is_some_and(|at| at <= touch.now);
    let end = match (by_tenant, noticed) {
        (true, _) => (EndReason::Tenant, None),
        (false, true) => (EndReason::Notice, None),
        (false, false) => (EndReason::Provider, Some(quit(touch))),
    };
    match end.0 {
        EndReason::Notice => compensate(touch, &order, &lease, &tenant)?,
        EndReason::Tenant => {
            state::blame(touch.deps.storage, &tenant, &order.denom, Mark::Dismissed)?
        }
        _ => {}
    }
    let live = touch.registered(&lease.provider)?.live;
    end_and_reopen(touch, order, id, lease, live, end)
}

/// What leaving without notice costs.
fn quit(touch: &Touch) -> Fault {
    Fault {
        bps: touch.params.quit_slash_bps,
        reason: PenaltyReason::Quit,
        at: touch.now,
        caller: None,
    }
}

/// Has the registry pay the tenant what was agreed for the case that the provider leaves. The bond is released in this message.
fn compensate(
    touch: &mut Touch,
    order: &Order,
    lease: &Lease,
    tenant: &Addr,
) -> Result<(), ContractError> {
    let bps = order.exit.map_or(0, |exit| exit.compensation_bps);
    let amount = money::share(lease.bond, bps)?;
    if amount.is_zero() {
        return Ok(());
    }
    let msg = ToRegistry::Compensate {
        provider: &lease.provider,
        denom: &order.denom,
        amount,
        to: tenant,
    };
    Ok(touch.send(touch.suite.provider.clone(), &msg)?)
}

pub fn give_notice(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let (mut order, lease) = state::active_lease(touch.deps.storage, id)?;
    if touch.sender != lease.provider {
        let holder = format!("the provider {}", lease.provider);
        return Err(unauthorized(&touch.sender, holder));
    }
    if let Some(leaves_at) = order.leaves_at {
        return Err(ContractError::NoticeGiven { id, leaves_at });
    }
    let notice = order.exit.map_or(touch.params.notice, |exit| exit.notice);
    let leaves_at = touch.now.saturating_add(notice);
    order.leaves_at = Some(leaves_at);
    ORDERS.save(touch.deps.storage, order_of(id), &order)?;
    touch.emit(NoticeGiven {
        lease_id: id,
        provider: lease.provider,
        leaves_at,
    });
    Ok(())
}

pub fn failover(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let (order, lease) = state::active_lease(touch.deps.storage, id)?;
    if lease.is_over(touch.now) {
        return end_finished(touch, order, id, lease);
    }
    let live = touch.registered(&lease.provider)?.live;
    let fault = if live.lapsed(touch.now, touch.height, touch.params.lapse_blocks) {
        Fault {
            bps: touch.params.down_slash_bps,
            reason: PenaltyReason::Down,
            at: live.until,
            caller: Some(touch.sender.clone()),
        }
    } else if let Some(at) = condemned(touch, id, &lease)? {
        // The opinion of a few, however sure, costs what leaving does.
        Fault {
            reason: PenaltyReason::Condemned,
            at,
            ..quit(touch)
        }
    } else {
        return Err(ContractError::NotDown {
            provider: lease.provider,
            live_until: live.until,
            height: live.height,
        });
    };
    let fault = match excused(touch, &lease.provider, fault.at)? {
        true => {
            only_tenant(touch, id)?;
            None
        }
        false => Some(fault),
    };
    end_and_reopen(touch, order, id, lease, live, (EndReason::Down, fault))
}

/// When a majority of watchers last found that this lease is not served, if that still counts.
fn condemned(touch: &Touch, id: u64, lease: &Lease) -> Result<Option<u64>, ContractError> {
    let verdict = provider::verdict(&touch.deps.querier, &touch.suite.provider, id)?;
    Ok(verdict
        .filter(|verdict| verdict.condemns(lease.started_at, touch.now))
        .map(|verdict| verdict.at))
}

/// Whether a silence since `lapse` lies in a maintenance that the provider announced.
fn excused(touch: &Touch, provider: &Addr, lapse: u64) -> Result<bool, ContractError> {
    let registry = &touch.suite.provider;
    let announced = provider::maintenance(&touch.deps.querier, registry, provider)?;
    Ok(announced.is_some_and(|pause| pause.excuses(lapse, touch.now)))
}

fn only_tenant(touch: &Touch, lease_id: u64) -> Result<(), ContractError> {
    let tenant = touch.tenant(order_of(lease_id))?;
    if touch.sender == tenant {
        return Ok(());
    }
    let allowed = format!("the tenant {tenant}, while the provider is in maintenance,");
    Err(unauthorized(&touch.sender, allowed))
}

/// A job is paid ahead: it does not notice.
fn long_dry(touch: &Touch, order: &Order, lease: &Lease) -> Result<bool, ContractError> {
    if lease.until.is_some() {
        return Ok(false);
    }
    let depletes_at = touch.account(order.account)?.depletes_at();
    Ok(depletes_at.is_some_and(|at| {
        at.checked_add(touch.params.resume_window)
            .is_some_and(|end| end <= touch.now)
    }))
}

/// A job that came to its end: nobody's doing, and nothing to order again.
fn end_finished(
    touch: &mut Touch,
    mut order: Order,
    id: u64,
    lease: Lease,
) -> Result<(), ContractError> {
    finish(touch, &mut order, id, lease, EndReason::Finished, None)?;
    touch.close(order_of(id), &mut order, CloseReason::Finished)
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
    live: Liveness,
    end: (EndReason, Option<Fault>),
) -> Result<(), ContractError> {
    let (reason, fault) = end;
    order.duration = lease.until.map(|until| until.saturating_sub(touch.now));
    let funded = touch.can_pay_after(&order, id, &lease, &live)?;
    let (order_id, last_rate) = (order_of(id), lease.rate);
    let (provider, seconds) = (lease.provider.clone(), touch.params.exclusion);
    // One entry per attempt: at most max_attempts.
    exclude(&mut order.excluded, provider, touch.now, seconds);
    finish(touch, &mut order, id, lease, reason, fault)?;
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

/// Ends a lease: exact pay by escrow; the bond is free, or forfeit in part. The order is left without a lease, for the caller to save.
pub fn finish(
    touch: &mut Touch,
    order: &mut Order,
    id: u64,
    lease: Lease,
    reason: EndReason,
    fault: Option<Fault>,
) -> Result<(), ContractError> {
    let close = ToEscrow::CloseStream { stream: id };
    touch.send(touch.suite.escrow.clone(), &close)?;
    ACTIVE.remove(touch.deps.storage, (&lease.provider, id));
    let ended = Ended {
        at: lease.until.unwrap_or(touch.now).min(touch.now),
        reason,
    };
    ENDED.save(touch.deps.storage, id, &ended)?;
    order.lease = None;
    order.leaves_at = None;
    touch.emit(LeaseEnded {
        lease_id: id,
        order_id: order_of(id),
        provider: lease.provider.clone(),
        reason: reason.as_str().into(),
    });
    if let Some(taken) = &lease.taken {
        offer::give_back(touch, taken)?;
    }
    let Lease { provider, bond, .. } = lease;
    let until = fault
        .as_ref()
        .map_or(ended.at, |fault| fault.at.min(ended.at));
    let served = until.saturating_sub(lease.started_at);
    let Some(fault) = fault else {
        let marks = [(Mark::Ended, 1), (Mark::Seconds, served)];
        let storage = &mut *touch.deps.storage;
        return Ok(state::remember(
            storage,
            &provider,
            &order.denom,
            Some(bond),
            &marks,
        )?);
    };
    let freed = Freed {
        provider,
        bond,
        served: Some(served),
    };
    touch.penalize(order_of(id), order, freed, fault)
}

/// Notes the penalty of a winner that let its window pass; with a provider, ends its commitment.
pub fn expire(touch: &mut Touch, id: u64, provider: Option<&str>) -> Result<(), ContractError> {
    let caller = Some(touch.sender.clone());
    let mut order = state::order(touch.deps.storage, id)?;
    let is_due = match order.status {
        OrderStatus::Open => touch.roll(id, &mut order, caller.clone())?,
        OrderStatus::Leased | OrderStatus::Closed => false,
    };
    match provider {
        Some(provider) => {
            let provider = touch.deps.api.addr_validate(provider)?;
            sealed::end_commitment(touch, id, &mut order, &provider, caller)?;
        }
        None if !is_due => return Err(ContractError::NothingDue { id }),
        None => {}
    }
    Ok(ORDERS.save(touch.deps.storage, id, &order)?)
}
