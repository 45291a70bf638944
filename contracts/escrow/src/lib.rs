//! Escrow: holds all rent and streams it by the second. The rules are in `leasehold_rules::stream`, the messages in
//! `leasehold_api::escrow`, the specification in `docs/spec/escrow.md`.

pub mod contract;
mod denom;
mod error;
mod execute;
mod ics20;
mod payout;
pub mod permission;
mod query;
mod state;

pub use error::ContractError;
