use cosmwasm_std::{DepsMut, Response};

use crate::contract::{NAME, VERSION};
use crate::ContractError;

/// Refuses another contract's storage and a downgrade; the storage layout has not changed yet.
pub fn migrate(deps: DepsMut) -> Result<Response, ContractError> {
    cw2::ensure_from_older_version(deps.storage, NAME, VERSION)?;
    Ok(Response::new())
}
