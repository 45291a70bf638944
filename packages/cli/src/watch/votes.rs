//! What a watcher has voted, kept before it is signed: after a crash it must never say the contrary, which would cost its bond.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context as _, Result};

/// Rounds that are kept: votes on older ones are not taken any more.
const KEPT: u64 = 4;

pub struct Votes {
    path: PathBuf,
    /// `down` by round and lease.
    cast: BTreeMap<u64, BTreeMap<u64, bool>>,
    /// Held for as long as this lives.
    _lock: File,
}

impl Votes {
    /// Of one watcher in one registry; `path` is the file.
    ///
    /// # Errors
    /// Another process watches with this key, or the file cannot be read.
    pub fn open(path: PathBuf) -> Result<Self> {
        let folder = folder(&path)?;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        let lock = File::create(path.with_extension("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another `watch run` with this key is running; two could sign contrary votes, which costs the bond"
            ),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let cast = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is damaged", path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error.into()),
        };
        Ok(Votes {
            path,
            cast,
            _lock: lock,
        })
    }

    /// What was voted, or else is from now on. Only what this returns may be signed.
    ///
    /// # Errors
    /// It could not be made durable.
    pub fn settle(&mut self, round: u64, lease_id: u64, down: bool) -> Result<bool> {
        if let Some(cast) = self.of(round, lease_id) {
            return Ok(cast);
        }
        self.cast.entry(round).or_default().insert(lease_id, down);
        self.cast
            .retain(|kept, _| kept.saturating_add(KEPT) > round);
        self.save()?;
        Ok(down)
    }

    pub fn of(&self, round: u64, lease_id: u64) -> Option<bool> {
        self.cast.get(&round)?.get(&lease_id).copied()
    }

    /// Round, lease and vote from a round on.
    pub fn since(&self, round: u64) -> impl Iterator<Item = (u64, u64, bool)> + '_ {
        self.cast
            .range(round..)
            .flat_map(|(round, leases)| leases.iter().map(|(lease, down)| (*round, *lease, *down)))
    }

    /// As a whole and durably, or not at all.
    fn save(&self) -> Result<()> {
        let folder = folder(&self.path)?;
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        new.write_all(&serde_json::to_vec(&self.cast)?)?;
        new.as_file().sync_all()?;
        new.persist(&self.path)?;
        Ok(File::open(folder)?.sync_all()?)
    }
}

fn folder(path: &Path) -> Result<&Path> {
    path.parent().context("a file of votes lies in a folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vote_stands_through_a_restart_and_old_ones_go() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("watcher").join("votes.json");
        let mut votes = Votes::open(path.clone()).expect("new");
        assert!(votes.settle(7, 1, true).expect("kept"));
        assert!(Votes::open(path.clone()).is_err(), "one at a time");
        drop(votes);
        let mut votes = Votes::open(path).expect("again");
        assert!(votes.settle(7, 1, false).expect("kept"), "the first stands");
        assert!(!votes.settle(8, 1, false).expect("kept"));
        assert_eq!(
            votes.since(7).collect::<Vec<_>>(),
            [(7, 1, true), (8, 1, false)]
        );
        votes.settle(7 + KEPT, 2, true).expect("kept");
        assert_eq!(votes.of(7, 1), None);
        assert_eq!(votes.of(8, 1), Some(false));
    }
}
