//! The thread that owns the chain. Contracts are not `Send`, so everything reaches them as jobs on this thread.

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;

use anyhow::Context;
use tokio::sync::{oneshot, watch};

use crate::chain::{panic_text, Chain};
use crate::config::DevchainConfig;

/// Room for the deepest nesting of calls that the wasm module allows.
const STACK: usize = 256 << 20;

type Job = Box<dyn FnOnce(&mut Chain) + Send>;

/// A handle to the chain's thread, which ends when its last handle is gone.
#[derive(Clone)]
pub(crate) struct Node {
    jobs: mpsc::Sender<Job>,
    height: watch::Receiver<u64>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum NodeError {
    #[error("the devchain has stopped")]
    Stopped,
    #[error("panic: {0}")]
    Panicked(String),
}

impl Node {
    /// Starts the thread and makes block 1.
    pub(crate) fn start(config: DevchainConfig) -> anyhow::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>();
        let (ready, started) = mpsc::channel();
        thread::Builder::new()
            .name("devchain".into())
            .stack_size(STACK)
            .spawn(move || {
                let mut chain = match Chain::new(&config) {
                    Ok(chain) => chain,
                    Err(error) => return ready.send(Err(error)).unwrap_or(()),
                };
                chain.produce_block();
                if ready.send(Ok(chain.subscribe())).is_ok() {
                    queue.into_iter().for_each(|job| job(&mut chain));
                }
            })
            .context("spawning the devchain thread")?;
        let height = started
            .recv()
            .context("the devchain thread died at genesis")??;
        Ok(Self { jobs, height })
    }

    /// Runs `job` on the chain's thread, after all earlier jobs.
    ///
    /// # Errors
    /// The job panicked, or the thread is gone.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Chain) -> T + Send + 'static,
    ) -> Result<T, NodeError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |chain| {
            let result = catch_unwind(AssertUnwindSafe(|| job(chain)))
                .map_err(|payload| NodeError::Panicked(panic_text(payload.as_ref()).to_owned()));
            if reply.send(result).is_err() {
                tracing::debug!("the caller of a devchain job went away");
            }
        });
        self.jobs.send(job).map_err(|_| NodeError::Stopped)?;
        answer.await.map_err(|_| NodeError::Stopped)?
    }

    /// The newest height, for waiting until it changes.
    pub(crate) fn height(&self) -> watch::Receiver<u64> {
        self.height.clone()
    }
}
