//! Whatever arrives, the answer is an RPC error and the chain goes on.

mod common;

use base64::prelude::{Engine, BASE64_STANDARD};
use common::*;
use cosmrs::proto::cosmwasm::wasm::v1::QuerySmartContractStateRequest;
use cosmrs::proto::traits::Message;
use leasehold_devchain::Devchain;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use serde_json::{json, Value};

const METHODS: [&str; 17] = [
    "health",
    "status",
    "abci_info",
    "abci_query",
    "block",
    "header",
    "commit",
    "block_results",
    "blockchain",
    "validators",
    "tx",
    "tx_search",
    "num_unconfirmed_txs",
    "broadcast_tx_sync",
    "broadcast_tx_async",
    "dev_advance",
    "no_such_method",
];

const PATHS: [&str; 12] = [
    "/cosmos.auth.v1beta1.Query/Account",
    "/cosmos.bank.v1beta1.Query/Balance",
    "/cosmos.bank.v1beta1.Query/AllBalances",
    "/cosmos.bank.v1beta1.Query/SupplyOf",
    "/cosmos.tx.v1beta1.Service/Simulate",
    "/cosmwasm.wasm.v1.Query/SmartContractState",
    "/cosmwasm.wasm.v1.Query/RawContractState",
    "/cosmwasm.wasm.v1.Query/AllContractState",
    "/cosmwasm.wasm.v1.Query/ContractInfo",
    "/cosmwasm.wasm.v1.Query/ContractsByCode",
    "/cosmwasm.wasm.v1.Query/Code",
    "/cosmwasm.wasm.v1.Query/Codes",
];

async fn send(
    chain: &Devchain,
    method: Method,
    path: &str,
    body: impl Into<reqwest::Body>,
) -> (u16, Value) {
    let request = HTTP
        .request(method, format!("{}{path}", chain.rpc_url()))
        .body(body);
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let text = response.text().await.expect("text");
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

async fn still_lives(chain: &Devchain) {
    chain.wait_blocks(1).await.expect("blocks go on");
    assert!(height(chain).await > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_get_the_right_error() {
    let chain = start();
    let post = |body: &str| send(&chain, Method::POST, "/", body.to_owned());
    for (body, code) in [
        ("", -32700),
        ("{", -32700),
        ("\u{0}\u{1}", -32700),
        ("7", -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":5}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"status"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"nothing"}"#, -32601),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"block","params":"x"}"#,
            -32602,
        ),
    ] {
        let (_, answer) = post(body).await;
        assert_eq!(answer["error"]["code"], code, "{body}: {answer}");
    }
    let (_, batch) = post(
        r#"[{"jsonrpc":"2.0","id":1,"method":"health"},{"jsonrpc":"2.0","id":2,"method":"x"},3]"#,
    )
    .await;
    assert_eq!(batch.as_array().expect("answers").len(), 3);
    let (_, long) = post(&format!("[{}]", vec!["{}"; 200].join(","))).await;
    assert_eq!(long["error"]["code"], -32600);
    let (status, _) = post(&"x".repeat(2_000_000)).await;
    assert_eq!(status, 413);

    for (method, params, text) in [
        (
            "block",
            json!({ "height": "999999999999" }),
            "must be less than or equal",
        ),
        ("block", json!({ "height": "-1" }), "expected an integer"),
        ("block", json!({ "height": 0 }), "greater than 0"),
        (
            "block",
            json!({ "height": "18446744073709551616" }),
            "expected an integer",
        ),
        (
            "blockchain",
            json!({ "minHeight": "9", "maxHeight": "1" }),
            "can't be greater",
        ),
        ("tx", json!({}), "hash is missing"),
        ("tx", json!({ "hash": "!" }), "expected base64"),
        ("tx", json!({ "hash": "AAAA" }), "expected 32"),
        (
            "tx",
            json!({ "hash": BASE64_STANDARD.encode([7; 32]) }),
            "not found",
        ),
        (
            "tx_search",
            json!({ "query": "x" }),
            "expected <key> <operator> <value>",
        ),
        (
            "tx_search",
            json!({ "query": "tx.height>0", "page": "0" }),
            "within [1, 1]",
        ),
        (
            "tx_search",
            json!({ "query": "tx.height>0", "page": "-3" }),
            "expected an integer",
        ),
        (
            "tx_search",
            json!({ "query": "tx.height>0", "page": u64::MAX }),
            "within [1, 1]",
        ),
        (
            "tx_search",
            json!({ "query": "tx.height>0", "order_by": "up" }),
            "order_by",
        ),
        (
            "abci_query",
            json!({ "path": "/a", "data": "zz" }),
            "expected hex",
        ),
        ("abci_query", json!({ "path": 5 }), "expected a string"),
        (
            "broadcast_tx_sync",
            json!({ "tx": "%%" }),
            "expected base64",
        ),
        ("broadcast_tx_sync", json!([]), "tx is missing"),
        ("dev_advance", json!({ "seconds": u64::MAX }), "2262"),
        (
            "dev_advance",
            json!({ "seconds": -5 }),
            "expected an integer",
        ),
    ] {
        let answer = rpc(&chain, method, params.clone()).await;
        let data = answer["error"]["data"].as_str().unwrap_or_default();
        assert!(data.contains(text), "{method} {params}: {answer}");
    }
    let unknown = rpc(&chain, "abci_query", json!({ "path": "/a/b", "data": "" })).await;
    assert_eq!(unknown["result"]["response"]["code"], 6, "{unknown}");
    let old = rpc(
        &chain,
        "abci_query",
        json!({ "path": PATHS[0], "data": "", "height": "99999" }),
    )
    .await;
    assert_eq!(old["result"]["response"]["code"], 26, "{old}");
    still_lives(&chain).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn get_requests_work_as_cometbft_serves_them() {
    let chain = start();
    let (status, answer) = send(&chain, Method::GET, "/block?height=1", "").await;
    assert_eq!(
        (
            status,
            answer["result"]["block"]["header"]["height"].as_str()
        ),
        (200, Some("1"))
    );
    let (_, quoted) = send(
        &chain,
        Method::GET,
        "/tx_search?query=%22tx.height%3E0%22&page=%221%22",
        "",
    )
    .await;
    assert_eq!(quoted["result"]["total_count"], "0", "{quoted}");
    let (_, query) = send(
        &chain,
        Method::GET,
        "/abci_query?path=%22/x%22&data=0x00",
        "",
    )
    .await;
    assert_eq!(query["result"]["response"]["code"], 6);
    let (status, bad) = send(&chain, Method::GET, "/tx?hash=0xzz", "").await;
    assert_eq!((status, &bad["error"]["code"]), (500, &json!(-32602)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_panics_or_recurses_in_a_query_is_an_error() {
    let chain = start();
    let contract = counter(&wallet(&chain, "alice").await, b"query").await;
    for (query, text) in [
        (QueryMsg::Panic {}, "asked to panic"),
        (QueryMsg::Recurse {}, "max query depth"),
    ] {
        let request = QuerySmartContractStateRequest {
            address: contract.clone(),
            query_data: serde_json::to_vec(&query).expect("JSON"),
        };
        let params = json!({ "path": PATHS[5], "data": hex::encode(request.encode_to_vec()) });
        let answer = rpc(&chain, "abci_query", params).await;
        let log = answer["result"]["response"]["log"].as_str().expect("log");
        assert!(log.contains(text), "{log}");
    }
    still_lives(&chain).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn random_input_never_stops_the_chain() {
    let chain = start();
    let mut runner = TestRunner::deterministic();
    let mut sample =
        |strategy: BoxedStrategy<Value>| strategy.new_tree(&mut runner).expect("a value").current();
    for _ in 0..300 {
        let method = sample(
            prop::sample::select(METHODS.to_vec())
                .prop_map(Value::from)
                .boxed(),
        );
        let params = sample(params().boxed());
        let answer = rpc(&chain, method.as_str().expect("name"), params.clone()).await;
        assert!(
            answer.get("result").is_some() ^ answer.get("error").is_some(),
            "{method} {params}: {answer}"
        );
        assert!(
            !answer.to_string().contains("panic"),
            "{method} {params}: {answer}"
        );

        let path = sample(
            prop::sample::select(PATHS.to_vec())
                .prop_map(Value::from)
                .boxed(),
        );
        let data = sample(
            prop::collection::vec(any::<u8>(), 0..60)
                .prop_map(hex::encode)
                .prop_map(Value::from)
                .boxed(),
        );
        let answer = rpc(&chain, "abci_query", json!({ "path": path, "data": data })).await;
        assert!(
            answer["result"]["response"]["code"].is_number(),
            "{path} {data}: {answer}"
        );
    }
    let good = Draft::new("alice", 0, vec![common::send("alice", "bob", 1)]).sign();
    for seed in 0..300usize {
        let mut bytes = good.clone();
        bytes[seed * 7 % good.len()] = seed as u8;
        bytes.truncate(good.len() - seed % 40);
        let answer = broadcast(&chain, &bytes).await;
        assert!(
            answer["result"]["code"]
                .as_u64()
                .is_some_and(|code| code > 0)
                || bytes == good,
            "{answer}"
        );
    }
    still_lives(&chain).await;
}

fn params() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(|n| Value::from(n.to_string())),
        ".{0,20}".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(|b| Value::from(BASE64_STANDARD.encode(b))),
    ];
    let key = prop::sample::select(vec![
        "path",
        "data",
        "height",
        "prove",
        "tx",
        "hash",
        "query",
        "page",
        "per_page",
        "minHeight",
    ]);
    prop_oneof![
        prop::collection::vec(leaf.clone(), 0..5).prop_map(Value::from),
        prop::collection::btree_map(key.prop_map(String::from), leaf, 0..5)
            .prop_map(|m| Value::Object(m.into_iter().collect())),
    ]
}
