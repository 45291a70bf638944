//! The path of one transaction: sequence, signature, mempool, block.

use std::time::Instant;

use backon::Retryable;
use cosmrs::{
    proto::{
        cosmos::tx::v1beta1::{Fee, TxBody},
        traits::Message,
    },
    Any,
};
use cosmwasm_std::{Decimal, Uint128};
use tokio::time::{sleep, timeout};

use crate::{
    block::{Checked, TxFound},
    chain::{pauses, tx_hash, ChainClient},
    error::ClientError,
    query::Account,
    sign::sign_tx,
    wallet::{Inner, Wallet},
};

/// How often a transaction is signed anew because its sequence was not the one the chain expects.
const SIGNING_ATTEMPTS: u32 = 5;

/// How often the same signed bytes are handed over while the node gives no usable answer.
const BROADCAST_ATTEMPTS: u32 = 3;

/// A transaction that this many blocks have passed over may have been lost with its node's mempool: the same bytes are handed over again.
const LOST_AFTER: u64 = 2;

/// How often a simulation is asked for again that ran between two blocks.
const SIMULATION_RETRIES: usize = 5;

/// What the contracts say when a node simulates at the time of one block on the state of the next, as wasmd may under load.
const BETWEEN_BLOCKS: &str = "block time never goes back";

/// SDK error codes, all of codespace `sdk`.
const IN_MEMPOOL: u32 = 19;
const WRONG_SEQUENCE: u32 = 32;
pub(crate) const OUT_OF_GAS: u32 = 11;

/// A transaction that is, or may be, in the mempool.
pub(crate) struct Sent {
    bytes: Vec<u8>,
    pub hash: String,
    pub gas_limit: u64,
    first_height: u64,
    timeout_height: u64,
}

enum Refusal {
    Sequence(String),
    Final(ClientError),
}

impl From<ClientError> for Refusal {
    fn from(e: ClientError) -> Self {
        Self::Final(e)
    }
}

/// What is known after handing over the bytes.
enum Handover {
    Accepted,
    Unknown,
}

impl Wallet {
    /// The gas limit is at least `least_gas`, whatever the simulation says.
    pub(crate) async fn submit(
        &self,
        messages: Vec<Any>,
        memo: &str,
        least_gas: u64,
    ) -> Result<Sent, ClientError> {
        let Inner {
            client,
            config,
            lane,
            ..
        } = &*self.inner;
        let mut lane = lane.lock().await;
        let height = client.status().await?.height;
        let timeout_height = height.saturating_add(config.expire_blocks);
        let body = TxBody {
            messages,
            memo: memo.into(),
            timeout_height,
            ..Default::default()
        }
        .encode_to_vec();
        let mut last_log = String::new();
        for _ in 0..SIGNING_ATTEMPTS {
            let account = match *lane {
                Some(account) => account,
                None => client.account(self.address()).await?,
            };
            match self.attempt(&body, account, least_gas).await {
                Ok((bytes, gas_limit, handover)) => {
                    let next = Account {
                        sequence: account.sequence.saturating_add(1),
                        ..account
                    };
                    *lane = matches!(handover, Handover::Accepted).then_some(next);
                    let hash = tx_hash(&bytes);
                    return Ok(Sent {
                        bytes,
                        hash,
                        gas_limit,
                        first_height: height.saturating_add(1),
                        timeout_height,
                    });
                }
                Err(Refusal::Final(e)) => {
                    *lane = None;
                    return Err(e);
                }
                Err(Refusal::Sequence(log)) => {
                    tracing::debug!(sequence = account.sequence, %log, "sequence mismatch");
                    // The check state counts what waits in the mempool, which the account query does not.
                    *lane = expected_sequence(&log).map(|sequence| Account {
                        sequence,
                        ..account
                    });
                    if lane.is_none() {
                        sleep(config.poll).await;
                    }
                    last_log = log;
                }
            }
        }
        *lane = None;
        Err(ClientError::SequenceConflict {
            address: self.address().into(),
            attempts: SIGNING_ATTEMPTS,
            log: last_log,
        })
    }

    /// The signed bytes, their gas limit and what became of them.
    async fn attempt(
        &self,
        body: &[u8],
        account: Account,
        least_gas: u64,
    ) -> Result<(Vec<u8>, u64, Handover), Refusal> {
        let unpaid = self.signed(body, account, Fee::default());
        let client = &self.inner.client;
        let used = (|| client.simulate(unpaid.clone()))
            .retry(pauses().with_max_times(SIMULATION_RETRIES))
            .when(|e| matches!(e, ClientError::Simulation { log } if log.contains(BETWEEN_BLOCKS)))
            .await
            .map_err(|e| match e {
                ClientError::Simulation { log } if expected_sequence(&log).is_some() => {
                    Refusal::Sequence(log)
                }
                other => Refusal::Final(other),
            })?;
        let config = &self.inner.config;
        let gas_limit = scaled(used, config.gas_adjustment)?.max(least_gas);
        let fee = Fee {
            amount: config.gas_price.fee(gas_limit)?,
            gas_limit,
            ..Default::default()
        };
        let bytes = self.signed(body, account, fee);
        let handover = self.hand_over(&bytes).await?;
        Ok((bytes, gas_limit, handover))
    }

    /// Once an answer was lost the bytes may be in the mempool, so that no later refusal of them proves anything.
    async fn hand_over(&self, bytes: &[u8]) -> Result<Handover, Refusal> {
        let mut maybe_sent = false;
        for _ in 0..BROADCAST_ATTEMPTS {
            match self.check(bytes).await {
                Ok(Checked {
                    code: 0 | IN_MEMPOOL,
                    ..
                }) => return Ok(Handover::Accepted),
                Err(ClientError::Unreachable { reason, .. }) => {
                    tracing::warn!(%reason, "no answer to a broadcast, handing over the same bytes again");
                    maybe_sent = true;
                    sleep(self.inner.config.poll).await;
                }
                Ok(_) | Err(_) if maybe_sent => return Ok(Handover::Unknown),
                Ok(Checked {
                    code: WRONG_SEQUENCE,
                    log,
                    ..
                }) => return Err(Refusal::Sequence(log)),
                Ok(Checked {
                    code,
                    codespace,
                    log,
                }) => {
                    return Err(ClientError::Rejected {
                        hash: tx_hash(bytes),
                        code,
                        codespace,
                        log,
                    }
                    .into())
                }
                Err(e) => return Err(e.into()),
            }
        }
        Ok(Handover::Unknown)
    }

    /// A full mempool takes nothing: the same bytes are handed over again, ever less often, until there is room.
    async fn check(&self, bytes: &[u8]) -> Result<Checked, ClientError> {
        let Inner { client, config, .. } = &*self.inner;
        let began = Instant::now();
        (|| client.check(bytes))
            .retry(pauses())
            .when(|e| {
                matches!(e, ClientError::MempoolFull { .. }) && began.elapsed() < config.patience
            })
            .notify(|e, after| tracing::debug!(error = %e, ?after, "waiting for room"))
            .await
    }

    pub(crate) async fn confirm(&self, sent: &Sent) -> Result<TxFound, ClientError> {
        let Inner { client, config, .. } = &*self.inner;
        let mut reason = String::from("it is not in a block yet");
        let mut handed_at = sent.first_height;
        let search = async {
            loop {
                match look_for(client, sent).await {
                    Ok(Search::Found(found)) => return Ok(*found),
                    Ok(Search::Missing { height }) => {
                        if height >= handed_at.saturating_add(LOST_AFTER) {
                            hand_over_again(client, sent).await;
                            handed_at = height;
                        }
                    }
                    Err(e @ ClientError::Expired { .. }) => return Err(e),
                    Err(e) => reason = e.to_string(),
                }
                sleep(config.poll).await;
            }
        };
        let searched = timeout(config.patience, search).await;
        searched.unwrap_or_else(|_| {
            Err(ClientError::Unconfirmed {
                hash: sent.hash.clone(),
                waited: config.patience,
                timeout_height: sent.timeout_height,
                reason,
            })
        })
    }

    fn signed(&self, body: &[u8], account: Account, fee: Fee) -> Vec<u8> {
        let Inner { client, key, .. } = &*self.inner;
        sign_tx(key, client.chain_id(), account, body, fee)
    }
}

enum Search {
    Found(Box<TxFound>),
    /// In no block up to this one, as far as the index knows.
    Missing {
        height: u64,
    },
}

/// [`ClientError::Expired`] only when the blocks themselves were searched: the index may lag behind them.
async fn look_for(client: &ChainClient, sent: &Sent) -> Result<Search, ClientError> {
    let indexed = client.tx(&sent.hash).await;
    if let Ok(Some(found)) = indexed {
        return Ok(Search::Found(Box::new(found)));
    }
    let height = client.status().await?.height;
    if height <= sent.timeout_height {
        return indexed.map(|_| Search::Missing { height });
    }
    match client
        .find_in_blocks(&sent.bytes, sent.first_height, sent.timeout_height)
        .await?
    {
        Some(found) => Ok(Search::Found(Box::new(found))),
        None => Err(ClientError::Expired {
            hash: sent.hash.clone(),
            timeout_height: sent.timeout_height,
        }),
    }
}

/// The answer does not matter: a mempool that has the bytes refuses them, and so does a chain that has executed them.
async fn hand_over_again(client: &ChainClient, sent: &Sent) {
    match client.check(&sent.bytes).await {
        Ok(checked) => {
            tracing::debug!(hash = %sent.hash, code = checked.code, log = %checked.log, "handed over again");
        }
        Err(e) => tracing::debug!(hash = %sent.hash, error = %e, "not handed over again"),
    }
}

/// The N of the SDK's "account sequence mismatch, expected N, got M".
fn expected_sequence(log: &str) -> Option<u64> {
    let (_, rest) = log.split_once("account sequence mismatch, expected ")?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .map_or(rest, |end| &rest[..end]);
    digits.parse().ok()
}

fn scaled(gas: u64, by: Decimal) -> Result<u64, ClientError> {
    let what = || format!("the gas limit of {gas} gas used times {by}");
    let limit = Uint128::from(gas)
        .checked_mul_ceil(by)
        .map_err(|e| ClientError::encode(what(), e))?;
    u64::try_from(limit.u128()).map_err(|e| ClientError::encode(what(), e))
}
