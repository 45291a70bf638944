//! Answers in the form of CometBFT 0.38.

use base64::{engine::general_purpose::STANDARD, Engine};
use cosmrs::proto::cosmwasm::wasm::v1::MsgExecuteContract;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

use super::{body, tx_data, Included, CHAIN_ID};

/// Ok value, or code and log of a refusal, which does not tell its height.
pub fn abci_answer(answer: Result<Vec<u8>, (u32, String)>, height: u64) -> Value {
    let height = if answer.is_ok() { height } else { 0 };
    let (code, log, value) = match answer {
        Ok(value) => (0, String::new(), value),
        Err((code, log)) => (code, log, vec![]),
    };
    json!({ "response": {
        "code": code, "log": log, "info": "", "index": "0", "key": null, "value": STANDARD.encode(value),
        "proofOps": null, "height": height.to_string(), "codespace": if code == 0 { "" } else { "sdk" },
    }})
}

pub fn broadcast(code: u32, log: &str, tx: &[u8]) -> Value {
    let codespace = if code == 0 { "" } else { "sdk" };
    json!({ "code": code, "data": "", "log": log, "codespace": codespace, "hash": sha(tx) })
}

pub fn tx(height: u64, index: usize, tx: &Included) -> Value {
    json!({
        "hash": sha(&tx.bytes), "height": height.to_string(), "index": index,
        "tx_result": tx_result(tx), "tx": STANDARD.encode(&tx.bytes),
    })
}

pub fn block_results(height: u64, txs: &[Included]) -> Value {
    let results: Vec<_> = txs.iter().map(tx_result).collect();
    json!({
        "height": height.to_string(), "txs_results": if txs.is_empty() { Value::Null } else { json!(results) },
        "finalize_block_events": [{ "type": "mint", "attributes": [{ "key": "mode", "value": "BeginBlock", "index": true }] }],
        "validator_updates": null, "consensus_param_updates": null, "app_hash": "",
    })
}

fn tx_result(tx: &Included) -> Value {
    let (log, codespace, data) = match tx.code {
        0 => ("", "", STANDARD.encode(tx_data(&tx.bytes))),
        11 => ("out of gas", "sdk", String::new()),
        _ => ("insufficient funds", "sdk", String::new()),
    };
    json!({
        "code": tx.code, "data": data, "log": log, "info": "", "gas_wanted": "200000", "gas_used": "90000",
        "events": events(&tx.bytes), "codespace": codespace,
    })
}

fn events(bytes: &[u8]) -> Vec<Value> {
    let calls = body(bytes)
        .messages
        .into_iter()
        .filter_map(|msg| msg.to_msg::<MsgExecuteContract>().ok());
    calls
        .map(|call| {
            let attribute =
                |key: &str, value: &str| json!({ "key": key, "value": value, "index": true });
            let msg = String::from_utf8(call.msg).unwrap();
            let attributes = [
                attribute("_contract_address", &call.contract),
                attribute("msg", &msg),
            ];
            json!({ "type": "wasm", "attributes": attributes })
        })
        .collect()
}

pub fn status(height: u64) -> Value {
    json!({
        "node_info": {
            "protocol_version": { "p2p": "8", "block": "11", "app": "0" },
            "id": "0000000000000000000000000000000000000001", "listen_addr": "tcp://127.0.0.1:26656",
            "network": CHAIN_ID, "version": "0.39.3", "channels": "40202122233038606100", "moniker": "fake",
            "other": { "tx_index": "on", "rpc_address": "tcp://127.0.0.1:26657" },
        },
        "sync_info": {
            "latest_block_hash": block_hash(height), "latest_app_hash": "", "latest_block_height": height.to_string(),
            "latest_block_time": time(height), "earliest_block_hash": block_hash(1), "earliest_app_hash": "",
            "earliest_block_height": "1", "earliest_block_time": time(1), "catching_up": false,
        },
        "validator_info": {
            "address": "0000000000000000000000000000000000000002", "voting_power": "1",
            "pub_key": { "type": "tendermint/PubKeyEd25519", "value": STANDARD.encode([7; 32]) },
        },
    })
}

pub fn block(height: u64, txs: &[Included]) -> Value {
    let id = |height| match height {
        0 => json!({ "hash": "", "parts": { "total": 0, "hash": "" } }),
        _ => {
            json!({ "hash": block_hash(height), "parts": { "total": 1, "hash": block_hash(height) } })
        }
    };
    let (some_hash, txs) = (
        block_hash(0),
        txs.iter()
            .map(|tx| STANDARD.encode(&tx.bytes))
            .collect::<Vec<_>>(),
    );
    json!({ "block_id": id(height), "block": {
        "header": {
            "version": { "block": "11", "app": "0" }, "chain_id": CHAIN_ID, "height": height.to_string(),
            "time": time(height), "last_block_id": id(height - 1), "last_commit_hash": some_hash, "data_hash": some_hash,
            "validators_hash": some_hash, "next_validators_hash": some_hash, "consensus_hash": some_hash,
            "app_hash": "", "last_results_hash": some_hash, "evidence_hash": some_hash,
            "proposer_address": "0000000000000000000000000000000000000002",
        },
        "data": { "txs": txs }, "evidence": { "evidence": [] },
        "last_commit": { "height": (height - 1).to_string(), "round": 0, "block_id": id(height - 1), "signatures": [] },
    }})
}

pub fn block_hash(height: u64) -> String {
    sha(&height.to_be_bytes())
}

fn sha(bytes: &[u8]) -> String {
    hex::encode_upper(Sha256::digest(bytes))
}

fn time(height: u64) -> String {
    format!(
        "2026-01-01T{:02}:{:02}:{:02}.5Z",
        height / 3600,
        height / 60 % 60,
        height % 60
    )
}
