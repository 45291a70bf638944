//! What the node's RPC tells about blocks and transactions, in this crate's types.

use base64::{engine::general_purpose::STANDARD, Engine};
use cosmwasm_std::{Attribute, Event, Timestamp};
use tendermint::{abci, Time};
use tendermint_rpc::endpoint::{block, block_results, tx};

use crate::error::ClientError;

/// What the node says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainStatus {
    pub chain_id: String,
    pub height: u64,
    /// Time of the block at `height`.
    pub time: Timestamp,
    /// Oldest block the node still has.
    pub earliest_height: u64,
    /// True while the node itself is behind the chain.
    pub catching_up: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockHeader {
    pub height: u64,
    pub time: Timestamp,
    /// Upper-case hex.
    pub hash: String,
    /// Encoded transactions in their order.
    pub txs: Vec<Vec<u8>>,
}

/// A transaction in a block, successful or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxFound {
    /// Upper-case hex.
    pub hash: String,
    pub height: u64,
    /// Zero means success.
    pub code: u32,
    pub codespace: String,
    pub log: String,
    pub gas_used: u64,
    pub events: Vec<Event>,
    pub data: Vec<u8>,
}

/// The node's answer to a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    pub code: u32,
    pub codespace: String,
    pub log: String,
}

/// Results of one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockResults {
    pub height: u64,
    /// In the order of the block's transactions.
    pub txs: Vec<TxResult>,
    /// Events that no transaction caused: begin and end of the block.
    pub block_events: Vec<Event>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxResult {
    pub code: u32,
    pub codespace: String,
    pub log: String,
    pub gas_used: u64,
    pub events: Vec<Event>,
    pub data: Vec<u8>,
}

impl TxResult {
    pub(crate) fn at(self, hash: String, height: u64) -> TxFound {
        let TxResult {
            code,
            codespace,
            log,
            gas_used,
            events,
            data,
        } = self;
        TxFound {
            hash,
            height,
            code,
            codespace,
            log,
            gas_used,
            events,
            data,
        }
    }
}

pub(crate) fn timestamp(time: Time) -> Result<Timestamp, ClientError> {
    u64::try_from(time.unix_timestamp_nanos())
        .map(Timestamp::from_nanos)
        .map_err(|e| ClientError::decode(format!("block time {time}"), e))
}

pub(crate) fn header(response: block::Response) -> Result<BlockHeader, ClientError> {
    Ok(BlockHeader {
        height: response.block.header.height.value(),
        time: timestamp(response.block.header.time)?,
        hash: response.block_id.hash.to_string(),
        txs: response.block.data,
    })
}

pub(crate) fn results(response: block_results::Response) -> Result<BlockResults, ClientError> {
    Ok(BlockResults {
        height: response.height.value(),
        txs: response
            .txs_results
            .unwrap_or_default()
            .into_iter()
            .map(tx_result)
            .collect::<Result<_, _>>()?,
        block_events: events(response.finalize_block_events)?,
    })
}

pub(crate) fn tx_found(response: tx::Response) -> Result<TxFound, ClientError> {
    Ok(tx_result(response.tx_result)?.at(response.hash.to_string(), response.height.value()))
}

fn tx_result(result: abci::types::ExecTxResult) -> Result<TxResult, ClientError> {
    // The RPC library hands on the base64 text of this field as its bytes.
    let data = STANDARD
        .decode(&result.data)
        .map_err(|e| ClientError::decode("transaction data", e))?;
    let gas_used =
        u64::try_from(result.gas_used).map_err(|e| ClientError::decode("gas used", e))?;
    Ok(TxResult {
        code: result.code.value(),
        codespace: result.codespace,
        log: result.log,
        gas_used,
        events: events(result.events)?,
        data,
    })
}

fn events(list: Vec<abci::Event>) -> Result<Vec<Event>, ClientError> {
    list.into_iter().map(event).collect()
}

/// Built field by field: `Event::add_attribute` refuses keys such as `_contract_address` that the chain itself sets.
fn event(event: abci::Event) -> Result<Event, ClientError> {
    let text = |r: Result<&str, tendermint::Error>| {
        r.map(String::from)
            .map_err(|e| ClientError::decode("event", e))
    };
    let attributes = event
        .attributes
        .iter()
        .map(|a| {
            Ok(Attribute {
                key: text(a.key_str())?,
                value: text(a.value_str())?,
            })
        })
        .collect::<Result<Vec<_>, ClientError>>()?;
    let mut converted = Event::new(event.kind);
    converted.attributes = attributes;
    Ok(converted)
}
