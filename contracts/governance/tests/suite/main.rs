//! The governance contract on a test chain.

mod compat;
mod execution;
mod harness;
mod params;
mod permissions;
mod schema;
mod snapshots;
mod staking;
mod voting;
