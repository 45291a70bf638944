//! What an operator decides.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use cosmwasm_std::Addr;
use leasehold_api::{Asset, Capability, Suite};
use leasehold_client::{Key, TxConfig};

use crate::capacity::Resources;
use crate::pricing::Pricing;
use crate::shelf::Shelf;

/// Everything [`crate::run`] needs.
#[derive(Debug, Clone)]
pub struct AgentConfig {
    /// RPC address of a node.
    pub node: String,
    pub suite: Suite<Addr>,
    /// The provider's account: it signs, pays gas and gets the rent.
    pub key: Key,
    pub tx: TxConfig,
    /// Store, keys and state of workloads. One agent per folder.
    pub home: PathBuf,
    pub gateway: GatewayConfig,
    pub ingress: IngressConfig,
    /// Declared on chain; GPUs are also what there is to sell.
    pub capability: Capability,
    /// Bonded at the start, as far as it is not yet.
    pub collateral: Vec<Asset>,
    /// What there is to sell; its GPUs are taken from the capability.
    pub capacity: Resources,
    pub pricing: Pricing,
    /// What of it is sold by standing offer. Absent: nothing, and offers of an earlier run are withdrawn.
    pub shelf: Option<Shelf>,
    pub runtime: RuntimeConfig,
    /// Seconds of block time between two collects of a lease.
    pub collect_every: u64,
    /// How often to look for a new block.
    pub poll: Duration,
}

#[derive(Debug, Clone)]
pub struct GatewayConfig {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Registered on chain, `https://host[:port]`. Absent: the address it listens on.
    pub uri: Option<String>,
}

#[derive(Debug, Clone)]
pub struct IngressConfig {
    /// Plain HTTP; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Leases are served at `lease-<id>.<domain>` and `<service>-<id>.<domain>`.
    pub domain: String,
    /// Port in the URIs told to tenants, when something in front listens elsewhere. Absent: the one it listens on.
    pub public_port: Option<u16>,
}

#[derive(Debug, Clone)]
pub enum RuntimeConfig {
    /// Containers by a Docker or Podman socket; absent: found as [`crate::runtime::docker::find_socket`] does.
    Docker { socket: Option<PathBuf> },
    /// Plain processes of this host, for development only.
    Process,
}
