//! What runs: by a file.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use crate::offers::Choice;
use crate::{reputation, reservation};

#[derive(ClapArgs)]
#[command(
    after_help = "Examples:\n  leasehold deploy examples/hello.yaml --from tenant --deposit 500000\n  leasehold deploy examples/hello.yaml --from tenant --starts-in 2h\n  leasehold deploy examples/hello.yaml --from tenant --offer best --min-reliability 700"
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
    /// Only providers whose score in the rent's denom reaches this, 0 to 1000: of the offers, or of the bids on an `open` auction, of which the
    /// lowest is accepted. Auctions that the chain awards cannot be filtered. Who serves after a fail-over is not filtered
    #[arg(long, value_name = "SCORE", value_parser = clap::value_parser!(u32).range(0..=reputation::MAX_SCORE))]
    pub min_reliability: Option<u32>,
    /// Reserve: find a provider now that starts it this long from now, such as 90s, 2h or 72h, at most 720h. Who does not keep it pays the other
    #[arg(long, value_name = "DURATION", value_parser = reservation::lead, conflicts_with = "offer")]
    pub starts_in: Option<u64>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Return when the order is placed
    #[arg(long)]
    pub no_wait: bool,
    /// Give up after this many seconds without a running app, or a reserved provider; the deployment stays
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
