//! Watching: rounds, panels, verdicts.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Binary, QuerierWrapper, StdResult, Uint128};
use cw_storage_plus::{Map, SnapshotItem, SnapshotMap, Strategy};
use leasehold_rules::panel;
use serde::Serialize;

/// Leases that are watched, by id.
pub const WATCHES: Map<u64, Watch> = Map::new("q");
/// The latest verdict on a lease; read by the market at a fail-over of a provider that is not silent.
pub const VERDICTS: Map<u64, Verdict> = Map::new("v");
/// Watchers by place, `0..WATCHER_COUNT`, with a log by round: what a round writes counts from the next round on.
pub const WATCHER_AT: SnapshotMap<u32, Addr> =
    SnapshotMap::new("n", "n_at", "n_log", Strategy::EveryBlock);
/// How many watchers there are to draw from, likewise.
pub const WATCHER_COUNT: SnapshotItem<u32> =
    SnapshotItem::new("o", "o_at", "o_log", Strategy::EveryBlock);

/// A lease that somebody pays to have watched.
#[cw_serde]
pub struct Watch {
    /// Who gets back what is left.
    #[serde(rename = "p")]
    pub payer: Addr,
    /// Whole units of the trust denom, for the fees of later rounds.
    #[serde(rename = "a")]
    pub funds: Uint128,
}

/// What a panel's majority found.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct Verdict {
    #[serde(rename = "r")]
    pub round: u64,
    /// Whether the provider does not serve the lease.
    #[serde(rename = "d")]
    pub down: bool,
    /// Block time at which it was submitted.
    #[serde(rename = "t")]
    pub at: u64,
    /// Block time from which it is too old to move a lease away: two rounds later.
    #[serde(rename = "u")]
    pub until: u64,
}

impl Verdict {
    /// Whether it moves a lease that began at `started_at` away now.
    pub fn condemns(&self, started_at: u64, now: u64) -> bool {
        self.down && now < self.until && started_at < self.at
    }
}

/// What a watcher signs, under the purpose [`VERDICT`].
#[derive(Serialize)]
pub struct Vote {
    pub lease_id: u64,
    pub round: u64,
    pub down: bool,
}

/// Purpose of a signed [`Vote`].
pub const VERDICT: &str = "verdict";
/// Purpose of a signed [`super::Attestation`].
pub const ATTESTATION: &str = "attestation";

#[cw_serde]
pub struct Signed {
    pub watcher: String,
    /// 64 bytes by the watcher's key.
    pub signature: Binary,
}

/// Round of a block time.
pub fn round_at(now: u64, length: u64) -> u64 {
    now.checked_div(length).unwrap_or(0)
}

/// Places of the panel that watches a lease in a round, and how many of them make a verdict.
pub fn panel_of(lease_id: u64, round: u64, watchers: u32, size: u32) -> (Vec<u32>, u32) {
    let places = panel::draw(lease_id, round, watchers, size);
    let drawn = size.min(watchers);
    (places, panel::quorum(drawn))
}

/// The latest verdict on a lease.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn verdict(
    querier: &QuerierWrapper,
    registry: &Addr,
    lease_id: u64,
) -> StdResult<Option<Verdict>> {
    VERDICTS.query(querier, registry.clone(), lease_id)
}
