//! The market's and the DAO's stories on a real chain, each on a suite of its own: all at once, so that their transactions share blocks.

mod auctions;
mod dao;
mod failover;
mod sales;
mod upgrade;
