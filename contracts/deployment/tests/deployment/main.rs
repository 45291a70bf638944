//! The contract as tenants see it, on cw-multi-test. Escrow and market are tiny stand-ins that publish records under the real keys and
//! write down what they are told.

// Tests may stop at the first surprise; the rules are for code on chain.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod change;
mod create;
mod funding;
mod groups;
mod jobs;
mod peers;
mod permissions;
mod propose;
mod prune;
mod queries;
mod schema;
mod setup;
