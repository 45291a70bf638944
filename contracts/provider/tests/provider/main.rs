//! The registry as its senders see it, on cw-multi-test. The market is an address with published locks and nothing else.

// Tests may stop at the first surprise; the rules are for code on chain.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod attesting;
mod books;
mod collateral;
mod life;
mod outages;
mod permissions;
mod queries;
mod schema;
mod setup;
mod signing;
mod slashing;
mod watching;
