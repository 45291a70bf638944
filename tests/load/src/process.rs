//! Memory and processor time of the processes of a run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Serialize;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use tokio::task::JoinHandle;

const INTERVAL: Duration = Duration::from_millis(500);

/// What a process took.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Taken {
    /// Most memory that it held at a look, bytes.
    pub peak_rss: u64,
    /// Processor time since the first look, milliseconds.
    pub cpu_ms: u64,
    #[serde(skip)]
    cpu_ms_before: Option<u64>,
}

pub type ByName = BTreeMap<String, Taken>;

/// Looks at processes until it is dropped.
pub struct Watch {
    pids: BTreeMap<String, Pid>,
    seen: Arc<Mutex<ByName>>,
    task: JoinHandle<()>,
}

impl Watch {
    pub fn start(pids: impl IntoIterator<Item = (String, u32)>) -> Self {
        let pids: BTreeMap<String, Pid> = pids
            .into_iter()
            .map(|(name, pid)| (name, Pid::from_u32(pid)))
            .collect();
        let seen = Arc::new(Mutex::new(ByName::new()));
        let task = tokio::spawn(watch(pids.clone(), seen.clone()));
        Watch { pids, seen, task }
    }

    /// As of now; of one that has ended, as it was seen last.
    pub fn now(&self) -> ByName {
        let mut system = System::new();
        look(&mut system, &self.pids, &self.seen);
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn watch(pids: BTreeMap<String, Pid>, seen: Arc<Mutex<ByName>>) {
    let mut system = System::new();
    loop {
        look(&mut system, &pids, &seen);
        tokio::time::sleep(INTERVAL).await;
    }
}

fn look(system: &mut System, pids: &BTreeMap<String, Pid>, seen: &Mutex<ByName>) {
    let all: Vec<Pid> = pids.values().copied().collect();
    let kind = ProcessRefreshKind::nothing().with_memory().with_cpu();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&all), true, kind);
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, pid) in pids {
        let Some(process) = system.process(*pid) else {
            continue;
        };
        let taken = seen.entry(name.clone()).or_default();
        taken.peak_rss = taken.peak_rss.max(process.memory());
        let cpu_ms = process.accumulated_cpu_time();
        let before = *taken.cpu_ms_before.get_or_insert(cpu_ms);
        taken.cpu_ms = cpu_ms.saturating_sub(before);
    }
}

/// Of the machine, for all processes together.
pub fn processors() -> Result<usize> {
    Ok(std::thread::available_parallelism()?.get())
}

/// The process id that scripts/localnet.sh wrote down for the first validator.
pub fn node_pid(chain_home: &str) -> Result<u32> {
    let path = format!("{chain_home}.pid");
    let text = std::fs::read_to_string(&path).context(path)?;
    Ok(text.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_that_runs_takes_memory() -> Result<()> {
        let watch = Watch::start([("self".to_owned(), std::process::id())]);
        let taken = watch.now();
        assert!(taken.get("self").context("seen")?.peak_rss > 1 << 20);
        Ok(())
    }
}
