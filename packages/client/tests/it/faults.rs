//! What the client does about a node that is full, forgets or falls silent.

use std::time::Duration;

use leasehold_client::ClientError;

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
