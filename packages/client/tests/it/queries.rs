use cosmwasm_std::{coin, Uint128};
use leasehold_client::{ChainClient, ClientError};
use serde_json::{json, Value};

use crate::fake::{FakeNode, Faults, ACCOUNT_NUMBER, CHAIN_ID};

async fn client() -> ChainClient {
    ChainClient::connect(&FakeNode::start(Faults::default()).await.url)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_node_of_comet_0_39_is_understood() {
    let client = client().await;
    let status = client.status().await.unwrap();
    assert_eq!(
        (client.chain_id(), status.chain_id.as_str()),
        (CHAIN_ID, CHAIN_ID)
    );
    assert_eq!(
        (status.height, status.earliest_height, status.catching_up),
        (1, 1, false)
    );
    let block = client.block(1).await.unwrap();
    assert_eq!(
        (block.height, block.time.nanos()),
        (1, 1_767_225_601_500_000_000)
    );
    assert_eq!(status.time, block.time);
    assert_eq!(
        client.block_results(1).await.unwrap().block_events[0].ty,
        "mint"
    );
}

#[tokio::test]
async fn account_numbers_keep_64_bits_for_every_account_type() {
    let client = client().await;
    for address in ["wasm1plain", "wasm1vesting"] {
        let account = client.account(address).await.unwrap();
        assert_eq!((account.number, account.sequence), (ACCOUNT_NUMBER, 0));
    }
    let unknown = client.account("wasm1nobody").await.unwrap_err();
    assert!(matches!(unknown, ClientError::AccountNotFound { .. }));
}

#[tokio::test]
async fn balances_follow_every_page() {
    let client = client().await;
    assert_eq!(
        client.balance("wasm1a", "ibc/AB").await.unwrap(),
        Uint128::MAX
    );
    assert_eq!(
        client.balances("wasm1a").await.unwrap(),
        [coin(u128::MAX, "uatom"), coin(u128::MAX, "ustake")]
    );
}

#[tokio::test]
async fn contracts_answer_smart_and_raw_queries() {
    let client = client().await;
    let echo: Value = client
        .query_smart("wasm1c", &json!({ "echo": 1 }))
        .await
        .unwrap();
    assert_eq!(echo, json!({ "echo": 1 }));
    let refused = client
        .query_smart::<Value>("wasm1c", &json!({ "other": 1 }))
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, ClientError::Query { code: 9, log, .. } if log.contains("unknown variant")),
        "{refused}"
    );
    let wrong_type = client
        .query_smart::<Vec<u8>>("wasm1c", &json!({ "echo": 1 }))
        .await
        .unwrap_err();
    assert!(matches!(wrong_type, ClientError::Decode { .. }));
    assert_eq!(
        client.query_raw("wasm1c", b"known").await.unwrap(),
        Some(b"value".to_vec())
    );
    assert_eq!(client.query_raw("wasm1c", b"other").await.unwrap(), None);
    let info = client.contract_info("wasm1c").await.unwrap();
    assert_eq!(
        (info.code_id, info.label.as_str(), info.admin),
        (3, "escrow", None)
    );
}

#[tokio::test]
async fn code_checksums_are_hex() {
    let client = client().await;
    let codes = client.codes().await.unwrap();
    assert_eq!(codes.iter().map(|c| c.code_id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(client.code(2).await.unwrap(), codes[1]);
    assert_eq!(codes[1].checksum, "02".repeat(32));
}

#[tokio::test]
async fn a_node_that_is_not_there_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = ChainClient::connect(&url).await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    assert!(
        error.to_string().contains(&url) && !error.to_string().contains("Tracer"),
        "{error}"
    );
    assert!(error.is_transient());
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_before_any_request() {
    for url in ["localhost", "ftp://localhost:1", "ws://localhost:1", ""] {
        assert!(
            matches!(
                ChainClient::connect(url).await,
                Err(ClientError::BadUrl { .. })
            ),
            "{url}"
        );
    }
}
