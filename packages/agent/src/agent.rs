//! The main loop: read the chain and the runtime, plan, act, once per block.

use std::collections::{HashMap, HashSet};
use std::fs::DirBuilder;
use std::future::Future;
use std::io;
use std::mem::{discriminant, Discriminant};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cosmwasm_std::{Addr, Checksum};
use leasehold_api::market::{Order, OrderResponse};
use leasehold_client::{ChainClient, ChainStatus, Wallet};
use tokio::sync::{watch, Notify};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use crate::backoff::Backoff;
use crate::chain::SuiteReader;
use crate::config::{AgentConfig, RuntimeConfig};
use crate::gateway::{self, Gateway};
use crate::halt::Halts;
use crate::identity::Identity;
use crate::ingress;
use crate::jobs::Jobs;
use crate::observe::Asked;
use crate::plan::{plan, OpenOrder, Plan, Skip, Tx};
use crate::pricing::{Ask, PriceError};
use crate::runtime::docker::DockerRuntime;
use crate::runtime::process::ProcessRuntime;
use crate::runtime::{Runtime, RuntimeError};
use crate::serve::{allow_files, Limits};
use crate::store::{Event, Store};
use crate::view::View;
use crate::workload::WorkloadSpec;
use crate::AgentError;

/// How long servers may finish what they are answering.
const DRAIN: Duration = Duration::from_secs(3);

/// How long a pass may ask for prices before it acts: a round of heartbeats is minutes long.
const PRICING_LIMIT: Duration = Duration::from_secs(10);

pub(crate) struct Agent {
    pub config: AgentConfig,
    /// Where the gateway is reached.
    pub uri: String,
    pub me: Addr,
    pub reader: SuiteReader,
    pub wallet: Wallet,
    pub store: Arc<Store>,
    pub identity: Arc<Identity>,
    pub runtime: Arc<dyn Runtime>,
    /// For the gateway and the ingress.
    pub view: watch::Sender<Arc<View>>,
    /// Open orders, as the market lists them and as it keeps them.
    pub orders: HashMap<u64, (OrderResponse, Order)>,
    /// Who asks for what, by open order and its number of leases so far.
    pub asked: HashMap<(u64, u32), Asked>,
    /// By order, round and number of leases.
    pub asks: HashMap<(u64, u32, u32), Result<Ask, PriceError>>,
    /// By change.
    pub change_asks: HashMap<Checksum, Result<Ask, PriceError>>,
    /// How long prices were asked for in this pass, and for how long they may be.
    pub pricing_took: Duration,
    pub pricing_limit: Duration,
    /// By lease.
    pub specs: HashMap<u64, WorkloadSpec>,
    pub jobs: Jobs,
    pub tx_waits: Backoff<Tx>,
    /// A transaction of unknown fate may still execute up to this height.
    pub held_until: u64,
    pub halts: Halts,
    /// Reasons that were logged, by order and round.
    said: HashSet<(u64, u32, Discriminant<Skip>)>,
    /// Changes whose tenants were told why not.
    declined: HashSet<String>,
}

/// Runs a provider until `shutdown` ends. Workloads go on; the next run adopts them.
///
/// # Errors
/// [`AgentError`] for what must be right at the start: the node, the home folder, the addresses to listen on, the container engine.
/// After that failures are logged and tried again.
pub async fn run(
    config: AgentConfig,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), AgentError> {
    let (agent, servers) = Agent::start(config).await?;
    let wake = servers.wake.clone();
    tokio::select! {
        () = agent.run(&wake) => {}
        () = shutdown => info!("stopping; workloads go on"),
    }
    servers.stop().await;
    Ok(())
}

struct Servers {
    wake: Arc<Notify>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Servers {
    async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, ended).await.is_err() {
            warn!("open connections were cut");
        }
    }
}

impl Agent {
    async fn start(config: AgentConfig) -> Result<(Self, Servers), AgentError> {
        create_home(&config.home).map_err(|source| AgentError::Home {
            path: config.home.clone(),
            source,
        })?;
        if let Err(e) = allow_files() {
            warn!(error = %e, "no more open files are allowed");
        }
        let client = ChainClient::connect(&config.node).await?;
        let market = format!("{}/{}", client.chain_id(), config.suite.market);
        let store = Arc::new(Store::open(&config.home.join("agent.redb"), &market)?);
        let identity = Arc::new(Identity::load(&config.home)?);
        let runtime = runtime(&config).await?;
        let me = Addr::unchecked(config.key.address());
        let suite = config.suite.clone();
        let reader = SuiteReader {
            client: client.clone(),
            suite,
        };
        let wallet = Wallet::new(client, config.key.clone(), config.tx.clone());

        let (view, viewed) = watch::channel(Arc::default());
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let ingress = ingress::bind(&config.ingress).await?;
        let wake = Arc::new(Notify::new());
        let gateway = Gateway {
            me: me.clone(),
            lookup: Arc::new(reader.clone()),
            store: store.clone(),
            identity: identity.clone(),
            runtime: runtime.clone(),
            ingress: ingress.public(&config.ingress),
            view: viewed.clone(),
            pulse: Arc::default(),
            wake: wake.clone(),
            limits: Limits::of_this_host(gateway::SHARE, gateway::MAX_CONNECTIONS),
            body_limit: gateway::BODY_LIMIT,
        };
        let listener = gateway::bind(config.gateway.listen, &identity).await?;
        let uri = config.gateway.uri.clone();
        let uri = uri.unwrap_or_else(|| format!("https://{}", listener.address));
        info!(gateway = %listener.address, ingress = %ingress.address, runtime = runtime.name(), provider = %me, "listening");
        tasks.spawn(gateway::serve(listener, gateway, stopped.clone()));
        let limits = Limits::of_this_host(ingress::SHARE, ingress::MAX_CONNECTIONS);
        tasks.spawn(ingress::serve(ingress, viewed, limits, stopped));

        let agent = Self {
            config,
            uri,
            me,
            reader,
            wallet,
            store,
            identity,
            jobs: Jobs::new(runtime.clone()),
            runtime,
            view,
            orders: HashMap::new(),
            asked: HashMap::new(),
            asks: HashMap::new(),
            change_asks: HashMap::new(),
            pricing_took: Duration::ZERO,
            pricing_limit: PRICING_LIMIT,
            specs: HashMap::new(),
            tx_waits: Backoff::default(),
            held_until: 0,
            halts: Halts::default(),
            said: HashSet::new(),
            declined: HashSet::new(),
        };
        Ok((agent, Servers { wake, stop, tasks }))
    }

    /// Never ends by itself.
    async fn run(mut self, wake: &Notify) {
        let poll = self.config.poll;
        // What an earlier run sent in its last moment may be in the next block: read after it.
        let mut last = self.next_block(0, poll).await;
        last = self.next_block(last.height, poll).await;
        while let Err(e) = self.register().await {
            error!(error = %e, "not registered, trying again");
            last = self.next_block(last.height, poll).await;
        }
        loop {
            if let Err(e) = self.round(&last).await {
                warn!(error = %e, "this round failed, the next block tries again");
            }
            let height = last.height;
            tokio::select! {
                status = self.next_block(height, poll) => last = status,
                () = wake.notified() => {}
            }
        }
    }

    async fn next_block(&self, after: u64, poll: Duration) -> ChainStatus {
        loop {
            match self.reader.client.status().await {
                Ok(status) if status.height > after && !status.catching_up => return status,
                Ok(_) => {}
                Err(e) => warn!(error = %e, "the node does not answer"),
            }
            tokio::time::sleep(poll).await;
        }
    }

    async fn round(&mut self, status: &ChainStatus) -> Result<(), AgentError> {
        self.finish_jobs(status.height);
        let seen = self.observe(status).await?;
        let plan = plan(&seen);
        self.log_skips(&plan, &seen.orders);
        self.decline(&plan.declined);
        self.jobs.begin(&plan.runs, &self.specs, status.height);
        self.send(plan.txs, status.height).await
    }

    fn log_skips(&mut self, plan: &Plan, orders: &[OpenOrder]) {
        let rounds: HashSet<(u64, u32)> = orders.iter().map(|o| (o.id, o.order.round)).collect();
        self.said
            .retain(|(order, round, _)| rounds.contains(&(*order, *round)));
        for (order, round, skip) in &plan.skipped {
            if self.said.insert((*order, *round, discriminant(skip))) {
                info!(order, round, reason = %skip, "order passed over");
            }
        }
    }

    /// Tells each tenant once what stands in the way of its change.
    fn decline(&mut self, declined: &[(u64, String, Skip)]) {
        self.declined
            .retain(|said| declined.iter().any(|(_, change, _)| change == said));
        for (lease, change, reason) in declined {
            if self.declined.insert(change.clone()) {
                info!(lease, change, %reason, "change declined");
                self.tell(*lease, "declined", format!("change {change}: {reason}"));
            }
        }
    }

    /// Tells the tenant; a store that fails must not stop the work.
    pub fn tell(&self, lease: u64, kind: &str, message: String) {
        let event = Event {
            at_ms: wall_ms(),
            kind: kind.to_owned(),
            message,
        };
        if let Err(e) = self.store.add_event(lease, event) {
            error!(lease, error = %e, "an event is lost");
        }
    }
}

/// Nobody else reads what tenants' services write there.
fn create_home(home: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(home)
}

pub(crate) fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

async fn runtime(config: &AgentConfig) -> Result<Arc<dyn Runtime>, RuntimeError> {
    Ok(match &config.runtime {
        RuntimeConfig::Process => {
            warn!("the process runtime gives no isolation: services run as this user on this host, images are ignored");
            Arc::new(ProcessRuntime::new(config.home.join("process"))?)
        }
        RuntimeConfig::Docker { socket } => {
            Arc::new(DockerRuntime::connect(socket.as_deref(), config.key.address()).await?)
        }
    })
}

#[cfg(test)]
mod tests;
