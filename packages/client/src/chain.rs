use std::{
    fmt,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use backon::{ExponentialBuilder, Retryable};
use sha2::{Digest, Sha256};
use tendermint::block::Height;
use tendermint_rpc::{
    client::CompatMode, error::ErrorDetail, query::Query, Client, HttpClient, HttpClientUrl, Order,
};

use crate::{
    block::{
        header, results, timestamp, tx_found, BlockHeader, BlockResults, ChainStatus, Checked,
        TxFound,
    },
    error::ClientError,
    state::Seen,
};

/// A node as it comes gives up on an answer of its own after 11 s: what has not come by then does not come.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(12);

/// How long a read is asked again while the node gives no answer, or one that is too old: a node restarts in less.
pub const READ_PATIENCE: Duration = Duration::from_secs(30);

/// Pauses between attempts: 100 ms, doubling up to a second.
pub(crate) fn pauses() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(1))
        .without_max_times()
}

/// A connection to one node. Cloning is cheap and shares it.
#[derive(Clone)]
pub struct ChainClient {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub http: HttpClient,
    url: String,
    chain_id: String,
    pub seen: Seen,
}

impl ChainClient {
    /// Connects to the RPC address of a node (`http://HOST:26657`) and learns its chain id.
    pub async fn connect(url: &str) -> Result<Self, ClientError> {
        let bad_url = |e: tendermint_rpc::Error| ClientError::BadUrl {
            url: url.into(),
            reason: e.to_string(),
        };
        let parsed: HttpClientUrl = url.try_into().map_err(bad_url)?;
        // The version handshake of this library refuses CometBFT 0.39, which speaks the 0.38 dialect.
        let http = HttpClient::builder(parsed)
            .compat_mode(CompatMode::V0_38)
            .timeout(REQUEST_TIMEOUT)
            .build()
            .map_err(bad_url)?;
        let status = http
            .status()
            .await
            .map_err(|e| rpc_error(url, "status", e))?;
        let chain_id = status.node_info.network.to_string();
        Ok(Self {
            inner: Arc::new(Inner {
                http,
                url: url.into(),
                chain_id,
                seen: Seen::default(),
            }),
        })
    }

    pub fn url(&self) -> &str {
        &self.inner.url
    }

    pub fn chain_id(&self) -> &str {
        &self.inner.chain_id
    }

    pub async fn status(&self) -> Result<ChainStatus, ClientError> {
        let status = self.read("status", || self.inner.http.status()).await?;
        let sync = status.sync_info;
        // A node announces a block a moment before it has its state.
        self.inner
            .seen
            .raise(sync.latest_block_height.value().saturating_sub(1));
        Ok(ChainStatus {
            chain_id: status.node_info.network.to_string(),
            height: sync.latest_block_height.value(),
            time: timestamp(sync.latest_block_time)?,
            earliest_height: sync.earliest_block_height.value(),
            catching_up: sync.catching_up,
        })
    }

    /// The block at `height`, its time and its transactions.
    pub async fn block(&self, height: u64) -> Result<BlockHeader, ClientError> {
        let height = height_of(height)?;
        let response = self.read("block", || self.inner.http.block(height)).await?;
        header(response)
    }

    /// Results and events of the block at `height`.
    pub async fn block_results(&self, height: u64) -> Result<BlockResults, ClientError> {
        let height = height_of(height)?;
        let response = self
            .read("block_results", || self.inner.http.block_results(height))
            .await?;
        results(response)
    }

    /// The transaction with this hash (hex), once it is in a block and the node has indexed it.
    pub async fn tx(&self, hash: &str) -> Result<Option<TxFound>, ClientError> {
        let parsed = hash
            .parse()
            .map_err(|e| ClientError::encode(format!("transaction hash `{hash}`"), e))?;
        match self.read("tx", || self.inner.http.tx(parsed, false)).await {
            Ok(found) => {
                self.inner.seen.raise(found.height.value());
                tx_found(found).map(Some)
            }
            Err(ClientError::Rpc { reason, .. }) if reason.contains("not found") => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// One page of the transactions that match a query such as `Query::eq("wasm-bid_placed.provider", "wasm1…")`, oldest first.
    /// `page` counts from 1, `per_page` is 1 to 100. Also returns how many match in all.
    pub async fn tx_search(
        &self,
        query: Query,
        page: u32,
        per_page: u8,
    ) -> Result<(Vec<TxFound>, u32), ClientError> {
        let search = || {
            let query = query.clone();
            let http = &self.inner.http;
            http.tx_search(query, false, page, per_page, Order::Ascending)
        };
        let response = self.read("tx_search", search).await?;
        let txs = response
            .txs
            .into_iter()
            .map(tx_found)
            .collect::<Result<_, _>>()?;
        Ok((txs, response.total_count))
    }

    /// Hands signed bytes to the node's mempool; a code other than zero is [`ClientError::Rejected`]. Returns the hash.
    /// Broadcasting the same bytes again is harmless: they can execute once.
    pub async fn broadcast_sync(&self, tx: &[u8]) -> Result<String, ClientError> {
        let hash = tx_hash(tx);
        match self.check(tx).await? {
            Checked { code: 0, .. } => Ok(hash),
            Checked {
                code,
                codespace,
                log,
            } => Err(ClientError::Rejected {
                hash,
                code,
                codespace,
                log,
            }),
        }
    }

    /// A transaction that the mempool already holds counts as accepted.
    pub(crate) async fn check(&self, tx: &[u8]) -> Result<Checked, ClientError> {
        match self.inner.http.broadcast_tx_sync(tx).await {
            Ok(r) => Ok(Checked {
                code: r.code.value(),
                codespace: r.codespace,
                log: r.log,
            }),
            Err(e)
                if answer_of(&e)
                    .is_some_and(|text| text.contains("tx already exists in cache")) =>
            {
                Ok(Checked {
                    code: 0,
                    codespace: String::new(),
                    log: String::new(),
                })
            }
            Err(e) => Err(match self.error("broadcast_tx_sync", e) {
                ClientError::Rpc { url, reason, .. } if reason.contains("mempool is full") => {
                    ClientError::MempoolFull { url, reason }
                }
                other => other,
            }),
        }
    }

    /// Waits until the transaction is in a block, asking every `poll`, for at most `patience`.
    pub async fn wait_tx(
        &self,
        hash: &str,
        poll: Duration,
        patience: Duration,
    ) -> Result<Option<TxFound>, ClientError> {
        let search = async {
            loop {
                if let Some(found) = self.tx(hash).await? {
                    return Ok(found);
                }
                tokio::time::sleep(poll).await;
            }
        };
        match tokio::time::timeout(patience, search).await {
            Ok(found) => found.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Looks for the exact bytes in the blocks `from..=to`, which needs no transaction index and cannot lag behind it.
    pub(crate) async fn find_in_blocks(
        &self,
        tx: &[u8],
        from: u64,
        to: u64,
    ) -> Result<Option<TxFound>, ClientError> {
        for height in from..=to {
            let position = self
                .block(height)
                .await?
                .txs
                .iter()
                .position(|bytes| bytes == tx);
            if let Some(index) = position {
                let result = self
                    .block_results(height)
                    .await?
                    .txs
                    .into_iter()
                    .nth(index)
                    .ok_or_else(|| {
                        ClientError::decode(
                            format!("results of block {height}"),
                            format!("no result number {index}"),
                        )
                    })?;
                return Ok(Some(result.at(tx_hash(tx), height)));
            }
        }
        Ok(None)
    }

    /// What has no effect is asked again, ever less often, while the node has no answer.
    pub(crate) async fn read<T, F>(
        &self,
        method: &'static str,
        ask: impl FnMut() -> F,
    ) -> Result<T, ClientError>
    where
        F: Future<Output = Result<T, tendermint_rpc::Error>>,
    {
        let began = Instant::now();
        ask.retry(pauses())
            .when(|e| may_come(e) && began.elapsed() < READ_PATIENCE)
            .await
            .map_err(|e| self.error(method, e))
    }

    fn error(&self, method: &'static str, e: tendermint_rpc::Error) -> ClientError {
        rpc_error(&self.inner.url, method, e)
    }
}

impl fmt::Debug for ChainClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainClient")
            .field("url", &self.url())
            .field("chain_id", &self.chain_id())
            .finish()
    }
}

/// Upper-case hex of the SHA-256 of the signed bytes.
pub(crate) fn tx_hash(tx: &[u8]) -> String {
    hex::encode_upper(Sha256::digest(tx))
}

/// The text of a JSON-RPC error, which means that the node did answer.
fn answer_of(e: &tendermint_rpc::Error) -> Option<String> {
    match e.detail() {
        ErrorDetail::Response(response) => Some(response.source.to_string()),
        _ => None,
    }
}

/// No answer at all, or results of the latest block, which a node announces a moment before it has them.
fn may_come(e: &tendermint_rpc::Error) -> bool {
    answer_of(e).is_none_or(|text| text.contains("could not find results for height"))
}

fn rpc_error(url: &str, method: &'static str, e: tendermint_rpc::Error) -> ClientError {
    match answer_of(&e) {
        Some(reason) => ClientError::Rpc {
            url: url.into(),
            method,
            reason,
        },
        None => ClientError::Unreachable {
            url: url.into(),
            reason: e.to_string().replace("StringTracer: ", ""),
        },
    }
}

pub(crate) fn height_of(height: u64) -> Result<Height, ClientError> {
    height
        .try_into()
        .map_err(|e| ClientError::encode(format!("height {height}"), e))
}
