use cosmwasm_std::{DepsMut, Empty, Response};
use leasehold_api::escrow::{ACCOUNTS, OWNED};
use leasehold_api::event::{AccountTransferred, AllowanceRevoked};

use crate::{state, ContractError};

/// Makes `new_owner` the owner; money and streams stay as they are. An allowance ends: the new owner did not give it.
pub fn transfer(
    deps: DepsMut,
    id: u64,
    owner: &str,
    new_owner: &str,
) -> Result<Response, ContractError> {
    let owner = deps.api.addr_validate(owner)?;
    let new_owner = deps.api.addr_validate(new_owner)?;
    let mut account = state::account_of(deps.storage, id, &owner)?;
    account.owner = new_owner.clone();
    ACCOUNTS.save(deps.storage, id, &account)?;
    OWNED.remove(deps.storage, (&owner, id));
    OWNED.save(deps.storage, (&new_owner, id), &Empty {})?;
    let ended = state::drop_allowance(deps.storage, id)?.map(|allowance| AllowanceRevoked {
        account: id,
        spender: allowance.spender,
    });
    Ok(Response::new()
        .add_event(AccountTransferred {
            account: id,
            new_owner,
        })
        .add_events(ended))
}
