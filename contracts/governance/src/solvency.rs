//! What is owed and what is treasury, per denom.

use std::collections::BTreeSet;

use cosmwasm_std::{BankMsg, Coin, CosmosMsg, Deps, Env, StdResult, Storage, Uint128, WasmMsg};
use cw20::BalanceResponse;
use leasehold_api::governance::LiabilitiesResponse;
use leasehold_api::{Asset, Denom};

use crate::power::TOTAL;
use crate::state::{CONFIG, HELD};
use crate::{rewards, stream, ContractError};

/// What the contract owes in one denom; without one, in the stake denom.
pub fn liabilities(storage: &dyn Storage, denom: Option<Denom>) -> StdResult<LiabilitiesResponse> {
    let stake = CONFIG.load(storage)?.denom;
    let denom = denom.unwrap_or_else(|| stake.clone());
    let rewards = rewards::owed(storage, &denom)?;
    let streams = stream::set_aside(storage, &denom)?;
    if denom != stake {
        return Ok(LiabilitiesResponse {
            denom,
            staked: Uint128::zero(),
            unstaking: Uint128::zero(),
            deposits: Uint128::zero(),
            rewards,
            streams,
        });
    }
    let held = HELD.load(storage)?;
    Ok(LiabilitiesResponse {
        denom,
        staked: TOTAL.load(storage)?,
        unstaking: held.unstaking,
        deposits: held.deposits,
        rewards,
        streams,
    })
}

/// What the contract has of a denom above what it owes.
///
/// # Errors
/// [`ContractError::Insolvent`] when it has less; a token that does not tell its balance.
pub fn surplus(deps: Deps, env: &Env, denom: Denom) -> Result<Asset, ContractError> {
    let owes = liabilities(deps.storage, Some(denom))?;
    let owed = owes
        .staked
        .checked_add(owes.unstaking)?
        .checked_add(owes.deposits)?
        .checked_add(owes.rewards)?
        .checked_add(owes.streams)?;
    let denom = owes.denom;
    let balance = balance(deps, env, &denom)?;
    match balance.checked_sub(owed) {
        Ok(amount) => Ok(Asset { denom, amount }),
        Err(_) => Err(ContractError::Insolvent {
            denom,
            balance,
            owed,
        }),
    }
}

pub fn balance(deps: Deps, env: &Env, denom: &Denom) -> StdResult<Uint128> {
    let own = &env.contract.address;
    match denom {
        Denom::Native(denom) => Ok(deps.querier.query_balance(own, denom)?.amount),
        Denom::Cw20(token) => {
            let balance = cw20::Cw20QueryMsg::Balance {
                address: own.to_string(),
            };
            let answer: BalanceResponse = deps.querier.query_wasm_smart(token, &balance)?;
            Ok(answer.balance)
        }
    }
}

/// Checks after a proposal's messages that nothing owed was spent: in every denom that they could spend, and in the stake denom. A
/// token that they do not call is not asked, so that one which lies about balances cannot stop proposals that leave it alone.
pub fn check(deps: Deps, env: &Env, msgs: &[CosmosMsg]) -> Result<(), ContractError> {
    let stake = CONFIG.load(deps.storage)?.denom;
    surplus(deps, env, stake)?;
    // Bounded by the size of a proposal.
    for denom in spent(msgs) {
        let rewards = rewards::owed(deps.storage, &denom)?;
        let streams = stream::set_aside(deps.storage, &denom)?;
        if !(rewards.is_zero() && streams.is_zero()) {
            surplus(deps, env, denom)?;
        }
    }
    Ok(())
}

/// Denoms of which messages of the contract can take something away.
fn spent(msgs: &[CosmosMsg]) -> BTreeSet<Denom> {
    let mut found = BTreeSet::new();
    let mut add = |coins: &[Coin]| {
        found.extend(coins.iter().map(|coin| Denom::Native(coin.denom.clone())));
    };
    let mut tokens = BTreeSet::new();
    for msg in msgs {
        match msg {
            CosmosMsg::Bank(BankMsg::Send { amount, .. } | BankMsg::Burn { amount }) => add(amount),
            CosmosMsg::Wasm(WasmMsg::Execute {
                contract_addr,
                funds,
                ..
            }) => {
                add(funds);
                tokens.insert(Denom::Cw20(contract_addr.clone()));
            }
            CosmosMsg::Wasm(
                WasmMsg::Instantiate { funds, .. } | WasmMsg::Instantiate2 { funds, .. },
            ) => add(funds),
            _ => {}
        }
    }
    found.extend(tokens);
    found
}
