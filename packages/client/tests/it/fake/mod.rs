//! A chain of one account behind a real JSON-RPC server, with the faults that a node can have.
//!
//! It makes one block each time somebody looks for a transaction, so that tests need no clock.

mod json;
mod queries;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{extract::State, http::StatusCode, response::IntoResponse, routing::post, Json, Router};
use base64::{engine::general_purpose::STANDARD, Engine};
use cosmrs::{
    bip32::secp256k1::ecdsa::{signature::Verifier, Signature, VerifyingKey},
    proto::{
        cosmos::{
            base::abci::v1beta1::TxMsgData,
            crypto::secp256k1::PubKey,
            tx::v1beta1::{AuthInfo, SignDoc, TxBody, TxRaw},
        },
        cosmwasm::wasm::v1::{
            MsgExecuteContract, MsgExecuteContractResponse, MsgInstantiateContract2Response,
            MsgStoreCode, MsgStoreCodeResponse,
        },
        traits::{Message, Name},
    },
    Any,
};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

pub const CHAIN_ID: &str = "fake-1";
/// Does not fit 53 bits, like the hashed account numbers of SDK 0.54.
pub const ACCOUNT_NUMBER: u64 = u64::MAX - 6;
pub const SIMULATED_GAS: u64 = 100_001;

#[derive(Debug, Default)]
pub struct Faults {
    /// The answers to this many next broadcasts are lost after the transaction was taken.
    pub lose_answers: u32,
    /// A transaction whose answer was lost is in a block before the next request comes.
    pub include_at_once: bool,
    /// This many next broadcasts find no room.
    pub full: u32,
    /// The next transaction is taken and then forgotten, as by a node that restarts.
    pub lose_mempool: bool,
    /// This many next reads get no usable answer.
    pub silent: u32,
    /// This many next queries find a node that has the first block only, with no account and no contract.
    pub old_state: u32,
    /// Blocks come, but without the transactions of the mempool.
    pub ignore_mempool: bool,
    pub halted: bool,
    pub no_index: bool,
    /// Simulation accepts every sequence, so that only the broadcast finds a wrong one.
    pub blind_simulation: bool,
    /// This many next simulations run at a time before that of their state.
    pub between_blocks: u32,
    /// Every broadcast is refused for its sequence, without saying which one is right.
    pub confused: bool,
    /// Broadcasts are refused with code 13.
    pub fee_too_low: bool,
    /// Transactions fail in their block with code 5.
    pub fail_execution: bool,
    /// Transactions whose gas limit is lower fail in their block with code 11.
    pub gas_needed: u64,
}

impl Faults {
    fn execution_code(&self, bytes: &[u8]) -> u32 {
        match auth(bytes).fee.map_or(0, |fee| fee.gas_limit) {
            _ if self.fail_execution => 5,
            limit if limit < self.gas_needed => 11,
            _ => 0,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Included {
    pub bytes: Vec<u8>,
    pub code: u32,
}

#[derive(Default)]
pub struct Chain {
    /// Sequence after the last block.
    pub sequence: u64,
    pub mempool: Vec<Vec<u8>>,
    pub blocks: Vec<Vec<Included>>,
    /// Memos of the transactions that took effect, in their order.
    pub executed: Vec<String>,
    pub broadcasts: u32,
    pub last_auth: AuthInfo,
    pub faults: Faults,
}

#[derive(Clone)]
pub struct FakeNode {
    pub url: String,
    chain: Arc<Mutex<Chain>>,
}

impl FakeNode {
    pub async fn start(faults: Faults) -> Self {
        let chain = Arc::new(Mutex::new(Chain {
            faults,
            ..Default::default()
        }));
        chain.lock().unwrap().make_block();
        let app = Router::new()
            .route("/", post(answer))
            .with_state(chain.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, chain }
    }

    pub fn chain(&self) -> MutexGuard<'_, Chain> {
        self.chain.lock().unwrap()
    }
}

async fn answer(
    State(chain): State<Arc<Mutex<Chain>>>,
    Json(request): Json<Value>,
) -> axum::response::Response {
    let id = request["id"].clone();
    let method = request["method"].as_str().unwrap().to_string();
    match chain.lock().unwrap().call(&method, &request["params"]) {
        Ok(Some(result)) => {
            Json(json!({ "jsonrpc": "2.0", "id": id, "result": result })).into_response()
        }
        Ok(None) => StatusCode::BAD_GATEWAY.into_response(),
        Err(data) => {
            let error = json!({ "code": -32603, "message": "Internal error", "data": data });
            Json(json!({ "jsonrpc": "2.0", "id": id, "error": error })).into_response()
        }
    }
}

impl Chain {
    fn call(&mut self, method: &str, params: &Value) -> Result<Option<Value>, String> {
        if self.faults.silent > 0 && method != "broadcast_tx_sync" {
            self.faults.silent -= 1;
            return Ok(None);
        }
        let height = || params["height"].as_str().unwrap().parse::<u64>().unwrap();
        match method {
            "status" => Ok(Some(json::status(self.blocks.len() as u64))),
            "block" => Ok(Some(json::block(
                height(),
                &self.blocks[height() as usize - 1],
            ))),
            "block_results" => Ok(Some(json::block_results(
                height(),
                &self.blocks[height() as usize - 1],
            ))),
            "tx" => self
                .tx(&STANDARD.decode(params["hash"].as_str().unwrap()).unwrap())
                .map(Some),
            "tx_search" => Ok(Some(self.tx_search())),
            "broadcast_tx_sync" => {
                self.broadcast(STANDARD.decode(params["tx"].as_str().unwrap()).unwrap())
            }
            "abci_query" => {
                let data = hex::decode(params["data"].as_str().unwrap()).unwrap();
                let path = params["path"].as_str().unwrap();
                Ok(Some(self.abci_query(path, &data, &params["height"])))
            }
            other => Err(format!("method {other} not known")),
        }
    }

    fn abci_query(&mut self, path: &str, data: &[u8], asked: &Value) -> Value {
        if self.faults.old_state > 0 {
            self.faults.old_state -= 1;
            let asked = asked.as_str().map(|height| height.parse().unwrap());
            return json::abci_answer(queries::before_all(path, asked), 1);
        }
        json::abci_answer(queries::query(self, path, data), self.blocks.len() as u64)
    }

    fn tx(&mut self, hash: &[u8]) -> Result<Value, String> {
        self.make_block();
        if self.faults.no_index {
            return Err("transaction indexing is disabled".into());
        }
        self.included()
            .find(|(_, _, tx)| Sha256::digest(&tx.bytes).as_slice() == hash)
            .map(|(height, index, tx)| json::tx(height, index, tx))
            .ok_or_else(|| format!("tx ({}) not found", hex::encode(hash)))
    }

    fn tx_search(&self) -> Value {
        let txs: Vec<_> = self
            .included()
            .map(|(height, index, tx)| json::tx(height, index, tx))
            .collect();
        json!({ "total_count": txs.len().to_string(), "txs": txs })
    }

    fn included(&self) -> impl Iterator<Item = (u64, usize, &Included)> {
        (1..).zip(&self.blocks).flat_map(|(height, block)| {
            block
                .iter()
                .enumerate()
                .map(move |(index, tx)| (height, index, tx))
        })
    }

    fn broadcast(&mut self, bytes: Vec<u8>) -> Result<Option<Value>, String> {
        self.broadcasts += 1;
        let answer = self.take(&bytes);
        if self.faults.lose_answers > 0 {
            self.faults.lose_answers -= 1;
            if self.faults.include_at_once {
                self.make_block();
            }
            return Ok(None);
        }
        answer.map(|(code, log)| Some(json::broadcast(code, &log, &bytes)))
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(u32, String), String> {
        if self.faults.full > 0 {
            self.faults.full -= 1;
            return Err("mempool is full: number of txs 5000 (max: 5000)".into());
        }
        if self.mempool.iter().any(|known| known == bytes) {
            return Err("tx already exists in cache".into());
        }
        let auth = self.signed_by(bytes).expect("a valid signature");
        if let Some(refusal) = self.refusal(&auth) {
            return Ok(refusal);
        }
        if !std::mem::take(&mut self.faults.lose_mempool) {
            self.mempool.push(bytes.into());
        }
        self.last_auth = auth;
        Ok((0, String::new()))
    }

    fn refusal(&self, auth: &AuthInfo) -> Option<(u32, String)> {
        if self.faults.confused {
            return Some((32, "incorrect account sequence".into()));
        }
        if self.faults.fee_too_low {
            return Some((13, "insufficient fee".into()));
        }
        self.wrong_sequence(auth).map(|log| (32, log))
    }

    /// The mempool counts: this is the sequence the next transaction needs.
    pub fn wrong_sequence(&self, auth: &AuthInfo) -> Option<String> {
        let expected = self.sequence + self.mempool.len() as u64;
        let got = auth.signer_infos[0].sequence;
        let log = format!(
            "account sequence mismatch, expected {expected}, got {got}: incorrect account sequence"
        );
        (expected != got).then_some(log)
    }

    pub fn signed_by(&self, bytes: &[u8]) -> Result<AuthInfo, String> {
        let TxRaw {
            body_bytes,
            auth_info_bytes,
            signatures,
        } = TxRaw::decode(bytes).unwrap();
        let auth = AuthInfo::decode(auth_info_bytes.as_slice()).unwrap();
        let public_key: PubKey = auth.signer_infos[0]
            .public_key
            .as_ref()
            .unwrap()
            .to_msg()
            .unwrap();
        let (chain_id, account_number) = (CHAIN_ID.into(), ACCOUNT_NUMBER);
        let doc = SignDoc {
            body_bytes,
            auth_info_bytes,
            chain_id,
            account_number,
        }
        .encode_to_vec();
        let signature = Signature::from_slice(&signatures[0]).unwrap();
        let key = VerifyingKey::from_sec1_bytes(&public_key.key).unwrap();
        key.verify(&doc, &signature)
            .map(|()| auth)
            .map_err(|_| "signature verification failed".into())
    }

    pub fn make_block(&mut self) {
        if self.faults.halted && !self.blocks.is_empty() {
            return;
        }
        let height = self.blocks.len() as u64 + 1;
        let taken = if self.faults.ignore_mempool {
            vec![]
        } else {
            std::mem::take(&mut self.mempool)
        };
        let block = taken
            .into_iter()
            .filter(|bytes| height <= body(bytes).timeout_height);
        let block: Vec<Included> = block
            .map(|bytes| Included {
                code: self.faults.execution_code(&bytes),
                bytes,
            })
            .collect();
        self.sequence += block.len() as u64;
        self.executed.extend(
            block
                .iter()
                .filter(|tx| tx.code == 0)
                .map(|tx| body(&tx.bytes).memo),
        );
        self.blocks.push(block);
    }
}

pub fn body(bytes: &[u8]) -> TxBody {
    let raw = TxRaw::decode(bytes).unwrap();
    TxBody::decode(raw.body_bytes.as_slice()).unwrap()
}

fn auth(bytes: &[u8]) -> AuthInfo {
    let raw = TxRaw::decode(bytes).unwrap();
    AuthInfo::decode(raw.auth_info_bytes.as_slice()).unwrap()
}

/// Address of the "contract" at which an instantiation with this salt ends.
pub fn instantiated_address(salt: &[u8]) -> String {
    format!("wasm1{}", hex::encode(salt))
}

fn tx_data(bytes: &[u8]) -> Vec<u8> {
    let msg_responses = body(bytes).messages.iter().map(response_to).collect();
    TxMsgData {
        msg_responses,
        ..Default::default()
    }
    .encode_to_vec()
}

fn response_to(msg: &Any) -> Any {
    let any = |response: Result<Any, _>| response.unwrap();
    if let Ok(execute) = msg.to_msg::<MsgExecuteContract>() {
        any(Any::from_msg(&MsgExecuteContractResponse {
            data: execute.msg,
        }))
    } else if let Ok(store) = msg.to_msg::<MsgStoreCode>() {
        let checksum = Sha256::digest(&store.wasm_byte_code).to_vec();
        any(Any::from_msg(&MsgStoreCodeResponse {
            code_id: 7,
            checksum,
        }))
    } else if msg.type_url.ends_with("MsgInstantiateContract2") {
        let msg: cosmrs::proto::cosmwasm::wasm::v1::MsgInstantiateContract2 = msg.to_msg().unwrap();
        let address = instantiated_address(&msg.salt);
        any(Any::from_msg(&MsgInstantiateContract2Response {
            address,
            data: vec![],
        }))
    } else {
        assert_eq!(
            msg.type_url,
            cosmrs::proto::cosmos::bank::v1beta1::MsgSend::type_url()
        );
        Any {
            type_url: "/cosmos.bank.v1beta1.MsgSendResponse".into(),
            value: vec![],
        }
    }
}
