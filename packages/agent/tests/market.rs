//! Two providers on a devchain, with the contracts' own code, real TLS and real processes: the whole life of a lease.

use std::future::Future;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use cosmwasm_std::{coin, Addr, Coin, Uint128};
use leasehold_agent::gateway::client::GatewayClient;
use leasehold_agent::runtime::process::ProcessRuntime;
use leasehold_agent::{
    AgentConfig, GatewayConfig, IngressConfig, Pricing, Resources, RuntimeConfig, Tariff,
};
use leasehold_api::deployment::{self, GroupRequest};
use leasehold_api::genesis::Genesis;
use leasehold_api::market::{self, LeaseResponse, LeasesResponse};
use leasehold_api::provider::{self, ProviderResponse};
use leasehold_api::suite::CONTRACTS;
use leasehold_api::{escrow, Asset, Capability, Denom, Suite, SCALE};
use leasehold_client::{
    instantiate2_address, ChainClient, Instantiate2, Key, TxConfig, Wallet, DEFAULT_PREFIX,
};
use leasehold_devchain::{native_codes, Devchain, DevchainConfig, DEV_ACCOUNTS};
use leasehold_sdl::Sdl;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tracing_subscriber::EnvFilter;

const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A second of chain time.
const BLOCK: Duration = Duration::from_millis(250);
const GRACE: u64 = 60;
/// Environment variable with an agent's [`Setup`].
const SETUP: &str = "LEASEHOLD_TEST_AGENT";

/// Not a test: this binary is also the app that the providers run.
#[test]
#[ignore = "the app that the other test runs"]
fn app() {
    let env = |name| std::env::var(name).unwrap_or_default();
    let Ok(port) = env("PORT").parse::<u16>() else {
        return;
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    println!("serving lease {}", env("LEASEHOLD_LEASE_ID"));
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut request = [0; 4096];
        let read = stream.read(&mut request).unwrap();
        let host = String::from_utf8_lossy(&request[..read])
            .lines()
            .find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("host").then(|| value.to_owned())
            });
        let body = format!("{} {}", env("LEASEHOLD_PROVIDER"), host.unwrap_or_default());
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
    }
}

async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut look: impl FnMut() -> F,
) -> T {
    let found = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .unwrap_or_else(|_| panic!("in vain: {what}"))
}

fn key(name: &str) -> Key {
    let (_, words) = DEV_ACCOUNTS
        .iter()
        .find(|(account, _)| *account == name)
        .unwrap();
    Key::from_words(words, DEFAULT_PREFIX).unwrap()
}

fn tx_config() -> TxConfig {
    TxConfig {
        poll: Duration::from_millis(50),
        ..TxConfig::new("0uakt".parse().unwrap())
    }
}

struct World {
    chain: Devchain,
    client: ChainClient,
    suite: Suite,
    tenant: Wallet,
}

impl World {
    async fn new() -> Self {
        let chain = Devchain::start(DevchainConfig {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            block_time: BLOCK,
            speed: 4,
            ..DevchainConfig::default()
        })
        .unwrap();
        let client = ChainClient::connect(&chain.rpc_url()).await.unwrap();
        let deployer = Wallet::new(client.clone(), key("deployer"), tx_config());
        let mut genesis = Genesis::development("ustake");
        genesis.provider.grace = GRACE;
        let suite = deploy(&deployer, &genesis).await;
        let tenant = Wallet::new(client.clone(), key("tenant"), tx_config());
        Self {
            chain,
            client,
            suite,
            tenant,
        }
    }

    async fn create(&self, sdl: &Sdl, deposit: Coin) -> u64 {
        let groups = sdl.groups().unwrap().into_iter();
        let msg = deployment::ExecuteMsg::Create {
            groups: groups.map(GroupRequest::from).collect(),
            manifest_hash: sdl.manifest().hash().into(),
            denom: Denom::Native(sdl.denom().into()),
            account: None,
        };
        let outcome = self
            .tenant
            .execute(&self.suite.deployment, &msg, &[deposit])
            .await
            .unwrap();
        let data = outcome.execute_data(0).unwrap();
        serde_json::from_slice(&data).unwrap()
    }

    async fn leases(&self) -> Vec<LeaseResponse> {
        let query = market::QueryMsg::Leases {
            provider: None,
            start_after: None,
            limit: None,
        };
        let found: LeasesResponse = self
            .client
            .query_smart(&self.suite.market, &query)
            .await
            .unwrap();
        found.leases
    }

    async fn active(&self) -> Option<LeaseResponse> {
        self.leases()
            .await
            .into_iter()
            .find(|lease| lease.ended.is_none())
    }

    async fn gateway(&self, provider: &str) -> GatewayClient {
        let query = provider::QueryMsg::Provider {
            address: provider.into(),
        };
        let found: ProviderResponse = self
            .client
            .query_smart(&self.suite.provider, &query)
            .await
            .unwrap();
        GatewayClient::new(provider, found.contact, self.tenant.key().clone()).unwrap()
    }
}

async fn deploy(wallet: &Wallet, genesis: &Genesis) -> Suite {
    let mut stored = Vec::new();
    for name in CONTRACTS {
        let code = native_codes()
            .into_iter()
            .find(|code| code.name == name)
            .unwrap();
        stored.push(wallet.store_code(code.stub()).await.unwrap());
    }
    let address = |(name, code): (&&str, &leasehold_client::StoredCode)| {
        instantiate2_address(&code.checksum, wallet.address(), name.as_bytes()).unwrap()
    };
    let suite = Suite::from_addresses(CONTRACTS.iter().zip(&stored).map(address)).unwrap();
    let messages = genesis.instantiate_msgs(&suite).unwrap();
    let batch = CONTRACTS
        .iter()
        .zip(&stored)
        .zip(messages)
        .map(|((name, code), msg)| {
            let instantiate = Instantiate2 {
                code_id: code.code_id,
                msg: msg.to_vec(),
                salt: name.as_bytes().to_vec(),
                label: (*name).to_owned(),
                admin: None,
                funds: vec![],
            };
            instantiate.into_any(wallet.address()).unwrap()
        });
    wallet.send(batch.collect(), "").await.unwrap();
    suite
}

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
            collateral: vec![Asset {
                denom: Denom::Native("uakt".into()),
                amount: Uint128::new(10_000_000),
            }],
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
#[ignore = "an agent that the other test runs"]
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
struct Machine {
    setup: Setup,
    address: String,
    agent: Option<Child>,
    home: TempDir,
}

impl Machine {
    fn new(world: &World, account: &str, per_core: u128) -> Self {
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

    fn start(&mut self) {
        let agent = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "agent", "--nocapture"])
            .env(SETUP, serde_json::to_string(&self.setup).unwrap())
            .stdout(Stdio::inherit())
            .spawn();
        self.agent = Some(agent.unwrap());
    }

    /// SIGKILL.
    fn kill(&mut self) {
        let mut agent = self.agent.take().unwrap();
        agent.kill().unwrap();
        agent.wait().unwrap();
    }

    /// The machine with all that runs on it.
    async fn destroy(&mut self) {
        self.kill();
        ProcessRuntime::remove_all(self.processes()).await.unwrap();
    }

    fn processes(&self) -> PathBuf {
        self.home.path().join("process")
    }

    /// Ids of the lease's processes.
    fn pids(&self, lease: u64) -> Vec<String> {
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

fn sdl() -> Sdl {
    let this = std::env::current_exe().unwrap();
    let text = format!(
        r#"
version: "2.0"
services:
  web:
    image: ignored
    command: [{this:?}, "--ignored", "--exact", "app", "--nocapture"]
    expose: [{{ port: 8080, as: 80, to: [{{ global: true }}] }}]
profiles:
  compute:
    web: {{ resources: {{ cpu: {{ units: 0.1 }}, memory: {{ size: 64Mi }}, storage: {{ size: 16Mi }} }} }}
  placement:
    here: {{ pricing: {{ web: {{ denom: uakt, amount: 1000 }} }} }}
deployment:
  web: {{ here: {{ profile: web, count: 1 }} }}
"#
    );
    Sdl::parse("test", &text).unwrap()
}

/// What the app answers at the lease's own name.
async fn visit(gateway: &GatewayClient, lease: u64) -> Option<String> {
    let status = gateway.status(lease).await.ok()?;
    let uri: reqwest::Url = status.services.first()?.uris.first()?.parse().unwrap();
    // Names under localhost need no resolver this way.
    let address = (Ipv4Addr::LOCALHOST, uri.port().unwrap());
    let http = reqwest::Client::builder()
        .no_proxy()
        .resolve(uri.host_str().unwrap(), address.into());
    let answer = http.build().unwrap().get(uri).send().await.ok()?;
    (answer.status() == 200).then_some(())?;
    answer.text().await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_outlives_its_agent_and_its_provider() {
    let world = World::new().await;
    let mut cheap = Machine::new(&world, "provider0", 500);
    let mut dear = Machine::new(&world, "provider1", 600);
    for machine in [&cheap, &dear] {
        let provider = &machine.address;
        eventually("both providers register", || async {
            let query = provider::QueryMsg::Provider {
                address: provider.into(),
            };
            let found: Result<ProviderResponse, _> = world
                .client
                .query_smart(&world.suite.provider, &query)
                .await;
            found.ok()
        })
        .await;
    }

    let sdl = sdl();
    let id = world.create(&sdl, coin(1_000_000, "uakt")).await;
    let lease = eventually("the auction ends in a lease", || world.active()).await;
    assert_eq!(
        lease.provider.as_str(),
        cheap.address,
        "the lower price wins"
    );
    assert!(
        lease.rate <= Uint128::new(60 * SCALE),
        "it was bid down from 150: {}",
        lease.rate
    );
    let gateways = [
        world.gateway(&cheap.address).await,
        world.gateway(&dear.address).await,
    ];
    for gateway in &gateways {
        eventually("winner and runner-up take the manifest", || async {
            gateway.put_manifest(id, sdl.manifest()).await.ok()
        })
        .await;
    }
    let [first, second] = &gateways;
    let answer = eventually("the app answers", || visit(first, lease.id)).await;
    assert!(
        answer.starts_with(&format!("{} lease-{}.localhost", lease.provider, lease.id)),
        "{answer}"
    );

    // The agent dies and comes back: the same process goes on, nothing is bid or leased twice.
    let pids = cheap.pids(lease.id);
    assert_eq!(pids.len(), 1);
    cheap.kill();
    cheap.start();
    let first_again = eventually("the agent is back", || async {
        let gateway = world.gateway(&cheap.address).await;
        visit(&gateway, lease.id).await.map(|_| gateway)
    })
    .await;
    world.chain.wait_blocks(3).await.unwrap();
    assert_eq!(cheap.pids(lease.id), pids);
    assert_eq!(world.leases().await.len(), 1);

    // Dry: suspended, and resumed by a top-up.
    let account = lease.account;
    let query = escrow::QueryMsg::Account { id: account };
    let state: escrow::AccountResponse = world
        .client
        .query_smart(&world.suite.escrow, &query)
        .await
        .unwrap();
    // Blocks that may come before the withdrawal.
    let margin = Uint128::new(20 * 60);
    let withdraw = escrow::ExecuteMsg::Withdraw {
        account,
        amount: Some(state.withdrawable - margin),
    };
    world
        .tenant
        .execute(&world.suite.escrow, &withdraw, &[])
        .await
        .unwrap();
    let ready = |gateway: GatewayClient| async move {
        Some(gateway.status(lease.id).await.ok()?.services.first()?.ready)
    };
    eventually("suspended when dry", || async {
        ready(first_again.clone()).await.filter(|n| *n == 0)
    })
    .await;
    let deposit = escrow::ExecuteMsg::Deposit { account };
    world
        .tenant
        .execute(&world.suite.escrow, &deposit, &[coin(1_000_000, "uakt")])
        .await
        .unwrap();
    eventually("resumed after a top-up", || visit(&first_again, lease.id)).await;
    let kinds: Vec<String> = first_again
        .events(lease.id)
        .await
        .unwrap()
        .into_iter()
        .map(|e| e.kind)
        .collect();
    assert!(
        kinds.contains(&"suspended".to_owned()) && kinds.contains(&"collected".to_owned()),
        "{kinds:?}"
    );

    // The whole machine dies: the runner-up fails it over and serves, with the tenant away.
    cheap.destroy().await;
    world.chain.advance(GRACE + 5).await.unwrap();
    let next = eventually("the runner-up takes over", || async {
        world.active().await.filter(|next| next.id != lease.id)
    })
    .await;
    assert_eq!(next.provider.as_str(), dear.address);
    let answer = eventually("the app answers from the runner-up", || {
        visit(second, next.id)
    })
    .await;
    assert!(answer.starts_with(next.provider.as_str()), "{answer}");

    // Closed: nothing runs any more.
    let close = deployment::ExecuteMsg::Close { deployment_id: id };
    world
        .tenant
        .execute(&world.suite.deployment, &close, &[])
        .await
        .unwrap();
    eventually("the workload is removed", || async {
        dear.pids(next.id).is_empty().then_some(())
    })
    .await;
    dear.destroy().await;
}
