//! The contract on a real bank, a real cw20 token and a registry that holds the providers' published records.

mod collect;
mod cw20_money;
mod deposit;
mod golden;
mod harness;
mod params;
mod permission;
mod query;
mod random;
mod schema;
mod stream;
mod transfer;
mod unpaid;
mod withdraw;
