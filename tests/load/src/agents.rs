//! Real agents, processes of their own that sell at a price above the crowd's lowest.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{ensure, Context as _, Result};
use leasehold_api::provider::HOT;
use leasehold_test_localnet::{dev_key, setting, FREE};
use tokio::process::{Child, Command};

use crate::ground::{Ground, DENOM, MAX_RATE};

/// Of [`MAX_RATE`]: low enough to win what is left to them, high enough that the crowd ends the rest.
const PRICE_PERCENT: u128 = 85;
/// Between two looks for their registration.
const LOOK: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends with its handle.
pub struct Agent {
    pub name: String,
    pub address: String,
    process: Child,
}

impl Agent {
    pub fn pid(&self) -> Result<u32> {
        let pid = self.process.id();
        pid.with_context(|| format!("{} has ended", self.name))
    }

    pub async fn stop(mut self) -> Result<()> {
        Ok(self.process.kill().await?)
    }
}

/// `count` agents that are registered and alive.
pub async fn start(ground: &Ground, count: usize) -> Result<Vec<Agent>> {
    let agents: Vec<Agent> = (0..count)
        .map(|i| spawn(ground, format!("provider{i}")))
        .collect::<Result<_>>()?;
    for agent in &agents {
        let registered = wait_registered(ground, agent);
        let waited = tokio::time::timeout(PATIENCE, registered).await;
        waited.with_context(|| format!("{} did not register", agent.name))??;
    }
    Ok(agents)
}

fn spawn(ground: &Ground, name: String) -> Result<Agent> {
    let key = dev_key(&name).context("AGENTS: as many as there are development accounts")?;
    let logs = PathBuf::from(setting("LEASEHOLD_HOME")?).join(format!("{name}.log"));
    let log = std::fs::File::create(&logs)?;
    // Units per hour for a whole core, of which a group takes a tenth.
    let price = MAX_RATE * PRICE_PERCENT / 100 * 3_600 * 10;
    let process = Command::new(setting("LEASEHOLD")?)
        .args(["--suite", &ground.suite.market, "--from", &name])
        .args(["--gas-price", FREE, "provider", "run"])
        .args(["--gateway", "127.0.0.1:0", "--ingress", "127.0.0.1:0"])
        .args(["--runtime", "process", "--cpu", "1000", "--memory", "1000"])
        .args(["--denom", DENOM, "--price-cpu", &price.to_string()])
        .args(["--price-memory", "0", "--markup-bps", "2000"])
        .args(["--bond", &format!("1000000000000{DENOM}")])
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true)
        .spawn()?;
    let address = key.address().to_owned();
    Ok(Agent {
        name,
        address,
        process,
    })
}

async fn wait_registered(ground: &Ground, agent: &Agent) -> Result<()> {
    let address = cosmwasm_std::Addr::unchecked(&agent.address);
    let key = HOT.key(&address);
    let registry = &ground.suite.provider;
    while ground.client.query_raw(registry, &key).await?.is_none() {
        ensure!(agent.process.id().is_some(), "{} has ended", agent.name);
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}
