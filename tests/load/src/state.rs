//! How many bytes the suite keeps, and what the node's databases make of them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use cosmwasm_std::{Order, Storage};
use leasehold_api::suite::CONTRACTS;
use leasehold_testing::node::snapshot;
use leasehold_testing::snapshot::Snapshot;
use serde::Serialize;

use crate::ground::Ground;

/// The node's databases that grow with transactions.
const DATABASES: [&str; 4] = ["application.db", "blockstore.db", "state.db", "tx_index.db"];

#[derive(Debug, Clone, Serialize)]
pub struct State {
    pub records: u64,
    /// Keys, without the chain's prefix of 33 bytes, and values.
    pub bytes: u64,
    /// By contract.
    pub of: Vec<(&'static str, u64)>,
    /// Bytes on disk by database, old versions and all that is not compacted yet included.
    pub disk: Vec<(&'static str, u64)>,
}

impl State {
    pub fn of(snapshot: &Snapshot, chain_home: &str) -> Result<Self> {
        let (mut records, mut of) = (0, vec![]);
        for (contract, storage) in CONTRACTS.iter().zip(snapshot.storages.addresses()) {
            let mut bytes = 0;
            for (key, value) in storage.range(None, None, Order::Ascending) {
                records += 1;
                bytes += u64::try_from(key.len() + value.len())?;
            }
            of.push((*contract, bytes));
        }
        let data = Path::new(chain_home).join("data");
        let disk = DATABASES.map(|name| anyhow::Ok((name, size(&data.join(name))?)));
        Ok(State {
            records,
            bytes: of.iter().map(|(_, bytes)| bytes).sum(),
            of,
            disk: disk.into_iter().collect::<Result<_>>()?,
        })
    }

    pub async fn now(ground: &Ground, chain_home: &str) -> Result<Self> {
        let snapshot = snapshot(&ground.client, &ground.suite).await?;
        State::of(&snapshot, chain_home)
    }

    /// Bytes of the node's application database.
    pub fn application(&self) -> u64 {
        self.disk[0].1
    }
}

/// Of a folder's files; the node may remove one meanwhile.
fn size(folder: &Path) -> Result<u64> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut sum = 0;
    for entry in entries {
        match entry?.metadata() {
            Ok(metadata) => sum += metadata.len(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(sum)
}
