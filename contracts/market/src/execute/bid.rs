use cosmwasm_std::{Addr, Uint128};
use leasehold_api::event::{BidPlaced, BidWithdrawn};
use leasehold_api::market::{Bid, Order, OrderStatus, BIDS, ORDERS};
use leasehold_api::rules::money;
use leasehold_api::{AuctionMode, Quote};

use crate::permission::unauthorized;
use crate::state;
use crate::touch::Touch;
use crate::ContractError;

pub fn place(touch: &mut Touch, id: u64, rate: Uint128) -> Result<(), ContractError> {
    let provider = touch.sender.clone();
    let mut order = state::open_order(touch.deps.storage, id)?;
    touch.roll(id, &mut order, Some(provider.clone()))?;
    let leader = match order.auction.mode {
        AuctionMode::Open {} => offer(touch, id, &order, &provider, rate)?,
        _ => compete(touch, id, &mut order, &provider, rate)?,
    };
    ORDERS.save(touch.deps.storage, id, &order)?;
    touch.emit(BidPlaced {
        order_id: id,
        provider,
        rate,
        leader,
        closes_at: order.auction.closes_at,
    });
    Ok(())
}

/// A bid on an open order: overwrites the provider's former one and binds nobody.
fn offer(
    touch: &mut Touch,
    id: u64,
    order: &Order,
    provider: &Addr,
    rate: Uint128,
) -> Result<bool, ContractError> {
    order.auction.check_rate(rate)?;
    let bond = money::bond(rate, touch.params.bond_seconds)?;
    let tenant = touch.tenant(id)?;
    touch.require_eligible(id, order, &tenant, provider, bond, Uint128::zero())?;
    let bid = Bid {
        rate,
        round: order.round,
    };
    BIDS.save(touch.deps.storage, (id, provider), &bid)?;
    Ok(false)
}

/// A bid on a descending order: the leader's bond is locked, the outbid leader's released, in this write.
fn compete(
    touch: &mut Touch,
    id: u64,
    order: &mut Order,
    provider: &Addr,
    rate: Uint128,
) -> Result<bool, ContractError> {
    let bid = Quote {
        provider: provider.clone(),
        rate,
    };
    let placed = order.auction.bid(
        &touch.params.auction,
        touch.params.bond_seconds,
        bid,
        touch.now,
        touch.height,
    )?;
    if let Some(outbid) = placed.released {
        state::release(
            touch.deps.storage,
            &outbid.provider,
            &order.denom,
            outbid.bond,
        )?;
    }
    let (tenant, bond) = (touch.tenant(id)?, placed.bond);
    let lock = touch.require_eligible(id, order, &tenant, provider, bond, Uint128::zero())?;
    if placed.leader {
        state::lock(touch.deps.storage, provider, &order.denom, lock, bond)?;
    }
    Ok(placed.leader)
}

pub fn withdraw(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let provider = touch.sender.clone();
    let mut order = state::order(touch.deps.storage, id)?;
    if order.status == OrderStatus::Open {
        touch.roll(id, &mut order, Some(provider.clone()))?;
    }
    let quotes = [&order.auction.best, &order.auction.second];
    if quotes.into_iter().flatten().any(|q| q.provider == provider) {
        order.auction.withdraw(&provider)?;
    } else if BIDS.has(touch.deps.storage, (id, &provider)) {
        BIDS.remove(touch.deps.storage, (id, &provider));
    } else {
        return Err(unauthorized(&provider, "a provider whose bid stands"));
    }
    ORDERS.save(touch.deps.storage, id, &order)?;
    touch.emit(BidWithdrawn {
        order_id: id,
        provider,
    });
    Ok(())
}
