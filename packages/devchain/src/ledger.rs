//! Blocks, results and the transaction index. Everything is kept in memory for the life of the process.

use std::collections::HashMap;

use anyhow::Context;
use cosmrs::proto::tendermint::v0_38::abci::ExecTxResult;
use cosmrs::tendermint::block::header::Version;
use cosmrs::tendermint::block::{parts, Header, Id};
use cosmrs::tendermint::crypto::default::Sha256 as MerkleSha256;
use cosmrs::tendermint::merkle::simple_hash_from_byte_vectors;
use cosmrs::tendermint::validator::{self, Set};
use cosmrs::tendermint::{chain, AppHash, Hash, PublicKey, Time};
use cosmwasm_std::{BlockInfo, Event};
use prost::Message;
use sha2::{Digest, Sha256};

use crate::error::AbciError;
use crate::tx::{tx_hash, TxHash};

/// The lone validator's Ed25519 key: test vector 1 of RFC 8032, since the devchain signs no votes.
const VALIDATOR_KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
pub(crate) const VALIDATOR_POWER: u32 = 10;

/// What a transaction did: ABCI's `ExecTxResult`.
#[derive(Clone, Debug, Default)]
pub(crate) struct TxResult {
    pub(crate) code: u32,
    pub(crate) codespace: &'static str,
    pub(crate) data: Vec<u8>,
    pub(crate) log: String,
    pub(crate) gas_wanted: u64,
    pub(crate) gas_used: u64,
    pub(crate) events: Vec<Event>,
}

impl TxResult {
    pub(crate) fn checked(gas_wanted: u64) -> Self {
        Self {
            gas_wanted,
            ..Self::default()
        }
    }

    pub(crate) fn delivered(
        data: Vec<u8>,
        events: Vec<Event>,
        gas_wanted: u64,
        gas_used: u64,
    ) -> Self {
        Self {
            data,
            events,
            gas_wanted,
            gas_used,
            ..Self::default()
        }
    }

    pub(crate) fn failed(error: AbciError, gas_wanted: u64, gas_used: u64) -> Self {
        Self {
            code: error.code,
            codespace: error.codespace,
            log: error.log,
            gas_wanted,
            gas_used,
            ..Self::default()
        }
    }

    /// The part of a result that blocks commit to.
    fn canonical(&self) -> Vec<u8> {
        ExecTxResult {
            code: self.code,
            data: self.data.clone().into(),
            gas_wanted: self.gas_wanted as i64,
            gas_used: self.gas_used as i64,
            ..ExecTxResult::default()
        }
        .encode_to_vec()
    }
}

pub(crate) struct StoredTx {
    pub(crate) height: u64,
    pub(crate) index: u32,
    pub(crate) hash: TxHash,
    pub(crate) bytes: Vec<u8>,
    pub(crate) result: TxResult,
}

pub(crate) struct StoredBlock {
    pub(crate) header: Header,
    pub(crate) id: Id,
    pub(crate) txs: Vec<StoredTx>,
    /// State hash after this block; the next header carries it.
    pub(crate) app_hash: [u8; 32],
    results_hash: [u8; 32],
}

/// Position of a transaction: height, index in the block.
pub(crate) type TxPos = (u64, u32);

pub(crate) struct Ledger {
    pub(crate) chain_id: chain::Id,
    pub(crate) validator: validator::Info,
    blocks: Vec<StoredBlock>,
    by_hash: HashMap<TxHash, TxPos>,
    by_attribute: HashMap<String, HashMap<String, Vec<TxPos>>>,
}

impl Ledger {
    pub(crate) fn new(chain_id: &str) -> anyhow::Result<Self> {
        let key = hex::decode(VALIDATOR_KEY).context("validator key")?;
        let key = PublicKey::from_raw_ed25519(&key).context("validator key")?;
        Ok(Self {
            chain_id: chain_id
                .parse()
                .with_context(|| format!("chain id {chain_id:?}"))?,
            validator: validator::Info::new(key, VALIDATOR_POWER.into()),
            blocks: vec![],
            by_hash: HashMap::new(),
            by_attribute: HashMap::new(),
        })
    }

    /// Height of the newest block, 0 before the first.
    pub(crate) fn height(&self) -> u64 {
        self.blocks.len() as u64
    }

    pub(crate) fn block(&self, height: u64) -> Option<&StoredBlock> {
        let index = usize::try_from(height.checked_sub(1)?).ok()?;
        self.blocks.get(index)
    }

    pub(crate) fn tx(&self, hash: &TxHash) -> Option<&StoredTx> {
        self.at(*self.by_hash.get(hash)?)
    }

    pub(crate) fn at(&self, (height, index): TxPos) -> Option<&StoredTx> {
        self.block(height)?.txs.get(index as usize)
    }

    /// Positions, oldest first, of the transactions with an event attribute `type.key` of this value.
    pub(crate) fn with_attribute(&self, key: &str, value: &str) -> &[TxPos] {
        self.by_attribute
            .get(key)
            .and_then(|values| values.get(value))
            .map_or(&[], Vec::as_slice)
    }

    /// Positions, oldest first, of all transactions of the heights `from..=to`.
    pub(crate) fn between(&self, from: u64, to: u64) -> impl Iterator<Item = TxPos> + '_ {
        let to = to.min(self.height());
        (from.max(1)..=to)
            .filter_map(|height| self.block(height))
            .flat_map(|block| block.txs.iter().map(|tx| (tx.height, tx.index)))
    }

    pub(crate) fn push(&mut self, block: &BlockInfo, delivered: Vec<(Vec<u8>, TxResult)>) {
        let hashes: Vec<TxHash> = delivered.iter().map(|(bytes, _)| tx_hash(bytes)).collect();
        let results: Vec<Vec<u8>> = delivered
            .iter()
            .map(|(_, result)| result.canonical())
            .collect();
        let results_hash = merkle(&results);
        let previous = self.blocks.last();
        let app_hash = previous.map_or([0; 32], |b| b.app_hash);
        let header = Header {
            version: Version { block: 11, app: 0 },
            chain_id: self.chain_id.clone(),
            height: u32::try_from(block.height)
                .expect("a block a second reaches 2³² in 136 years")
                .into(),
            time: time_of(block),
            last_block_id: previous.map(|b| b.id),
            last_commit_hash: Some(sha256(&[])),
            data_hash: Some(Hash::Sha256(merkle(&hashes))),
            validators_hash: Set::new(vec![self.validator.clone()], None).hash(),
            next_validators_hash: Set::new(vec![self.validator.clone()], None).hash(),
            consensus_hash: sha256(b"leasehold devchain"),
            app_hash: AppHash::try_from(app_hash.to_vec()).expect("any bytes are an app hash"),
            last_results_hash: Some(Hash::Sha256(
                previous.map_or_else(|| merkle::<TxHash>(&[]), |b| b.results_hash),
            )),
            evidence_hash: Some(sha256(&[])),
            proposer_address: self.validator.address,
        };
        let hash = header.hash();
        let part_set_header = parts::Header::new(1, hash).expect("one part with a hash is valid");
        let txs: Vec<StoredTx> = delivered
            .into_iter()
            .zip(hashes)
            .zip(0..)
            .map(|(((bytes, result), hash), index)| StoredTx {
                height: block.height,
                index,
                hash,
                bytes,
                result,
            })
            .collect();
        for tx in &txs {
            index(&mut self.by_hash, &mut self.by_attribute, tx);
        }
        self.blocks.push(StoredBlock {
            app_hash: Sha256::new()
                .chain_update(app_hash)
                .chain_update(results_hash)
                .finalize()
                .into(),
            id: Id {
                hash,
                part_set_header,
            },
            header,
            txs,
            results_hash,
        });
    }
}

fn index(
    by_hash: &mut HashMap<TxHash, TxPos>,
    by_attribute: &mut HashMap<String, HashMap<String, Vec<TxPos>>>,
    tx: &StoredTx,
) {
    let pos = (tx.height, tx.index);
    by_hash.insert(tx.hash, pos);
    for event in &tx.result.events {
        for attribute in &event.attributes {
            let key = format!("{}.{}", event.ty, attribute.key);
            let positions = by_attribute
                .entry(key)
                .or_default()
                .entry(attribute.value.clone())
                .or_default();
            if positions.last() != Some(&pos) {
                positions.push(pos);
            }
        }
    }
}

fn time_of(block: &BlockInfo) -> Time {
    let seconds = i64::try_from(block.time.seconds()).expect("chain time stays before 2262");
    let nanos = u32::try_from(block.time.subsec_nanos()).expect("below a second");
    Time::from_unix_timestamp(seconds, nanos).expect("chain time stays before 2262")
}

fn sha256(bytes: &[u8]) -> Hash {
    Hash::Sha256(Sha256::digest(bytes).into())
}

fn merkle<T: AsRef<[u8]>>(leaves: &[T]) -> [u8; 32] {
    simple_hash_from_byte_vectors::<MerkleSha256>(leaves)
}
