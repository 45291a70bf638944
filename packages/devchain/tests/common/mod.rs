//! A fast devchain with a counter contract, and raw access to it.
#![allow(dead_code)] // Each test binary uses its part.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::LazyLock;
use std::time::Duration;

use base64::prelude::{Engine, BASE64_STANDARD};
use cosmrs::crypto::secp256k1::SigningKey;
use cosmrs::proto::cosmos::bank::v1beta1::MsgSend;
use cosmrs::proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use cosmrs::proto::cosmos::tx::v1beta1::mode_info::{Single, Sum};
use cosmrs::proto::cosmos::tx::v1beta1::{
    AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw,
};
use cosmrs::proto::cosmwasm::wasm::v1::MsgExecuteContract;
use cosmrs::proto::traits::{Message, Name};
use cosmrs::Any;
use cosmwasm_std::{
    to_json_binary, Binary, Deps, DepsMut, Empty, Env, Event, MessageInfo, Response, StdError,
    StdResult, WasmMsg,
};
use cw_multi_test::ContractWrapper;
use leasehold_client::{ChainClient, GasPrice, Instantiate2, Key, TxConfig, Wallet};
use leasehold_devchain::{
    native_codes, signing_key, Devchain, DevchainConfig, NativeCode, DEV_ACCOUNTS,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

pub const CHAIN_ID: &str = "leasehold-dev";
pub const BLOCK_TIME: Duration = Duration::from_millis(50);

pub fn config() -> DevchainConfig {
    let mut codes = native_codes();
    codes.push(counter_code());
    DevchainConfig {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        block_time: BLOCK_TIME,
        speed: 20,
        codes,
        ..DevchainConfig::default()
    }
}

pub fn start() -> Devchain {
    Devchain::start(config()).expect("devchain starts")
}

/// Code id of the test contract, stored at genesis after the native codes.
pub fn counter_id() -> u64 {
    native_codes().len() as u64 + 1
}

pub fn counter_code() -> NativeCode {
    NativeCode {
        name: "counter",
        build: || Box::new(ContractWrapper::new(execute, instantiate, query)),
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecuteMsg {
    Increment {},
    Fail {},
    Panic {},
    Recurse {},
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryMsg {
    Count {},
    Time {},
    Panic {},
    Recurse {},
}

pub fn instantiate(deps: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
    deps.storage.set(b"count", &0u64.to_be_bytes());
    Ok(Response::new())
}

fn count(deps: Deps) -> u64 {
    let bytes = deps.storage.get(b"count").expect("set at instantiation");
    u64::from_be_bytes(bytes.try_into().expect("eight bytes"))
}

pub fn execute(deps: DepsMut, env: Env, _: MessageInfo, msg: ExecuteMsg) -> StdResult<Response> {
    let next = count(deps.as_ref()) + 1;
    deps.storage.set(b"count", &next.to_be_bytes());
    match msg {
        ExecuteMsg::Increment {} => Ok(Response::new()
            .add_attribute("count", next.to_string())
            .add_event(Event::new("incremented").add_attribute("count", next.to_string()))
            .set_data(next.to_be_bytes())),
        ExecuteMsg::Fail {} => Err(StdError::generic_err("asked to fail")),
        ExecuteMsg::Panic {} => panic!("asked to panic"),
        ExecuteMsg::Recurse {} => Ok(Response::new().add_message(WasmMsg::Execute {
            contract_addr: env.contract.address.into(),
            msg: to_json_binary(&ExecuteMsg::Recurse {})?,
            funds: vec![],
        })),
    }
}

pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Count {} => to_json_binary(&count(deps)),
        QueryMsg::Time {} => to_json_binary(&env.block.time.seconds()),
        QueryMsg::Panic {} => panic!("asked to panic"),
        QueryMsg::Recurse {} => deps
            .querier
            .query_wasm_smart(env.contract.address, &QueryMsg::Recurse {}),
    }
}

pub fn mnemonic(name: &str) -> &'static str {
    DEV_ACCOUNTS
        .iter()
        .find(|(n, _)| *n == name)
        .expect("a dev account")
        .1
}

pub async fn wallet(chain: &Devchain, name: &str) -> Wallet {
    let client = ChainClient::connect(&chain.rpc_url())
        .await
        .expect("client connects");
    let key = Key::from_words(mnemonic(name), "wasm").expect("dev mnemonic");
    let price: GasPrice = "0.01ustake".parse().expect("gas price");
    let config = TxConfig {
        poll: Duration::from_millis(20),
        ..TxConfig::new(price)
    };
    Wallet::new(client, key, config)
}

/// Instantiates the counter and returns its address.
pub async fn counter(wallet: &Wallet, salt: &[u8]) -> String {
    let msg = Instantiate2::new(counter_id(), &json!({}), salt, "counter", None).expect("message");
    let done = wallet.instantiate2(msg).await.expect("instantiated");
    done.instantiated(0).expect("address")
}

/// One client for all tests: making one loads certificates. No idle connection outlives the runtime of the test that opened it.
pub static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
    let builder = reqwest::Client::builder().pool_max_idle_per_host(0);
    builder.build().expect("HTTP client")
});

/// Posts one JSON-RPC request and returns the whole answer.
pub async fn rpc(chain: &Devchain, method: &str, params: Value) -> Value {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let response = HTTP.post(chain.rpc_url()).json(&request).send().await;
    response.expect("answer").json().await.expect("JSON")
}

pub async fn height(chain: &Devchain) -> u64 {
    let status = rpc(chain, "status", json!({})).await;
    let height = status["result"]["sync_info"]["latest_block_height"]
        .as_str()
        .expect("height");
    height.parse().expect("number")
}

/// What a raw transaction is made of; tests change one field to see it refused.
pub struct Draft {
    pub key: SigningKey,
    pub msgs: Vec<Any>,
    pub chain_id: String,
    pub account_number: u64,
    pub sequence: u64,
    pub gas: u64,
    pub fee: Vec<(u128, &'static str)>,
    pub mode: i32,
    pub timeout_height: u64,
}

impl Draft {
    pub fn new(name: &str, sequence: u64, msgs: Vec<Any>) -> Self {
        let number = DEV_ACCOUNTS
            .iter()
            .position(|(n, _)| *n == name)
            .expect("a dev account");
        Self {
            key: signing_key(mnemonic(name)).expect("key"),
            msgs,
            chain_id: CHAIN_ID.into(),
            account_number: number as u64,
            sequence,
            gas: 200_000,
            fee: vec![],
            mode: 1,
            timeout_height: 0,
        }
    }

    pub fn sign(&self) -> Vec<u8> {
        let body = TxBody {
            messages: self.msgs.clone(),
            timeout_height: self.timeout_height,
            ..TxBody::default()
        };
        let mode_info = ModeInfo {
            sum: Some(Sum::Single(Single { mode: self.mode })),
        };
        let auth = AuthInfo {
            signer_infos: vec![SignerInfo {
                public_key: Some(self.key.public_key().to_any().expect("key")),
                mode_info: Some(mode_info),
                sequence: self.sequence,
            }],
            fee: Some(Fee {
                amount: coins(&self.fee),
                gas_limit: self.gas,
                ..Fee::default()
            }),
            ..AuthInfo::default()
        };
        let doc = SignDoc {
            body_bytes: body.encode_to_vec(),
            auth_info_bytes: auth.encode_to_vec(),
            chain_id: self.chain_id.clone(),
            account_number: self.account_number,
        };
        let signature = self.key.sign(&doc.encode_to_vec()).expect("signature");
        TxRaw {
            body_bytes: doc.body_bytes,
            auth_info_bytes: doc.auth_info_bytes,
            signatures: vec![signature.to_vec()],
        }
        .encode_to_vec()
    }
}

pub fn address(name: &str) -> String {
    leasehold_devchain::address_of(mnemonic(name))
        .expect("address")
        .to_string()
}

pub fn pack<M: Message + Name>(msg: &M) -> Any {
    Any {
        type_url: M::type_url(),
        value: msg.encode_to_vec(),
    }
}

pub fn coins(coins: &[(u128, &str)]) -> Vec<ProtoCoin> {
    coins
        .iter()
        .map(|(amount, denom)| ProtoCoin {
            amount: amount.to_string(),
            denom: denom.to_string(),
        })
        .collect()
}

pub fn send(from: &str, to: &str, amount: u128) -> Any {
    pack(&MsgSend {
        from_address: address(from),
        to_address: address(to),
        amount: coins(&[(amount, "ustake")]),
    })
}

pub fn execute_any(from: &str, contract: &str, msg: &ExecuteMsg) -> Any {
    pack(&MsgExecuteContract {
        sender: address(from),
        contract: contract.into(),
        msg: serde_json::to_vec(msg).expect("JSON"),
        funds: vec![],
    })
}

/// Broadcasts and returns the mempool's answer.
pub async fn broadcast(chain: &Devchain, tx: &[u8]) -> Value {
    rpc(
        chain,
        "broadcast_tx_sync",
        json!({ "tx": BASE64_STANDARD.encode(tx) }),
    )
    .await
}

/// Broadcasts, waits for inclusion, and returns the transaction's result.
pub async fn deliver(chain: &Devchain, tx: &[u8]) -> Value {
    let answer = rpc(
        chain,
        "broadcast_tx_commit",
        json!({ "tx": BASE64_STANDARD.encode(tx) }),
    )
    .await;
    assert_eq!(answer["result"]["check_tx"]["code"], 0, "{answer}");
    answer["result"]["tx_result"].clone()
}
