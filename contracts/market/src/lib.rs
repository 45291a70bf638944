//! The market: orders, bids, leases and the bonds behind them. See `docs/spec/market.md`; messages are in `leasehold_api::market`.

pub mod contract;
mod error;
mod execute;
mod messages;
mod peers;
mod permission;
mod query;
mod quote;
mod state;
mod touch;

pub use error::ContractError;
pub use permission::{permission, Permission};
