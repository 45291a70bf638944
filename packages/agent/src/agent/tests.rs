//! Single passes of an agent on a devchain, with what they ask the node counted.

mod home;
mod lease;
mod orders;
mod proxy;
mod send;
#[path = "../../tests/common/chain.rs"]
mod suite;

use std::net::Ipv4Addr;

use cosmwasm_std::{coin, Uint128};
use leasehold_api::genesis::Genesis;
use leasehold_api::{Capability, Suite, SCALE};
use leasehold_devchain::{Devchain, DevchainConfig};
use leasehold_sdl::Sdl;
use tempfile::TempDir;

use super::*;
use crate::plan::{Observed, Run};
use crate::web::web;
use crate::Pricing;
use proxy::Proxy;
use suite::{config, create, deploy, key, tx_config};

struct Stage {
    chain: Devchain,
    proxy: Proxy,
    suite: Suite,
    tenant: Wallet,
    agent: Agent,
    _servers: Servers,
    home: TempDir,
}

/// A registered provider that asks `per_core` for a core and second.
async fn stage(per_core: u128) -> Stage {
    let chain = Devchain::start(DevchainConfig {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        block_time: Duration::from_millis(50),
        speed: 4,
        ..DevchainConfig::default()
    })
    .unwrap();
    let proxy = Proxy::start(chain.rpc_url()).await;
    let client = ChainClient::connect(&chain.rpc_url()).await.unwrap();
    let deployer = Wallet::new(client.clone(), key("deployer"), tx_config());
    let suite = deploy(&deployer, &Genesis::development("ustake")).await;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("agent");
    let config = config(proxy.url.clone(), &suite, "provider0", folder, per_core);
    let (agent, servers) = Agent::start(config).await.unwrap();
    agent.register().await.unwrap();
    Stage {
        tenant: Wallet::new(client, key("tenant"), tx_config()),
        chain,
        proxy,
        suite,
        agent,
        _servers: servers,
        home,
    }
}

fn sdl() -> Sdl {
    let expose = "[{ port: 8080, as: 80, to: [{ global: true }] }]";
    web(
        &format!(r#"command: ["sleep", "1000"], expose: {expose}"#),
        1,
    )
}

impl Stage {
    /// New orders with accounts of their own, all in one block; their ids in order.
    async fn open(&self, count: u64) -> Vec<u64> {
        let before = self.open_orders().await.len();
        let sdl = sdl();
        let call = || create(&self.suite, &sdl, coin(1_000_000, "uakt"));
        let calls = (0..count).map(|_| call()).collect();
        self.tenant.execute_many(calls).await.unwrap();
        let ids = self.open_orders().await;
        ids[before..].to_vec()
    }

    async fn open_orders(&self) -> Vec<u64> {
        let orders = self.agent.reader.open_orders().await.unwrap();
        orders.into_iter().map(|order| order.id).collect()
    }

    async fn status(&self) -> ChainStatus {
        self.agent.reader.client.status().await.unwrap()
    }

    async fn observe(&mut self) -> Observed {
        let status = self.status().await;
        self.proxy.clear();
        self.agent.observe(&status).await.unwrap()
    }

    /// Lets the agent work until it holds this many leases.
    async fn win(&mut self, count: usize) -> Vec<u64> {
        // An auction takes some ten of these steps.
        for _ in 0..100 {
            self.chain.advance(3).await.unwrap();
            self.chain.wait_blocks(1).await.unwrap();
            let status = self.status().await;
            self.agent.round(&status).await.unwrap();
            let leases = self.agent.reader.leases(&self.agent.me).await.unwrap();
            if leases.len() == count {
                return leases.iter().map(|lease| lease.id).collect();
            }
        }
        panic!("no {count} leases");
    }
}
