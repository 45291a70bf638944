//! Installing the suite and finding it again.

use std::io::Write as _;
use std::path::Path;

use anyhow::{bail, ensure, Context as _, Result};
use flate2::{write::GzEncoder, Compression};
use leasehold_api::genesis::Genesis;
use leasehold_api::suite::CONTRACTS;
use leasehold_api::{escrow, Suite};
use leasehold_client::{instantiate2_address, ChainClient, Instantiate2, Wallet};
use leasehold_devchain::native_codes;

use crate::home::Home;

/// A stored code.
struct Code {
    id: u64,
    checksum: Vec<u8>,
}

/// Stores the five contracts, predicts their addresses and instantiates them in one transaction, wired together. Governance becomes
/// the migration admin of all.
///
/// # Errors
/// What the chain refused; an artifact that cannot be read.
pub async fn deploy(
    wallet: &Wallet,
    wasm: Option<&Path>,
    genesis: &Genesis,
    salt: &str,
    mut progress: impl FnMut(&str),
) -> Result<Suite> {
    let mut codes = Vec::new();
    for name in CONTRACTS {
        progress(&format!("storing {name}"));
        codes.push(store(wallet, name, wasm).await?);
    }
    let suite = predict(wallet.address(), &codes, salt)?;
    progress("instantiating");
    let messages = genesis.instantiate_msgs(&suite)?;
    let mut batch = Vec::new();
    for ((name, code), msg) in CONTRACTS.iter().zip(&codes).zip(messages) {
        let instantiate = Instantiate2 {
            code_id: code.id,
            msg: msg.to_vec(),
            salt: contract_salt(salt, name),
            label: format!("leasehold-{name}"),
            admin: Some(suite.governance.clone()),
            funds: vec![],
        };
        batch.push(instantiate.into_any(wallet.address())?);
    }
    let outcome = wallet.send(batch, "").await?;
    for (i, expected) in suite.addresses().into_iter().enumerate() {
        let got = outcome.instantiated(i)?;
        ensure!(
            got == *expected,
            "{} was instantiated at {got}, predicted was {expected}",
            CONTRACTS[i]
        );
    }
    Ok(suite)
}

async fn store(wallet: &Wallet, name: &str, wasm: Option<&Path>) -> Result<Code> {
    let bytes = match wasm {
        Some(dir) => {
            let file = dir.join(format!("leasehold_{name}.wasm"));
            let code = std::fs::read(&file).with_context(|| {
                format!("cannot read {}; build it with `make wasm`", file.display())
            })?;
            gzip(&code)?
        }
        None => native_codes()
            .into_iter()
            .find(|code| code.name == name)
            .map(|code| code.stub())
            .with_context(|| format!("the devchain has no code named {name}"))?,
    };
    let stored = wallet.store_code(bytes).await.with_context(|| match wasm {
        Some(_) => format!("storing {name}"),
        None => format!("storing {name} (a real chain needs --wasm with the optimised contracts)"),
    })?;
    Ok(Code {
        id: stored.code_id,
        checksum: stored.checksum,
    })
}

/// A node unpacks it. Plain, the larger contracts exceed what CometBFT takes in one request.
fn gzip(code: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(code)?;
    Ok(encoder.finish()?)
}

fn predict(creator: &str, codes: &[Code], salt: &str) -> Result<Suite> {
    let addresses = CONTRACTS
        .iter()
        .zip(codes)
        .map(|(name, code)| {
            Ok(instantiate2_address(
                &code.checksum,
                creator,
                &contract_salt(salt, name),
            )?)
        })
        .collect::<Result<Vec<_>>>()?;
    Suite::from_addresses(addresses).context("five contracts make a suite")
}

fn contract_salt(salt: &str, name: &str) -> Vec<u8> {
    format!("{salt}/{name}").into_bytes()
}

/// The suite that `address` belongs to, or else the one deployed to this chain from this home.
///
/// # Errors
/// Neither is known, or the contract is none of a suite's.
pub async fn find(client: &ChainClient, home: &Home, address: Option<&str>) -> Result<Suite> {
    let Some(address) = address else {
        return home.suite(client.chain_id())?.with_context(|| {
            format!(
                "no suite is known on {}; name any contract of it with --suite, or install one with `leasehold suite deploy`",
                client.chain_id()
            )
        });
    };
    // Every contract answers `config {}` with the suite under the same name.
    let config: serde_json::Value = client
        .query_smart(address, &escrow::QueryMsg::Config {})
        .await
        .with_context(|| format!("{address} does not answer as a contract of the suite"))?;
    match serde_json::from_value(config["suite"].clone()) {
        Ok(suite) => Ok(suite),
        Err(error) => bail!("{address} is not a contract of the suite: {error}"),
    }
}
