//! Auditing: measure a machine, vouch for a provider.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use leasehold_api::Level;

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Measure this machine: GPUs, processor, memory, disk, network; says what it could not measure
    Measure(MeasureArgs),
    /// Answer the network measurements of `audit measure --peer`, from another machine; runs until stopped
    Peer(PeerArgs),
    /// Become an auditor, or add to your bond
    #[command(
        after_help = "Examples:\n  leasehold audit register --from auditor\n  leasehold keys ed25519 signing.pem && leasehold audit register --key signing.pem --from auditor"
    )]
    Register(EnrolArgs),
    /// Stop being an auditor: your word counts no more, your bond waits for the unbonding time
    Retire,
    /// Have the bond back after `audit retire`
    Withdraw,
    /// Vouch for what a provider declares, as far as a report bears it out
    Attest(AttestArgs),
    /// Send an attestation that `audit attest --sign-only` wrote; anyone may, the provider for one
    #[command(after_help = "Example:\n  leasehold audit submit signed.json --from provider0")]
    Submit { file: PathBuf },
    /// Take back what you said of a provider
    #[command(after_help = "Example:\n  leasehold audit revoke provider0 --from auditor")]
    Revoke {
        /// Address or key name
        provider: String,
    },
    /// Speak against another auditor's attestation: it counts for nothing for a while; the deposit comes back if governance upholds the challenge
    #[command(
        after_help = "Example:\n  leasehold audit challenge provider0 wasm1… --evidence found.json --from auditor"
    )]
    Challenge {
        /// Address or key name of the provider
        provider: String,
        /// Address or key name of the other auditor
        auditor: String,
        /// File that speaks against it; its SHA-256 goes on chain
        #[arg(long)]
        evidence: PathBuf,
    },
    /// List auditors, or what was said of a provider or by an auditor
    Ls(LookArgs),
}

/// Of an auditor or a watcher.
#[derive(ClapArgs)]
pub struct EnrolArgs {
    /// Smallest units of the trust denom [default: the least bond]
    #[arg(long)]
    pub bond: Option<u128>,
    /// File of the Ed25519 key that signs for you, of `leasehold keys ed25519`; for as long as you stay [default: the account's key]
    #[arg(long)]
    pub key: Option<PathBuf>,
}

#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  leasehold audit attest provider0 --report report.json --all-attributes --from auditor\n  leasehold audit attest provider0 --report report.json --measured h100=51000:2900000 --days 14 --from auditor\n  leasehold audit attest provider0 --report report.json --sign-only --key signing.pem --from auditor > signed.json"
)]
pub struct AttestArgs {
    /// Address or key name
    pub provider: String,
    /// What `audit measure --out` wrote on the provider's machine
    #[arg(long)]
    pub report: PathBuf,
    /// How you know [default: benchmarked where the report or --measured has figures for all, else inventory]
    #[arg(long, value_enum)]
    pub level: Option<LevelName>,
    /// Days from the measurement on for which it counts
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=30))]
    pub days: u64,
    /// Declared attribute that holds; repeat for more
    #[arg(
        long = "attribute",
        value_name = "KEY=VALUE",
        conflicts_with = "all_attributes"
    )]
    pub attributes: Vec<String>,
    /// All declared attributes hold
    #[arg(long)]
    pub all_attributes: bool,
    /// For cards that the report could not measure: what a GPU benchmark of your own found for the slowest card of a model, single-precision GFLOP/s and memory MiB/s; repeat for more
    #[arg(long, value_name = "MODEL=GFLOPS:MIB_S")]
    pub measured: Vec<String>,
    /// File of the Ed25519 key that you registered with [default: the account's key signs]
    #[arg(long)]
    pub key: Option<PathBuf>,
    /// Print the signed attestation instead of sending it
    #[arg(long)]
    pub sign_only: bool,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
pub enum LevelName {
    /// The machine's own tools list it
    Inventory,
    /// You measured what it does
    Benchmarked,
    /// You verified evidence that the hardware signed
    Attested,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Inventory => Level::Inventory,
            LevelName::Benchmarked => Level::Benchmarked,
            LevelName::Attested => Level::Attested,
        }
    }
}

#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  leasehold audit ls\n  leasehold audit ls --provider provider0\n  leasehold audit ls --auditor wasm1… --json"
)]
pub struct LookArgs {
    /// What auditors said of this provider: address or key name
    #[arg(long, conflicts_with = "auditor")]
    pub provider: Option<String>,
    /// What this auditor said: address or key name. Asks for every provider
    #[arg(long)]
    pub auditor: Option<String>,
}

#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  leasehold audit measure --out report.json\n  leasehold audit measure --quick --json\n  leasehold audit measure --disk /srv --peer 203.0.113.7:7777 --out report.json"
)]
pub struct MeasureArgs {
    /// File for the report; its SHA-256 is the evidence hash of an attestation
    #[arg(long, short)]
    pub out: Option<PathBuf>,
    /// A few seconds instead of half a minute: a look, not a benchmark
    #[arg(long)]
    pub quick: bool,
    /// Folder on the disk that is measured
    #[arg(long, default_value = ".")]
    pub disk: PathBuf,
    /// Address of an `audit peer` on another machine: HOST:PORT
    #[arg(long)]
    pub peer: Option<String>,
    /// Registry contract that device commitments are for [default: the suite's, when the node answers]
    #[arg(long)]
    pub registry: Option<String>,
}

#[derive(ClapArgs)]
#[command(after_help = "Example:\n  leasehold audit peer --listen 0.0.0.0:7777")]
pub struct PeerArgs {
    /// Anyone who reaches it can make it send and take data, one at a time and 10 seconds each
    #[arg(long, default_value = "127.0.0.1:7777")]
    pub listen: SocketAddr,
}
