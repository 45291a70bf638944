//! Tenants and providers as they are in the field: every one a `leasehold` of its own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{ensure, Context as _, Result};
use leasehold_agent::runtime::process::ProcessRuntime;
use leasehold_api::Suite;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::setting;

pub const HELLO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/hello.yaml");
/// Pays all of its rent for minutes.
pub const DEPOSIT: &str = "100000000";
/// What each provider bonds.
pub const BOND: &str = "10000000000uakt";

/// Everybody's keys, files and logs.
pub struct Field {
    home: TempDir,
    /// Any contract of the suite that they use.
    suite: String,
    agents: Vec<Agent>,
}

struct Agent {
    name: String,
    process: Child,
}

impl Field {
    pub async fn new(suite: &Suite) -> Result<Self> {
        let home = tempfile::tempdir()?;
        let field = Self {
            home,
            suite: suite.market.clone(),
            agents: vec![],
        };
        field
            .json(&setting("LEASEHOLD_NODE")?, &["keys", "dev"])
            .await?;
        Ok(field)
    }

    fn command(&self, node: &str) -> Result<Command> {
        let mut command = Command::new(setting("LEASEHOLD_BIN")?);
        command
            .env("LEASEHOLD_HOME", self.home.path())
            .env("LEASEHOLD_NODE", node)
            .env("LEASEHOLD_SUITE", &self.suite)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }

    /// Standard output as JSON, of a command that must succeed at this node.
    pub async fn json(&self, node: &str, args: &[&str]) -> Result<Value> {
        let done = self
            .command(node)?
            .arg("--json")
            .args(args)
            .output()
            .await?;
        let said = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "{args:?}: {said}");
        serde_json::from_slice(&done.stdout).with_context(|| format!("{args:?}"))
    }

    /// Rents by the example and waits until it is up; answers deployment and lease.
    pub async fn deploy(&self, node: &str) -> Result<(u64, u64)> {
        let args = [
            "deploy",
            HELLO,
            "--from",
            "tenant",
            "--yes",
            "--deposit",
            DEPOSIT,
        ];
        let deployed = self.json(node, &args).await?;
        let number = |value: &Value| value.as_u64().with_context(|| deployed.to_string());
        Ok((
            number(&deployed["deployment"])?,
            number(&deployed["orders"][0]["lease_id"])?,
        ))
    }

    /// A provider that starts at `price` (smallest units per core and hour) plus 30 % and talks to this node.
    pub fn provider(&mut self, name: &str, node: &str, price: u64) -> Result<()> {
        let log = File::create(self.log_path(name))?;
        let process = self
            .command(node)?
            .args(["--from", name, "provider", "run", "--runtime", "process"])
            .args(["--gateway", "127.0.0.1:0", "--ingress", "127.0.0.1:0"])
            .args(["--markup-bps", "3000", "--collect-every", "5"])
            .args(["--price-cpu", &price.to_string(), "--bond", BOND])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let name = name.to_owned();
        self.agents.push(Agent { name, process });
        Ok(())
    }

    /// Ends all agents, none of which has ended by itself, and their workloads.
    pub async fn close(&mut self) -> Result<()> {
        for agent in &mut self.agents {
            let ended = agent.process.try_wait()?;
            ensure!(ended.is_none(), "{} has ended: {ended:?}", agent.name);
        }
        clear(self.home.path(), std::mem::take(&mut self.agents)).await
    }

    fn log_path(&self, name: &str) -> PathBuf {
        self.home.path().join(format!("{name}.log"))
    }
}

/// A failed test leaves nothing running, and says what the agents said.
impl Drop for Field {
    fn drop(&mut self) {
        let home = self.home.path().to_owned();
        let agents = std::mem::take(&mut self.agents);
        for agent in &agents {
            let log = fs::read_to_string(self.log_path(&agent.name));
            eprintln!("{}: {}", agent.name, log.unwrap_or_else(|e| e.to_string()));
        }
        // A thread of its own: this one is inside a runtime.
        let clearing = || tokio::runtime::Runtime::new()?.block_on(clear(&home, agents));
        let cleared = std::thread::scope(|scope| scope.spawn(clearing).join());
        if !matches!(cleared, Ok(Ok(()))) {
            eprintln!("processes may be left behind: {cleared:?}");
        }
    }
}

async fn clear(home: &Path, agents: Vec<Agent>) -> Result<()> {
    for mut agent in agents {
        agent.process.kill().await?;
        let workloads = home.join("providers").join(&agent.name).join("process");
        ProcessRuntime::remove_all(workloads).await?;
    }
    Ok(())
}
