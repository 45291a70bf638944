//! An in-memory chain for development.
mod accounts;
mod bank;
mod chain;
mod codes;
mod config;
mod error;
mod journal;
mod ledger;
mod msg;
mod query;
mod search;
mod tx;
mod wasm;
pub use codes::{native_codes, NativeCode};
pub use config::{
    address_of, signing_key, DevchainConfig, ADDRESS_PREFIX, DEV_ACCOUNTS, DEV_DENOMS,
};
