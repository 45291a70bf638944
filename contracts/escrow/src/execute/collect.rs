use std::collections::BTreeSet;

use cosmwasm_std::{DepsMut, Response};
use leasehold_api::escrow::{Config, ACCOUNTS, MAX_COLLECT, STREAMS};
use leasehold_api::event::Settled;

use crate::payout::Payout;
use crate::state;
use crate::ContractError;

/// Brings an account's bookkeeping up to now.
pub fn settle(deps: DepsMut, now: u64, id: u64) -> Result<Response, ContractError> {
    let mut account = state::account(deps.storage, id)?;
    account.settle(now)?;
    ACCOUNTS.save(deps.storage, id, &account)?;
    Ok(Response::new().add_event(Settled {
        account: id,
        balance: account.balance,
        funded: account.funded,
    }))
}

/// Pays what each stream has earned, in one transfer per payee and denom.
pub fn collect(
    deps: DepsMut,
    now: u64,
    config: &Config,
    ids: &[u64],
) -> Result<Response, ContractError> {
    check_ids(ids)?;
    let mut payout = Payout::default();
    let mut response = Response::new();
    // Bound: MAX_COLLECT. Streams of one account see each other's refunds, because each is saved before the next is loaded.
    for &id in ids {
        let reconciled = state::reconciled(deps.as_ref(), &config.suite.provider, id, now)?;
        let (mut stream, account) = (reconciled.stream, reconciled.account);
        let collected = payout.collect(id, &mut stream, &account.denom, config.params.fee_bps)?;
        // Otherwise the account has only been settled, and settling it later comes to the same.
        if reconciled.moved {
            ACCOUNTS.save(deps.storage, stream.account, &account)?;
        }
        STREAMS.save(deps.storage, id, &stream)?;
        response = response.add_event(collected);
    }
    for payment in payout.book(deps.storage)? {
        response = response.add_message(payment.message()?);
    }
    Ok(response)
}

fn check_ids(ids: &[u64]) -> Result<(), ContractError> {
    if ids.is_empty() || ids.len() > MAX_COLLECT {
        return Err(ContractError::CollectSize {
            count: ids.len(),
            max: MAX_COLLECT,
        });
    }
    let mut seen = BTreeSet::new();
    match ids.iter().find(|id| !seen.insert(**id)) {
        Some(&id) => Err(ContractError::CollectTwice { id }),
        None => Ok(()),
    }
}
