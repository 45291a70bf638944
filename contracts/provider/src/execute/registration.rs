use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};
use leasehold_api::event::{ProviderLeft, ProviderRegistered, ProviderUpdated};
use leasehold_api::provider::{
    Contact, Declared, Hot, Standing, CAPABILITY, CONTACT, HOT, VOUCHES,
};
use leasehold_api::{Capability, Liveness};

use crate::execute::attest;
use crate::execute::collateral::credit_coins;
use crate::execute::standing::require;
use crate::state::{grace, own};
use crate::ContractError;

pub fn register(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    contact: Contact,
    capability: Capability,
) -> Result<Response, ContractError> {
    let provider = info.sender;
    if HOT.has(deps.storage, &provider) {
        return Err(ContractError::AlreadyRegistered { provider });
    }
    contact.validate()?;
    capability.validate()?;
    let now = env.block.time.seconds();
    let grace = grace(deps.storage)?;
    let mut hot = Hot {
        live: Liveness::default().beat(now, env.block.height, grace)?,
        standing: Standing::Active,
        collateral: vec![],
    };
    let bonded = credit_coins(deps.storage, &mut hot, &provider, &info.funds)?;
    HOT.save(deps.storage, &provider, &hot)?;
    CAPABILITY.save(deps.storage, &provider, &Declared(capability))?;
    CONTACT.save(deps.storage, &provider, &contact)?;
    let gateway = contact.gateway;
    Ok(Response::new()
        .add_event(ProviderRegistered { provider, gateway })
        .add_events(bonded))
}

pub fn update(
    deps: DepsMut,
    info: MessageInfo,
    contact: Option<Contact>,
    capability: Option<Capability>,
) -> Result<Response, ContractError> {
    let provider = info.sender;
    own(deps.storage, &provider)?;
    if contact.is_none() && capability.is_none() {
        return Err(ContractError::NothingToUpdate);
    }
    if let Some(contact) = contact {
        contact.validate()?;
        CONTACT.save(deps.storage, &provider, &contact)?;
    }
    if let Some(capability) = capability {
        capability.validate()?;
        attest::revouch(deps.storage, &provider, &capability)?;
        CAPABILITY.save(deps.storage, &provider, &Declared(capability))?;
    }
    Ok(Response::new().add_event(ProviderUpdated { provider }))
}

/// No collateral means no live lease: each lease and each leading bid locks at least one unit (`rules::money::bond`), and `unbond`
/// refuses what is locked. So the market need not be asked.
pub fn leave(deps: DepsMut, info: MessageInfo) -> Result<Response, ContractError> {
    let provider = info.sender;
    let hot = own(deps.storage, &provider)?;
    require(&hot, &provider, Standing::Draining)?;
    if !hot.collateral.is_empty() {
        let denoms = hot.collateral.len();
        return Err(ContractError::CollateralLeft { denoms });
    }
    HOT.remove(deps.storage, &provider);
    CAPABILITY.remove(deps.storage, &provider);
    VOUCHES.remove(deps.storage, &provider);
    CONTACT.remove(deps.storage, &provider);
    Ok(Response::new().add_event(ProviderLeft { provider }))
}
