//! A provider's machine, with its agent as a process of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cosmwasm_std::{coin, Addr, Uint128};
use leasehold_agent::runtime::process::ProcessRuntime;
use leasehold_agent::{
    AgentConfig, GatewayConfig, IngressConfig, Pricing, Resources, RuntimeConfig, Tariff,
};
use leasehold_api::{Capability, Denom, Suite, SCALE};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tracing_subscriber::EnvFilter;

use crate::chain::{key, tx_config};
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
        let any: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
        AgentConfig {
            node: self.node,
            suite: Suite::from_addresses(self.suite.addresses().map(Addr::unchecked)).unwrap(),
            key: key(&self.account),
            tx: tx_config(),
            home: self.home,
            gateway: GatewayConfig {
                listen: any,
                uri: None,
            },
            ingress: IngressConfig {
                listen: any,
                domain: "localhost".into(),
                public_port: None,
            },
            capability: Capability::default(),
            collateral: vec![coin(10_000_000, "uakt")],
            capacity: Resources {
                cpu: 1_000,
                memory: 1 << 30,
                storage: 1 << 30,
                gpus: 0,
            },
            pricing: Pricing::Tariffs(vec![Tariff {
                denom: Denom::Native("uakt".into()),
                cpu: Uint128::new(self.per_core * SCALE),
                memory: Uint128::zero(),
                storage: Uint128::zero(),
                gpu: Uint128::zero(),
                markup_bps: 1_000,
            }]),
            shelf: None,
            runtime: RuntimeConfig::Process,
            collect_every: 20,
            poll: Duration::from_millis(50),
        }
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
