//! The contract on a real bank, a real cw20 token and a registry that holds the providers' published records.

mod collect;
mod golden;
mod harness;
mod schema;
