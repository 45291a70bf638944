//! Watching: when to probe, what to vote, and how votes become a verdict. What talks to the chain is in `commands/watch`.

pub mod bench;
pub mod duty;
pub mod votes;

use std::time::Duration;

use cosmwasm_std::Binary;
use serde::{Deserialize, Serialize};

/// A vote on its way to an aggregator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedVote {
    pub watcher: String,
    pub lease_id: u64,
    pub round: u64,
    pub down: bool,
    /// By the watcher's key, of the vote for this chain and registry.
    pub signature: Binary,
}

/// How often a service looks: forty times a round, and at least every 15 seconds.
pub fn tick(round_length: u64) -> Duration {
    Duration::from_millis((round_length.saturating_mul(1_000) / 40).clamp(250, 15_000))
}
