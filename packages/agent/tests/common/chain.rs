//! A suite on a devchain and an agent's settings: what the tests of the whole agent and those of its inside share.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use cosmwasm_std::{Addr, Coin, Uint128};
use leasehold_agent::{
    AgentConfig, GatewayConfig, IngressConfig, Pricing, Resources, RuntimeConfig, Tariff,
};
use leasehold_api::deployment::{self, GroupRequest};
use leasehold_api::genesis::Genesis;
use leasehold_api::suite::CONTRACTS;
use leasehold_api::{Asset, Capability, Denom, Suite, SCALE};
use leasehold_client::{
    instantiate2_address, Execute, Instantiate2, Key, TxConfig, Wallet, DEFAULT_PREFIX,
};
use leasehold_devchain::{native_codes, DEV_ACCOUNTS};
use leasehold_sdl::Sdl;

pub fn key(name: &str) -> Key {
    let (_, words) = DEV_ACCOUNTS
        .iter()
        .find(|(account, _)| *account == name)
        .unwrap();
    Key::from_words(words, DEFAULT_PREFIX).unwrap()
}

pub fn tx_config() -> TxConfig {
    TxConfig {
        poll: Duration::from_millis(50),
        ..TxConfig::new("0uakt".parse().unwrap())
    }
}

pub async fn deploy(wallet: &Wallet, genesis: &Genesis) -> Suite {
    let mut stored = Vec::new();
    for name in CONTRACTS {
        let code = native_codes()
            .into_iter()
            .find(|code| code.name == name)
            .unwrap();
        stored.push(wallet.store_code(code.stub()).await.unwrap());
    }
    let address = |(name, code): (&&str, &leasehold_client::StoredCode)| {
        instantiate2_address(&code.checksum, wallet.address(), name.as_bytes()).unwrap()
    };
    let suite = Suite::from_addresses(CONTRACTS.iter().zip(&stored).map(address)).unwrap();
    let messages = genesis.instantiate_msgs(&suite).unwrap();
    let batch = CONTRACTS
        .iter()
        .zip(&stored)
        .zip(messages)
        .map(|((name, code), msg)| {
            let instantiate = Instantiate2 {
                code_id: code.code_id,
                msg: msg.to_vec(),
                salt: name.as_bytes().to_vec(),
                label: (*name).to_owned(),
                admin: None,
                funds: vec![],
            };
            instantiate.into_any(wallet.address()).unwrap()
        });
    wallet.send(batch.collect(), "").await.unwrap();
    suite
}

/// The call that puts a deployment on the market, with an account of its own.
pub fn create(suite: &Suite, sdl: &Sdl, deposit: Coin) -> Execute {
    let groups = sdl.groups().unwrap().into_iter();
    let msg = deployment::ExecuteMsg::Create {
        groups: groups.map(GroupRequest::from).collect(),
        manifest_hash: sdl.manifest().hash().into(),
        denom: Denom::Native(sdl.denom().into()),
        account: None,
    };
    Execute::new(&suite.deployment, &msg, &[deposit]).unwrap()
}

/// Of an agent that asks `per_core` for a core and second, a tenth more at first.
pub fn config(
    node: String,
    suite: &Suite,
    account: &str,
    home: PathBuf,
    per_core: u128,
) -> AgentConfig {
    let any: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
    let uakt = Denom::Native("uakt".into());
    AgentConfig {
        node,
        suite: Suite::from_addresses(suite.addresses().map(Addr::unchecked)).unwrap(),
        key: key(account),
        tx: tx_config(),
        home,
        gateway: GatewayConfig {
            listen: any,
            uri: None,
        },
        ingress: IngressConfig {
            listen: any,
            domain: "localhost".into(),
            public_port: None,
        },
        capability: Capability::default(),
        collateral: vec![Asset {
            denom: uakt.clone(),
            amount: Uint128::new(100_000_000),
        }],
        capacity: Resources {
            cpu: 64_000,
            memory: 1 << 40,
            storage: 1 << 40,
            gpus: 0,
        },
        pricing: Pricing::Tariffs(vec![Tariff {
            denom: uakt,
            cpu: Uint128::new(per_core * SCALE),
            memory: Uint128::zero(),
            storage: Uint128::zero(),
            gpu: Uint128::zero(),
            markup_bps: 1_000,
        }]),
        shelf: None,
        runtime: RuntimeConfig::Process,
        collect_every: 20,
        poll: Duration::from_millis(10),
    }
}
