//! The provider agent: sells a machine on a Leasehold market.

mod capacity;
mod identity;
mod plan;
mod pricing;
pub mod runtime;
mod store;
mod workload;
