//! What runs: by a file.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::offers::Choice;

#[derive(ClapArgs)]
#[command(
    after_help = "Example:\n  leasehold deploy examples/hello.yaml --from tenant --deposit 500000"
)]
pub struct DeployArgs {
    /// SDL file
    pub file: PathBuf,
    /// Money to start with, smallest units [default: a day at the maximum price]
    #[arg(long)]
    pub deposit: Option<u128>,
    /// Escrow account to draw on instead of a new one
    #[arg(long)]
    pub account: Option<u64>,
    /// Take standing offers instead of holding auctions: an offer's id, or `best` for the cheapest that fits each group
    #[arg(long, value_name = "ID|best")]
    pub offer: Option<Choice>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Return when the order is placed
    #[arg(long)]
    pub no_wait: bool,
    /// Give up after this many seconds without a running app; the deployment stays
    #[arg(long, default_value_t = 600)]
    pub timeout: u64,
}

#[derive(ClapArgs)]
pub struct ChangeArgs {
    /// Deployment
    pub id: u64,
    /// SDL file
    pub file: PathBuf,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// How long the providers may take to agree, seconds
    #[arg(long, default_value_t = 120)]
    pub timeout: u64,
}
