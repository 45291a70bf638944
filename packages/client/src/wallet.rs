use std::{sync::Arc, time::Duration};

use cosmrs::{
    proto::{
        cosmos::bank::v1beta1::MsgSend,
        cosmwasm::wasm::v1::{MsgStoreCode, MsgStoreCodeResponse},
    },
    Any,
};
use cosmwasm_std::{Coin, Decimal};
use serde::Serialize;
use tokio::sync::Mutex;

use crate::{
    block::TxFound,
    chain::ChainClient,
    error::ClientError,
    keys::Key,
    lane::{Sent, OUT_OF_GAS},
    query::Account,
    tx::{proto_coins, to_any, Execute, GasPrice, Instantiate2, StoredCode, TxOutcome},
};

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
    /// Gas × 1.4, expiry after 50 blocks, a wait of at most 15 minutes (a halt of the chain is shorter) with a look every 250 ms.
    pub fn new(gas_price: GasPrice) -> Self {
        Self {
            gas_price,
            gas_adjustment: Decimal::percent(140),
            expire_blocks: 50,
            patience: Duration::from_secs(900),
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
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub client: ChainClient,
    pub key: Key,
    pub config: TxConfig,
    /// Account with the next sequence to use; `None` when it has to be read from the chain.
    pub lane: Mutex<Option<Account>>,
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
    /// A list of messages is executed at most once: bytes are signed with a new sequence only when the ones before were
    /// refused and cannot be included. One that ran out of gas in its block had no effect and is sent once more with twice the limit:
    /// what a message costs depends on the block's time, which the simulation cannot know. [`ClientError::Failed`] when the chain executed it with an error,
    /// [`ClientError::Expired`] when it will never be included, [`ClientError::Unconfirmed`] when that is not known.
    pub async fn send(&self, msgs: Vec<Any>, memo: &str) -> Result<TxOutcome, ClientError> {
        let first = self.submit(msgs.clone(), memo, 0).await?;
        match self.outcome_of(&first).await {
            Err(ClientError::Failed {
                code: OUT_OF_GAS,
                codespace,
                log,
                ..
            }) if codespace == "sdk" => {
                tracing::warn!(hash = %first.hash, %log, "sending again with twice the gas limit");
                let least_gas = first.gas_limit.saturating_mul(2);
                let second = self.submit(msgs, memo, least_gas).await?;
                self.outcome_of(&second).await
            }
            told => told,
        }
    }

    async fn outcome_of(&self, sent: &Sent) -> Result<TxOutcome, ClientError> {
        tracing::debug!(hash = %sent.hash, "transaction handed over");
        let outcome = self.confirm(sent).await.and_then(outcome);
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
