use cosmwasm_std::{Addr, Uint128};
use leasehold_api::event::{BidPlaced, BidWithdrawn};
use leasehold_api::market::{Bid, Order, OrderStatus, BIDS, COMMITMENTS, ORDERS};
use leasehold_api::rules::auction::Auction;
use leasehold_api::rules::money;
use leasehold_api::{AuctionMode, Quote};

use super::sealed;
use crate::permission::unauthorized;
use crate::state;
use crate::touch::Touch;
use crate::ContractError;

pub fn place(touch: &mut Touch, id: u64, rate: Uint128) -> Result<(), ContractError> {
    let provider = touch.sender.clone();
    let mut order = state::open_order(touch.deps.storage, id)?;
    touch.roll(id, &mut order, Some(provider.clone()))?;
    let leader = match order.auction.mode {
        AuctionMode::Open { .. } => offer(touch, id, &mut order, &provider, rate)?,
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
    order: &mut Order,
    provider: &Addr,
    rate: Uint128,
) -> Result<bool, ContractError> {
    let quote = Quote {
        provider: provider.clone(),
        rate,
    };
    let (now, height) = (touch.now, touch.height);
    order
        .auction
        .offer(&touch.params.auction, quote, now, height)?;
    let bond = money::bond(rate, touch.params.bond_seconds)?;
    let tenant = touch.tenant(id)?;
    touch.require_eligible(id, order, &tenant, provider, bond, Uint128::zero())?;
    note(touch, id, order, provider, rate)?;
    Ok(false)
}

fn note(
    touch: &mut Touch,
    id: u64,
    order: &Order,
    provider: &Addr,
    rate: Uint128,
) -> Result<(), ContractError> {
    let bid = Bid {
        rate,
        round: order.round,
    };
    Ok(BIDS.save(touch.deps.storage, (id, provider), &bid)?)
}

/// Where an award needs several bidders, each counts once a round.
fn count(
    touch: &mut Touch,
    id: u64,
    order: &mut Order,
    provider: &Addr,
    rate: Uint128,
) -> Result<(), ContractError> {
    if !order.auction.mode.counts_bidders() {
        return Ok(());
    }
    let former = BIDS.may_load(touch.deps.storage, (id, provider))?;
    if former.is_some_and(|bid| bid.round == order.round) {
        return Ok(());
    }
    order
        .auction
        .count_bidder(&touch.params.auction, touch.now)?;
    note(touch, id, order, provider, rate)
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
    count(touch, id, order, provider, rate)?;
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
    if order.status == OrderStatus::Leased && is_runner_up(&order, &provider) {
        // With the lease begun no price hangs on it, in whatever mode.
        order.auction.second = None;
    } else if stands(&order, &provider) {
        order.auction.withdraw(&provider, touch.now, touch.height)?;
    } else if COMMITMENTS.has(touch.deps.storage, (id, &provider)) {
        sealed::end_commitment(touch, id, &mut order, &provider, None)?;
    } else if is_noted(touch, id, &order, &provider) {
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

fn is_runner_up(order: &Order, provider: &Addr) -> bool {
    let second = order.auction.second.as_ref();
    second.is_some_and(|quote| quote.provider == *provider)
}

/// As one of the two that the auction remembers. On an open order that is a rank, which outlives the bid.
fn stands(order: &Order, provider: &Addr) -> bool {
    let Auction {
        mode, best, second, ..
    } = &order.auction;
    let mut quotes = [best, second].into_iter().flatten();
    !matches!(mode, AuctionMode::Open { .. }) && quotes.any(|quote| quote.provider == *provider)
}

/// Not where bidders are counted: who left and came back would count twice.
fn is_noted(touch: &Touch, id: u64, order: &Order, provider: &Addr) -> bool {
    !order.auction.mode.counts_bidders() && BIDS.has(touch.deps.storage, (id, provider))
}
