use std::{
    collections::BTreeSet,
    fs,
    future::Future,
    io,
    path::{Path, PathBuf},
};

use cosmwasm_std::{Event, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    block::{BlockHeader, BlockResults, ChainStatus},
    chain::ChainClient,
    error::ClientError,
    file,
    tx::attribute,
};

/// Blocks looked at in one call; a call that finds no event hands out an empty batch, so that progress can be committed.
const MAX_BLOCKS: u64 = 100;

#[derive(Debug, thiserror::Error)]
pub enum CursorError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("cursor file {path}: {source}")]
    Io { path: String, source: io::Error },
    #[error(
        "cursor file {path} is damaged: {reason}; delete it to begin again from the start height"
    )]
    Damaged { path: String, reason: String },
    #[error("cursor file {path} follows contracts {stored:?}, not {asked:?}; use another file for another set")]
    OtherContracts {
        path: String,
        stored: BTreeSet<String>,
        asked: BTreeSet<String>,
    },
    #[error(
        "cursor file {path} belongs to another chain: {reason}; delete it if that chain is gone"
    )]
    OtherChain { path: String, reason: String },
    #[error("the node is at block {latest}, before block {position} which was already processed; wait until it has caught up, or delete {path} if the chain was started anew")]
    NodeBehind {
        path: String,
        position: u64,
        latest: u64,
    },
    #[error("the node no longer has block {needed}, its oldest is {earliest}; use a node that keeps more blocks")]
    Pruned { needed: u64, earliest: u64 },
    #[error("batch {batch} was already committed: the cursor is at block {position}")]
    Stale { batch: u64, position: u64 },
}

/// Where a cursor reads blocks from. [`ChainClient`] is the one that matters; tests bring their own.
pub trait BlockSource: Sync {
    fn latest(&self) -> impl Future<Output = Result<ChainStatus, ClientError>> + Send;
    fn header(&self, height: u64) -> impl Future<Output = Result<BlockHeader, ClientError>> + Send;
    fn results(
        &self,
        height: u64,
    ) -> impl Future<Output = Result<BlockResults, ClientError>> + Send;
}

impl BlockSource for ChainClient {
    async fn latest(&self) -> Result<ChainStatus, ClientError> {
        self.status().await
    }

    async fn header(&self, height: u64) -> Result<BlockHeader, ClientError> {
        self.block(height).await
    }

    async fn results(&self, height: u64) -> Result<BlockResults, ClientError> {
        self.block_results(height).await
    }
}

/// One event of a followed contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractEvent {
    pub contract: String,
    /// Number of the transaction in its block; `None` for what the chain itself does at the begin or end of a block.
    pub tx_index: Option<usize>,
    /// Type `wasm` or `wasm-NAME`.
    pub event: Event,
}

/// All events of the followed contracts since the last committed batch, up to and including one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub height: u64,
    /// Time of the block at `height`.
    pub time: Timestamp,
    /// All of them are of block `height`, in their order; empty when there were none up to it.
    pub events: Vec<ContractEvent>,
    block_hash: String,
    chain_id: String,
}

/// A height cursor over the events of some contracts, kept in a file.
///
/// Every event is in exactly one committed batch, whenever the process is killed: what is not committed is handed out
/// again, what is committed never is.
#[derive(Debug)]
pub struct EventCursor {
    path: PathBuf,
    contracts: BTreeSet<String>,
    next_height: u64,
    committed: Option<Position>,
    /// The chain is compared with the file once per process, and again after it was behind.
    chain_checked: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Position {
    chain_id: String,
    contracts: BTreeSet<String>,
    height: u64,
    block_hash: String,
}

impl EventCursor {
    /// Opens the cursor file, or begins at `start_height` (at least 1) when there is none.
    pub fn open(
        path: impl Into<PathBuf>,
        contracts: impl IntoIterator<Item = impl Into<String>>,
        start_height: u64,
    ) -> Result<Self, CursorError> {
        let path = path.into();
        let contracts: BTreeSet<String> = contracts.into_iter().map(Into::into).collect();
        let committed = read(&path)?;
        let next_height = committed
            .as_ref()
            .map_or(start_height.max(1), |p| p.height.saturating_add(1));
        match &committed {
            Some(p) if p.contracts != contracts => Err(CursorError::OtherContracts {
                path: path.display().to_string(),
                stored: p.contracts.clone(),
                asked: contracts,
            }),
            _ => Ok(Self {
                path,
                contracts,
                next_height,
                committed,
                chain_checked: false,
            }),
        }
    }

    /// The next block to look at: every block before it is committed.
    pub fn next_height(&self) -> u64 {
        self.next_height
    }

    /// The next block with events, or an empty batch at the last block looked at. `None` when the chain has no new block.
    /// The same batch is handed out until it is committed.
    pub async fn next_batch<S: BlockSource>(
        &mut self,
        source: &S,
    ) -> Result<Option<Batch>, CursorError> {
        let status = source.latest().await?;
        let position = self.next_height.saturating_sub(1);
        if self.committed.is_some() && status.height < position {
            // A chain that was started anew may pass this height again: compare it once more.
            self.chain_checked = false;
            let path = self.path.display().to_string();
            return Err(CursorError::NodeBehind {
                path,
                position,
                latest: status.height,
            });
        }
        if !self.chain_checked {
            self.check_chain(source, &status).await?;
            self.chain_checked = true;
        }
        let first = self.next_height;
        if status.height < first {
            return Ok(None);
        }
        if first < status.earliest_height {
            return Err(CursorError::Pruned {
                needed: first,
                earliest: status.earliest_height,
            });
        }
        let last = status.height.min(first.saturating_add(MAX_BLOCKS - 1));
        for height in first..=last {
            let events = contract_events(source.results(height).await?, &self.contracts);
            if !events.is_empty() || height == last {
                let header = source.header(height).await?;
                let (time, block_hash) = (header.time, header.hash);
                return Ok(Some(Batch {
                    height,
                    time,
                    events,
                    block_hash,
                    chain_id: status.chain_id,
                }));
            }
        }
        Ok(None)
    }

    /// Makes the batch processed for good: when this returns, no later process gets it again.
    pub fn commit(&mut self, batch: &Batch) -> Result<(), CursorError> {
        if batch.height < self.next_height {
            let position = self.next_height.saturating_sub(1);
            return Err(CursorError::Stale {
                batch: batch.height,
                position,
            });
        }
        let position = Position {
            chain_id: batch.chain_id.clone(),
            contracts: self.contracts.clone(),
            height: batch.height,
            block_hash: batch.block_hash.clone(),
        };
        let bytes = serde_json::to_vec(&position).map_err(|e| damaged(&self.path, e))?;
        file::replace(&self.path, &bytes).map_err(|source| io_error(&self.path, source))?;
        self.next_height = batch.height.saturating_add(1);
        self.committed = Some(position);
        Ok(())
    }

    async fn check_chain<S: BlockSource>(
        &self,
        source: &S,
        status: &ChainStatus,
    ) -> Result<(), CursorError> {
        let Some(position) = &self.committed else {
            return Ok(());
        };
        let path = || self.path.display().to_string();
        let other_chain = |reason: String| {
            Err(CursorError::OtherChain {
                path: path(),
                reason,
            })
        };
        if position.chain_id != status.chain_id {
            return other_chain(format!(
                "it is of {}, the node is of {}",
                position.chain_id, status.chain_id
            ));
        }
        if position.height < status.earliest_height {
            return Ok(());
        }
        match source.header(position.height).await? {
            header if header.hash == position.block_hash => Ok(()),
            header => other_chain(format!(
                "block {} was {}, the node has {}",
                position.height, position.block_hash, header.hash
            )),
        }
    }
}

/// In the order of execution: begin of the block, transactions, end of the block. Failed transactions did nothing.
fn contract_events(block: BlockResults, contracts: &BTreeSet<String>) -> Vec<ContractEvent> {
    let (begin, end): (Vec<Event>, Vec<Event>) = block
        .block_events
        .into_iter()
        .partition(|e| attribute(e, "mode") == Some("BeginBlock"));
    let succeeded = block
        .txs
        .into_iter()
        .enumerate()
        .filter(|(_, tx)| tx.code == 0);
    let in_txs = succeeded.flat_map(|(i, tx)| tx.events.into_iter().map(move |e| (Some(i), e)));
    let outside = |events: Vec<Event>| events.into_iter().map(|e| (None, e));
    outside(begin)
        .chain(in_txs)
        .chain(outside(end))
        .filter(|(_, event)| event.ty == "wasm" || event.ty.starts_with("wasm-"))
        .filter_map(|(tx_index, event)| {
            let contract = attribute(&event, "_contract_address")
                .filter(|c| contracts.contains(*c))?
                .to_string();
            Some(ContractEvent {
                contract,
                tx_index,
                event,
            })
        })
        .collect()
}

fn read(path: &Path) -> Result<Option<Position>, CursorError> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|e| damaged(path, e)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(io_error(path, source)),
    }
}

fn damaged(path: &Path, reason: impl ToString) -> CursorError {
    CursorError::Damaged {
        path: path.display().to_string(),
        reason: reason.to_string(),
    }
}

fn io_error(path: &Path, source: io::Error) -> CursorError {
    CursorError::Io {
        path: path.display().to_string(),
        source,
    }
}
