use cosmwasm_std::{Addr, Empty, Uint128};
use leasehold_api::event::LeaseStarted;
use leasehold_api::market::{CloseReason, Lease, Order, OrderStatus, Taken, ACTIVE, BIDS, LEASES};
use leasehold_api::rules::auction::Bound;
use leasehold_api::rules::money;
use leasehold_api::{AuctionMode, RuleError};

use super::reservation;
use crate::messages::ToEscrow;
use crate::permission::unauthorized;
use crate::state;
use crate::touch::Touch;
use crate::ContractError;

/// What a lease starts with.
pub struct Terms {
    pub tenant: Addr,
    pub provider: Addr,
    pub rate: Uint128,
    pub bond: Uint128,
    /// What it holds of a standing offer.
    pub taken: Option<Taken>,
}

/// The winner takes the order. A tenant cannot make a bound winner a no-show: when the account cannot pay any more, the auditors that the
/// group names do not vouch for the winner any more, or it has come to own the deployment, the claim frees the bond and closes the order.
pub fn claim(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let provider = touch.sender.clone();
    let mut order = state::open_order(touch.deps.storage, id)?;
    touch.roll(id, &mut order, Some(provider.clone()))?;
    let won = order.auction.claim(&provider, touch.now, touch.height)?;
    if let AuctionMode::Open { .. } = order.auction.mode {
        state::bid(touch.deps.storage, id, &order, &provider)?;
        BIDS.remove(touch.deps.storage, (id, &provider));
    }
    let bound = !won.bond.is_zero();
    let tenant = touch.tenant(id)?;
    let winner = Bound {
        provider: provider.clone(),
        bond: won.bond,
    };
    if bound && tenant == provider {
        return let_go(touch, id, order, winner, CloseReason::OwnOrder);
    }
    let bond = if bound {
        won.bond
    } else {
        money::bond(won.rate, touch.params.bond_seconds)?
    };
    let lock = match touch.require_eligible(id, &order, &tenant, &provider, bond, won.bond) {
        Err(ContractError::Rule(RuleError::NotVouched { .. })) if bound => {
            return let_go(touch, id, order, winner, CloseReason::Unvouched);
        }
        lock => lock?,
    };
    if !touch.can_pay(id, &order, &tenant, won.rate)? {
        if bound {
            return let_go(touch, id, order, winner, CloseReason::Unfunded);
        }
        return touch.close(id, &mut order, CloseReason::Unfunded);
    }
    reservation::end(touch, id, &mut order, None)?;
    // A bound winner's lock goes over to its lease.
    if !bound {
        state::lock(touch.deps.storage, &provider, &order.denom, lock, bond)?;
    }
    let terms = Terms {
        tenant,
        provider,
        rate: won.rate,
        bond,
        taken: None,
    };
    start(touch, id, order, terms)?;
    Ok(())
}

/// Frees a bound winner and closes its order. Of a tenant that reserved and cannot pay, it is paid what was set aside for that.
fn let_go(
    touch: &mut Touch,
    id: u64,
    mut order: Order,
    winner: Bound,
    reason: CloseReason,
) -> Result<(), ContractError> {
    let storage = &mut *touch.deps.storage;
    state::release(storage, &winner.provider, &order.denom, winner.bond)?;
    let let_down = (reason == CloseReason::Unfunded).then_some(winner);
    reservation::end(touch, id, &mut order, let_down)?;
    touch.close(id, &mut order, reason)
}

pub fn accept(touch: &mut Touch, id: u64, provider: &str) -> Result<(), ContractError> {
    let provider = touch.deps.api.addr_validate(provider)?;
    let mut order = state::open_order(touch.deps.storage, id)?;
    touch.roll(id, &mut order, None)?;
    let tenant = touch.tenant(id)?;
    if touch.sender != tenant {
        return Err(unauthorized(&touch.sender, format!("the tenant {tenant}")));
    }
    let AuctionMode::Open { .. } = order.auction.mode else {
        return Err(RuleError::WrongPhase {
            action: "accepting a bid",
            phase: order.auction.mode.as_str().into(),
        }
        .into());
    };
    let bid = state::bid(touch.deps.storage, id, &order, &provider)?;
    let bond = money::bond(bid.rate, touch.params.bond_seconds)?;
    let lock = touch.require_eligible(id, &order, &tenant, &provider, bond, Uint128::zero())?;
    if !touch.can_pay(id, &order, &tenant, bid.rate)? {
        return Err(ContractError::CannotPay {
            account: order.account,
            rate: bid.rate,
        });
    }
    state::lock(touch.deps.storage, &provider, &order.denom, lock, bond)?;
    order.auction.accept(&provider);
    BIDS.remove(touch.deps.storage, (id, &provider));
    let terms = Terms {
        tenant,
        provider,
        rate: bid.rate,
        bond,
        taken: None,
    };
    start(touch, id, order, terms)?;
    Ok(())
}

/// The bond is locked already. Answers with the lease's id.
pub fn start(
    touch: &mut Touch,
    id: u64,
    mut order: Order,
    terms: Terms,
) -> Result<u64, ContractError> {
    let Terms {
        tenant,
        provider,
        rate,
        bond,
        taken,
    } = terms;
    let lease_id = state::next_lease(id, &mut order)?;
    order.lease = Some(lease_id);
    order.auction.rest();
    state::turn_order(touch.deps.storage, id, &mut order, OrderStatus::Leased)?;
    let lease = Lease {
        provider: provider.clone(),
        rate,
        bond,
        started_at: touch.now,
        taken,
        until: touch.ends_at(&order)?,
    };
    LEASES.save(touch.deps.storage, lease_id, &lease)?;
    ACTIVE.save(touch.deps.storage, (&provider, lease_id), &Empty {})?;
    let stream = ToEscrow::OpenStream {
        stream: lease_id,
        account: order.account,
        tenant: &tenant,
        payee: &provider,
        rate,
        until: lease.until,
    };
    touch.send(touch.suite.escrow.clone(), &stream)?;
    touch.emit(LeaseStarted {
        lease_id,
        order_id: id,
        provider,
        rate,
        bond,
    });
    Ok(lease_id)
}
