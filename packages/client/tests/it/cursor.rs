mod death;

use std::{collections::BTreeMap, fs, path::Path};

use cosmwasm_std::{Attribute, Event, Timestamp};
use leasehold_client::{
    Batch, BlockHeader, BlockResults, BlockSource, ChainStatus, ClientError, CursorError,
    EventCursor, TxResult,
};
use tempfile::TempDir;

const CONTRACTS: [&str; 2] = ["wasm1escrow", "wasm1market"];

/// A chain known in full, so that what a cursor must hand out is known as well.
#[derive(Clone)]
struct FakeChain {
    chain_id: &'static str,
    fork: &'static str,
    earliest: u64,
    latest: u64,
    blocks: BTreeMap<u64, BlockResults>,
}

impl FakeChain {
    fn new(latest: u64) -> Self {
        Self {
            chain_id: "fake-1",
            fork: "a",
            earliest: 1,
            latest,
            blocks: BTreeMap::new(),
        }
    }

    /// Every block number divisible by `step` has one event, which says its height.
    fn with_events(latest: u64, step: u64) -> Self {
        let mut chain = Self::new(latest);
        for height in (step..=latest).step_by(step as usize) {
            chain.put(
                height,
                vec![tx(
                    0,
                    vec![event("wasm", CONTRACTS[0], &height.to_string())],
                )],
                vec![],
            );
        }
        chain
    }

    fn put(&mut self, height: u64, txs: Vec<TxResult>, block_events: Vec<Event>) {
        self.blocks.insert(
            height,
            BlockResults {
                height,
                txs,
                block_events,
            },
        );
    }
}

impl BlockSource for FakeChain {
    async fn latest(&self) -> Result<ChainStatus, ClientError> {
        Ok(ChainStatus {
            chain_id: self.chain_id.into(),
            height: self.latest,
            time: Timestamp::from_seconds(self.latest),
            earliest_height: self.earliest,
            catching_up: false,
        })
    }

    async fn header(&self, height: u64) -> Result<BlockHeader, ClientError> {
        let (time, hash) = (
            Timestamp::from_seconds(height),
            format!("{}{height}", self.fork),
        );
        Ok(BlockHeader {
            height,
            time,
            hash,
            txs: vec![],
        })
    }

    async fn results(&self, height: u64) -> Result<BlockResults, ClientError> {
        assert!(
            height >= self.earliest && height <= self.latest,
            "no block {height}"
        );
        let empty = BlockResults {
            height,
            txs: vec![],
            block_events: vec![],
        };
        Ok(self.blocks.get(&height).cloned().unwrap_or(empty))
    }
}

fn tx(code: u32, events: Vec<Event>) -> TxResult {
    TxResult {
        code,
        codespace: String::new(),
        log: String::new(),
        gas_used: 1,
        events,
        data: vec![],
    }
}

fn event(kind: &str, contract: &str, note: &str) -> Event {
    let mut event = Event::new(kind).add_attribute("note", note);
    event.attributes.push(Attribute {
        key: "_contract_address".into(),
        value: contract.into(),
    });
    event
}

fn in_phase(mode: &str, event: Event) -> Event {
    event.add_attribute("mode", mode)
}

fn notes(batch: &Batch) -> Vec<String> {
    batch
        .events
        .iter()
        .map(|e| e.event.attributes[0].value.clone())
        .collect()
}

fn open(path: &Path) -> EventCursor {
    EventCursor::open(path, CONTRACTS, 1).unwrap()
}

#[tokio::test]
async fn events_of_the_contracts_come_in_the_order_of_execution() {
    let mut chain = FakeChain::new(1);
    let txs = vec![
        tx(
            0,
            vec![
                event("wasm", CONTRACTS[0], "second"),
                event("wasm-lease", CONTRACTS[1], "third"),
            ],
        ),
        tx(5, vec![event("wasm", CONTRACTS[0], "failed")]),
        tx(
            0,
            vec![
                event("wasm", "wasm1stranger", "other"),
                event("transfer", CONTRACTS[0], "no contract event"),
            ],
        ),
        tx(
            0,
            vec![event("wasm", CONTRACTS[0], "fourth"), Event::new("wasm")],
        ),
    ];
    let ends = vec![
        in_phase("EndBlock", event("wasm", CONTRACTS[1], "last")),
        in_phase("BeginBlock", event("wasm", CONTRACTS[1], "first")),
    ];
    chain.put(1, txs, ends);
    let dir = TempDir::new().unwrap();
    let batch = open(&dir.path().join("cursor"))
        .next_batch(&chain)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        notes(&batch),
        ["first", "second", "third", "fourth", "last"]
    );
    let places: Vec<_> = batch.events.iter().map(|e| e.tx_index).collect();
    assert_eq!(places, [None, Some(0), Some(0), Some(3), None]);
    assert_eq!(batch.events[2].contract, CONTRACTS[1]);
    assert_eq!((batch.height, batch.time), (1, Timestamp::from_seconds(1)));
}

#[tokio::test]
async fn new_blocks_are_handed_out_as_they_come() {
    let dir = TempDir::new().unwrap();
    let mut cursor = EventCursor::open(dir.path().join("cursor"), CONTRACTS, 5).unwrap();
    let mut chain = FakeChain::with_events(4, 1);
    assert_eq!(cursor.next_batch(&chain).await.unwrap(), None);
    chain = FakeChain::with_events(6, 6);
    let batch = cursor.next_batch(&chain).await.unwrap().unwrap();
    assert_eq!((batch.height, notes(&batch)), (6, vec!["6".to_string()]));
    cursor.commit(&batch).unwrap();
    assert_eq!(cursor.next_batch(&chain).await.unwrap(), None);
    assert_eq!(cursor.next_height(), 7);
}

#[tokio::test]
async fn long_quiet_stretches_make_progress_in_steps() {
    let dir = TempDir::new().unwrap();
    let mut cursor = open(&dir.path().join("cursor"));
    let chain = FakeChain::new(250);
    let mut heights = vec![];
    while let Some(batch) = cursor.next_batch(&chain).await.unwrap() {
        assert!(batch.events.is_empty());
        heights.push(batch.height);
        cursor.commit(&batch).unwrap();
    }
    assert_eq!(heights, [100, 200, 250]);
}

#[tokio::test]
async fn a_batch_is_committed_once() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("cursor");
    let mut cursor = open(&path);
    let batch = cursor
        .next_batch(&FakeChain::new(3))
        .await
        .unwrap()
        .unwrap();
    cursor.commit(&batch).unwrap();
    assert!(matches!(
        cursor.commit(&batch),
        Err(CursorError::Stale {
            batch: 3,
            position: 3
        })
    ));
    assert_eq!(open(&path).next_height(), 4);
}

#[tokio::test]
async fn another_chain_or_a_chain_started_anew_is_noticed() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("cursor");
    let chain = FakeChain::new(10);
    let mut cursor = open(&path);
    let batch = cursor.next_batch(&chain).await.unwrap().unwrap();
    cursor.commit(&batch).unwrap();

    let refusal = |chain: FakeChain| {
        let mut cursor = open(&path);
        async move { cursor.next_batch(&chain).await.unwrap_err() }
    };
    let other_id = FakeChain {
        chain_id: "fake-2",
        ..chain.clone()
    };
    assert!(matches!(
        refusal(other_id).await,
        CursorError::OtherChain { .. }
    ));
    let anew = FakeChain {
        fork: "b",
        latest: 20,
        ..chain.clone()
    };
    assert!(matches!(
        refusal(anew).await,
        CursorError::OtherChain { .. }
    ));
    let behind = FakeChain {
        latest: 9,
        ..chain.clone()
    };
    assert!(matches!(
        refusal(behind).await,
        CursorError::NodeBehind {
            position: 10,
            latest: 9,
            ..
        }
    ));
    let pruned = FakeChain {
        earliest: 12,
        latest: 20,
        ..chain.clone()
    };
    assert!(matches!(
        refusal(pruned).await,
        CursorError::Pruned {
            needed: 11,
            earliest: 12
        }
    ));
    assert_eq!(open(&path).next_batch(&chain).await.unwrap(), None);
}

#[tokio::test]
async fn a_chain_started_anew_under_a_running_cursor_is_noticed() {
    let dir = TempDir::new().unwrap();
    let mut cursor = open(&dir.path().join("cursor"));
    let batch = cursor
        .next_batch(&FakeChain::new(10))
        .await
        .unwrap()
        .unwrap();
    cursor.commit(&batch).unwrap();
    assert_eq!(cursor.next_batch(&FakeChain::new(10)).await.unwrap(), None);
    let anew = |latest| FakeChain {
        fork: "b",
        ..FakeChain::with_events(latest, 1)
    };
    let error = cursor.next_batch(&anew(3)).await.unwrap_err();
    assert!(
        matches!(
            error,
            CursorError::NodeBehind {
                position: 10,
                latest: 3,
                ..
            }
        ),
        "{error}"
    );
    let error = cursor.next_batch(&anew(12)).await.unwrap_err();
    assert!(matches!(error, CursorError::OtherChain { .. }), "{error}");
}

#[test]
fn a_file_that_does_not_fit_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("cursor");
    let position =
        r#"{"chain_id":"fake-1","contracts":["wasm1escrow"],"height":4,"block_hash":"a4"}"#;
    fs::write(&path, position).unwrap();
    assert!(matches!(
        EventCursor::open(&path, CONTRACTS, 1),
        Err(CursorError::OtherContracts { .. })
    ));
    assert_eq!(
        EventCursor::open(&path, ["wasm1escrow"], 1)
            .unwrap()
            .next_height(),
        5
    );
    fs::write(&path, &position[..20]).unwrap();
    assert!(matches!(
        EventCursor::open(&path, ["wasm1escrow"], 1),
        Err(CursorError::Damaged { .. })
    ));
}
