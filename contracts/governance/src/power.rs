//! Who votes with which stake: its staker, or whoever the staker delegated to. What a block writes counts from the next block on.

use cosmwasm_std::{Addr, StdResult, Storage, Uint128};
use cw_storage_plus::{Map, SnapshotItem, SnapshotMap, Strategy};

use crate::state::STAKES;

/// By address, none stored as zero: its own stake unless delegated, and the stakes delegated to it.
pub const POWERS: SnapshotMap<&Addr, Uint128> =
    SnapshotMap::new("m", "m_at", "m_log", Strategy::EveryBlock);
/// Σ [`POWERS`] = Σ stakes.
pub const TOTAL: SnapshotItem<Uint128> =
    SnapshotItem::new("t", "t_at", "t_log", Strategy::EveryBlock);
/// Who votes with a staker's stake in its place. One hop: stake delegated to a delegator votes with that delegator.
pub const DELEGATES: Map<&Addr, Addr> = Map::new("l");

/// Power at the start of a block.
pub fn power_at(storage: &dyn Storage, address: &Addr, height: u64) -> StdResult<Uint128> {
    let power = POWERS.may_load_at_height(storage, address, height)?;
    Ok(power.unwrap_or(Uint128::zero()))
}

/// Σ power at the start of a block.
pub fn total_at(storage: &dyn Storage, height: u64) -> StdResult<Uint128> {
    let total = TOTAL.may_load_at_height(storage, height)?;
    Ok(total.unwrap_or(Uint128::zero()))
}

pub fn stake(storage: &dyn Storage, staker: &Addr) -> StdResult<Uint128> {
    let stake = STAKES.may_load(storage, staker)?;
    Ok(stake.unwrap_or(Uint128::zero()))
}

/// Sets a staker's stake and the total, as of the next block.
pub fn set_stake(
    storage: &mut dyn Storage,
    height: u64,
    staker: &Addr,
    to: Uint128,
    total: Uint128,
) -> StdResult<()> {
    let from = stake(storage, staker)?;
    if to.is_zero() {
        STAKES.remove(storage, staker);
    } else {
        STAKES.save(storage, staker, &to)?;
    }
    TOTAL.save(storage, &total, height)?;
    let delegate = DELEGATES.may_load(storage, staker)?;
    change(
        storage,
        height,
        delegate.as_ref().unwrap_or(staker),
        from,
        to,
    )
}

/// Has `to` vote with a staker's stake, as of the next block; without one the staker itself.
pub fn delegate(
    storage: &mut dyn Storage,
    height: u64,
    staker: &Addr,
    to: Option<Addr>,
) -> StdResult<()> {
    let stake = stake(storage, staker)?;
    let former = DELEGATES.may_load(storage, staker)?;
    match &to {
        Some(to) => DELEGATES.save(storage, staker, to)?,
        None => DELEGATES.remove(storage, staker),
    }
    let none = Uint128::zero();
    change(
        storage,
        height,
        former.as_ref().unwrap_or(staker),
        stake,
        none,
    )?;
    change(storage, height, to.as_ref().unwrap_or(staker), none, stake)
}

/// Puts `to` in the place of `from` within an address's power.
fn change(
    storage: &mut dyn Storage,
    height: u64,
    address: &Addr,
    from: Uint128,
    to: Uint128,
) -> StdResult<()> {
    let power = POWERS.may_load(storage, address)?;
    let power = power
        .unwrap_or(Uint128::zero())
        .checked_sub(from)?
        .checked_add(to)?;
    if power.is_zero() {
        POWERS.remove(storage, address, height)
    } else {
        POWERS.save(storage, address, &power, height)
    }
}
