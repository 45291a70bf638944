//! All that lives on the chain, as contracts see it, and what each access costs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use cosmwasm_std::{Addr, BlockInfo, Checksum, ContractInfo, Env, Timestamp, TransactionInfo};
use leasehold_api::suite::CONTRACTS;

use crate::meter::{Kind, Meter, INSTANCE_COLD, INSTANCE_WARM};
use crate::modules::Bank;

pub const CHAIN_ID: &str = "testing-1";

/// Who is no contract.
pub const ANYBODY: &str = "anybody";

/// Store key and record of a contract (label, admin and IBC port included) and of a code.
const CONTRACT_INFO: usize = 33 + 202;
const CODE_INFO: usize = 9 + 83;

struct Contract {
    name: String,
    checksum: Checksum,
}

/// All that lives on the chain, and the meter of the running transaction.
pub struct State {
    pub meter: Meter,
    pub bank: Bank,
    pub height: u64,
    pub time: u64,
    stored: BTreeMap<(String, Vec<u8>), Vec<u8>>,
    contracts: BTreeMap<String, Contract>,
    pinned: bool,
    /// Codes that this transaction has loaded.
    seen: BTreeSet<Vec<u8>>,
    sequence: u64,
}

/// What a failed transaction or submessage leaves as it was.
pub struct Saved {
    stored: BTreeMap<(String, Vec<u8>), Vec<u8>>,
    bank: Bank,
}

impl State {
    pub fn new(pinned: bool) -> Self {
        State {
            meter: Meter::default(),
            bank: Bank::default(),
            height: 10_000_000,
            time: 1_800_000_000,
            stored: BTreeMap::new(),
            contracts: BTreeMap::new(),
            pinned,
            seen: BTreeSet::new(),
            sequence: 100,
        }
    }

    pub fn register(&mut self, address: &str, name: &str, checksum: Checksum) {
        let name = name.into();
        self.contracts
            .insert(address.into(), Contract { name, checksum });
    }

    /// Starts a transaction.
    pub fn begin(&mut self) -> Saved {
        self.meter = Meter::default();
        self.seen.clear();
        self.sequence += 1;
        self.saved()
    }

    pub fn saved(&self) -> Saved {
        Saved {
            stored: self.stored.clone(),
            bank: self.bank.clone(),
        }
    }

    pub fn restore(&mut self, saved: Saved) {
        self.stored = saved.stored;
        self.bank = saved.bank;
    }

    /// Sequence number of the transaction.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    pub fn get(&mut self, contract: &str, key: &[u8]) -> Option<Vec<u8>> {
        let value = self.stored.get(&(contract.into(), key.into())).cloned();
        let bytes = self.stored_bytes(key, value.as_deref());
        self.meter.read(&self.name(contract), describe(key), bytes);
        value
    }

    pub fn set(&mut self, contract: &str, key: &[u8], value: &[u8]) {
        let bytes = self.stored_bytes(key, Some(value));
        self.meter.write(&self.name(contract), describe(key), bytes);
        self.stored
            .insert((contract.into(), key.into()), value.into());
    }

    pub fn remove(&mut self, contract: &str, key: &[u8]) {
        self.meter.delete(&self.name(contract), describe(key));
        self.stored.remove(&(contract.into(), key.into()));
    }

    pub fn range(
        &self,
        contract: &str,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
    ) -> Vec<(Vec<u8>, Vec<u8>)> {
        let from = (contract.to_string(), start.unwrap_or_default().to_vec());
        let inside = |key: &[u8]| end.is_none_or(|end| key < end);
        let records = self.stored.range(from..);
        records
            .take_while(|((of, key), _)| of == contract && inside(key))
            .map(|((_, key), value)| (key.clone(), value.clone()))
            .collect()
    }

    pub fn step(&mut self, contract: &str, onto: Option<&(Vec<u8>, Vec<u8>)>) {
        let bytes = onto.map_or(0, |(key, value)| self.stored_bytes(key, Some(value)));
        self.meter.next(
            &self.name(contract),
            onto.map_or_else(String::new, |(key, _)| describe(key)),
            bytes,
        );
    }

    /// With the chain's prefix of a contract's keys: a byte and the address.
    fn stored_bytes(&self, key: &[u8], value: Option<&[u8]>) -> usize {
        33 + key.len() + value.map_or(0, <[u8]>::len)
    }

    /// Of a contract; everybody else is somebody.
    pub fn name(&self, contract: &str) -> String {
        self.contracts
            .get(contract)
            .map_or_else(|| ANYBODY.into(), |contract| contract.name.clone())
    }

    fn checksum(&self, contract: &str) -> Result<Checksum> {
        let contract = self
            .contracts
            .get(contract)
            .with_context(|| format!("no contract at {contract}"))?;
        Ok(contract.checksum)
    }

    /// The reads with which every entry into a contract begins.
    pub fn find(&mut self, contract: &str) -> Result<Checksum> {
        let checksum = self.checksum(contract)?;
        let name = self.name(contract);
        self.meter
            .read("wasm", format!("contract {name}"), CONTRACT_INFO);
        self.meter
            .read("wasm", format!("code of {name}"), CODE_INFO);
        Ok(checksum)
    }

    /// A second entry into a code is as cheap as a pinned one. Chains pin the suite's code, not that of any token.
    pub fn load(&mut self, contract: &str) -> Result<Checksum> {
        let checksum = self.find(contract)?;
        self.meter.has("wasm", "pinned");
        let name = self.name(contract);
        let pinned = self.pinned && CONTRACTS.contains(&name.as_str());
        let warm = pinned || !self.seen.insert(checksum.as_slice().to_vec());
        let gas = if warm { INSTANCE_WARM } else { INSTANCE_COLD };
        self.meter.charge(Kind::Load, &name, "instance", 0, gas);
        Ok(checksum)
    }

    pub fn env(&self, contract: &str) -> Env {
        Env {
            block: BlockInfo {
                height: self.height,
                time: Timestamp::from_nanos(self.time * 1_000_000_000 + 123_456_789),
                chain_id: CHAIN_ID.into(),
            },
            transaction: Some(TransactionInfo { index: 0 }),
            contract: ContractInfo {
                address: Addr::unchecked(contract),
            },
        }
    }
}

/// A storage key as a person reads it: the names of its parts, ids as numbers.
fn describe(key: &[u8]) -> String {
    let mut parts = vec![];
    let mut rest = key;
    while let [high, low, tail @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if length == 0
            || length > tail.len()
            || !tail[..length].iter().all(|byte| (32..127).contains(byte))
        {
            break;
        }
        parts.push(text(&tail[..length]));
        rest = &tail[length..];
    }
    parts.push(text(rest));
    parts.join("/")
}

fn text(bytes: &[u8]) -> String {
    match bytes.try_into() {
        Ok(id) if !bytes.iter().all(u8::is_ascii_graphic) => u64::from_be_bytes(id).to_string(),
        _ if bytes.iter().all(|byte| (32..127).contains(byte)) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        _ => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
