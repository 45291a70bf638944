//! The stored side of [`crate::pool`].

use cosmwasm_std::{Addr, StdResult, Storage, Uint128};
use cw_storage_plus::{Item, Map};
use leasehold_api::{Asset, Denom};

use crate::pool::{Earned, Pool};
use crate::power;

/// In the order in which they began, at most `MAX_REWARD_DENOMS`; none is ever removed.
pub const POOLS: Item<Vec<Pool>> = Item::new("w");
/// By staker, in the order of [`POOLS`]. One that is missing has counted nothing.
pub const EARNED: Map<&Addr, Vec<Earned>> = Map::new("e");
/// Rewards not paid, by the key of their denom: Σ of the stakers' and what the pools carry, to the unit.
pub const REWARDS: Map<&str, Uint128> = Map::new("o");

pub fn pools(storage: &dyn Storage) -> StdResult<Vec<Pool>> {
    Ok(POOLS.may_load(storage)?.unwrap_or_else(Vec::new))
}

/// What a staker has earned by now.
pub fn settled(storage: &dyn Storage, pools: &[Pool], staker: &Addr) -> StdResult<Vec<Earned>> {
    let stake = power::stake(storage, staker)?;
    let mut earned = EARNED.may_load(storage, staker)?.unwrap_or_else(Vec::new);
    earned.resize(pools.len(), Earned::default());
    // At most MAX_REWARD_DENOMS.
    for (earned, pool) in earned.iter_mut().zip(pools) {
        earned.settle(pool, stake)?;
    }
    Ok(earned)
}

/// Counts what a staker has earned, before its stake changes.
pub fn settle(storage: &mut dyn Storage, staker: &Addr) -> StdResult<()> {
    match POOLS.may_load(storage)? {
        None => Ok(()),
        Some(pools) => {
            let earned = settled(storage, &pools, staker)?;
            EARNED.save(storage, staker, &earned)
        }
    }
}

pub fn owed(storage: &dyn Storage, denom: &Denom) -> StdResult<Uint128> {
    let owed = REWARDS.may_load(storage, &denom.key())?;
    Ok(owed.unwrap_or(Uint128::zero()))
}

pub fn owe(storage: &mut dyn Storage, denom: &Denom, amount: Uint128) -> StdResult<()> {
    let owed = owed(storage, denom)?.checked_add(amount)?;
    REWARDS.save(storage, &denom.key(), &owed)
}

/// What a staker may be paid, in whole units.
pub fn claimable(storage: &dyn Storage, staker: &Addr) -> StdResult<Vec<Asset>> {
    let pools = pools(storage)?;
    let earned = settled(storage, &pools, staker)?;
    // At most MAX_REWARD_DENOMS.
    pools
        .into_iter()
        .zip(earned)
        .map(|(pool, earned)| {
            Ok(Asset {
                denom: pool.denom,
                amount: earned.whole()?,
            })
        })
        .collect()
}
