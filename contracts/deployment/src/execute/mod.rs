pub mod change;
pub mod create;
pub mod group;
pub mod life;

use cosmwasm_std::{to_json_binary, Addr, Binary, Coin, CosmosMsg, HexBinary, StdResult, WasmMsg};
use serde::Serialize;

use crate::ContractError;

pub fn execute_message(
    contract: &Addr,
    msg: &impl Serialize,
    funds: Vec<Coin>,
) -> StdResult<CosmosMsg> {
    Ok(WasmMsg::Execute {
        contract_addr: contract.to_string(),
        msg: to_json_binary(msg)?,
        funds,
    }
    .into())
}

/// SHA-256: 32 bytes.
fn validate_hash(hash: &Binary) -> Result<(), ContractError> {
    match hash.len() {
        32 => Ok(()),
        length => Err(ContractError::HashLength { length }),
    }
}

/// How events name a manifest.
fn hash_hex(hash: &Binary) -> String {
    HexBinary::from(hash.as_slice()).to_hex()
}
