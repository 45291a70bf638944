//! Jobs of the runtime, beside the loop: an image may take minutes to come, heartbeats may not.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::task::{AbortHandle, JoinSet};
use tracing::{error, info};

use crate::backoff::Backoff;
use crate::plan::Run;
use crate::runtime::{Runtime, RuntimeError};
use crate::workload::WorkloadSpec;

/// At most one per lease.
pub struct Jobs {
    runtime: Arc<dyn Runtime>,
    under_way: JoinSet<(Run, Result<(), RuntimeError>)>,
    /// By lease.
    busy: BTreeMap<u64, (Run, AbortHandle)>,
    waits: Backoff<Run>,
}

impl Jobs {
    pub fn new(runtime: Arc<dyn Runtime>) -> Self {
        Self {
            runtime,
            under_way: JoinSet::new(),
            busy: BTreeMap::new(),
            waits: Backoff::default(),
        }
    }

    /// Begins what is planned, as far as its lease is free and it has not just failed.
    pub fn begin(&mut self, runs: &[Run], specs: &HashMap<u64, WorkloadSpec>, height: u64) {
        self.waits.prune(height);
        for run in runs {
            match self.busy.get(&run.lease()) {
                Some((former, job)) => make_way(*former, job, *run),
                None if self.waits.is_waiting(run, height) => {}
                None => self.spawn(*run, specs, height),
            }
        }
    }

    fn spawn(&mut self, run: Run, specs: &HashMap<u64, WorkloadSpec>, height: u64) {
        let runtime = self.runtime.clone();
        let job = match run {
            Run::Start { lease } => {
                let Some(spec) = specs.get(&lease).cloned() else {
                    return;
                };
                // Counted as a failure until it has run for a while, so that a crashing service is started ever less often.
                self.waits.failed(run, height);
                self.under_way
                    .spawn(async move { (run, runtime.start(&spec).await) })
            }
            Run::Suspend { lease } => self
                .under_way
                .spawn(async move { (run, runtime.suspend(lease).await) }),
            Run::Remove { lease } => self
                .under_way
                .spawn(async move { (run, runtime.remove(lease).await) }),
        };
        self.busy.insert(run.lease(), (run, job));
    }

    /// What has ended since the last call.
    pub fn finish(&mut self, height: u64) -> Vec<(Run, Result<(), RuntimeError>)> {
        let mut finished = Vec::new();
        while let Some(joined) = self.under_way.try_join_next() {
            match joined {
                Ok((run, result)) => {
                    self.busy.remove(&run.lease());
                    self.count(run, result.is_ok(), height);
                    finished.push((run, result));
                }
                Err(e) => {
                    match e.is_cancelled() {
                        true => info!("a start was broken off"),
                        false => error!(error = %e, "a job of the runtime broke off"),
                    }
                    self.busy.retain(|_, (_, job)| job.id() != e.id());
                }
            }
        }
        finished
    }

    fn count(&mut self, run: Run, is_done: bool, height: u64) {
        match run {
            Run::Start { .. } => {}
            _ if is_done => self.waits.forget(&run),
            _ => self.waits.failed(run, height),
        }
    }
}

/// A workload that has to stop does not wait for its start: the tenant's registry, from which an image comes, need never end its answer,
/// and what runs already would go on unpaid.
fn make_way(former: Run, job: &AbortHandle, run: Run) {
    let is_start = |run| matches!(run, Run::Start { .. });
    if is_start(former) && !is_start(run) {
        job.abort();
    }
}

#[cfg(test)]
mod tests;
