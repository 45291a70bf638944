//! A provider's machine, with its agent as a process of its own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use leasehold_agent::runtime::process::ProcessRuntime;
use leasehold_agent::AgentConfig;
use leasehold_api::Suite;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tracing_subscriber::EnvFilter;

use crate::chain::{config, key};
use crate::world::World;

/// Environment variable with an agent's [`Setup`].
const SETUP: &str = "LEASEHOLD_TEST_AGENT";
/// What an agent process is told.
#[derive(Serialize, Deserialize)]
struct Setup {
    node: String,
    suite: Suite,
    account: String,
    /// Units per core and second.
    per_core: u128,
    home: PathBuf,
}

impl Setup {
    fn config(self) -> AgentConfig {
        let Self {
            node,
            suite,
            account,
            per_core,
            home,
        } = self;
        config(node, &suite, &account, home, per_core)
    }
}

/// Not a test: this binary is also the agents.
#[test]
#[ignore = "an agent of the story"]
fn agent() {
    let Ok(setup) = std::env::var(SETUP) else {
        return;
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .init();
    let setup: Setup = serde_json::from_str(&setup).unwrap();
    let run = leasehold_agent::run(setup.config(), std::future::pending());
    tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(run)
        .unwrap();
}

/// One provider's machine. Its agent may be killed and started again.
pub struct Machine {
    setup: Setup,
    pub address: String,
    agent: Option<Child>,
    home: TempDir,
}

impl Machine {
    pub fn new(world: &World, account: &str, per_core: u128) -> Self {
        let home = tempfile::tempdir().unwrap();
        let setup = Setup {
            node: world.chain.rpc_url(),
            suite: world.suite.clone(),
            account: account.into(),
            per_core,
            home: home.path().into(),
        };
        let address = key(account).address().to_owned();
        let mut machine = Self {
            setup,
            address,
            agent: None,
            home,
        };
        machine.start();
        machine
    }

    pub fn start(&mut self) {
        let agent = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "machine::agent", "--nocapture"])
            .env(SETUP, serde_json::to_string(&self.setup).unwrap())
            .stdout(Stdio::inherit())
            .spawn();
        self.agent = Some(agent.unwrap());
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let mut agent = self.agent.take().unwrap();
        agent.kill().unwrap();
        agent.wait().unwrap();
    }

    /// The machine with all that runs on it.
    pub async fn destroy(&mut self) {
        self.kill();
        ProcessRuntime::remove_all(self.processes()).await.unwrap();
    }

    fn processes(&self) -> PathBuf {
        self.home.path().join("process")
    }

    /// Ids of the lease's processes.
    pub fn pids(&self, lease: u64) -> Vec<String> {
        let Ok(folders) = std::fs::read_dir(self.processes().join(lease.to_string())) else {
            return vec![];
        };
        let stat =
            |folder: std::fs::DirEntry| std::fs::read_to_string(folder.path().join("pid")).unwrap();
        folders.map(|folder| stat(folder.unwrap())).collect()
    }
}

/// A failed test leaves nothing running.
impl Drop for Machine {
    fn drop(&mut self) {
        if self.agent.is_none() {
            return;
        }
        self.kill();
        let processes = self.processes();
        let remove = || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime
                .block_on(ProcessRuntime::remove_all(processes))
                .unwrap();
        };
        // A thread of its own: this one may be inside a runtime already.
        std::thread::scope(|scope| drop(scope.spawn(remove)));
    }
}
