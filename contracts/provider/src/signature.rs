//! Whether a member signed something.

use cosmwasm_std::{Addr, Deps, Env};
use leasehold_api::provider::{sign_bytes, Key};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::ContractError;

/// Refuses a signature that is not `signer`'s, by `key`, of `body` for this purpose, chain and registry.
pub fn verify(
    deps: Deps,
    env: &Env,
    signer: &Addr,
    key: &Key,
    signed: (&str, &impl Serialize),
    signature: &[u8],
) -> Result<(), ContractError> {
    let (purpose, body) = signed;
    let registry = &env.contract.address;
    let bytes = sign_bytes(purpose, &env.block.chain_id, registry, body)?;
    let verified = match key {
        Key::Secp256k1(key) => {
            let hash = Sha256::digest(&bytes);
            deps.api.secp256k1_verify(&hash, signature, key)
        }
        Key::Ed25519(key) => deps.api.ed25519_verify(&bytes, signature, key),
    };
    // What is malformed is as little a signature as what does not fit.
    if matches!(verified, Ok(true)) {
        return Ok(());
    }
    Err(ContractError::WrongSignature {
        signer: signer.clone(),
        purpose: purpose.into(),
    })
}
