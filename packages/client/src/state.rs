//! Reads of the chain's state, which never go back in time.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use backon::Retryable;
use tendermint::block::Height;
use tendermint_rpc::{endpoint::abci_query::AbciQuery, Client};

use crate::{
    chain::{height_of, pauses, ChainClient, READ_PATIENCE},
    error::ClientError,
};

/// The SDK's code for a query at a height that the node has not reached.
const HEIGHT_TO_COME: u32 = 26;

/// Height of the newest state that an answer came from or proved.
#[derive(Default)]
pub(crate) struct Seen(AtomicU64);

impl Seen {
    pub fn raise(&self, height: u64) {
        self.0.fetch_max(height, Ordering::Relaxed);
    }

    fn height(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl ChainClient {
    /// Behind one address there may be several nodes, some of which lag: an answer from a state before one that was seen, the block of an
    /// own transaction included, is asked for again.
    pub(crate) async fn abci_query(
        &self,
        path: &str,
        data: Vec<u8>,
    ) -> Result<Vec<u8>, ClientError> {
        let began = Instant::now();
        let answer = (|| self.query_once(path, &data))
            .retry(pauses())
            .when(|e| matches!(e, ClientError::Behind { .. }) && began.elapsed() < READ_PATIENCE)
            .await?;
        match answer.code.is_ok() {
            true => Ok(answer.value),
            false => Err(ClientError::Query {
                path: path.into(),
                code: answer.code.value(),
                codespace: answer.codespace,
                log: answer.log,
            }),
        }
    }

    async fn query_once(&self, path: &str, data: &[u8]) -> Result<AbciQuery, ClientError> {
        let seen = self.inner.seen.height();
        let answer = self.query_at(None, path, data).await?;
        let height = answer.height.value();
        if height >= seen {
            self.inner.seen.raise(height);
            return Ok(answer);
        }
        match answer.code.is_ok() {
            true => Err(self.behind(seen)),
            false => self.confirm(answer, path, data).await,
        }
    }

    /// The SDK's refusals do not tell their height: only a node that has come to the newest height that is known confirms one.
    async fn confirm(
        &self,
        refusal: AbciQuery,
        path: &str,
        data: &[u8],
    ) -> Result<AbciQuery, ClientError> {
        self.status().await?;
        let seen = self.inner.seen.height();
        let answer = self.query_at(Some(height_of(seen)?), path, data).await?;
        match answer.code.value() {
            0 => Ok(answer),
            HEIGHT_TO_COME if answer.codespace == "sdk" => Err(self.behind(seen)),
            _ => Ok(refusal),
        }
    }

    async fn query_at(
        &self,
        height: Option<Height>,
        path: &str,
        data: &[u8],
    ) -> Result<AbciQuery, ClientError> {
        let query = || {
            let (path, data) = (Some(path.to_owned()), data.to_owned());
            self.inner.http.abci_query(path, data, height, false)
        };
        self.read("abci_query", query).await
    }

    fn behind(&self, seen: u64) -> ClientError {
        ClientError::Behind {
            url: self.url().into(),
            seen,
        }
    }
}
