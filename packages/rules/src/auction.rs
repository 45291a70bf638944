//! The order book of one order: `best` and `second`, nothing else, so every step is O(1).

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Uint128};

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
    /// An auction also stays open for this many blocks, so that a halted chain cannot close one in a single block. 0 to 10 000.
    pub min_blocks: u64,
    /// A bid must undercut the leader by this much, basis points. 0 to 5 000.
    pub min_decrement_bps: u32,
    /// How long a winner may claim, seconds. 1 to 86 400.
    pub claim_window: u64,
    /// Time in which a Dutch price rises from its start to the maximum. 1 to 86 400.
    pub ramp: u64,
}

/// One round of one order. The transitions are pure; the market stores the result.
#[cw_serde]
pub struct Auction {
    #[serde(rename = "m")]
    pub mode: AuctionMode,
    /// The most the tenant pays for the group, scaled per second.
    #[serde(rename = "x")]
    pub max_rate: Uint128,
    #[serde(rename = "t")]
    pub opened_at: u64,
    #[serde(rename = "h")]
    pub opened_height: u64,
    /// Bidding is open while `now < closes_at`; moved by late bids, never beyond `hard_close_at`. Half-open in block time.
    #[serde(rename = "c")]
    pub closes_at: u64,
    #[serde(rename = "z")]
    pub hard_close_at: u64,
    /// Lowest bid; on an automatic order its bond is locked.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub best: Option<Quote>,
    /// Runner-up, of another provider; nothing of it is locked.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Quote>,
}
