use std::sync::Mutex;

use async_trait::async_trait;
use futures::StreamExt;

use super::*;
use crate::runtime::{LogOptions, LogStream, Workload};

/// A start of lease 1 never ends, one of lease 2 breaks off; all else is done at once.
#[derive(Default)]
struct Stuck {
    calls: Mutex<Vec<Run>>,
}

impl Stuck {
    fn called(&self, run: Run) {
        self.calls.lock().unwrap().push(run);
    }
}

#[async_trait]
impl Runtime for Stuck {
    fn name(&self) -> &'static str {
        "stuck"
    }
    async fn list(&self) -> Result<Vec<Workload>, RuntimeError> {
        Ok(vec![])
    }
    async fn start(&self, spec: &WorkloadSpec) -> Result<(), RuntimeError> {
        let lease = spec.lease;
        self.called(Run::Start { lease });
        match lease {
            1 => std::future::pending().await,
            2 => panic!("as told"),
            _ => Ok(()),
        }
    }
    async fn suspend(&self, lease: u64) -> Result<(), RuntimeError> {
        self.called(Run::Suspend { lease });
        Ok(())
    }
    async fn remove(&self, lease: u64) -> Result<(), RuntimeError> {
        self.called(Run::Remove { lease });
        Ok(())
    }
    async fn logs(&self, _: u64, _: LogOptions) -> Result<LogStream, RuntimeError> {
        Ok(futures::stream::empty().boxed())
    }
}

struct Stage {
    runtime: Arc<Stuck>,
    jobs: Jobs,
    specs: HashMap<u64, WorkloadSpec>,
}

fn stage() -> Stage {
    let runtime = Arc::new(Stuck::default());
    let spec = |lease| WorkloadSpec {
        lease,
        deployment: 1,
        provider: "p".into(),
        revision: "r".into(),
        replicas: 0,
        services: vec![],
    };
    Stage {
        jobs: Jobs::new(runtime.clone()),
        runtime,
        specs: (1..=3).map(|lease| (lease, spec(lease))).collect(),
    }
}

impl Stage {
    /// Plans the same for some blocks and lets what begins run as far as it can; answers what the runtime was asked.
    async fn plan(&mut self, runs: &[Run]) -> Vec<Run> {
        for _ in 0..4 {
            self.jobs.begin(runs, &self.specs, 1);
            // Each lets all tasks of this thread go on.
            for _ in 0..4 {
                tokio::task::yield_now().await;
            }
            self.jobs.finish(1);
        }
        std::mem::take(&mut *self.runtime.calls.lock().unwrap())
    }
}

const START: Run = Run::Start { lease: 1 };

#[tokio::test]
async fn a_lease_has_one_job_at_a_time() {
    let mut stage = stage();
    assert_eq!(stage.plan(&[START]).await, [START]);
    let other = Run::Start { lease: 3 };
    assert_eq!(stage.plan(&[START, other]).await, [other]);
}

#[tokio::test]
async fn what_has_to_stop_does_not_wait_for_a_start_without_end() {
    for end in [Run::Remove { lease: 1 }, Run::Suspend { lease: 1 }] {
        let mut stage = stage();
        stage.plan(&[START]).await;
        assert!(stage.plan(&[end]).await.contains(&end), "{end:?}");
    }
}

#[tokio::test]
async fn a_job_that_breaks_off_frees_its_own_lease_only() {
    let mut stage = stage();
    let broken = Run::Start { lease: 2 };
    assert_eq!(stage.plan(&[START, broken]).await, [START, broken]);
    let remove = Run::Remove { lease: 2 };
    assert!(stage.plan(&[START, remove]).await.contains(&remove));
    stage.jobs.waits = Backoff::default();
    assert_eq!(stage.plan(&[START]).await, [], "it is still under way");
}
