//! The JSON of RPC results, in CometBFT 0.38's shapes: 64-bit integers as strings, bytes in base64, hashes in upper-case hex.

use base64::prelude::{Engine, BASE64_STANDARD};
use cosmrs::tendermint::block::Id;
use cosmrs::tendermint::validator;
use cosmwasm_std::Event;
use serde_json::{json, Value};

use crate::error::AbciError;
use crate::ledger::{Ledger, StoredBlock, StoredTx, TxResult, VALIDATOR_POWER};
use crate::tx::TxHash;

const ZERO_TIME: &str = "0001-01-01T00:00:00Z";
const BLOCK_ID_FLAG_ABSENT: u8 = 1;

pub(crate) fn status(ledger: &Ledger) -> Value {
    let height = ledger.height();
    let (first, last) = (ledger.block(1), ledger.block(height));
    let hash = |block: Option<&StoredBlock>| block.map_or(String::new(), |b| b.id.hash.to_string());
    let app_hash = |block: Option<&StoredBlock>| {
        block.map_or(String::new(), |b| hex::encode_upper(b.app_hash))
    };
    let time = |block: Option<&StoredBlock>| {
        block.map_or(ZERO_TIME.to_owned(), |b| b.header.time.to_rfc3339())
    };
    json!({
        "node_info": {
            "protocol_version": { "p2p": "8", "block": "11", "app": "0" },
            "id": hex::encode(ledger.validator.address.as_bytes()),
            "listen_addr": "tcp://127.0.0.1:26656",
            "network": ledger.chain_id.as_str(),
            "version": "0.38.17",
            "channels": "40202122233038606100",
            "moniker": "leasehold-devchain",
            "other": { "tx_index": "on", "rpc_address": "tcp://127.0.0.1:26657" },
        },
        "sync_info": {
            "latest_block_hash": hash(last),
            "latest_app_hash": app_hash(last),
            "latest_block_height": height.to_string(),
            "latest_block_time": time(last),
            "earliest_block_hash": hash(first),
            "earliest_app_hash": app_hash(first),
            "earliest_block_height": "1",
            "earliest_block_time": time(first),
            "catching_up": false,
        },
        "validator_info": {
            "address": ledger.validator.address.to_string(),
            "pub_key": pub_key(&ledger.validator),
            "voting_power": VALIDATOR_POWER.to_string(),
        },
    })
}

pub(crate) fn abci_info(ledger: &Ledger) -> Value {
    let app_hash = ledger
        .block(ledger.height())
        .map_or([0; 32], |b| b.app_hash);
    json!({ "response": {
        "data": "leasehold-devchain",
        "version": env!("CARGO_PKG_VERSION"),
        "app_version": "0",
        "last_block_height": ledger.height().to_string(),
        "last_block_app_hash": BASE64_STANDARD.encode(app_hash),
    }})
}

pub(crate) fn abci_query(outcome: Result<Vec<u8>, AbciError>, height: u64) -> Value {
    let (code, codespace, log, value) = match outcome {
        Ok(value) => (
            0,
            "",
            String::new(),
            Value::String(BASE64_STANDARD.encode(value)),
        ),
        Err(error) => (error.code, error.codespace, error.log, Value::Null),
    };
    json!({ "response": {
        "code": code,
        "log": log,
        "info": "",
        "index": "0",
        "key": null,
        "value": value,
        "proofOps": null,
        "height": height.to_string(),
        "codespace": codespace,
    }})
}

/// `None` for a height without block.
pub(crate) fn block(ledger: &Ledger, height: u64) -> Option<Value> {
    let block = ledger.block(height)?;
    let txs: Vec<String> = block
        .txs
        .iter()
        .map(|tx| BASE64_STANDARD.encode(&tx.bytes))
        .collect();
    Some(json!({
        "block_id": block_id(Some(&block.id)),
        "block": {
            "header": header(block),
            "data": { "txs": txs },
            "evidence": { "evidence": [] },
            "last_commit": commit(ledger.block(height - 1)),
        },
    }))
}

pub(crate) fn block_meta(block: &StoredBlock) -> Value {
    let size: usize = block.txs.iter().map(|tx| tx.bytes.len()).sum();
    json!({
        "block_id": block_id(Some(&block.id)),
        "block_size": size.to_string(),
        "header": header(block),
        "num_txs": block.txs.len().to_string(),
    })
}

pub(crate) fn header(block: &StoredBlock) -> Value {
    let header = &block.header;
    let hash = |hash: Option<cosmrs::tendermint::Hash>| hash.unwrap_or_default().to_string();
    json!({
        "version": { "block": header.version.block.to_string(), "app": header.version.app.to_string() },
        "chain_id": header.chain_id.as_str(),
        "height": header.height.to_string(),
        "time": header.time.to_rfc3339(),
        "last_block_id": block_id(header.last_block_id.as_ref()),
        "last_commit_hash": hash(header.last_commit_hash),
        "data_hash": hash(header.data_hash),
        "validators_hash": header.validators_hash.to_string(),
        "next_validators_hash": header.next_validators_hash.to_string(),
        "consensus_hash": header.consensus_hash.to_string(),
        "app_hash": hex::encode_upper(header.app_hash.as_bytes()),
        "last_results_hash": hash(header.last_results_hash),
        "evidence_hash": hash(header.evidence_hash),
        "proposer_address": header.proposer_address.to_string(),
    })
}

/// The commit for `block`: the devchain's validator signs nothing, so its vote reads as absent.
pub(crate) fn commit(block: Option<&StoredBlock>) -> Value {
    let absent = json!({
        "block_id_flag": BLOCK_ID_FLAG_ABSENT,
        "validator_address": "",
        "timestamp": ZERO_TIME,
        "signature": null,
    });
    json!({
        "height": block.map_or(0, |b| b.header.height.value()).to_string(),
        "round": 0,
        "block_id": block_id(block.map(|b| &b.id)),
        "signatures": block.map_or(vec![], |_| vec![absent]),
    })
}

fn block_id(id: Option<&Id>) -> Value {
    let hash = id.map_or(String::new(), |id| id.hash.to_string());
    let parts = id.map_or(0, |id| id.part_set_header.total);
    json!({ "hash": hash, "parts": { "total": parts, "hash": hash } })
}

pub(crate) fn block_results(height: u64, block: &StoredBlock) -> Value {
    let results: Vec<Value> = block.txs.iter().map(|tx| tx_result(&tx.result)).collect();
    json!({
        "height": height.to_string(),
        "txs_results": if results.is_empty() { Value::Null } else { Value::Array(results) },
        "finalize_block_events": [],
        "validator_updates": null,
        "consensus_param_updates": null,
        "app_hash": BASE64_STANDARD.encode(block.app_hash),
    })
}

pub(crate) fn tx(tx: &StoredTx) -> Value {
    json!({
        "hash": hex::encode_upper(tx.hash),
        "height": tx.height.to_string(),
        "index": tx.index,
        "tx_result": tx_result(&tx.result),
        "tx": BASE64_STANDARD.encode(&tx.bytes),
    })
}

pub(crate) fn tx_result(result: &TxResult) -> Value {
    json!({
        "code": result.code,
        "data": data(result),
        "log": result.log,
        "info": "",
        "gas_wanted": result.gas_wanted.to_string(),
        "gas_used": result.gas_used.to_string(),
        "events": result.events.iter().map(event).collect::<Vec<_>>(),
        "codespace": result.codespace,
    })
}

fn data(result: &TxResult) -> Value {
    match result.data.as_slice() {
        [] => Value::Null,
        bytes => Value::String(BASE64_STANDARD.encode(bytes)),
    }
}

fn event(event: &Event) -> Value {
    let attributes: Vec<Value> = event
        .attributes
        .iter()
        .map(|a| json!({ "key": a.key, "value": a.value, "index": true }))
        .collect();
    json!({ "type": event.ty, "attributes": attributes })
}

pub(crate) fn broadcast(hash: &TxHash, result: &TxResult) -> Value {
    json!({
        "code": result.code,
        "data": "",
        "log": result.log,
        "codespace": result.codespace,
        "hash": hex::encode_upper(hash),
    })
}

pub(crate) fn unconfirmed(count: usize) -> Value {
    json!({ "n_txs": count.to_string(), "total": count.to_string(), "total_bytes": "0", "txs": null })
}

pub(crate) fn validator(validator: &validator::Info) -> Value {
    json!({
        "address": validator.address.to_string(),
        "pub_key": pub_key(validator),
        "voting_power": VALIDATOR_POWER.to_string(),
        "proposer_priority": "0",
    })
}

fn pub_key(validator: &validator::Info) -> Value {
    json!({ "type": "tendermint/PubKeyEd25519", "value": BASE64_STANDARD.encode(validator.pub_key.to_bytes()) })
}
