//! The command line.

mod account;
mod audit;
mod deploy;
mod gov;
mod local;
mod provider;
mod watch;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use leasehold_client::GasPrice;

pub use account::{AccountCommand, AllowArgs};
pub use audit::{AttestArgs, AuditCommand, EnrolArgs, LookArgs, MeasureArgs, PeerArgs};
pub use deploy::{ChangeArgs, DeployArgs};
pub use gov::{GovArgs, GovCommand, ProposeArgs, Template};
pub use local::{KeysCommand, SdlCommand};
pub use provider::{MaintenanceArgs, ProviderRunArgs, RuntimeKind};
pub use watch::{AggregateArgs, WatchCommand, WatchRunArgs};

#[derive(Parser)]
#[command(
    name = "leasehold",
    version,
    about = "Rent and sell compute on any CosmWasm chain",
    after_help = "Examples:\n  leasehold demo                         the whole story on an embedded chain\n  leasehold dev                          a development chain with the suite on it\n  leasehold deploy app.yaml --from tenant\n  leasehold provider run --from provider0"
)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

impl Args {
    /// Runs until it is stopped.
    pub fn is_service(&self) -> bool {
        matches!(
            self.command,
            Command::Dev(_)
                | Command::Demo(_)
                | Command::DemoApp
                | Command::Provider(ProviderCommand::Run(_))
                | Command::Audit(AuditCommand::Peer(_))
                | Command::Watch(WatchCommand::Run(_) | WatchCommand::Aggregate(_))
        )
    }

    /// Services log what they do; one-shot commands and the demo speak through their output.
    pub fn default_log_filter(&self) -> &'static str {
        match self.command {
            Command::Dev(_)
            | Command::Provider(ProviderCommand::Run(_))
            | Command::Watch(WatchCommand::Run(_) | WatchCommand::Aggregate(_)) => "info",
            _ => "warn",
        }
    }
}

#[derive(ClapArgs, Clone)]
pub struct Global {
    /// CometBFT RPC address of a node [default: http://127.0.0.1:26657]
    #[arg(long, global = true, env = "LEASEHOLD_NODE")]
    pub node: Option<String>,
    /// Key that signs [default: the only one in the keyring]
    #[arg(long, global = true, env = "LEASEHOLD_FROM")]
    pub from: Option<String>,
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub json: bool,
    /// Folder of keys and settings [default: ~/.leasehold]
    #[arg(long, global = true, env = "LEASEHOLD_HOME")]
    pub home: Option<PathBuf>,
    /// Address of any contract of the suite [default: the suite last deployed to this chain from here]
    #[arg(long, global = true, env = "LEASEHOLD_SUITE")]
    pub suite: Option<String>,
    /// Price of gas
    #[arg(
        long,
        global = true,
        env = "LEASEHOLD_GAS_PRICE",
        default_value = "0ustake"
    )]
    pub gas_price: GasPrice,
    /// Address prefix of the chain
    #[arg(long, global = true, env = "LEASEHOLD_PREFIX", default_value = leasehold_client::DEFAULT_PREFIX)]
    pub prefix: String,
}

impl Global {
    /// The node that was named, or else one on this machine.
    pub fn node(&self) -> &str {
        self.node.as_deref().unwrap_or("http://127.0.0.1:26657")
    }
}

#[derive(Subcommand)]
pub enum Command {
    /// Run the whole story: auction, lease, a provider killed, fail-over, the books; on an embedded chain, or on the development chain that --node names
    Demo(DemoArgs),
    /// Run a development chain on loopback with the suite deployed and test accounts funded
    Dev(DevArgs),
    /// Install the suite on a chain
    #[command(subcommand)]
    Suite(SuiteCommand),
    /// Manage keys
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Sell compute
    #[command(subcommand)]
    Provider(ProviderCommand),
    /// Check and convert SDL files
    #[command(subcommand)]
    Sdl(SdlCommand),
    /// Rent compute for an SDL file: shows the plan, asks, waits until the app is up
    Deploy(DeployArgs),
    /// List what providers sell at posted prices, or what a file would cost there
    Offers(OffersArgs),
    /// List your deployments
    Ls(ListArgs),
    /// Show a deployment: order, lease, money, services
    Status(IdArgs),
    /// Print a deployment's logs
    Logs(LogsArgs),
    /// Send the manifest again to whoever may serve the deployment
    Push(IdArgs),
    /// Add money to a deployment
    TopUp(TopUpArgs),
    /// Escrow accounts: list, withdraw, and let others rent on your money
    #[command(subcommand)]
    Account(AccountCommand),
    /// Change what a deployment runs, its price or its manifest to what a file says; its providers have to agree to resources and price
    Change(ChangeArgs),
    /// Close a deployment and take the rest of the money back
    Close(CloseArgs),
    /// List the penalties of providers that wait, or carry out those that are due: a tenant gets most of each
    Penalties(PenaltiesArgs),
    /// Remove from the chain what ended 30 days ago: leases, bids, orders, deployments of anybody
    Prune(PruneArgs),
    /// Audit providers: measure machines, vouch for what they offer
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Watch leases: have yours watched, or watch others' for fees
    #[command(subcommand)]
    Watch(WatchCommand),
    /// Govern the suite: stake, propose, vote, execute, and look at parameters and proposals
    Gov(GovArgs),
    /// The demo's workload: a tiny HTTP server that says who runs it
    #[command(hide = true)]
    DemoApp,
}

#[derive(ClapArgs)]
pub struct DemoArgs {
    /// Where workloads run
    #[arg(long, value_enum, default_value_t = DemoRuntime::Auto)]
    pub runtime: DemoRuntime,
    /// File for the JSON summary
    #[arg(long, default_value = "target/demo.json")]
    pub summary: PathBuf,
    /// Folder of the optimised wasm files: with --node and without --suite the demo deploys a suite of its own
    #[arg(long)]
    pub wasm: Option<PathBuf>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
pub enum DemoRuntime {
    /// Containers when an engine answers, else processes
    Auto,
    Docker,
    Process,
}

#[derive(ClapArgs)]
pub struct DevArgs {
    /// Loopback address of the RPC
    #[arg(long, default_value = "127.0.0.1:26657")]
    pub listen: std::net::SocketAddr,
    /// Seconds between blocks
    #[arg(long, default_value_t = 1.0)]
    pub block_time: f64,
    /// Chain seconds per real second
    #[arg(long, default_value_t = 1)]
    pub speed: u32,
    /// Leave the chain empty
    #[arg(long)]
    pub no_suite: bool,
}

#[derive(Subcommand)]
pub enum SuiteCommand {
    /// Store the five contracts, predict their addresses and instantiate them wired together
    Deploy(SuiteDeployArgs),
    /// Show the suite's addresses
    Show,
}

#[derive(ClapArgs)]
pub struct SuiteDeployArgs {
    /// Parameters: `production`, or `development` with times in seconds
    #[arg(long, value_enum, default_value_t = Profile::Production)]
    pub profile: Profile,
    /// Folder of the optimised wasm files [default: the devchain's own code when the node is a devchain]
    #[arg(long)]
    pub wasm: Option<PathBuf>,
    /// Denom that is staked in governance
    #[arg(long, default_value = "ustake")]
    pub stake_denom: String,
    /// Tells several suites of one deployer apart
    #[arg(long, default_value = "leasehold")]
    pub salt: String,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Production,
    Development,
}

#[derive(Subcommand)]
pub enum ProviderCommand {
    /// Register, bid, serve: runs until stopped
    Run(Box<ProviderRunArgs>),
    /// List providers with what the market remembers of them and their scores
    Ls {
        /// Denom in which they served
        #[arg(long, default_value = "uakt")]
        denom: String,
    },
    /// Show a provider's standing, collateral, leases, and its score in each denom of its collateral
    Status {
        /// Address or key name [default: --from]
        provider: Option<String>,
    },
    /// Announce that you will leave a lease: the agent ends it when the notice is over, at the agreed price and without a penalty
    Notice {
        /// Lease id
        lease: u64,
    },
    /// Announce a pause in which silence is no fault; the chain says how far ahead it must be and how long it may last
    Maintenance(MaintenanceArgs),
}

#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  leasehold penalties\n  leasehold penalties --settle --from tenant"
)]
pub struct PenaltiesArgs {
    /// Carry out all that are due
    #[arg(long)]
    pub settle: bool,
}

#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  leasehold offers\n  leasehold offers app.yaml\n  leasehold deploy app.yaml --offer best --from tenant"
)]
pub struct OffersArgs {
    /// SDL file: what each of its groups would pay, cheapest first
    pub file: Option<PathBuf>,
    /// Denom of the prices, without a file
    #[arg(long, default_value = "uakt")]
    pub denom: String,
}

#[derive(ClapArgs)]
pub struct PruneArgs {
    /// Only say what could go
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(ClapArgs)]
pub struct ListArgs {
    /// Address or key name of the owner [default: --from]
    #[arg(long)]
    pub owner: Option<String>,
    /// Closed ones too
    #[arg(long)]
    pub all: bool,
}

#[derive(ClapArgs)]
pub struct IdArgs {
    /// Deployment id
    pub id: u64,
}

#[derive(ClapArgs)]
pub struct LogsArgs {
    /// Deployment id
    pub id: u64,
    /// Keep printing
    #[arg(long, short)]
    pub follow: bool,
    /// Only this service
    #[arg(long)]
    pub service: Option<String>,
    /// Last lines of each service
    #[arg(long, default_value_t = 100)]
    pub tail: u32,
}

#[derive(ClapArgs)]
pub struct TopUpArgs {
    /// Deployment id
    pub id: u64,
    /// Smallest units of the account's denom
    pub amount: u128,
}

#[derive(ClapArgs)]
pub struct CloseArgs {
    /// Deployment id
    pub id: u64,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Leave the rest of the money in the escrow account
    #[arg(long)]
    pub keep_account: bool,
}
