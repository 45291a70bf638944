//! The governance contract on a test chain.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod compat;
mod cw20_stake;
mod execution;
mod expedited;
mod guardian;
mod harness;
mod params;
mod permissions;
mod rewards;
mod schema;
mod snapshots;
mod staking;
mod streams;
mod voting;
