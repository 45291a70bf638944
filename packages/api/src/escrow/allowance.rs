//! Who may spend from an account: its owner, or the spender that an allowance names.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Empty, QuerierWrapper, StdError, StdResult, Uint128};
use cw_storage_plus::Map;
use leasehold_rules::stream::allowance::{Allowance, Limits};
use leasehold_rules::stream::Account;

use crate::{Denom, RuleError};

/// Published storage: allowances by the drawn account's id. An account without an entry is its owner's alone.
pub const ALLOWANCES: Map<u64, Allowance> = Map::new("l");
/// Drawn accounts by spender.
pub const SPENDERS: Map<(&Addr, u64), Empty> = Map::new("w");

/// Whose allowances a query lists.
#[cw_serde]
pub enum AllowancesOf {
    /// Those that an owner gave.
    Owner(String),
    /// Those that a spender has.
    Spender(String),
}

/// An allowance as of the query's block time.
#[cw_serde]
pub struct AllowanceResponse {
    /// The drawn account, from which the spender pays.
    pub account: u64,
    /// The account that feeds it.
    pub source: u64,
    pub owner: Addr,
    pub spender: Addr,
    pub denom: Denom,
    pub limits: Limits,
    /// Whole units drawn so far, at most `limits.max_total`.
    pub drawn: Uint128,
    /// Whole units that the spender may draw now: the smaller of what is left of the limit and what the source can spare. Zero once
    /// the allowance has expired or the source has another owner.
    pub drawable: Uint128,
}

#[cw_serde]
pub struct AllowancesResponse {
    pub allowances: Vec<AllowanceResponse>,
    /// `start_after` of the next page; absent on the last. A page may be short, or empty, before the last.
    pub next: Option<u64>,
}

/// Whether `tenant` may add a stream of `added` (scaled per second) to the account at `now`, as far as permission goes: the owner
/// always, anybody else within an allowance. The answer of escrow, the market and the deployment contract alike. `allowance` reads
/// the account's entry of [`ALLOWANCES`]; it is called only when the tenant is not the owner.
///
/// # Errors
/// [`RuleError::WrongParty`] for neither the owner nor the allowed spender, [`RuleError::OutOfRange`] beyond the allowance's expiry or
/// rate; what `allowance` fails with.
pub fn check_tenant<E>(
    id: u64,
    account: &Account,
    tenant: &Addr,
    added: Uint128,
    now: u64,
    allowance: impl FnOnce() -> StdResult<Option<Allowance>>,
) -> Result<(), E>
where
    E: From<StdError> + From<RuleError>,
{
    if account.owner == *tenant {
        return Ok(());
    }
    let Some(allowance) = allowance()? else {
        return Err(E::from(RuleError::WrongParty {
            who: tenant.to_string(),
            action: "spend from the account",
            allowed: format!("account {id} belongs to {}", account.owner),
        }));
    };
    let total = account
        .rate
        .checked_add(added)
        .map_err(|_| RuleError::Overflow {
            what: "account rate",
        })?;
    Ok(allowance.permit(tenant, total, now)?)
}

/// The allowance of a drawn account, if there is one.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn allowance(
    querier: &QuerierWrapper,
    escrow: &Addr,
    account: u64,
) -> StdResult<Option<Allowance>> {
    ALLOWANCES.query(querier, escrow.clone(), account)
}
