//! Watching leases.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::EnrolArgs;

#[derive(Subcommand)]
pub enum WatchCommand {
    /// Become a watcher, or add to your bond
    #[command(
        after_help = "Examples:\n  leasehold watch register --from watcher\n  leasehold watch register --key signing.pem --from watcher"
    )]
    Register(EnrolArgs),
    /// Stop being a watcher: your votes count no more, your bond waits for the unbonding time
    Retire,
    /// Have the bond and the fees back after `watch retire`
    Withdraw,
    /// Have your fees
    Claim,
    /// Probe the leases that each round draws you for, and vote; runs until stopped
    Run(WatchRunArgs),
    /// Collect the votes of watchers and submit what a majority of each panel says; anyone may. Runs until stopped
    Aggregate(AggregateArgs),
    /// Have your lease watched: pays the fees of later rounds, or adds to them
    #[command(after_help = "Example:\n  leasehold watch add 80001 500000 --from tenant")]
    Add {
        /// Lease id
        lease: u64,
        /// Smallest units of the trust denom
        amount: u128,
    },
    /// Stop the watching of your lease, or of one that has ended; what is left goes back to who paid
    #[command(after_help = "Example:\n  leasehold watch end 80001 --from tenant")]
    End {
        /// Lease id
        lease: u64,
    },
    /// List watched leases with their latest verdicts, or the watchers
    Ls {
        /// The watchers
        #[arg(long)]
        watchers: bool,
    },
}

#[derive(ClapArgs)]
#[command(
    after_help = "Example:\n  leasehold watch run --aggregator http://127.0.0.1:7780 --from watcher"
)]
pub struct WatchRunArgs {
    /// Where a `watch aggregate` takes votes; repeat for more
    #[arg(long, required = true)]
    pub aggregator: Vec<reqwest::Url>,
    /// File of the Ed25519 key that you registered with [default: the account's key signs]
    #[arg(long)]
    pub key: Option<PathBuf>,
}

#[derive(ClapArgs)]
#[command(after_help = "Example:\n  leasehold watch aggregate --listen 0.0.0.0:7780 --from anyone")]
pub struct AggregateArgs {
    /// Address for votes; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:7780")]
    pub listen: SocketAddr,
}
