//! The contract on a real bank, a real cw20 token and a registry that holds the providers' published records.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]

mod adversary;
mod allowance;
mod collect;
mod cw20_money;
mod deposit;
mod harness;
mod hold;
mod ibc;
mod params;
mod permission;
mod prepaid;
mod query;
mod random;
mod reprice;
mod schema;
mod stream;
mod transfer;
mod unpaid;
mod withdraw;
