use cosmwasm_std::{Addr, DepsMut, Env, MessageInfo, Response, Uint128};
use leasehold_api::event::{Delegated, StakeClaimed, Staked, Unstaking as UnstakingStarted};
use leasehold_api::governance::{Unstaking, MAX_UNSTAKINGS};
use leasehold_api::{Asset, RuleError};

use super::one_coin;
use crate::payment::message;
use crate::power::{self, set_stake, TOTAL};
use crate::state::{unstakings, Config, CONFIG, HELD, PARAMS, UNSTAKING};
use crate::{rewards, ContractError};

pub fn stake(deps: DepsMut, env: Env, info: MessageInfo) -> Result<Response, ContractError> {
    let config = CONFIG.load(deps.storage)?;
    let amount = one_coin(&info, &config.denom)?;
    add(deps, env, config, info.sender, amount)
}

/// Stakes what has come, above zero.
pub fn add(
    deps: DepsMut,
    env: Env,
    config: Config,
    staker: Addr,
    amount: Uint128,
) -> Result<Response, ContractError> {
    let staked = power::stake(deps.storage, &staker)?.checked_add(amount)?;
    rewards::settle(deps.storage, &staker)?;
    let total = TOTAL.load(deps.storage)?.checked_add(amount)?;
    config.weight(total)?;
    set_stake(deps.storage, env.block.height, &staker, staked, total)?;
    Ok(Response::new().add_event(Staked { staker, amount }))
}

pub fn unstake(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    amount: Uint128,
) -> Result<Response, ContractError> {
    if amount.is_zero() {
        return Err(RuleError::range("amount", amount, "at least 1").into());
    }
    let staked = power::stake(deps.storage, &info.sender)?;
    let left = staked
        .checked_sub(amount)
        .map_err(|_| ContractError::InsufficientStake {
            requested: amount,
            staked,
        })?;
    let mut waiting = unstakings(deps.storage, &info.sender)?;
    if waiting.len() >= MAX_UNSTAKINGS {
        return Err(ContractError::TooManyUnstakings {
            waiting: waiting.len(),
            max: MAX_UNSTAKINGS,
        });
    }
    let now = env.block.time.seconds();
    let claimable_at = now.saturating_add(PARAMS.load(deps.storage)?.unbonding);
    waiting.push(Unstaking {
        amount,
        claimable_at,
    });
    UNSTAKING.save(deps.storage, &info.sender, &waiting)?;
    rewards::settle(deps.storage, &info.sender)?;
    let total = TOTAL.load(deps.storage)?.checked_sub(amount)?;
    set_stake(deps.storage, env.block.height, &info.sender, left, total)?;
    let mut held = HELD.load(deps.storage)?;
    held.unstaking = held.unstaking.checked_add(amount)?;
    HELD.save(deps.storage, &held)?;
    Ok(Response::new().add_event(UnstakingStarted {
        staker: info.sender,
        amount,
        claimable_at,
    }))
}

/// Lets another vote with the sender's stake, now and later, or nobody. Rewards stay the sender's.
pub fn delegate(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    to: Option<String>,
) -> Result<Response, ContractError> {
    let to = to.map(|to| deps.api.addr_validate(&to)).transpose()?;
    if to.as_ref() == Some(&info.sender) {
        return Err(RuleError::range("to", &info.sender, "another address, or none").into());
    }
    power::delegate(deps.storage, env.block.height, &info.sender, to.clone())?;
    Ok(Response::new().add_event(Delegated {
        staker: info.sender,
        to: to.map_or_else(String::new, String::from),
    }))
}

pub fn claim(deps: DepsMut, env: Env, info: MessageInfo) -> Result<Response, ContractError> {
    let now = env.block.time.seconds();
    // At most MAX_UNSTAKINGS entries.
    let (matured, waiting): (Vec<Unstaking>, Vec<Unstaking>) =
        unstakings(deps.storage, &info.sender)?
            .into_iter()
            .partition(|unstaking| unstaking.claimable_at <= now);
    if matured.is_empty() {
        return Err(ContractError::NothingToClaim {
            staker: info.sender,
            next: waiting.iter().map(|entry| entry.claimable_at).min(),
        });
    }
    let amount = matured
        .iter()
        .try_fold(Uint128::zero(), |sum, entry| sum.checked_add(entry.amount))?;
    if waiting.is_empty() {
        UNSTAKING.remove(deps.storage, &info.sender);
    } else {
        UNSTAKING.save(deps.storage, &info.sender, &waiting)?;
    }
    let mut held = HELD.load(deps.storage)?;
    held.unstaking = held.unstaking.checked_sub(amount)?;
    HELD.save(deps.storage, &held)?;
    let denom = CONFIG.load(deps.storage)?.denom;
    Ok(Response::new()
        .add_message(message(&info.sender, Asset { denom, amount })?)
        .add_event(StakeClaimed {
            staker: info.sender,
            amount,
        }))
}
