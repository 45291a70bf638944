use cosmwasm_std::{coins, BankMsg, DepsMut, Env, MessageInfo, Response, Uint128};
use leasehold_api::event::{StakeClaimed, Staked, Unstaking as UnstakingStarted};
use leasehold_api::governance::{Unstaking, MAX_UNSTAKINGS};
use leasehold_api::RuleError;

use super::one_coin;
use crate::state::{set_stake, CONFIG, HELD, PARAMS, STAKES, TOTAL, UNSTAKING};
use crate::{rewards, ContractError};

pub fn stake(deps: DepsMut, env: Env, info: MessageInfo) -> Result<Response, ContractError> {
    let config = CONFIG.load(deps.storage)?;
    let amount = one_coin(&info, &config.denom)?;
    let staked = STAKES
        .may_load(deps.storage, &info.sender)?
        .unwrap_or(Uint128::zero())
        .checked_add(amount)?;
    rewards::settle(deps.storage, &info.sender)?;
    let total = TOTAL.load(deps.storage)?.checked_add(amount)?;
    config.weight(total)?;
    set_stake(deps.storage, env.block.height, &info.sender, staked, total)?;
    Ok(Response::new().add_event(Staked {
        staker: info.sender,
        amount,
    }))
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
    let staked = STAKES
        .may_load(deps.storage, &info.sender)?
        .unwrap_or(Uint128::zero());
    let left = staked
        .checked_sub(amount)
        .map_err(|_| ContractError::InsufficientStake {
            requested: amount,
            staked,
        })?;
    let mut waiting = UNSTAKING
        .may_load(deps.storage, &info.sender)?
        .unwrap_or_default();
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

pub fn claim(deps: DepsMut, env: Env, info: MessageInfo) -> Result<Response, ContractError> {
    let now = env.block.time.seconds();
    // At most MAX_UNSTAKINGS entries.
    let (matured, waiting): (Vec<Unstaking>, Vec<Unstaking>) = UNSTAKING
        .may_load(deps.storage, &info.sender)?
        .unwrap_or_default()
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
    Ok(Response::new()
        .add_message(BankMsg::Send {
            to_address: info.sender.to_string(),
            amount: coins(amount.u128(), CONFIG.load(deps.storage)?.denom),
        })
        .add_event(StakeClaimed {
            staker: info.sender,
            amount,
        }))
}
