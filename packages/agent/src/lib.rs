//! The provider agent: sells a machine on a Leasehold market.
//!
//! [`run`] is what `leasehold provider run` starts. [`gateway::client::GatewayClient`] is what tenants speak to it with.

/// Files that tests of the inside share with those of the whole name it from outside.
#[cfg(test)]
extern crate self as leasehold_agent;

mod act;
mod agent;
mod backoff;
mod capacity;
mod chain;
mod config;
mod error;
pub mod gateway;
mod halt;
mod identity;
mod ingress;
mod jobs;
mod observe;
mod plan;
mod pricing;
pub mod runtime;
mod serve;
mod shelf;
mod store;
mod view;
#[cfg(test)]
#[path = "../tests/common/web.rs"]
mod web;
mod workload;

pub use agent::run;
pub use capacity::Resources;
pub use config::{AgentConfig, GatewayConfig, IngressConfig, RuntimeConfig};
pub use error::AgentError;
pub use identity::IdentityError;
pub use plan::{collects, Rent};
pub use pricing::{Ask, PriceError, Pricing, Tariff};
pub use shelf::Shelf;
pub use store::{Event, StoreError};
pub use workload::{seal, ManifestError, WorkloadSpec};
