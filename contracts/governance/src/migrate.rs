use cosmwasm_std::{DepsMut, Response};
use cw2::ensure_from_older_version;

use crate::contract::{NAME, VERSION};
use crate::ContractError;

/// Refuses another contract's state and a version older than the stored one.
pub fn migrate(deps: DepsMut) -> Result<Response, ContractError> {
    ensure_from_older_version(deps.storage, NAME, VERSION)?;
    Ok(Response::new())
}
