//! The state machine: checks, delivers and simulates transactions, and makes blocks.

use std::collections::HashMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Context;
use cosmrs::proto::cosmos::base::abci::v1beta1::TxMsgData;
use cosmrs::proto::Any;
use cosmwasm_std::testing::MockApi;
use cosmwasm_std::{Addr, Api, BlockInfo, CosmosMsg, Empty, Event, Timestamp};
use cw_multi_test::{no_init, App, AppBuilder, AppResponse, Executor, FailingModule};
use prost::Message;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::accounts;
use crate::ante::Signature;
use crate::bank::{valid_address, DevBank};
use crate::codes::NativeCode;
use crate::config::{address_of, DevchainConfig, ADDRESS_PREFIX};
use crate::error::{AbciError, Kind, PANIC};
use crate::journal::Journal;
use crate::ledger::{Ledger, TxResult};
use crate::msg::Msg;
use crate::store::StoredCode;
use crate::tx::{tx_hash, Tx, TxHash};
use crate::wasm::{Checksums, DevWasm};

/// Gas is not metered: every transaction reports this much, plus [`GAS_PER_MSG`] for each message.
const GAS_PER_TX: u64 = 60_000;
const GAS_PER_MSG: u64 = 120_000;

/// CometBFT's default `mempool.size`.
const MAX_MEMPOOL: usize = 5_000;

/// Latest chain time, in nanoseconds: what a signed 64-bit count holds, in the year 2262.
const MAX_TIME: u64 = i64::MAX as u64;

pub(crate) type DevApp =
    App<DevBank, MockApi, Journal, FailingModule<Empty, Empty, Empty>, DevWasm>;

pub(crate) struct Chain {
    pub(crate) app: DevApp,
    pub(crate) ledger: Ledger,
    pub(crate) codes: Vec<StoredCode>,
    pub(crate) known: Vec<NativeCode>,
    pub(crate) checksums: Checksums,
    pub(crate) fee_collector: Addr,
    mempool: Vec<(TxHash, Vec<u8>)>,
    /// Sequences that signers with transactions in the mempool use next.
    pub(crate) pending: HashMap<String, u64>,
    step: Duration,
    jump: Duration,
    height: watch::Sender<u64>,
}

/// What a successful run of a transaction's messages leaves behind.
pub(crate) struct Outcome {
    pub(crate) data: TxMsgData,
    pub(crate) events: Vec<Event>,
    pub(crate) gas: u64,
    pub(crate) codes: Vec<(NativeCode, Addr)>,
}

/// Why a transaction was not even checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotChecked {
    #[error("tx already exists in cache")]
    AlreadyKnown,
    #[error("mempool is full: number of txs {MAX_MEMPOOL} (max: {MAX_MEMPOOL})")]
    MempoolFull,
}

impl Chain {
    /// The chain at genesis, before its first block.
    pub(crate) fn new(config: &DevchainConfig) -> anyhow::Result<Self> {
        let genesis = config
            .genesis_time
            .duration_since(UNIX_EPOCH)
            .context("genesis time is before 1970")?;
        let genesis = u64::try_from(genesis.as_nanos())
            .ok()
            .filter(|t| *t <= MAX_TIME)
            .context("genesis time is past 2262")?;
        let step = config
            .block_time
            .checked_mul(config.speed)
            .context("block time × speed overflows")?;
        let api = MockApi::default().with_prefix(ADDRESS_PREFIX);
        let checksums = Checksums::default();
        let app = AppBuilder::new()
            .with_api(api)
            .with_storage(Journal::default())
            .with_bank(DevBank::default())
            .with_wasm(DevWasm::new(checksums.clone()))
            .with_block(BlockInfo {
                height: 0,
                time: Timestamp::from_nanos(genesis),
                chain_id: config.chain_id.clone(),
            })
            .build(no_init);
        let fee_collector =
            api.addr_humanize(&Sha256::digest(b"fee_collector")[..20].to_vec().into())?;
        let mut chain = Self {
            app,
            ledger: Ledger::new(&config.chain_id)?,
            codes: vec![],
            known: config.codes.clone(),
            checksums,
            fee_collector,
            mempool: vec![],
            pending: HashMap::new(),
            step,
            jump: Duration::ZERO,
            height: watch::Sender::new(0),
        };
        for (mnemonic, coins) in &config.accounts {
            let owner = Addr::unchecked(address_of(mnemonic)?.as_ref());
            accounts::ensure(chain.app.storage_mut(), owner.as_str());
            chain.app.init_modules(|router, _, storage| {
                router.bank.fund(storage, &owner, coins.clone())
            })?;
        }
        for code in config.codes.clone() {
            chain.store_code(code, chain.fee_collector.clone());
        }
        chain.app.storage_mut().commit();
        Ok(chain)
    }

    /// Makes the next block from the whole mempool.
    pub(crate) fn produce_block(&mut self) {
        let last = self.app.block_info();
        // Block 1 carries the genesis time; the jump of `advance` comes on top of the regular step.
        let step = if last.height == 0 {
            self.jump
        } else {
            self.step.saturating_add(self.jump)
        };
        self.jump = Duration::ZERO;
        let block = BlockInfo {
            height: last.height + 1,
            time: Timestamp::from_nanos(later(last.time, step).min(MAX_TIME)),
            chain_id: last.chain_id,
        };
        self.app.set_block(block.clone());
        let txs = std::mem::take(&mut self.mempool);
        self.pending.clear();
        let delivered = txs
            .into_iter()
            .map(|(_, bytes)| {
                let result = self.deliver(&bytes);
                self.app.storage_mut().commit();
                (bytes, result)
            })
            .collect();
        self.ledger.push(&block, delivered);
        self.height.send_replace(block.height);
    }

    /// The newest height, as a channel.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.height.subscribe()
    }

    /// Makes the next block's time `seconds` later than it would be; returns the seconds now pending.
    ///
    /// # Errors
    /// The time would pass the year 2262.
    pub(crate) fn advance(&mut self, seconds: u64) -> Result<u64, String> {
        let jump = self.jump.saturating_add(Duration::from_secs(seconds));
        if later(self.app.block_info().time, jump) > MAX_TIME {
            return Err(format!(
                "{seconds} seconds: chain time cannot pass the year 2262"
            ));
        }
        self.jump = jump;
        Ok(jump.as_secs())
    }

    pub(crate) fn mempool_len(&self) -> usize {
        self.mempool.len()
    }

    /// Checks a transaction against the committed state and the mempool, and takes it into the mempool when it is good.
    pub(crate) fn check(&mut self, bytes: Vec<u8>) -> Result<(TxHash, TxResult), NotChecked> {
        let hash = tx_hash(&bytes);
        if self.ledger.tx(&hash).is_some() || self.mempool.iter().any(|(known, _)| *known == hash) {
            return Err(NotChecked::AlreadyKnown);
        }
        if self.mempool.len() >= MAX_MEMPOOL {
            return Err(NotChecked::MempoolFull);
        }
        let mark = self.app.storage().mark();
        let checked = Tx::decode(&bytes).and_then(|tx| {
            self.messages(&tx)?;
            let sequence = self.next_sequence(&tx.signer);
            self.ante(&tx, sequence, Signature::Verify)?;
            Ok((tx, sequence))
        });
        self.app.storage_mut().rollback(mark);
        let result = match checked {
            Ok((tx, sequence)) => {
                self.pending.insert(tx.signer, sequence + 1);
                self.mempool.push((hash, bytes));
                TxResult::checked(tx.fee.gas_limit)
            }
            Err(error) => TxResult::failed(error, 0, 0),
        };
        Ok((hash, result))
    }

    /// Runs a transaction on the state that the next block would see and discards what it wrote. Its signature is not verified.
    pub(crate) fn simulate(&mut self, bytes: &[u8]) -> Result<Outcome, AbciError> {
        let mark = self.app.storage().mark();
        let outcome = Tx::decode(bytes).and_then(|tx| {
            let sequence = self.next_sequence(&tx.signer);
            let mut events = self.ante(&tx, sequence, Signature::Skip)?;
            let outcome = self.run(&tx)?;
            events.extend(outcome.events);
            Ok(Outcome { events, ..outcome })
        });
        self.app.storage_mut().rollback(mark);
        outcome
    }

    fn deliver(&mut self, bytes: &[u8]) -> TxResult {
        let mark = self.app.storage().mark();
        let admitted = Tx::decode(bytes).and_then(|tx| {
            let sequence = accounts::load(self.app.storage(), &tx.signer).map_or(0, |a| a.sequence);
            let events = self.ante(&tx, sequence, Signature::Verify)?;
            Ok((tx, events))
        });
        let (tx, mut events) = match admitted {
            Ok(admitted) => admitted,
            Err(error) => {
                self.app.storage_mut().rollback(mark);
                return TxResult::failed(error, 0, 0);
            }
        };
        let (wanted, used) = (tx.fee.gas_limit, gas(&tx));
        // From here on the fee and the sequence stay, whatever becomes of the messages.
        let mark = self.app.storage().mark();
        match self.run(&tx) {
            Ok(outcome) => {
                for (code, creator) in outcome.codes {
                    self.store_code(code, creator);
                }
                events.extend(outcome.events);
                TxResult::delivered(outcome.data.encode_to_vec(), events, wanted, used)
            }
            Err(error) => {
                self.app.storage_mut().rollback(mark);
                TxResult {
                    events,
                    ..TxResult::failed(error, wanted, used)
                }
            }
        }
    }

    fn messages(&self, tx: &Tx) -> Result<Vec<Option<CosmosMsg>>, AbciError> {
        tx.msgs
            .iter()
            .map(|msg| msg.to_cosmos(self.app.api()))
            .collect()
    }

    fn run(&mut self, tx: &Tx) -> Result<Outcome, AbciError> {
        let messages = self.messages(tx)?;
        let mut outcome = Outcome {
            data: TxMsgData::default(),
            events: vec![],
            gas: gas(tx),
            codes: vec![],
        };
        for (index, (msg, cosmos)) in tx.msgs.iter().zip(messages).enumerate() {
            let (data, events) = match (msg, cosmos) {
                (Msg::StoreCode(store), _) => self.stage_code(store, &mut outcome),
                (_, Some(cosmos)) => valid_address(self.app.api(), msg.signer())
                    .and_then(|sender| self.dispatch(sender, cosmos, msg.failure()))
                    .map(|r| (r.data.map(Into::into).unwrap_or_default(), r.events)),
                (_, None) => unreachable!("only MsgStoreCode has no state machine message"),
            }
            .map_err(|e| e.within(format!("failed to execute message; message index: {index}")))?;
            outcome.data.msg_responses.push(Any {
                type_url: msg.response_type_url(),
                value: data,
            });
            let action = Event::new("message")
                .add_attribute("action", msg.type_url())
                .add_attribute("sender", msg.signer())
                .add_attribute("module", msg.module());
            let numbered = std::iter::once(action)
                .chain(events)
                .map(|e| e.add_attribute("msg_index", index.to_string()));
            outcome.events.extend(numbered);
        }
        Ok(outcome)
    }

    /// Runs one message of the state machine; `kind` is what a contract's own error is reported as.
    pub(crate) fn dispatch(
        &mut self,
        sender: Addr,
        msg: CosmosMsg,
        kind: Kind,
    ) -> Result<AppResponse, AbciError> {
        // A panic leaves only journaled writes behind, which the caller rolls back like any failure's.
        catch_unwind(AssertUnwindSafe(|| self.app.execute(sender, msg)))
            .map_err(|payload| {
                PANIC.because(format!("recovered: {}", panic_text(payload.as_ref())))
            })?
            .map_err(|e| classify(e, kind))
    }
}

fn gas(tx: &Tx) -> u64 {
    GAS_PER_TX + GAS_PER_MSG * tx.msgs.len() as u64
}

fn later(time: Timestamp, step: Duration) -> u64 {
    let nanos = u64::try_from(step.as_nanos()).unwrap_or(u64::MAX);
    time.nanos().saturating_add(nanos)
}

/// The SDK error at the root of a failure, or else the contract's own text under `kind`.
fn classify(error: anyhow::Error, kind: Kind) -> AbciError {
    let root = error.root_cause();
    match root.downcast_ref::<AbciError>() {
        Some(abci) => abci.clone(),
        None => kind.because(root),
    }
}

pub(crate) fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without text")
}
