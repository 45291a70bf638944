//! What the agent must not forget: manifests (as ciphertext), used nonces, orders it is runner-up of, events. Crash-safe.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};

/// Events kept per lease.
const EVENTS_KEPT: usize = 200;
/// Longest message of an event that is kept, characters: an engine's error may repeat what the tenant wrote.
const MAX_MESSAGE: usize = 1_000;

const META: TableDefinition<&str, &str> = TableDefinition::new("meta");
/// Sealed manifests by deployment.
const MANIFESTS: TableDefinition<u64, &[u8]> = TableDefinition::new("manifests");
/// By expiry first, so that what has expired is a range.
const NONCES: TableDefinition<(u64, &str), ()> = TableDefinition::new("nonces");
/// Orders to watch for a silent provider.
const WATCHED: TableDefinition<u64, ()> = TableDefinition::new("watched");
/// By lease and time in milliseconds.
const EVENTS: TableDefinition<(u64, u64), &str> = TableDefinition::new("events");

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "the store at {path} cannot be opened: {source}; is another agent running in this folder?"
    )]
    Open {
        path: String,
        #[source]
        source: DatabaseError,
    },
    #[error("the store belongs to {stored}, this agent serves {wanted}; use another home folder")]
    OtherMarket { stored: String, wanted: String },
    #[error("the store failed: {0}")]
    Transaction(#[from] redb::TransactionError),
    #[error("the store failed: {0}")]
    Table(#[from] redb::TableError),
    #[error("the store failed: {0}")]
    Storage(#[from] redb::StorageError),
    #[error("the store failed: {0}")]
    Commit(#[from] redb::CommitError),
    #[error("a stored record does not decode: {0}")]
    Decode(#[from] serde_json::Error),
}

/// Something that happened to a lease, for its tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Wall clock, milliseconds since 1970.
    pub at_ms: u64,
    pub kind: String,
    pub message: String,
}

/// One process at a time may hold it: the file is locked.
pub struct Store {
    db: Database,
}

impl Store {
    /// Opens or creates the file. `market` names the chain and market that everything in it is about.
    ///
    /// # Errors
    /// [`StoreError::OtherMarket`] when it was made for another one, so that a wrong node never tears down workloads.
    pub fn open(path: &Path, market: &str) -> Result<Self, StoreError> {
        let db = create(path).map_err(|source| StoreError::Open {
            path: path.display().to_string(),
            source,
        })?;
        let store = Self { db };
        store.write(|tx| {
            tx.open_table(MANIFESTS)?;
            tx.open_table(NONCES)?;
            tx.open_table(WATCHED)?;
            tx.open_table(EVENTS)?;
            let mut meta = tx.open_table(META)?;
            let stored = meta.get("market")?.map(|value| value.value().to_owned());
            match stored {
                None => meta.insert("market", market).map(drop)?,
                Some(stored) if stored == market => {}
                Some(stored) => {
                    let wanted = market.to_owned();
                    return Err(StoreError::OtherMarket { stored, wanted });
                }
            }
            Ok(())
        })?;
        Ok(store)
    }

    pub fn put_manifest(&self, deployment: u64, sealed: &[u8]) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.open_table(MANIFESTS)?.insert(deployment, sealed)?;
            Ok(())
        })
    }

    pub fn manifest(&self, deployment: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|tx| {
            let found = tx.open_table(MANIFESTS)?.get(deployment)?;
            Ok(found.map(|sealed| sealed.value().to_vec()))
        })
    }

    pub fn manifest_ids(&self) -> Result<Vec<u64>, StoreError> {
        self.read(|tx| {
            let table = tx.open_table(MANIFESTS)?;
            let ids = table.iter()?.map(|row| Ok(row?.0.value()));
            ids.collect()
        })
    }

    pub fn remove_manifest(&self, deployment: u64) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.open_table(MANIFESTS)?.remove(deployment)?;
            Ok(())
        })
    }

    /// Remembers a signer's nonce until `expires`; false when it was used before. Forgets those that expired before `now`.
    pub fn use_nonce(&self, nonce: &str, expires: u64, now: u64) -> Result<bool, StoreError> {
        self.write(|tx| {
            let mut nonces = tx.open_table(NONCES)?;
            nonces.retain_in(..(now, ""), |_, ()| false)?;
            let fresh = nonces.insert((expires, nonce), ())?.is_none();
            Ok(fresh)
        })
    }

    pub fn watch(&self, order: u64) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.open_table(WATCHED)?.insert(order, ())?;
            Ok(())
        })
    }

    pub fn unwatch(&self, order: u64) -> Result<(), StoreError> {
        self.write(|tx| {
            tx.open_table(WATCHED)?.remove(order)?;
            Ok(())
        })
    }

    pub fn watched(&self) -> Result<Vec<u64>, StoreError> {
        self.read(|tx| {
            let table = tx.open_table(WATCHED)?;
            let ids = table.iter()?.map(|row| Ok(row?.0.value()));
            ids.collect()
        })
    }

    /// Keeps the last [`EVENTS_KEPT`] events of a lease.
    pub fn add_event(&self, lease: u64, mut event: Event) -> Result<(), StoreError> {
        if let Some((end, _)) = event.message.char_indices().nth(MAX_MESSAGE) {
            event.message.truncate(end);
        }
        let text = serde_json::to_string(&event)?;
        self.write(|tx| {
            let mut events = tx.open_table(EVENTS)?;
            let keys = events
                .range((lease, 0)..=(lease, u64::MAX))?
                .map(|row| Ok(row?.0.value()))
                .collect::<Result<Vec<_>, redb::StorageError>>()?;
            let surplus = (keys.len() + 1).saturating_sub(EVENTS_KEPT);
            for key in &keys[..surplus] {
                events.remove(*key)?;
            }
            // Two events of one millisecond keep their order.
            let at = keys
                .last()
                .map_or(event.at_ms, |(_, last)| event.at_ms.max(last + 1));
            events.insert((lease, at), text.as_str())?;
            Ok(())
        })
    }

    /// A lease's events, oldest first.
    pub fn events(&self, lease: u64) -> Result<Vec<Event>, StoreError> {
        self.read(|tx| {
            let table = tx.open_table(EVENTS)?;
            let rows = table.range((lease, 0)..=(lease, u64::MAX))?;
            rows.map(|row| Ok(serde_json::from_str(row?.1.value())?))
                .collect()
        })
    }

    /// Forgets the events of leases that are not in `active` and to which nothing has happened since `before_ms`.
    pub fn forget_events(&self, active: &BTreeSet<u64>, before_ms: u64) -> Result<(), StoreError> {
        let mut past = self.last_events()?;
        past.retain(|(lease, at)| *at < before_ms && !active.contains(lease));
        if past.is_empty() {
            return Ok(());
        }
        self.write(|tx| {
            let mut events = tx.open_table(EVENTS)?;
            for (lease, at) in past {
                events.retain_in((lease, 0)..=(lease, at), |_, _| false)?;
            }
            Ok(())
        })
    }

    /// Every lease that has events, with the time of its last one.
    fn last_events(&self) -> Result<Vec<(u64, u64)>, StoreError> {
        self.read(|tx| {
            let events = tx.open_table(EVENTS)?;
            let mut last = events.last()?.map(|(key, _)| key.value());
            let mut found = Vec::new();
            // One step per lease, not per event.
            while let Some((lease, at)) = last {
                found.push((lease, at));
                let before = events.range(..(lease, 0))?.next_back().transpose()?;
                last = before.map(|(key, _)| key.value());
            }
            Ok(found)
        })
    }

    fn read<T>(
        &self,
        query: impl FnOnce(&redb::ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        query(&self.db.begin_read()?)
    }

    fn write<T>(
        &self,
        change: impl FnOnce(&redb::WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let tx = self.db.begin_write()?;
        let result = change(&tx)?;
        tx.commit()?;
        Ok(result)
    }
}

/// Readable by its owner only: it holds what tenants are told.
fn create(path: &Path) -> Result<Database, DatabaseError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(storage)?;
    Database::builder().create_with_backend(FileBackend::new(file)?)
}

fn storage(e: io::Error) -> DatabaseError {
    redb::StorageError::from(e).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &tempfile::TempDir, market: &str) -> Result<Store, StoreError> {
        Store::open(&folder.path().join("agent.redb"), market)
    }

    #[test]
    fn everything_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder, "chain/market").unwrap();
        store.put_manifest(7, b"sealed").unwrap();
        store.watch(56).unwrap();
        assert!(store.use_nonce("n", 100, 50).unwrap());
        drop(store);

        let store = open(&folder, "chain/market").unwrap();
        assert_eq!(store.manifest(7).unwrap(), Some(b"sealed".to_vec()));
        assert_eq!(store.watched().unwrap(), [56]);
        assert!(
            !store.use_nonce("n", 100, 60).unwrap(),
            "a used nonce stays used"
        );
        store.remove_manifest(7).unwrap();
        assert!(store.manifest_ids().unwrap().is_empty());
    }

    #[test]
    fn a_nonce_is_forgotten_after_its_expiry() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder, "m").unwrap();
        assert!(store.use_nonce("n", 100, 50).unwrap());
        assert!(!store.use_nonce("n", 100, 100).unwrap());
        assert!(store.use_nonce("n", 100, 101).unwrap());
    }

    #[test]
    fn another_market_and_a_second_agent_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder, "a").unwrap();
        assert!(matches!(open(&folder, "a"), Err(StoreError::Open { .. })));
        drop(store);
        assert!(matches!(
            open(&folder, "b"),
            Err(StoreError::OtherMarket { .. })
        ));
    }

    #[test]
    fn only_the_last_events_of_a_lease_are_kept_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder, "m").unwrap();
        for number in 0..=EVENTS_KEPT {
            let event = Event {
                at_ms: 5,
                kind: "started".into(),
                message: number.to_string(),
            };
            store.add_event(1, event).unwrap();
        }
        let events = store.events(1).unwrap();
        assert_eq!(events.len(), EVENTS_KEPT);
        assert_eq!(events[0].message, "1");
        assert_eq!(events.last().unwrap().message, EVENTS_KEPT.to_string());
        assert!(store.events(2).unwrap().is_empty());
    }
    fn event(at_ms: u64, message: &str) -> Event {
        Event {
            at_ms,
            kind: "failed".into(),
            message: message.into(),
        }
    }

    #[test]
    fn events_of_leases_long_over_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder, "m").unwrap();
        for (lease, at) in [(1, 10), (1, 99), (2, 10), (2, 100), (3, 99), (u64::MAX, 1)] {
            store.add_event(lease, event(at, "")).unwrap();
        }
        store.forget_events(&BTreeSet::from([3]), 100).unwrap();
        let kept = [1, 2, 3, u64::MAX].map(|lease| store.events(lease).unwrap().len());
        assert_eq!(kept, [0, 2, 1, 0], "2 ended lately, 3 is active");
    }

    #[test]
    fn a_tenant_cannot_fill_the_store_with_one_event() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder, "m").unwrap();
        store.add_event(1, event(1, &"ü".repeat(1 << 20))).unwrap();
        let kept = &store.events(1).unwrap()[0].message;
        assert_eq!(*kept, "ü".repeat(MAX_MESSAGE));
    }

    #[test]
    fn nobody_else_reads_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        open(&folder, "m").unwrap();
        let file = std::fs::metadata(folder.path().join("agent.redb")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
}
