//! Storage: the registry's published maps are in `api`, the rest is private here.

use cosmwasm_std::{Addr, Empty, StdError, StdResult, Storage, Uint128};
use cw_storage_plus::{Item, Map};
use leasehold_api::provider::{
    Hot, Member, Params, Role, StoredParams, Unbonding, BONDED, HOT, INSURANCE,
    MAX_COLLATERAL_DENOMS, PARAMS, TRUSTED, UNBONDINGS,
};
use leasehold_api::{Asset, Denom, Suite};
use leasehold_rules::money;
use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::ContractError;

pub const SUITE: Item<Suite<Addr>> = Item::new("suite");

/// What a heartbeat must know of the parameters, apart from them: every heartbeat reads it.
const GRACE: Item<u64> = Item::new("g");

pub fn grace(storage: &dyn Storage) -> StdResult<u64> {
    GRACE.load(storage)
}

pub fn params(storage: &dyn Storage) -> StdResult<Params> {
    PARAMS.load(storage).map(|StoredParams(params)| params)
}

pub fn set_params(storage: &mut dyn Storage, params: Params) -> StdResult<()> {
    GRACE.save(storage, &params.grace)?;
    PARAMS.save(storage, &StoredParams(params))
}

/// cw20 tokens that a provider takes as collateral.
const TOKENS: Map<(&Addr, &Addr), Empty> = Map::new("t");

/// The sender's own record; only a registered provider has one.
pub fn own(storage: &dyn Storage, sender: &Addr) -> Result<Hot, ContractError> {
    HOT.may_load(storage, sender)?
        .ok_or_else(|| ContractError::Unauthorized {
            sender: sender.clone(),
            allowed: "a registered provider".into(),
        })
}

pub fn unbondings(storage: &dyn Storage, provider: &Addr) -> StdResult<Vec<Unbonding>> {
    Ok(UNBONDINGS
        .may_load(storage, provider)?
        .unwrap_or_else(Vec::new))
}

/// Writes a provider's list; an empty one leaves no record.
pub fn save_list<T: Serialize + DeserializeOwned>(
    storage: &mut dyn Storage,
    lists: &Map<&Addr, Vec<T>>,
    provider: &Addr,
    list: &Vec<T>,
) -> StdResult<()> {
    if list.is_empty() {
        lists.remove(storage, provider);
        return Ok(());
    }
    lists.save(storage, provider, list)
}

/// Collateral of all providers in a denom.
pub fn bonded(storage: &dyn Storage, denom: &Denom) -> StdResult<Uint128> {
    let bonded = BONDED.may_load(storage, &denom.key())?;
    Ok(bonded.unwrap_or(Uint128::zero()))
}

/// Adds to a provider's collateral and to the sum of all.
pub fn credit(
    storage: &mut dyn Storage,
    hot: &mut Hot,
    asset: &Asset,
) -> Result<(), ContractError> {
    money::credit(&mut hot.collateral, asset, MAX_COLLATERAL_DENOMS)?;
    let sum = bonded(storage, &asset.denom)?.checked_add(asset.amount);
    BONDED.save(storage, &asset.denom.key(), &sum.map_err(StdError::from)?)?;
    Ok(())
}

/// Takes out of a provider's collateral and of the sum of all.
pub fn debit(storage: &mut dyn Storage, hot: &mut Hot, asset: &Asset) -> Result<(), ContractError> {
    money::debit(&mut hot.collateral, asset)?;
    let sum = bonded(storage, &asset.denom)?.checked_sub(asset.amount);
    BONDED.save(storage, &asset.denom.key(), &sum.map_err(StdError::from)?)?;
    Ok(())
}

/// Adds to the insurance fund; a zero amount changes nothing.
pub fn insure(storage: &mut dyn Storage, asset: &Asset) -> Result<(), ContractError> {
    if asset.amount.is_zero() {
        return Ok(());
    }
    let key = asset.denom.key();
    let mut fund = Vec::from_iter(INSURANCE.may_load(storage, &key)?);
    money::credit(&mut fund, asset, 1)?;
    for total in &fund {
        INSURANCE.save(storage, &key, total)?;
    }
    Ok(())
}

/// Takes out of the insurance fund.
pub fn claim_insurance(storage: &mut dyn Storage, asset: &Asset) -> Result<(), ContractError> {
    let key = asset.denom.key();
    let mut fund = Vec::from_iter(INSURANCE.may_load(storage, &key)?);
    money::debit(&mut fund, asset)?;
    match fund.first() {
        Some(rest) => INSURANCE.save(storage, &key, rest)?,
        None => INSURANCE.remove(storage, &key),
    }
    Ok(())
}

pub fn allow_token(storage: &mut dyn Storage, provider: &Addr, token: &Addr) -> StdResult<()> {
    TOKENS.save(storage, (provider, token), &Empty {})
}

pub fn allows_token(storage: &dyn Storage, provider: &Addr, token: &Addr) -> bool {
    TOKENS.has(storage, (provider, token))
}

/// An auditor's or a watcher's record.
pub fn member(storage: &dyn Storage, role: Role, address: &Addr) -> Result<Member, ContractError> {
    let record = role.members().may_load(storage, address)?;
    record.ok_or_else(|| ContractError::Unauthorized {
        sender: address.clone(),
        allowed: format!("an enrolled {}", role.as_str()),
    })
}

/// Writes it, and for an auditor whether its word counts.
pub fn save_member(
    storage: &mut dyn Storage,
    role: Role,
    address: &Addr,
    record: &Member,
) -> StdResult<()> {
    match (role, record.is_in_good_standing()) {
        (Role::Watcher, _) => {}
        (Role::Auditor, true) => TRUSTED.save(storage, address, &Empty {})?,
        (Role::Auditor, false) => TRUSTED.remove(storage, address),
    }
    role.members().save(storage, address, record)
}
