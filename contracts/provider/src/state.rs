//! Storage: the registry's published maps are in `api`, the rest is private here.

use cosmwasm_std::{Addr, Empty, StdResult, Storage};
use cw_storage_plus::{Item, Map};
use leasehold_api::provider::{Hot, Params, Unbonding, HOT, INSURANCE, UNBONDINGS};
use leasehold_api::{Asset, Suite};
use leasehold_rules::money::credit;

use crate::ContractError;

pub const SUITE: Item<Suite<Addr>> = Item::new("suite");
pub const PARAMS: Item<Params> = Item::new("params");
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
    Ok(UNBONDINGS.may_load(storage, provider)?.unwrap_or_default())
}

/// Writes the list; an empty one leaves no record.
pub fn save_unbondings(
    storage: &mut dyn Storage,
    provider: &Addr,
    list: &Vec<Unbonding>,
) -> StdResult<()> {
    if list.is_empty() {
        UNBONDINGS.remove(storage, provider);
        return Ok(());
    }
    UNBONDINGS.save(storage, provider, list)
}

/// Adds to the insurance fund; a zero amount changes nothing.
pub fn insure(storage: &mut dyn Storage, asset: &Asset) -> Result<(), ContractError> {
    if asset.amount.is_zero() {
        return Ok(());
    }
    let key = asset.denom.key();
    let mut fund = Vec::from_iter(INSURANCE.may_load(storage, &key)?);
    credit(&mut fund, asset, 1)?;
    for total in &fund {
        INSURANCE.save(storage, &key, total)?;
    }
    Ok(())
}

pub fn allow_token(storage: &mut dyn Storage, provider: &Addr, token: &Addr) -> StdResult<()> {
    TOKENS.save(storage, (provider, token), &Empty {})
}

pub fn allows_token(storage: &dyn Storage, provider: &Addr, token: &Addr) -> bool {
    TOKENS.has(storage, (provider, token))
}
