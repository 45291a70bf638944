//! What the client does about a node that is full, forgets or falls silent.

use std::time::Duration;

use leasehold_client::ClientError;
use serde_json::{json, Value};

use crate::fake::Faults;
use crate::wallet::{send, setup, setup_with};

#[tokio::test]
async fn a_full_mempool_is_waited_for() {
    let (node, wallet) = setup(Faults {
        full: 3,
        ..Default::default()
    })
    .await;
    send(&wallet, "once").await.unwrap();
    assert_eq!(node.chain().executed, ["once"]);
    assert_eq!(node.chain().broadcasts, 4);
}

#[tokio::test]
async fn a_mempool_that_stays_full_ends_in_an_error() {
    let full = Faults {
        full: u32::MAX,
        ..Default::default()
    };
    let (node, wallet) = setup_with(full, |c| c.patience = Duration::from_millis(50)).await;
    let error = send(&wallet, "never").await.unwrap_err();
    assert!(matches!(error, ClientError::MempoolFull { .. }), "{error}");
    assert!(error.is_transient());
    node.chain().faults.full = 0;
    send(&wallet, "later").await.unwrap();
    assert_eq!(node.chain().executed, ["later"]);
}

#[tokio::test]
async fn what_a_mempool_lost_is_handed_over_again() {
    let (node, wallet) = setup(Faults {
        lose_mempool: true,
        ..Default::default()
    })
    .await;
    let outcome = send(&wallet, "once").await.unwrap();
    assert!(
        outcome.height < 10,
        "long before it expires: {}",
        outcome.height
    );
    send(&wallet, "next").await.unwrap();
    assert_eq!(node.chain().executed, ["once", "next"]);
}

#[tokio::test]
async fn a_node_that_is_silent_for_a_while_is_asked_again() {
    let (node, wallet) = setup(Faults::default()).await;
    node.chain().faults.silent = 3;
    send(&wallet, "once").await.unwrap();
    assert_eq!(node.chain().executed, ["once"]);
}

#[tokio::test]
async fn a_simulation_between_two_blocks_is_asked_for_again() {
    let between_blocks = 2;
    let (node, wallet) = setup(Faults {
        between_blocks,
        ..Default::default()
    })
    .await;
    send(&wallet, "once").await.unwrap();
    assert_eq!(node.chain().executed, ["once"]);
    node.chain().faults.between_blocks = u32::MAX;
    let error = send(&wallet, "never").await.unwrap_err();
    assert!(matches!(error, ClientError::Simulation { .. }), "{error}");
}

/// As behind an address with several nodes, some of which lag: the second answer to a question may come from any of them.
#[tokio::test]
async fn what_was_seen_is_not_read_from_before() {
    let (node, wallet) = setup(Faults::default()).await;
    send(&wallet, "once").await.unwrap();
    let (client, echo) = (wallet.client(), json!({ "echo": 1 }));
    for old_state in 1..=3 {
        node.chain().faults.old_state = old_state;
        let answer: Value = client.query_smart("wasm1c", &echo).await.unwrap();
        assert_eq!(answer, echo);
        node.chain().faults.old_state = old_state;
        let known = client.query_raw("wasm1c", b"known").await.unwrap();
        assert!(known.is_some());
    }
    let other = json!({ "other": 1 });
    let refused = client.query_smart::<Value>("wasm1c", &other).await;
    assert!(
        matches!(refused, Err(ClientError::Query { .. })),
        "{refused:?}"
    );
}
