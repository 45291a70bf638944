//! Provider registry: contact, capability, heartbeats, collateral. See `docs/spec/provider.md`.

pub mod contract;
mod error;
mod execute;
mod payout;
mod permission;
mod query;
mod signature;
mod state;

pub use error::ContractError;
pub use permission::{permission, takes_funds, Permission};
