//! What an auction is held on: its mode, its parameters, what is bid.

use std::fmt::Display;
use std::ops::RangeInclusive;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Uint128};

use crate::error::RuleError;

/// How an order finds its provider.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum AuctionMode {
    /// Each bid must undercut the leader by the minimum decrement; the winner claims after the close. The default.
    Descending {},
    /// The tenant accepts any live bid.
    Open {},
    /// The first provider to take the rising price wins. Starts at `min_rate` (scaled units per second for the whole group;
    /// absent: a tenth of the maximum) and reaches the maximum after the ramp; equal to the maximum it is a posted price.
    Dutch { min_rate: Option<Uint128> },
}

impl AuctionMode {
    pub fn as_str(&self) -> &'static str {
        match self {
            AuctionMode::Descending {} => "descending",
            AuctionMode::Open {} => "open",
            AuctionMode::Dutch { .. } => "dutch",
        }
    }
}

/// A provider's offer for a whole group, scaled units per second.
#[cw_serde]
pub struct Quote {
    #[serde(rename = "p")]
    pub provider: Addr,
    #[serde(rename = "r")]
    pub rate: Uint128,
}

/// The times of an auction, from the market's parameters, seconds.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct AuctionParams {
    /// Bidding time of a descending auction, from its first moment or, when nobody bid until then, from the first bid. 1 to 86 400.
    pub bidding: u64,
    /// A leader-changing bid in the last `extension` seconds moves the close to `extension` seconds from now. Up to `bidding`.
    pub extension: u64,
    /// No extension beyond this many seconds after the start. `bidding` to 86 400.
    pub hard_close: u64,
    /// Bidding and each claim window also last this many blocks, so that a halted chain cannot end one in a single block. 0 to 10 000.
    pub min_blocks: u64,
    /// A bid must undercut the leader by this much, basis points. 0 to 5 000.
    pub min_decrement_bps: u32,
    /// How long a winner may claim, seconds. 1 to 86 400.
    pub claim_window: u64,
    /// Time in which a Dutch price rises from its start to the maximum. 1 to 86 400.
    pub ramp: u64,
}

impl AuctionParams {
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the parameter.
    pub fn validate(&self) -> Result<(), RuleError> {
        within("bidding", self.bidding, 1..=86_400)?;
        within("extension", self.extension, 0..=self.bidding)?;
        within("hard_close", self.hard_close, self.bidding..=86_400)?;
        within("min_blocks", self.min_blocks, 0..=10_000)?;
        within("min_decrement_bps", self.min_decrement_bps, 0..=5_000)?;
        within("claim_window", self.claim_window, 1..=86_400)?;
        within("ramp", self.ramp, 1..=86_400)
    }
}

/// Refuses a value outside its range.
///
/// # Errors
/// [`RuleError::OutOfRange`].
pub fn within<T: PartialOrd + Display>(
    field: &str,
    value: T,
    allowed: RangeInclusive<T>,
) -> Result<(), RuleError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let range = format!("{} to {}", allowed.start(), allowed.end());
    Err(RuleError::range(field, value, range))
}
