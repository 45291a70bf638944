//! Stake, proposals and treasury of the suite: cw3 to its clients, a DAO DAO voting module to DAOs, and the only authority over the
//! other contracts' parameters. See `docs/spec/governance.md`.

mod ballot;
pub mod contract;
mod error;
mod execute;
mod params;
mod payment;
mod permission;
mod pool;
mod power;
mod proposal;
mod query;
mod rewards;
mod solvency;
mod state;
mod stream;

pub use error::ContractError;
pub use permission::{permission, takes_funds, Permission};
