//! Selling compute.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

#[derive(ClapArgs)]
#[command(
    after_help = "Example:\n  leasehold provider run --from provider0 --price-cpu 2000 --price-memory 500 --bond 1000000uakt"
)]
pub struct ProviderRunArgs {
    /// Loopback or public address of the TLS gateway; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8443")]
    pub gateway: std::net::SocketAddr,
    /// Gateway URI as tenants reach it [default: https:// and the gateway's address]
    #[arg(long)]
    pub gateway_uri: Option<String>,
    /// Address of the HTTP ingress
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub ingress: std::net::SocketAddr,
    /// Where workloads run
    #[arg(long, value_enum, default_value_t = RuntimeKind::Docker)]
    pub runtime: RuntimeKind,
    /// Container engine socket [default: DOCKER_HOST, then the usual places]
    #[arg(long)]
    pub engine: Option<PathBuf>,
    /// Leases are served at lease-ID.DOMAIN
    #[arg(long, default_value = "localhost")]
    pub domain: String,
    /// How far above its price the first bid starts, basis points
    #[arg(long, default_value_t = 5_000)]
    pub markup_bps: u32,
    /// Price of one CPU core, smallest units per hour
    #[arg(long, default_value_t = 20_000)]
    pub price_cpu: u64,
    /// Price of one GiB of memory, smallest units per hour
    #[arg(long, default_value_t = 5_000)]
    pub price_memory: u64,
    /// Price of one GiB of storage, smallest units per hour
    #[arg(long, default_value_t = 100)]
    pub price_storage: u64,
    /// Price of one GPU, smallest units per hour
    #[arg(long, default_value_t = 1_000_000)]
    pub price_gpu: u64,
    /// Sell this part of the machine by standing offer, percent, at the prices above; the rest by bidding
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(1..=100), conflicts_with = "price_script")]
    pub offer: Option<u32>,
    /// Denom of the prices and of the rent: a bank denom, or cw20:ADDRESS
    #[arg(long, default_value = "uakt")]
    pub denom: String,
    /// Seconds between two collects of a lease's rent
    #[arg(long, default_value_t = 3_600)]
    pub collect_every: u64,
    /// Program that prices a group instead, with Akash's price script contract
    #[arg(long)]
    pub price_script: Option<PathBuf>,
    /// Collateral to hold at least, for example 1000000uakt or 1000000cw20:ADDRESS; several with commas
    #[arg(long, value_delimiter = ',')]
    pub bond: Vec<cosmwasm_std::Coin>,
    /// Attribute key=value; repeat for more
    #[arg(long = "attribute", value_name = "KEY=VALUE")]
    pub attributes: Vec<String>,
    /// Cards to declare and sell, such as nvidia/h100/81920/sxm=8 (vendor, model, MiB of memory, interface, count); repeat for more kinds.
    /// `detect` asks NVIDIA's management library
    #[arg(long = "gpu", value_name = "KIND=COUNT")]
    pub gpus: Vec<String>,
    /// CPU cores to sell [default: all]
    #[arg(long)]
    pub cpu: Option<f64>,
    /// Memory to sell, GiB [default: all]
    #[arg(long)]
    pub memory: Option<f64>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
pub enum RuntimeKind {
    /// A Docker-compatible engine: Docker or Podman
    Docker,
    /// Host processes without any isolation; for development only
    Process,
}

#[derive(ClapArgs)]
#[command(
    after_help = "Example, three days ahead for an hour:\n  leasehold provider maintenance --from provider0 --start 259200 --length 3600"
)]
pub struct MaintenanceArgs {
    /// Seconds from now until it starts
    #[arg(long)]
    pub start: u64,
    /// Seconds that it lasts
    #[arg(long)]
    pub length: u64,
}
