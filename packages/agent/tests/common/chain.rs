//! A suite on a devchain: what the tests of the whole agent and those of its inside share.

use std::time::Duration;

use cosmwasm_std::Coin;
use leasehold_api::deployment::{self, GroupRequest};
use leasehold_api::genesis::Genesis;
use leasehold_api::suite::CONTRACTS;
use leasehold_api::{Denom, Suite};
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
