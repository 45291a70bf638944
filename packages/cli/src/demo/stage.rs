//! The demo's processes: a chain and three providers, each a `leasehold` of its own.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{bail, Context as _, Result};
use leasehold_agent::runtime::docker::DockerRuntime;
use leasehold_agent::runtime::process::ProcessRuntime;
use leasehold_agent::runtime::Runtime;
use leasehold_client::{GasPrice, Key, Keyring, TxConfig, Wallet};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::ground::Ground;
use super::image;
use super::narrator::Narrator;
use crate::args::{DemoArgs, DemoRuntime};
use crate::context::{Context, Market};
use crate::ready;

/// Denom of rent and collateral.
pub const DENOM: &str = "uakt";
/// Collateral of each provider.
pub const BOND: u128 = 10_000_000_000;
/// Name and lowest price of a core-hour. They start above it and undercut each other.
const PROVIDERS: [(&str, u64); 3] = [
    ("provider0", 100_000_000),
    ("provider1", 110_000_000),
    ("provider2", 120_000_000),
];

pub struct Stage {
    pub market: Market,
    pub tenant: Wallet,
    pub providers: Vec<Actor>,
    pub runtime: &'static str,
    /// First block of the demo.
    pub began: u64,
    gas_price: GasPrice,
    /// The embedded chain's process.
    chain: Option<Child>,
    home: TempDir,
    kept: bool,
}

/// A provider's process.
pub struct Actor {
    pub name: &'static str,
    pub address: String,
    /// What it had of [`DENOM`] before the demo.
    pub balance: u128,
    home: PathBuf,
    process: Option<Child>,
}

impl Stage {
    /// Starts everything and waits until all three providers are alive on chain.
    pub async fn set(context: &Context, args: &DemoArgs, narrator: &Narrator) -> Result<Self> {
        let runtime = choose(args.runtime).await?;
        let home = tempfile::Builder::new()
            .prefix("leasehold-demo-")
            .tempdir()?;
        narrator.chapter("A chain with the suite on it");
        let keyring = Keyring::open(home.path().join("keys"), &context.global.prefix)?;
        let ground = match &context.global.node {
            None => Ground::embedded(&home).await?,
            Some(node) => {
                Ground::existing(context, node, args.wasm.as_deref(), &keyring, narrator).await?
            }
        };
        let market = ground.market;
        let key = |name: &str| -> Result<Key> { Ok(keyring.unlock(name, "")?) };
        let gas_price = context.global.gas_price.clone();
        let mut stage = Stage {
            tenant: Wallet::new(
                market.client.clone(),
                key("tenant")?,
                TxConfig::new(gas_price.clone()),
            ),
            providers: Vec::new(),
            runtime,
            began: market.client.status().await?.height + 1,
            gas_price,
            chain: ground.process,
            home,
            kept: false,
            market,
        };
        narrator.say(&format!(
            "{} at {}",
            stage.market.client.chain_id(),
            stage.market.client.url()
        ));
        narrator.chapter(&format!(
            "Three providers with different prices, running workloads as {}",
            match runtime {
                "docker" => "containers",
                _ => "processes (no engine: development only)",
            }
        ));
        for (name, price) in PROVIDERS {
            let address = key(name)?.address().to_owned();
            narrator.say(&format!(
                "{name} {address} asks {} {DENOM} per core and hour",
                crate::output::group_digits(price.into())
            ));
            let actor = stage.start_provider(name, address, price).await?;
            stage.providers.push(actor);
        }
        stage.wait_alive().await?;
        Ok(stage)
    }

    async fn start_provider(
        &self,
        name: &'static str,
        address: String,
        price: u64,
    ) -> Result<Actor> {
        let balance = self.market.client.balance(&address, DENOM).await?.u128();
        let process = leasehold(&self.home, name)?
            .args([
                "--node",
                self.market.client.url(),
                "--suite",
                &self.market.suite.market,
                "--from",
                name,
                "--gas-price",
                &self.gas_price.to_string(),
            ])
            .args([
                "provider",
                "run",
                "--gateway",
                "127.0.0.1:0",
                "--ingress",
                "127.0.0.1:0",
            ])
            .args([
                "--markup-bps",
                "3000",
                "--collect-every",
                "10",
                "--runtime",
                self.runtime,
                "--price-cpu",
                &price.to_string(),
                "--bond",
                &format!("{BOND}{DENOM}"),
            ])
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let home = self.home.path().join("providers").join(name);
        Ok(Actor {
            name,
            address,
            balance,
            home,
            process: Some(process),
        })
    }

    async fn wait_alive(&self) -> Result<()> {
        for actor in &self.providers {
            let registered = || async {
                let now = self.market.now().await?;
                let found = self.market.provider(&actor.address).await;
                Ok(found
                    .is_ok_and(|provider| {
                        !provider.collateral.is_empty() && now < provider.live_until
                    })
                    .then_some(()))
            };
            ready::wait(
                &ready::spinner(true),
                &format!("waiting for {} to register", actor.name),
                Duration::from_secs(30),
                registered,
            )
            .await?;
        }
        Ok(())
    }

    /// Ends a provider like a power cut: agent and workloads at once, no goodbye.
    pub async fn cut_power(&mut self, address: &str) -> Result<&'static str> {
        let runtime = self.runtime;
        let actor = self.actor(address)?;
        let Some(mut process) = actor.process.take() else {
            bail!("{} is not running", actor.name);
        };
        process
            .kill()
            .await
            .with_context(|| format!("cannot kill {}", actor.name))?;
        remove_workloads(runtime, actor).await?;
        Ok(actor.name)
    }

    pub fn name<'a>(&'a self, address: &'a str) -> &'a str {
        if address == self.tenant.address() {
            return "the tenant";
        }
        self.providers
            .iter()
            .find(|actor| actor.address == address)
            .map_or(address, |actor| actor.name)
    }

    fn actor(&mut self, address: &str) -> Result<&mut Actor> {
        self.providers
            .iter_mut()
            .find(|actor| actor.address == address)
            .with_context(|| format!("{address} is none of the demo's providers"))
    }

    /// Ends all providers, so that the chain's state stays as it is.
    pub async fn stop_providers(&mut self) -> Result<()> {
        for actor in &mut self.providers {
            if let Some(mut process) = actor.process.take() {
                process.kill().await?;
            }
        }
        Ok(())
    }

    /// Ends all processes and removes all workloads.
    pub async fn clear(&mut self) -> Result<()> {
        self.stop_providers().await?;
        for actor in &self.providers {
            remove_workloads(self.runtime, actor).await?;
        }
        if let Some(mut chain) = self.chain.take() {
            chain.kill().await?;
        }
        Ok(())
    }

    /// Keeps the folder with everybody's logs and says where it is.
    pub fn keep_logs(mut self) -> String {
        self.kept = true;
        self.home.disable_cleanup(true);
        self.home.path().display().to_string()
    }
}

/// What a power cut takes along with the agent.
async fn remove_workloads(runtime: &str, actor: &Actor) -> Result<()> {
    if runtime == "process" {
        return Ok(ProcessRuntime::remove_all(actor.home.join("process")).await?);
    }
    let engine = DockerRuntime::connect(None, &actor.address).await?;
    for workload in engine.list().await? {
        engine.remove(workload.lease).await?;
    }
    Ok(())
}

async fn choose(asked: DemoRuntime) -> Result<&'static str> {
    if asked == DemoRuntime::Process {
        return Ok("process");
    }
    match image::import().await {
        Ok(()) => Ok("docker"),
        Err(error) if asked == DemoRuntime::Docker => Err(error.context("no container engine")),
        Err(error) => {
            tracing::info!("no container engine: {error:#}");
            Ok("process")
        }
    }
}

/// This binary with the home of the demo, logging to a file of its own; killed when the demo ends.
pub fn leasehold(home: &TempDir, log: &str) -> Result<Command> {
    let file = home.path().join(format!("{log}.log"));
    let log = File::create(&file).with_context(|| format!("cannot write {}", file.display()))?;
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("--home")
        .arg(home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .kill_on_drop(true);
    Ok(command)
}
