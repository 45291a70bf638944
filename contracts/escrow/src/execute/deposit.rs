use cosmwasm_std::{from_json, to_json_binary, Addr, DepsMut, MessageInfo, Response, Uint128};
use cw20::Cw20ReceiveMsg;
use leasehold_api::escrow::{Cw20HookMsg, ACCOUNTS};
use leasehold_api::event::{AccountOpened, Deposited};
use leasehold_api::rules::stream::Account;
use leasehold_api::Denom;

use crate::{denom, state, ContractError};

/// Opens an account and credits the one coin that came along, if any. A cw20 account opens empty this way.
pub fn open(
    deps: DepsMut,
    now: u64,
    info: &MessageInfo,
    owner: Option<String>,
    denom: Denom,
) -> Result<Response, ContractError> {
    denom::check(&denom, deps.api)?;
    let amount = if info.funds.is_empty() {
        Uint128::zero()
    } else {
        let coin = denom::one_coin(info)?;
        denom::expect(&denom, Denom::Native(coin.denom.clone()))?;
        coin.amount
    };
    add_account(deps, now, &info.sender, owner, denom, amount)
}

/// Credits the one coin that came along to a native account.
pub fn deposit(
    deps: DepsMut,
    now: u64,
    info: &MessageInfo,
    id: u64,
) -> Result<Response, ContractError> {
    let coin = denom::one_coin(info)?;
    let sent = Denom::Native(coin.denom.clone());
    credit(deps, now, id, sent, coin.amount, &info.sender)
}

/// A token's word counts for its own money only: the denom is the caller, whatever the message says.
pub fn receive(
    deps: DepsMut,
    now: u64,
    info: &MessageInfo,
    msg: Cw20ReceiveMsg,
) -> Result<Response, ContractError> {
    if msg.amount.is_zero() {
        return Err(ContractError::NoFunds);
    }
    let from = deps.api.addr_validate(&msg.sender)?;
    let sent = denom::of_token(&info.sender);
    match from_json(&msg.msg)? {
        Cw20HookMsg::Open { owner } => add_account(deps, now, &from, owner, sent, msg.amount),
        Cw20HookMsg::Deposit { account } => credit(deps, now, account, sent, msg.amount, &from),
    }
}

/// Opens an account with `amount` in it, zero included.
pub fn add_account(
    deps: DepsMut,
    now: u64,
    from: &Addr,
    owner: Option<String>,
    denom: Denom,
    amount: Uint128,
) -> Result<Response, ContractError> {
    let owner = match owner {
        Some(owner) => deps.api.addr_validate(&owner)?,
        None => from.clone(),
    };
    let mut account = Account::new(owner, denom, now);
    account.deposit(amount)?;
    let id = state::add_account(deps.storage, &account)?;
    let response = Response::new()
        .set_data(to_json_binary(&id)?)
        .add_event(AccountOpened {
            account: id,
            owner: account.owner,
            denom: account.denom.to_string(),
        });
    Ok(if amount.is_zero() {
        response
    } else {
        response.add_event(deposited(id, amount, from))
    })
}

/// Credits an account that is held in the denom `sent`.
pub fn credit(
    deps: DepsMut,
    now: u64,
    id: u64,
    sent: Denom,
    amount: Uint128,
    from: &Addr,
) -> Result<Response, ContractError> {
    let mut account = state::account(deps.storage, id)?;
    denom::expect(&account.denom, sent)?;
    account.settle(now)?;
    account.deposit(amount)?;
    ACCOUNTS.save(deps.storage, id, &account)?;
    Ok(Response::new().add_event(deposited(id, amount, from)))
}

fn deposited(account: u64, amount: Uint128, from: &Addr) -> Deposited {
    Deposited {
        account,
        amount,
        from: from.clone(),
    }
}
