use cosmwasm_std::{Addr, DepsMut, Response, Uint128};
use leasehold_api::escrow::{Config, ACCOUNTS, HOLDS};
use leasehold_api::event::{Held, HoldReleased};
use leasehold_api::rules::stream::Hold;

use crate::execute::stream::check_spender;
use crate::execute::unpaid;
use crate::payout::Payment;
use crate::{state, ContractError};

/// Sets money of the tenant's account aside for an order.
pub fn hold(
    deps: DepsMut,
    now: u64,
    config: &Config,
    order: u64,
    (tenant, rate): (&Addr, Uint128),
    hold: Hold,
) -> Result<Response, ContractError> {
    if HOLDS.has(deps.storage, order) {
        return Err(ContractError::HoldExists { order });
    }
    let mut account = state::account(deps.storage, hold.account)?;
    check_spender(deps.storage, hold.account, &account, tenant, rate, now)?;
    account.settle(now)?;
    account.hold(hold.amount, config.params.min_runway)?;
    ACCOUNTS.save(deps.storage, hold.account, &account)?;
    HOLDS.save(deps.storage, order, &hold)?;
    Ok(Response::new().add_event(Held {
        order_id: order,
        account: hold.account,
        amount: hold.amount,
    }))
}

/// Pays the one who was let down, if any, and returns the rest.
pub fn release(
    deps: DepsMut,
    now: u64,
    order: u64,
    payee: Option<Addr>,
    amount: Uint128,
) -> Result<Response, ContractError> {
    let hold = state::hold(deps.storage, order)?;
    let mut account = state::account(deps.storage, hold.account)?;
    account.settle(now)?;
    let due = payee.as_ref().map_or(Uint128::zero(), |_| amount);
    let paid = account.release(&hold, due)?;
    ACCOUNTS.save(deps.storage, hold.account, &account)?;
    HOLDS.remove(deps.storage, order);
    let response = Response::new().add_event(HoldReleased {
        order_id: order,
        account: hold.account,
        payee: payee.as_ref().map_or_else(String::new, Addr::to_string),
        amount: paid,
    });
    match payee {
        Some(to) if !paid.is_zero() => {
            let denom = account.denom;
            let amount = paid;
            Ok(response.add_submessage(unpaid::pay(Payment { to, denom, amount })?))
        }
        _ => Ok(response),
    }
}
