//! Escrow's storage. The published maps are in `leasehold_api::escrow`.

use cosmwasm_std::{Addr, Deps, Empty, StdResult, Storage};
use leasehold_api::escrow::{
    Allowance, ACCOUNTS, ALLOWANCES, NEXT_ACCOUNT, OWNED, SPENDERS, STREAMS,
};
use leasehold_api::rules::stream::{Account, Stream};
use leasehold_api::{provider, Liveness, RuleError};

use crate::ContractError;

/// Stores a new account under the next id.
pub fn add_account(storage: &mut dyn Storage, account: &Account) -> Result<u64, ContractError> {
    let id = NEXT_ACCOUNT.load(storage)?;
    let next = id.checked_add(1).ok_or(RuleError::Overflow {
        what: "number of accounts",
    })?;
    NEXT_ACCOUNT.save(storage, &next)?;
    ACCOUNTS.save(storage, id, account)?;
    OWNED.save(storage, (&account.owner, id), &Empty {})?;
    Ok(id)
}

pub fn account(storage: &dyn Storage, id: u64) -> Result<Account, ContractError> {
    ACCOUNTS
        .may_load(storage, id)?
        .ok_or(ContractError::AccountNotFound { id })
}

pub fn stream(storage: &dyn Storage, id: u64) -> Result<Stream, ContractError> {
    STREAMS
        .may_load(storage, id)?
        .ok_or(ContractError::StreamNotFound { id })
}

/// The account if it belongs to `claimed`.
pub fn account_of(
    storage: &dyn Storage,
    id: u64,
    claimed: &Addr,
) -> Result<Account, ContractError> {
    let account = account(storage, id)?;
    if account.owner != *claimed {
        return Err(ContractError::NotTheOwner {
            id,
            owner: account.owner,
            claimed: claimed.clone(),
        });
    }
    Ok(account)
}

/// The account if the sender of a message owns it.
pub fn owned(
    storage: &dyn Storage,
    id: u64,
    sender: &Addr,
    action: &'static str,
) -> Result<Account, ContractError> {
    let account = account(storage, id)?;
    if account.owner != *sender {
        return Err(ContractError::Unauthorized {
            sender: sender.clone(),
            action,
            allowed: format!("the owner of account {id} ({})", account.owner),
        });
    }
    Ok(account)
}

pub fn allowance(storage: &dyn Storage, account: u64) -> Result<Allowance, ContractError> {
    ALLOWANCES
        .may_load(storage, account)?
        .ok_or(ContractError::AllowanceNotFound { account })
}

/// Stores a new allowance of a drawn account.
pub fn add_allowance(
    storage: &mut dyn Storage,
    account: u64,
    allowance: &Allowance,
) -> Result<(), ContractError> {
    ALLOWANCES.save(storage, account, allowance)?;
    SPENDERS.save(storage, (&allowance.spender, account), &Empty {})?;
    Ok(())
}

/// Forgets the allowance of an account, if there is one: the account is its owner's alone again.
pub fn drop_allowance(
    storage: &mut dyn Storage,
    account: u64,
) -> Result<Option<Allowance>, ContractError> {
    let Some(allowance) = ALLOWANCES.may_load(storage, account)? else {
        return Ok(None);
    };
    ALLOWANCES.remove(storage, account);
    SPENDERS.remove(storage, (&allowance.spender, account));
    Ok(Some(allowance))
}

/// The payee's liveness; `None` when the registry has no record of it.
pub fn live(deps: Deps, registry: &Addr, payee: &Addr) -> StdResult<Option<Liveness>> {
    let hot = provider::HOT.query(&deps.querier, registry.clone(), payee)?;
    Ok(hot.map(|hot| hot.live))
}

/// A stream and its account, brought up to the same second.
pub struct Reconciled {
    pub stream: Stream,
    pub account: Account,
    /// Whether the account's money changed: it got rent back for seconds in which the payee was silent, or prepaid rent was used.
    pub moved: bool,
}

/// Loads a stream and its account, both brought up to `now`; nothing is saved.
///
/// The registry lets no provider with a live lease go, so an open stream's payee has a record. Should it be missing, or be a new
/// one that counts from zero, the stream earns nothing since its last reconcile (nobody knows how long the payee lived after it),
/// and it can still be collected and closed.
pub fn reconciled(
    deps: Deps,
    registry: &Addr,
    id: u64,
    now: u64,
) -> Result<Reconciled, ContractError> {
    let mut stream = stream(deps.storage, id)?;
    let mut account = account(deps.storage, stream.account)?;
    account.settle(now)?;
    let live = live(deps, registry, &stream.payee)?;
    let (alive, moment) = stream.witness(live.as_ref(), now)?;
    let money = |account: &Account| (account.balance, account.prepaid);
    let settled = money(&account);
    stream.reconcile(&mut account, alive, moment)?;
    let moved = money(&account) != settled;
    Ok(Reconciled {
        stream,
        account,
        moved,
    })
}
