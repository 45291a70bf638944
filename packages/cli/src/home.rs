//! `~/.leasehold`: keys, the suites deployed from here, and copies of the manifests sent.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use leasehold_api::Suite;
use serde::{Deserialize, Serialize};

pub struct Home(PathBuf);

#[derive(Serialize, Deserialize, Default)]
struct Settings {
    /// The suite last deployed to each chain, by chain id.
    suites: BTreeMap<String, Suite>,
}

impl Home {
    /// The folder is made when something is written to it.
    ///
    /// # Errors
    /// None is given and the user's home folder is not known.
    pub fn open(given: Option<&Path>) -> Result<Self> {
        let dir = match given {
            Some(dir) => dir.to_owned(),
            None => std::env::home_dir()
                .context("no home folder is known; name one with --home")?
                .join(".leasehold"),
        };
        Ok(Home(dir))
    }

    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    pub fn provider(&self, name: &str) -> PathBuf {
        self.0.join("providers").join(name)
    }

    pub fn watcher(&self, name: &str) -> PathBuf {
        self.0.join("watchers").join(name)
    }

    pub fn suite(&self, chain_id: &str) -> Result<Option<Suite>> {
        Ok(self.settings()?.suites.remove(chain_id))
    }

    pub fn remember_suite(&self, chain_id: &str, suite: &Suite) -> Result<()> {
        let mut settings = self.settings()?;
        settings.suites.insert(chain_id.into(), suite.clone());
        write(
            &self.settings_file(),
            &serde_json::to_vec_pretty(&settings)?,
        )
    }

    /// Keeps a manifest, so that it can be sent again to a later provider.
    pub fn keep_manifest(&self, hash: &[u8], json: &[u8]) -> Result<()> {
        write(&self.0.join("manifests").join(hex::encode(hash)), json)
    }

    pub fn manifest(&self, hash: &[u8]) -> Result<Vec<u8>> {
        let file = self.0.join("manifests").join(hex::encode(hash));
        fs::read(&file).with_context(|| {
            format!("the manifest of this deployment is not here ({}); it was deployed from another home", file.display())
        })
    }

    fn settings_file(&self) -> PathBuf {
        self.0.join("settings.json")
    }

    fn settings(&self) -> Result<Settings> {
        let file = self.settings_file();
        if !file.exists() {
            return Ok(Settings::default());
        }
        let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is damaged", file.display()))
    }
}

/// Replaces a file as a whole, so that a crash leaves the old or the new one.
fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    let new = file.with_extension("new");
    file.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&new, bytes))
        .and_then(|()| fs::rename(&new, file))
        .with_context(|| format!("cannot write {}", file.display()))
}
