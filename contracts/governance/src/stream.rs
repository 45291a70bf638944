//! A part of the treasury that its recipient earns evenly over time.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, StdError, StdResult, Storage, Uint128};
use cw_storage_plus::{Item, Map};
use leasehold_api::{Asset, Denom};

use crate::ContractError;

/// Those that are not all paid.
pub const STREAMS: Map<u64, Stream> = Map::new("r");
pub const LAST_STREAM: Item<u64> = Item::new("i");
/// Σ amount − paid of [`STREAMS`], by the key of their denom.
pub const SET_ASIDE: Map<&str, Uint128> = Map::new("a");

#[cw_serde]
pub struct Stream {
    pub to: Addr,
    pub asset: Asset,
    pub starts_at: u64,
    /// After `starts_at`, unless it was stopped in the second in which it started.
    pub ends_at: u64,
    pub paid: Uint128,
}

impl Stream {
    /// What is earned by `now`, paid or not: `floor(amount · elapsed / duration)`.
    pub fn earned(&self, now: u64) -> StdResult<Uint128> {
        if now >= self.ends_at {
            return Ok(self.asset.amount);
        }
        let elapsed = now.saturating_sub(self.starts_at);
        let duration = self.ends_at.saturating_sub(self.starts_at);
        self.asset
            .amount
            .checked_multiply_ratio(elapsed, duration)
            .map_err(|error| StdError::generic_err(error.to_string()))
    }

    pub fn claimable(&self, now: u64) -> StdResult<Uint128> {
        Ok(self.earned(now)?.checked_sub(self.paid)?)
    }

    pub fn left(&self) -> StdResult<Uint128> {
        Ok(self.asset.amount.checked_sub(self.paid)?)
    }
}

pub fn stream(storage: &dyn Storage, id: u64) -> Result<Stream, ContractError> {
    STREAMS
        .may_load(storage, id)?
        .ok_or(ContractError::NoSuchStream { id })
}

/// Saves a stream with what is set aside for it; one that is all paid is gone.
pub fn save(
    storage: &mut dyn Storage,
    id: u64,
    stream: &Stream,
    left_before: Uint128,
) -> StdResult<()> {
    let (denom, left) = (&stream.asset.denom, stream.left()?);
    let aside = set_aside(storage, denom)?;
    let aside = aside.checked_sub(left_before)?.checked_add(left)?;
    SET_ASIDE.save(storage, &denom.key(), &aside)?;
    if left.is_zero() {
        STREAMS.remove(storage, id);
        return Ok(());
    }
    STREAMS.save(storage, id, stream)
}

pub fn set_aside(storage: &dyn Storage, denom: &Denom) -> StdResult<Uint128> {
    let aside = SET_ASIDE.may_load(storage, &denom.key())?;
    Ok(aside.unwrap_or(Uint128::zero()))
}
