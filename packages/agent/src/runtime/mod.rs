//! What runs workloads. The agent decides, a runtime obeys; what really runs is always read from it, never remembered.

pub mod docker;
pub mod process;

use std::net::SocketAddr;

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};

pub use leasehold_sdl::Protocol;

use crate::workload::WorkloadSpec;

#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    #[error("no Docker or Podman socket found, looked at {looked_at}; start an engine, or name its socket")]
    NoEngine { looked_at: String },
    #[error("the container engine failed to {what}: {source}")]
    Engine {
        what: String,
        #[source]
        source: bollard::errors::Error,
    },
    #[error("{what}: {source}")]
    Io {
        what: String,
        #[source]
        source: std::io::Error,
    },
    #[error("service {service}: {reason}")]
    Unsupported { service: String, reason: String },
    #[error("{what} does not decode: {reason}")]
    Decode { what: String, reason: String },
}

impl RuntimeError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    pub(crate) fn engine(what: impl Into<String>) -> impl FnOnce(bollard::errors::Error) -> Self {
        let what = what.into();
        move |source| Self::Engine { what, source }
    }
}

/// All replicas of one lease that exist, running or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    pub lease: u64,
    /// In the order of service and index.
    pub replicas: Vec<Replica>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    pub service: String,
    /// From 0.
    pub index: u32,
    /// [`WorkloadSpec::revision`] that it was started from.
    pub revision: String,
    pub state: ReplicaState,
    pub ports: Vec<Port>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplicaState {
    Running,
    /// Stopped by itself or by the agent.
    Exited,
}

/// Where a port of a replica is reached from the agent's host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// As the service declares it.
    pub port: u16,
    pub proto: Protocol,
    pub address: SocketAddr,
}

impl Workload {
    /// Replicas of this revision that run.
    pub fn running(&self, revision: &str) -> usize {
        let up = |r: &&Replica| r.state == ReplicaState::Running && r.revision == revision;
        self.replicas.iter().filter(up).count()
    }

    pub fn any_running(&self) -> bool {
        self.replicas
            .iter()
            .any(|r| r.state == ReplicaState::Running)
    }
}

/// One line that a service wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub service: String,
    pub replica: u32,
    pub line: String,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct LogOptions {
    /// Go on with new lines as they come.
    pub follow: bool,
    /// Only the last lines of each replica; all that is kept when absent.
    pub tail: Option<u32>,
}

pub type LogStream = BoxStream<'static, Result<LogLine, RuntimeError>>;

/// All methods are idempotent: the agent may die in the middle of one and call it again.
#[async_trait]
pub trait Runtime: Send + Sync {
    fn name(&self) -> &'static str;

    /// Every workload of this agent, also those that an earlier run of it left behind.
    async fn list(&self) -> Result<Vec<Workload>, RuntimeError>;

    /// Makes the workload equal to `spec`: starts what is missing or stopped, replaces what is of another revision, removes replicas
    /// that `spec` does not have.
    async fn start(&self, spec: &WorkloadSpec) -> Result<(), RuntimeError>;

    /// Stops all replicas and keeps what they need to be started again.
    async fn suspend(&self, lease: u64) -> Result<(), RuntimeError>;

    /// Stops and deletes everything of the lease.
    async fn remove(&self, lease: u64) -> Result<(), RuntimeError>;

    /// What the replicas wrote.
    async fn logs(&self, lease: u64, options: LogOptions) -> Result<LogStream, RuntimeError>;
}
