//! Auditing: measure a machine, vouch for a provider.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Measure this machine: GPUs, processor, memory, disk, network; says what it could not measure
    Measure(MeasureArgs),
    /// Answer the network measurements of `audit measure --peer`, from another machine; runs until stopped
    Peer(PeerArgs),
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
