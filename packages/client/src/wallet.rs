use std::{sync::Arc, time::Duration};

use cosmrs::{
    proto::{
        cosmos::{
            bank::v1beta1::MsgSend,
            tx::v1beta1::{mode_info, AuthInfo, Fee, ModeInfo, SignDoc, SignerInfo, TxBody, TxRaw},
        },
        cosmwasm::wasm::v1::{MsgStoreCode, MsgStoreCodeResponse},
        traits::Message,
    },
    Any,
};
use cosmwasm_std::{Coin, Decimal, Uint128};
use serde::Serialize;
use tokio::{
    sync::Mutex,
    time::{sleep, timeout},
};

use crate::{
    chain::{tx_hash, ChainClient, Checked, TxFound},
    error::ClientError,
    keys::Key,
    query::Account,
    tx::{proto_coins, to_any, Execute, GasPrice, Instantiate2, StoredCode, TxOutcome},
};

/// How often a transaction is signed anew because its sequence was not the one the chain expects.
const SIGNING_ATTEMPTS: u32 = 5;

/// How often the same signed bytes are handed over while the node gives no usable answer.
const BROADCAST_ATTEMPTS: u32 = 3;

/// SDK error codes, all of codespace `sdk`.
const IN_MEMPOOL: u32 = 19;
const WRONG_SEQUENCE: u32 = 32;

const SIGN_MODE_DIRECT: i32 = 1;

/// How transactions are paid for and waited for.
#[derive(Debug, Clone)]
pub struct TxConfig {
    pub gas_price: GasPrice,
    /// Gas limit = gas of the simulation × this, rounded up.
    pub gas_adjustment: Decimal,
    /// A transaction not included within this many blocks can never be included.
    pub expire_blocks: u64,
    /// Longest wait for inclusion.
    pub patience: Duration,
    /// Pause between two looks for inclusion.
    pub poll: Duration,
}

impl TxConfig {
    /// Gas × 1.4, expiry after 50 blocks, a wait of at most 5 minutes with a look every 250 ms.
    pub fn new(gas_price: GasPrice) -> Self {
        Self {
            gas_price,
            gas_adjustment: Decimal::percent(140),
            expire_blocks: 50,
            patience: Duration::from_secs(300),
            poll: Duration::from_millis(250),
        }
    }
}

/// A key with its sequence lane on one chain. Cloning is cheap and shares the lane; use one wallet per key, because two
/// lanes for one key compete for the same sequences.
///
/// Several transactions may be under way at once: the lane is held while a transaction is signed and handed over, not
/// while it waits for its block.
#[derive(Clone)]
pub struct Wallet {
    inner: Arc<Inner>,
}

struct Inner {
    client: ChainClient,
    key: Key,
    config: TxConfig,
    /// Account with the next sequence to use; `None` when it has to be read from the chain.
    lane: Mutex<Option<Account>>,
}

/// A transaction that is, or may be, in the mempool.
struct Sent {
    bytes: Vec<u8>,
    hash: String,
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
    pub fn new(client: ChainClient, key: Key, config: TxConfig) -> Self {
        Self {
            inner: Arc::new(Inner {
                client,
                key,
                config,
                lane: Mutex::new(None),
            }),
        }
    }

    pub fn address(&self) -> &str {
        self.inner.key.address()
    }

    pub fn client(&self) -> &ChainClient {
        &self.inner.client
    }

    pub fn key(&self) -> &Key {
        &self.inner.key
    }

    /// Simulates, signs, broadcasts one transaction with these messages and waits until it is in a block.
    ///
    /// A messages list is executed at most once: bytes are signed with a new sequence only when the ones before were
    /// refused and cannot be included. [`ClientError::Failed`] when the chain executed it with an error,
    /// [`ClientError::Expired`] when it will never be included, [`ClientError::Unconfirmed`] when that is not known.
    pub async fn send(&self, msgs: Vec<Any>, memo: &str) -> Result<TxOutcome, ClientError> {
        let sent = self.submit(msgs, memo).await?;
        tracing::debug!(hash = %sent.hash, "transaction handed over");
        let outcome = self.confirm(&sent).await.and_then(outcome);
        if outcome.is_err() {
            *self.inner.lane.lock().await = None;
        }
        outcome
    }

    /// Calls one contract.
    pub async fn execute(
        &self,
        contract: &str,
        msg: &impl Serialize,
        funds: &[Coin],
    ) -> Result<TxOutcome, ClientError> {
        self.execute_many(vec![Execute::new(contract, msg, funds)?])
            .await
    }

    /// Calls contracts one after the other in one transaction: all of them or none.
    pub async fn execute_many(&self, calls: Vec<Execute>) -> Result<TxOutcome, ClientError> {
        let msgs = calls
            .into_iter()
            .map(|c| c.into_any(self.address()))
            .collect::<Result<_, _>>()?;
        self.send(msgs, "").await
    }

    /// Instantiates a contract at its predictable address, which [`TxOutcome::instantiated`] tells.
    pub async fn instantiate2(&self, instantiate: Instantiate2) -> Result<TxOutcome, ClientError> {
        self.send(vec![instantiate.into_any(self.address())?], "")
            .await
    }

    /// Uploads wasm, plain or gzipped.
    pub async fn store_code(&self, wasm: Vec<u8>) -> Result<StoredCode, ClientError> {
        let sender = self.address().into();
        let msg = MsgStoreCode {
            sender,
            wasm_byte_code: wasm,
            instantiate_permission: None,
        };
        let tx = self.send(vec![to_any(&msg)?], "").await?;
        let response: MsgStoreCodeResponse = tx.response(0)?;
        Ok(StoredCode {
            code_id: response.code_id,
            checksum: response.checksum,
            tx,
        })
    }

    /// Sends coins to an account.
    pub async fn bank_send(&self, to: &str, amount: &[Coin]) -> Result<TxOutcome, ClientError> {
        let from_address = self.address().into();
        let msg = MsgSend {
            from_address,
            to_address: to.into(),
            amount: proto_coins(amount),
        };
        self.send(vec![to_any(&msg)?], "").await
    }

    async fn submit(&self, messages: Vec<Any>, memo: &str) -> Result<Sent, ClientError> {
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
            match self.attempt(&body, account).await {
                Ok((bytes, handover)) => {
                    let next = Account {
                        sequence: account.sequence.saturating_add(1),
                        ..account
                    };
                    *lane = matches!(handover, Handover::Accepted).then_some(next);
                    let hash = tx_hash(&bytes);
                    return Ok(Sent {
                        bytes,
                        hash,
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

    async fn attempt(&self, body: &[u8], account: Account) -> Result<(Vec<u8>, Handover), Refusal> {
        let unpaid = self.signed(body, account, Fee::default());
        let used = self
            .inner
            .client
            .simulate(unpaid)
            .await
            .map_err(|e| match e {
                ClientError::Simulation { log } if expected_sequence(&log).is_some() => {
                    Refusal::Sequence(log)
                }
                other => Refusal::Final(other),
            })?;
        let config = &self.inner.config;
        let gas_limit = scaled(used, config.gas_adjustment)?;
        let fee = Fee {
            amount: config.gas_price.fee(gas_limit)?,
            gas_limit,
            ..Default::default()
        };
        let bytes = self.signed(body, account, fee);
        let handover = self.hand_over(&bytes).await?;
        Ok((bytes, handover))
    }

    /// Once an answer was lost the bytes may be in the mempool, so that no later refusal of them proves anything.
    async fn hand_over(&self, bytes: &[u8]) -> Result<Handover, Refusal> {
        let mut maybe_sent = false;
        for _ in 0..BROADCAST_ATTEMPTS {
            match self.inner.client.check(bytes).await {
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

    async fn confirm(&self, sent: &Sent) -> Result<TxFound, ClientError> {
        let Inner { client, config, .. } = &*self.inner;
        let mut reason = String::from("it is not in a block yet");
        let search = async {
            loop {
                match look_for(client, sent).await {
                    Ok(Some(found)) => return Ok(found),
                    Ok(None) => {}
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
        let single = mode_info::Single {
            mode: SIGN_MODE_DIRECT,
        };
        let signer = SignerInfo {
            public_key: Some(self.inner.key.public_key_any()),
            mode_info: Some(ModeInfo {
                sum: Some(mode_info::Sum::Single(single)),
            }),
            sequence: account.sequence,
        };
        let auth_info = AuthInfo {
            signer_infos: vec![signer],
            fee: Some(fee),
            ..Default::default()
        }
        .encode_to_vec();
        let doc = SignDoc {
            body_bytes: body.into(),
            auth_info_bytes: auth_info,
            chain_id: self.inner.client.chain_id().into(),
            account_number: account.number,
        };
        let signature = self.inner.key.sign(&doc.encode_to_vec());
        let SignDoc {
            body_bytes,
            auth_info_bytes,
            ..
        } = doc;
        TxRaw {
            body_bytes,
            auth_info_bytes,
            signatures: vec![signature],
        }
        .encode_to_vec()
    }
}

/// [`ClientError::Expired`] only when the blocks themselves were searched: the index may lag behind them.
async fn look_for(client: &ChainClient, sent: &Sent) -> Result<Option<TxFound>, ClientError> {
    let indexed = client.tx(&sent.hash).await;
    if let Ok(Some(found)) = indexed {
        return Ok(Some(found));
    }
    if client.status().await?.height <= sent.timeout_height {
        return indexed;
    }
    match client
        .find_in_blocks(&sent.bytes, sent.first_height, sent.timeout_height)
        .await?
    {
        Some(found) => Ok(Some(found)),
        None => Err(ClientError::Expired {
            hash: sent.hash.clone(),
            timeout_height: sent.timeout_height,
        }),
    }
}

fn outcome(found: TxFound) -> Result<TxOutcome, ClientError> {
    let TxFound {
        hash,
        height,
        code,
        codespace,
        log,
        gas_used,
        events,
        data,
    } = found;
    match code {
        0 => Ok(TxOutcome {
            hash,
            height,
            gas_used,
            events,
            data,
        }),
        _ => Err(ClientError::Failed {
            hash,
            height,
            code,
            codespace,
            log,
        }),
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
