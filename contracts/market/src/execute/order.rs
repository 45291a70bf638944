use cosmwasm_std::Uint128;
use leasehold_api::event::OrderOpened;
use leasehold_api::market::{CloseReason, EndReason, Order, OrderStatus, ORDERS};
use leasehold_api::rules::auction::Auction;
use leasehold_api::rules::money::whole;
use leasehold_api::{AuctionMode, Denom, RuleError, SCALE};

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
    let round = next_round(touch, id)?;
    let auction = Auction::open(
        request.mode,
        request.max_rate,
        &touch.params.auction,
        touch.now,
        touch.height,
    )?;
    check_account(touch, id, &request)?;
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
    };
    Ok(state::turn_order(
        touch.deps.storage,
        id,
        &mut order,
        OrderStatus::Open,
    )?)
}

fn next_round(touch: &Touch, id: u64) -> Result<u32, ContractError> {
    let Some(order) = ORDERS.may_load(touch.deps.storage, id)? else {
        return Ok(1);
    };
    if order.status != OrderStatus::Closed {
        return Err(ContractError::WrongStatus {
            id,
            status: state::name(order.status),
            allowed: "closed",
        });
    }
    let next = order.round.checked_add(1);
    Ok(next.ok_or(RuleError::Overflow { what: "round" })?)
}

/// The tenant must be free to spend the maximum from the account, which is in the order's denom and holds `min_runway` of it.
fn check_account(touch: &Touch, id: u64, request: &Request) -> Result<(), ContractError> {
    let mut account = touch.account(request.account)?;
    let tenant = touch.tenant(id)?;
    touch.check_tenant(request.account, &account, &tenant, request.max_rate)?;
    if account.denom != request.denom {
        return Err(ContractError::WrongDenom {
            account: request.account,
            denom: account.denom.to_string(),
            wanted: request.denom.to_string(),
        });
    }
    account.settle(touch.now)?;
    let needed = request
        .max_rate
        .u128()
        .checked_mul(u128::from(touch.min_runway()?))
        .ok_or(RuleError::Overflow { what: "runway" })?;
    if account.balance.u128() < needed {
        return Err(ContractError::Underfunded {
            account: request.account,
            balance: whole(account.balance.u128()),
            needed: Uint128::new(needed.div_ceil(SCALE)),
        });
    }
    Ok(())
}

/// A closed order stays as it is.
pub fn close(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let mut order = state::order(touch.deps.storage, id)?;
    match (order.status, order.lease) {
        (OrderStatus::Closed, _) => return Ok(()),
        (_, Some(lease_id)) => {
            let lease = state::active_lease(touch.deps.storage, lease_id)?;
            end::finish(touch, &mut order, lease_id, lease, EndReason::Tenant, None)?;
        }
        (_, None) => {
            touch.roll(id, &mut order, None)?;
        }
    }
    touch.close(id, &mut order, CloseReason::Tenant)
}
