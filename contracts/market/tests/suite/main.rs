// A test may panic; the contract may not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]

mod award;
mod bidding;
mod change;
mod ending;
mod harness;
mod held_once;
mod jobs;
mod leaving;
mod listing;
mod offers;
mod orders;
mod pause;
mod permission;
mod prune;
mod queries;
mod random;
mod reputation;
mod schema;
mod sealed;
mod selling;
