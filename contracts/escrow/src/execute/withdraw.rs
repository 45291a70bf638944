use cosmwasm_std::{coins, to_json_binary, DepsMut, MessageInfo, Response, Uint128, WasmMsg};
use cw20::Cw20ExecuteMsg;
use leasehold_api::escrow::{Config, Params, ACCOUNTS, FEES};
use leasehold_api::event::{FeesSwept, Moved, Withdrawn};
use leasehold_api::governance::ADD_FEES;
use leasehold_api::rules::stream::Account;
use leasehold_api::Denom;

use crate::payout::Payment;
use crate::{denom, state, ContractError};

/// Pays the owner, who keeps at least the minimum runway in the account.
pub fn withdraw(
    deps: DepsMut,
    now: u64,
    info: &MessageInfo,
    params: &Params,
    id: u64,
    amount: Option<Uint128>,
) -> Result<Response, ContractError> {
    let mut account = state::owned(deps.storage, id, &info.sender, "withdraw")?;
    let amount = take(&mut account, now, params, amount)?;
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

/// Moves the owner's money to another account, without a transfer.
pub fn move_to(
    deps: DepsMut,
    now: u64,
    info: &MessageInfo,
    params: &Params,
    (from, to): (u64, u64),
    amount: Option<Uint128>,
) -> Result<Response, ContractError> {
    let mut payer = state::owned(deps.storage, from, &info.sender, "move")?;
    if from == to {
        return Err(ContractError::SameAccount { id: from });
    }
    let mut payee = state::account(deps.storage, to)?;
    denom::expect(&payee.denom, payer.denom.clone())?;
    let amount = take(&mut payer, now, params, amount)?;
    payee.settle(now)?;
    payee.deposit(amount)?;
    ACCOUNTS.save(deps.storage, from, &payer)?;
    ACCOUNTS.save(deps.storage, to, &payee)?;
    Ok(Response::new().add_event(Moved { from, to, amount }))
}

/// Settles the account and takes `amount` out, or all that may leave it.
fn take(
    account: &mut Account,
    now: u64,
    params: &Params,
    amount: Option<Uint128>,
) -> Result<Uint128, ContractError> {
    account.settle(now)?;
    let withdrawable = account.withdrawable(params.min_runway);
    let amount = amount.unwrap_or(withdrawable);
    if amount.is_zero() || amount > withdrawable {
        return Err(ContractError::Withdrawal {
            amount,
            withdrawable,
        });
    }
    account.debit(amount)?;
    Ok(amount)
}

/// Sends all fees of one denom to governance, with a message by which it knows them.
pub fn sweep(deps: DepsMut, config: &Config, denom: Denom) -> Result<Response, ContractError> {
    let key = denom.key();
    let Some(amount) = FEES.may_load(deps.storage, &key)? else {
        return Err(ContractError::NoFees { denom });
    };
    FEES.remove(deps.storage, &key);
    let swept = FeesSwept {
        denom: denom.to_string(),
        amount,
    };
    let governance = config.suite.governance.to_string();
    let message = match denom {
        Denom::Native(denom) => WasmMsg::Execute {
            contract_addr: governance,
            msg: ADD_FEES.into(),
            funds: coins(amount.u128(), denom),
        },
        Denom::Cw20(contract_addr) => WasmMsg::Execute {
            contract_addr,
            msg: to_json_binary(&Cw20ExecuteMsg::Send {
                contract: governance,
                amount,
                msg: ADD_FEES.into(),
            })?,
            funds: vec![],
        },
    };
    Ok(Response::new().add_message(message).add_event(swept))
}
