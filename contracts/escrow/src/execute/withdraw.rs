use cosmwasm_std::{DepsMut, MessageInfo, Response, Uint128};
use leasehold_api::escrow::{Config, Params, ACCOUNTS, FEES};
use leasehold_api::event::{FeesSwept, Withdrawn};
use leasehold_api::Denom;

use crate::payout::Payment;
use crate::state;
use crate::ContractError;

/// Pays the owner, who keeps at least the minimum runway in the account.
pub fn withdraw(
    deps: DepsMut,
    now: u64,
    info: &MessageInfo,
    params: &Params,
    id: u64,
    amount: Uint128,
) -> Result<Response, ContractError> {
    let mut account = state::account(deps.storage, id)?;
    if account.owner != info.sender {
        return Err(ContractError::Unauthorized {
            sender: info.sender.clone(),
            action: "withdraw",
            allowed: format!("the owner of account {id} ({})", account.owner),
        });
    }
    account.settle(now)?;
    let withdrawable = account.withdrawable(params.min_runway);
    if amount.is_zero() || amount > withdrawable {
        return Err(ContractError::Withdrawal {
            amount,
            withdrawable,
        });
    }
    account.debit(amount)?;
    ACCOUNTS.save(deps.storage, id, &account)?;
    let payment = Payment {
        to: account.owner.clone(),
        denom: account.denom,
        amount,
    };
    Ok(Response::new()
        .add_message(payment.message()?)
        .add_event(Withdrawn {
            account: id,
            amount,
            to: account.owner,
        }))
}

/// Sends all fees of one denom to governance.
pub fn sweep(deps: DepsMut, config: &Config, denom: Denom) -> Result<Response, ContractError> {
    let key = denom.key();
    let Some(amount) = FEES.may_load(deps.storage, &key)? else {
        return Err(ContractError::NoFees { denom });
    };
    FEES.remove(deps.storage, &key);
    let payment = Payment {
        to: config.suite.governance.clone(),
        denom: denom.clone(),
        amount,
    };
    Ok(Response::new()
        .add_message(payment.message()?)
        .add_event(FeesSwept {
            denom: denom.to_string(),
            amount,
        }))
}
