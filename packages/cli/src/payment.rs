//! Paying contracts: coins go along with the call, tokens come through their own contract.

use anyhow::{Context as _, Result};
use cosmwasm_std::coin;
use leasehold_api::escrow::{Cw20HookMsg, ExecuteMsg};
use leasehold_api::event::AccountOpened;
use leasehold_api::Denom;
use leasehold_client::{Execute, TxOutcome, Wallet};
use serde::Serialize;

use crate::context::Market;
use crate::events;

/// A call of `contract` with whole units of `denom`. Coins come with `msg`; a token's contract sends the tokens, and tells by `hook`
/// what they are for.
///
/// # Errors
/// What does not serialise.
pub fn call(
    contract: &str,
    (amount, denom): (u128, &Denom),
    msg: &impl Serialize,
    hook: &impl Serialize,
) -> Result<Execute> {
    Ok(match denom {
        Denom::Native(name) => Execute::new(contract, msg, &[coin(amount, name)])?,
        Denom::Cw20(token) => Execute::send_cw20(token, amount.into(), contract, hook)?,
    })
}

/// Pays into an escrow account that is held in this denom.
pub fn deposit(market: &Market, account: u64, paid: (u128, &Denom)) -> Result<Execute> {
    call(
        &market.suite.escrow,
        paid,
        &ExecuteMsg::Deposit { account },
        &Cw20HookMsg::Deposit { account },
    )
}

/// Opens an escrow account of the wallet's own with this in it; answers its id.
pub async fn open(
    market: &Market,
    wallet: &Wallet,
    (amount, denom): (u128, &Denom),
) -> Result<(u64, TxOutcome)> {
    let open = ExecuteMsg::Open {
        owner: None,
        denom: denom.clone(),
    };
    let hook = Cw20HookMsg::Open { owner: None };
    let call = call(&market.suite.escrow, (amount, denom), &open, &hook)?;
    let outcome = wallet.execute_many(vec![call]).await?;
    let opened: Vec<AccountOpened> = events::all(&market.suite, &outcome.events)?;
    let first = opened
        .first()
        .context("escrow opened no account: the token's contract did not tell it of the tokens")?;
    Ok((first.account, outcome))
}
