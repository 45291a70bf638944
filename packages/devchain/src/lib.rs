//! An in-memory chain for development: the contracts' own Rust code behind CometBFT's RPC on loopback.
//!
//! Signatures, sequences, fees and multi-message atomicity are real; gas is not metered, votes are not signed, and there is no wasm VM:
//! `MsgStoreCode` takes the text `leasehold-native:<name>` of a linked-in contract. Transactions need SIGN_MODE_DIRECT and one signer.

mod accounts;
mod ante;
mod bank;
mod chain;
mod codes;
mod config;
mod error;
mod http;
mod journal;
mod json;
mod ledger;
mod msg;
mod node;
mod params;
mod query;
mod rpc;
mod search;
mod server;
mod store;
mod tx;
mod wasm;

pub use codes::{native_codes, NativeCode};
pub use config::{
    address_of, signing_key, DevchainConfig, ADDRESS_PREFIX, DEV_ACCOUNTS, DEV_BALANCE, DEV_DENOMS,
};
pub use server::Devchain;
