use cosmwasm_std::{Addr, DepsMut, Response, Uint128};
use leasehold_api::escrow::{check_tenant, Config, ACCOUNTS, ALLOWANCES, STREAMS};
use leasehold_api::event::{StreamClosed, StreamOpened};

use crate::execute::unpaid;
use crate::payout::Payout;
use crate::state;
use crate::ContractError;

/// What a stream pays, and to whom.
pub struct Terms {
    pub account: u64,
    pub tenant: Addr,
    pub payee: Addr,
    pub rate: Uint128,
}

/// Starts a stream on an account that is the tenant's own, or from which it is allowed to spend.
pub fn open(
    deps: DepsMut,
    now: u64,
    config: &Config,
    id: u64,
    terms: Terms,
) -> Result<Response, ContractError> {
    if STREAMS.has(deps.storage, id) {
        return Err(ContractError::StreamExists { id });
    }
    let mut account = state::account(deps.storage, terms.account)?;
    check_tenant::<ContractError>(
        terms.account,
        &account,
        &terms.tenant,
        terms.rate,
        now,
        || ALLOWANCES.may_load(deps.storage, terms.account),
    )?;
    let alive = state::alive(deps.as_ref(), &config.suite.provider, &terms.payee, now)?
        .ok_or_else(|| ContractError::PayeeNotRegistered {
            payee: terms.payee.clone(),
        })?;
    let stream = account.open_stream(
        terms.account,
        terms.payee,
        terms.rate,
        alive,
        now,
        config.params.min_runway,
    )?;
    ACCOUNTS.save(deps.storage, terms.account, &account)?;
    STREAMS.save(deps.storage, id, &stream)?;
    Ok(Response::new().add_event(StreamOpened {
        stream: id,
        account: stream.account,
        payee: stream.payee,
        rate: stream.rate,
    }))
}

/// Pays the payee up to now, ends the stream and returns the fraction below one unit to the account.
pub fn close(deps: DepsMut, now: u64, config: &Config, id: u64) -> Result<Response, ContractError> {
    let reconciled = state::reconciled(deps.as_ref(), &config.suite.provider, id, now)?;
    let (mut stream, mut account) = (reconciled.stream, reconciled.account);
    let mut payout = Payout::default();
    let collected = payout.collect(id, &mut stream, &account.denom, config.params.fee_bps)?;
    let closed = StreamClosed {
        stream: id,
        account: stream.account,
    };
    account.close_stream(stream)?;
    ACCOUNTS.save(deps.storage, closed.account, &account)?;
    STREAMS.remove(deps.storage, id);
    let mut response = Response::new();
    // Bound: one payment, or none.
    for payment in payout.book(deps.storage)? {
        response = response.add_submessage(unpaid::pay(payment)?);
    }
    Ok(response.add_event(collected).add_event(closed))
}
