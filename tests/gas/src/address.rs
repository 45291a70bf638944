//! Bech32 addresses, 20 bytes for a key's and 32 for a contract's, as on a real chain.

use anyhow::{Context as _, Result};
use bech32::{Bech32, Hrp};
use sha2::{Digest, Sha256};

const PREFIX: &str = "wasm";

/// The address of a named account.
pub fn user(name: &str) -> Result<String> {
    encode(&digest(name)[..20])
}

/// The address of a named contract.
pub fn contract(name: &str) -> Result<String> {
    encode(&digest(name))
}

pub fn canonical(address: &str) -> Result<Vec<u8>> {
    let (prefix, bytes) =
        bech32::decode(address).with_context(|| format!("{address} is no address"))?;
    anyhow::ensure!(
        prefix.as_str() == PREFIX,
        "{address} does not start with {PREFIX}"
    );
    Ok(bytes)
}

pub fn encode(bytes: &[u8]) -> Result<String> {
    Ok(bech32::encode::<Bech32>(Hrp::parse(PREFIX)?, bytes)?)
}

fn digest(name: &str) -> [u8; 32] {
    Sha256::digest(name.as_bytes()).into()
}
