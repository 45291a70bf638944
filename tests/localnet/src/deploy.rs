//! A suite of one's own on a chain that may have others.

use anyhow::{Context as _, Result};
use cosmwasm_std::Checksum;
use leasehold_api::genesis::Genesis;
use leasehold_api::suite::CONTRACTS;
use leasehold_api::Suite;
use leasehold_client::{instantiate2_address, ChainClient, Instantiate2, Wallet};

use crate::{dev_key, suite, wallet, FREE};

/// Code that the chain stores.
pub struct Code {
    pub id: u64,
    /// SHA-256 of the wasm.
    pub checksum: Vec<u8>,
}

impl Code {
    /// What the contracts of a suite run on, in the order of [`CONTRACTS`].
    pub async fn of(client: &ChainClient, suite: &Suite) -> Result<Vec<Code>> {
        let mut codes = vec![];
        for contract in suite.addresses() {
            let id = client.contract_info(contract).await?.code_id;
            let checksum = Checksum::from_hex(&client.code(id).await?.checksum)?;
            let checksum = checksum.as_slice().to_vec();
            codes.push(Code { id, checksum });
        }
        Ok(codes)
    }
}

/// A suite of the pinned code of the chain's first one, deployed by the deployer.
pub async fn second(client: &ChainClient, salt: &str, genesis: &Genesis) -> Result<Suite> {
    let deployer = wallet(client, dev_key("deployer")?, FREE)?;
    let codes = Code::of(client, &suite(client).await?).await?;
    deploy(&deployer, &codes, genesis, salt).await
}

/// Five contracts of these codes in one transaction, at addresses that hang on `by` and `salt`; governance is everybody's admin.
pub async fn deploy(by: &Wallet, codes: &[Code], genesis: &Genesis, salt: &str) -> Result<Suite> {
    let salt = |name: &str| format!("{salt}/{name}").into_bytes();
    let mut addresses = vec![];
    for (name, code) in CONTRACTS.iter().zip(codes) {
        let address = instantiate2_address(&code.checksum, by.address(), &salt(name))?;
        addresses.push(address);
    }
    let suite = Suite::from_addresses(addresses).context("five addresses")?;
    let messages = genesis.instantiate_msgs(&suite)?;
    let instantiations = CONTRACTS.iter().zip(codes).zip(messages);
    let contracts = instantiations.map(|((name, code), msg)| {
        let instantiate = Instantiate2 {
            code_id: code.id,
            msg: msg.to_vec(),
            salt: salt(name),
            label: format!("leasehold-{name}"),
            admin: Some(suite.governance.clone()),
            funds: vec![],
        };
        instantiate.into_any(by.address())
    });
    by.send(contracts.collect::<Result<_, _>>()?, "").await?;
    Ok(suite)
}
