//! Chain client over CometBFT RPC: keys, signing, one sequence lane per key, queries and an event cursor.
//!
//! The same code talks to a wasmd node and to the devchain. Nothing here knows the market: contract messages and
//! answers are whatever serde types the caller passes.

mod adr36;
mod block;
mod chain;
mod cursor;
mod error;
mod file;
mod keyring;
mod keys;
mod lane;
mod query;
mod sign;
mod state;
mod tx;
mod wallet;

pub use adr36::{verify_arbitrary, ArbitraryError};
pub use block::{BlockHeader, BlockResults, ChainStatus, TxFound, TxResult};
pub use chain::{ChainClient, READ_PATIENCE};
pub use cosmrs::Any;
pub use cursor::{Batch, BlockSource, ContractEvent, CursorError, EventCursor};
pub use error::ClientError;
pub use keyring::{KeyInfo, Keyring, KeyringError};
pub use keys::{parse_mnemonic, Key, KeyError, Mnemonic, WordCount, DEFAULT_PREFIX, HD_PATH};
pub use query::{Account, CodeInfo, ContractInfo};
pub use tendermint_rpc::query::Query;
pub use tx::{
    attribute, instantiate2_address, Execute, GasPrice, GasPriceError, Instantiate2, StoredCode,
    TxOutcome,
};
pub use wallet::{TxConfig, Wallet};
