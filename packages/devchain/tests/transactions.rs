//! Raw transactions: what the ante handler refuses, and what a failed delivery leaves behind.

mod common;

use common::*;
use cosmrs::proto::cosmwasm::wasm::v1::MsgStoreCode;
use serde_json::{json, Value};

type Change = fn(&mut Draft);

#[tokio::test(flavor = "multi_thread")]
async fn the_mempool_refuses_what_a_node_refuses() {
    let chain = start();
    let cases: Vec<(&str, Change, u64, &str)> = vec![
        (
            "sequence",
            |d| d.sequence = 7,
            32,
            "account sequence mismatch, expected 0, got 7: incorrect account sequence",
        ),
        (
            "chain id",
            |d| d.chain_id = "other".into(),
            4,
            "signature verification failed",
        ),
        (
            "account number",
            |d| d.account_number = 99,
            4,
            "verify account number (7)",
        ),
        (
            "another's key",
            |d| d.key = Draft::new("bob", 0, vec![]).key,
            8,
            "pubKey does not match signer address",
        ),
        ("amino", |d| d.mode = 127, 37, "SIGN_MODE_DIRECT only"),
        (
            "no gas limit",
            |d| d.gas = 0,
            41,
            "must provide positive gas",
        ),
        (
            "fee above balance",
            |d| d.fee = vec![(u128::MAX, "ustake")],
            5,
            "is smaller than",
        ),
        (
            "fee denom twice",
            |d| d.fee = vec![(1, "ustake"), (1, "ustake")],
            10,
            "duplicate denomination",
        ),
        ("expired", |d| d.timeout_height = 1, 30, "timeout height: 1"),
        ("no message", |d| d.msgs.clear(), 18, "at least one message"),
        (
            "two signers",
            |d| d.msgs.push(send("bob", "alice", 1)),
            14,
            "one signer per transaction",
        ),
        (
            "unknown message",
            |d| d.msgs[0].type_url = "/cosmos.gov.v1.MsgVote".into(),
            2,
            "unable to resolve type URL",
        ),
        (
            "garbled message",
            |d| d.msgs[0].value = vec![0xff; 9],
            2,
            "tx parse error",
        ),
        (
            "zero coins",
            |d| d.msgs = vec![send("alice", "bob", 0)],
            10,
            "not positive",
        ),
        (
            "unsorted fee",
            |d| d.fee = vec![(1, "ustake"), (1, "uakt")],
            10,
            "not sorted",
        ),
    ];
    chain.wait_blocks(1).await.expect("blocks");
    for (name, change, code, text) in cases {
        let mut draft = Draft::new("alice", 0, vec![send("alice", "bob", 1)]);
        change(&mut draft);
        let answer = broadcast(&chain, &draft.sign()).await;
        assert_eq!(answer["result"]["code"], code, "{name}: {answer}");
        let log = answer["result"]["log"].as_str().expect("log");
        assert!(log.contains(text), "{name}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_covers_every_byte() {
    let chain = start();
    let good = Draft::new("alice", 0, vec![send("alice", "bob", 1)]).sign();
    for position in 0..good.len() {
        let mut bad = good.clone();
        bad[position] ^= 1;
        let answer = broadcast(&chain, &bad).await;
        assert_ne!(answer["result"]["code"], 0, "byte {position}: {answer}");
    }
    assert_eq!(broadcast(&chain, &good).await["result"]["code"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_transactions_count_for_the_sequence() {
    let mut config = config();
    config.block_time = std::time::Duration::from_secs(3_600);
    let chain = leasehold_devchain::Devchain::start(config).expect("devchain starts");
    let tx = |sequence| Draft::new("alice", sequence, vec![send("alice", "bob", 1)]).sign();
    assert_eq!(broadcast(&chain, &tx(0)).await["result"]["code"], 0);
    let again = broadcast(&chain, &tx(0)).await;
    assert_eq!(again["error"]["data"], "tx already exists in cache");
    assert_eq!(broadcast(&chain, &tx(1)).await["result"]["code"], 0);
    let skipped = broadcast(&chain, &tx(3)).await;
    let log = skipped["result"]["log"].as_str().expect("log");
    assert_eq!(
        log,
        "account sequence mismatch, expected 2, got 3: incorrect account sequence"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_delivery_keeps_the_fee_and_the_sequence_only() {
    let chain = start();
    let contract = counter(&wallet(&chain, "bob").await, b"fail").await;
    for (sequence, (msg, code, text)) in [
        (
            ExecuteMsg::Fail {},
            5,
            "Generic error: asked to fail: execute wasm contract failed",
        ),
        (
            ExecuteMsg::Panic {},
            111_222,
            "recovered: asked to panic: panic",
        ),
        (ExecuteMsg::Recurse {}, 5, "max call depth exceeded"),
    ]
    .into_iter()
    .enumerate()
    {
        let before = balance(&chain, "alice").await;
        let msgs = vec![
            send("alice", "bob", 1_000),
            execute_any("alice", &contract, &ExecuteMsg::Increment {}),
            execute_any("alice", &contract, &msg),
        ];
        let mut draft = Draft::new("alice", sequence as u64, msgs);
        draft.fee = vec![(7, "ustake")];
        let result = deliver(&chain, &draft.sign()).await;
        assert_eq!(result["code"], code, "{result}");
        let log = result["log"].as_str().expect("log");
        assert!(
            log.starts_with("failed to execute message; message index: 2: ") && log.contains(text),
            "{log}"
        );
        assert_eq!(before - balance(&chain, "alice").await, 7);
        assert_eq!(count(&chain, &contract).await, 0);
    }
    let next = Draft::new(
        "alice",
        3,
        vec![execute_any("alice", &contract, &ExecuteMsg::Increment {})],
    );
    assert_eq!(deliver(&chain, &next.sign()).await["code"], 0);
    assert_eq!(count(&chain, &contract).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolled_back_code_leaves_no_id_behind() {
    let chain = start();
    let store = pack(&MsgStoreCode {
        sender: address("alice"),
        wasm_byte_code: counter_code().stub(),
        instantiate_permission: None,
    });
    let too_much = send("alice", "bob", u128::MAX);
    let failed = deliver(
        &chain,
        &Draft::new("alice", 0, vec![store.clone(), too_much]).sign(),
    )
    .await;
    assert_eq!(failed["code"], 5, "{failed}");
    let stored = deliver(&chain, &Draft::new("alice", 1, vec![store]).sign()).await;
    let id = attribute(&stored, "store_code", "code_id");
    assert_eq!(id, (counter_id() + 1).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_wasmds() {
    let chain = start();
    let contract = counter(&wallet(&chain, "bob").await, b"events").await;
    let msgs = vec![
        send("alice", "bob", 1),
        execute_any("alice", &contract, &ExecuteMsg::Increment {}),
    ];
    let result = deliver(&chain, &Draft::new("alice", 0, msgs).sign()).await;
    let types: Vec<&str> = result["events"]
        .as_array()
        .expect("events")
        .iter()
        .filter_map(|e| e["type"].as_str())
        .collect();
    let expected = [
        "tx",
        "tx",
        "message",
        "coin_spent",
        "coin_received",
        "transfer",
        "message",
        "message",
        "execute",
        "wasm",
        "wasm-incremented",
    ];
    assert_eq!(types, expected);
    assert_eq!(attribute(&result, "execute", "_contract_address"), contract);
    assert_eq!(
        attribute(&result, "wasm-incremented", "_contract_address"),
        contract
    );
    assert_eq!(attribute(&result, "wasm-incremented", "msg_index"), "1");
    let query = json!({ "query": format!("wasm-incremented._contract_address='{contract}'") });
    let found = rpc(&chain, "tx_search", query).await;
    assert_eq!(found["result"]["total_count"], "1", "{found}");
}

async fn balance(chain: &leasehold_devchain::Devchain, name: &str) -> u128 {
    let client = leasehold_client::ChainClient::connect(&chain.rpc_url())
        .await
        .expect("client");
    client
        .balance(&address(name), "ustake")
        .await
        .expect("balance")
        .u128()
}

async fn count(chain: &leasehold_devchain::Devchain, contract: &str) -> u64 {
    let client = leasehold_client::ChainClient::connect(&chain.rpc_url())
        .await
        .expect("client");
    client
        .query_smart(contract, &QueryMsg::Count {})
        .await
        .expect("count")
}

fn attribute(result: &Value, ty: &str, key: &str) -> String {
    let events = result["events"].as_array().expect("events");
    let event = events.iter().find(|e| e["type"] == ty).expect("event");
    let attributes = event["attributes"].as_array().expect("attributes");
    let found = attributes
        .iter()
        .find(|a| a["key"] == key)
        .expect("attribute");
    found["value"].as_str().expect("text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_transactions_fit_into_few_blocks() {
    let chain = start();
    let before = balance(&chain, "bob").await;
    let mut draft = Draft::new("alice", 0, vec![send("alice", "bob", 1)]);
    let txs: Vec<_> = (0..2_000)
        .map(|sequence| {
            draft.sequence = sequence;
            draft.sign()
        })
        .collect();
    for tx in &txs {
        let answer = broadcast(&chain, tx).await;
        assert_eq!(answer["result"]["code"], 0, "{answer}");
    }
    chain.wait_blocks(2).await.expect("blocks");
    assert_eq!(balance(&chain, "bob").await - before, 2_000);
    let query =
        json!({ "query": format!("transfer.recipient='{}'", address("bob")), "order_by": "desc" });
    let found = rpc(&chain, "tx_search", query).await;
    assert_eq!(found["result"]["total_count"], "2000");
    assert_eq!(found["result"]["txs"].as_array().map(Vec::len), Some(30));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_contract_is_named() {
    let chain = start();
    let msgs = vec![execute_any(
        "alice",
        &address("bob"),
        &ExecuteMsg::Increment {},
    )];
    let result = deliver(&chain, &Draft::new("alice", 0, msgs).sign()).await;
    assert_eq!(
        (&result["code"], &result["codespace"]),
        (&json!(22), &json!("wasm"))
    );
    let log = result["log"].as_str().expect("log");
    assert!(
        log.ends_with(&format!("address {}: no such contract", address("bob"))),
        "{log}"
    );
}
