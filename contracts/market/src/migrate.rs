use cosmwasm_std::{DepsMut, Response};

use crate::contract::{NAME, VERSION};
use crate::ContractError;

/// Nothing to convert yet; refuses another contract's state and a downgrade.
pub fn migrate(deps: DepsMut) -> Result<Response, ContractError> {
    cw2::ensure_from_older_version(deps.storage, NAME, VERSION)?;
    Ok(Response::new())
}
