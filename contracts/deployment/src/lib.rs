//! Deployments: what a tenant wants to run, and the one message that puts it on the market. See `docs/spec/deployment.md`.

pub mod contract;
mod error;
mod execute;
mod funding;
mod permission;
mod price;
mod query;
mod state;

pub use error::ContractError;
pub use permission::{permission, takes_funds, Permission};
