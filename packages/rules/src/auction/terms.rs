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
    Descending {
        /// Distinct bidders that an award needs, [`MIN_BIDDERS`]; absent: one. With fewer the bidding goes on until the hard close, then
        /// the order is Dutch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_bidders: Option<u32>,
    },
    /// The tenant accepts any live bid.
    Open {
        /// Seconds after which the lowest bidder may claim at its own rate, unless the tenant has decided; then the next lowest, then the
        /// order is Dutch. 1 to 86 400, counted from the opening or, when nobody bid until then, from the first bid. Bids may then only
        /// be lowered. Absent: the tenant alone decides, since an award that nobody asked for would spend its money.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        auto_after: Option<u64>,
    },
    /// The first provider to take the rising price wins. Starts at `min_rate` (scaled units per second for the whole group;
    /// absent: a tenth of the maximum) and reaches the maximum after the ramp; equal to the maximum it is a posted price.
    Dutch { min_rate: Option<Uint128> },
    /// Bidders commit to a rate that nobody sees, then reveal it; the lowest claims.
    Sealed {
        pricing: Pricing,
        /// Distinct bidders that an award needs, [`MIN_BIDDERS`]; absent: one. With fewer commitments, or fewer reveals, the order is
        /// Dutch.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_bidders: Option<u32>,
    },
}

/// What the winner of a sealed auction is paid.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum Pricing {
    /// Its own rate.
    First,
    /// The runner-up's rate; alone, the order's maximum.
    Second,
}

/// What `min_bidders` may be.
pub const MIN_BIDDERS: RangeInclusive<u32> = 2..=16;

impl Default for AuctionMode {
    fn default() -> Self {
        AuctionMode::Descending { min_bidders: None }
    }
}

impl AuctionMode {
    pub fn as_str(&self) -> &'static str {
        match self {
            AuctionMode::Descending { .. } => "descending",
            AuctionMode::Open { .. } => "open",
            AuctionMode::Dutch { .. } => "dutch",
            AuctionMode::Sealed { .. } => "sealed",
        }
    }

    /// Distinct bidders that an award needs, where they are counted.
    pub fn min_bidders(&self) -> u32 {
        match self {
            AuctionMode::Descending { min_bidders } => min_bidders.unwrap_or(0),
            AuctionMode::Sealed { min_bidders, .. } => min_bidders.unwrap_or(1),
            AuctionMode::Open { .. } | AuctionMode::Dutch { .. } => 0,
        }
    }

    /// Whether each bidder is to be counted with its first bid; a sealed auction counts the reveals.
    pub fn counts_bidders(&self) -> bool {
        matches!(
            self,
            AuctionMode::Descending {
                min_bidders: Some(_)
            }
        )
    }

    /// Whether it is held once a round, and the order is Dutch when it finds nobody.
    pub fn is_held_once(&self) -> bool {
        match self {
            AuctionMode::Open { auto_after } => auto_after.is_some(),
            AuctionMode::Sealed { .. } => true,
            AuctionMode::Descending { .. } | AuctionMode::Dutch { .. } => self.counts_bidders(),
        }
    }

    pub(super) fn is_default(&self) -> bool {
        *self == AuctionMode::default()
    }

    /// Refuses options outside their range; a Dutch start is judged with the order's maximum.
    pub(super) fn validate(&self) -> Result<(), RuleError> {
        match self {
            AuctionMode::Descending {
                min_bidders: Some(least),
            }
            | AuctionMode::Sealed {
                min_bidders: Some(least),
                ..
            } => within("min_bidders", *least, MIN_BIDDERS),
            AuctionMode::Open {
                auto_after: Some(seconds),
            } => within("auto_after", *seconds, 1..=86_400),
            _ => Ok(()),
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
    /// How many blocks must pass in each minute of bidding, revealing and claiming, rounded up: a chain that halted and jumps ahead ends
    /// none of it in its first blocks. Above what the chain makes, auctions take longer. Three quarters of that leave room. 0 to 600.
    pub min_blocks: u64,
    /// A bid must undercut the leader by this much, basis points. 0 to 5 000.
    pub min_decrement_bps: u32,
    /// How long a winner may claim, seconds. 1 to 86 400.
    pub claim_window: u64,
    /// Time in which a Dutch price rises from its start to the maximum. 1 to 86 400.
    pub ramp: u64,
    /// Time in which commitments to a sealed auction are taken, from its first moment or, when nobody committed until then, from the first
    /// commitment. 1 to 86 400.
    pub commit: u64,
    /// Time after that in which they are revealed; over at once when all are. 1 to 86 400.
    pub reveal: u64,
}

impl AuctionParams {
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the parameter.
    pub fn validate(&self) -> Result<(), RuleError> {
        within("bidding", self.bidding, 1..=86_400)?;
        within("extension", self.extension, 0..=self.bidding)?;
        within("hard_close", self.hard_close, self.bidding..=86_400)?;
        within("min_blocks", self.min_blocks, 0..=600)?;
        within("min_decrement_bps", self.min_decrement_bps, 0..=5_000)?;
        within("claim_window", self.claim_window, 1..=86_400)?;
        within("ramp", self.ramp, 1..=86_400)?;
        within("commit", self.commit, 1..=86_400)?;
        within("reveal", self.reveal, 1..=86_400)
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
