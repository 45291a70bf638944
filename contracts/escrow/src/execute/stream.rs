use cosmwasm_std::{Addr, DepsMut, Response, Storage, Uint128};
use leasehold_api::escrow::{check_tenant, Config, ACCOUNTS, ALLOWANCES, STREAMS};
use leasehold_api::event::{StreamClosed, StreamOpened, StreamRepriced};
use leasehold_api::rules::stream::{Account, Stream};

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
    /// Prepaid until then.
    pub until: Option<u64>,
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
    let Terms {
        account: account_id,
        tenant,
        payee,
        rate,
        until,
    } = terms;
    let mut account = state::account(deps.storage, account_id)?;
    check_spender(deps.storage, account_id, &account, &tenant, rate, now)?;
    let live = state::live(deps.as_ref(), &config.suite.provider, &payee)?.ok_or_else(|| {
        ContractError::PayeeNotRegistered {
            payee: payee.clone(),
        }
    })?;
    let stream = Stream::new(account_id, payee, rate, live.alive_at(now)?, now).ending(until);
    let stream = account.open_stream(stream, config.params.min_runway)?;
    ACCOUNTS.save(deps.storage, account_id, &account)?;
    STREAMS.save(deps.storage, id, &stream)?;
    Ok(Response::new().add_event(StreamOpened {
        stream: id,
        account: account_id,
        payee: stream.payee,
        rate,
    }))
}

/// Pays the payee up to now and goes on at another rate. A token that refuses the payment undoes the whole.
pub fn reprice(
    deps: DepsMut,
    now: u64,
    config: &Config,
    id: u64,
    tenant: &Addr,
    rate: Uint128,
) -> Result<Response, ContractError> {
    let reconciled = state::reconciled(deps.as_ref(), &config.suite.provider, id, now)?;
    let (mut stream, mut account) = (reconciled.stream, reconciled.account);
    let mut payout = Payout::default();
    let collected = payout.collect(id, &mut stream, &account.denom, config.params.fee_bps)?;
    let mut others = account.clone();
    others.close_stream(stream.clone())?;
    check_spender(deps.storage, stream.account, &others, tenant, rate, now)?;
    account.reprice(&mut stream, rate, config.params.min_runway)?;
    ACCOUNTS.save(deps.storage, stream.account, &account)?;
    STREAMS.save(deps.storage, id, &stream)?;
    let mut response = Response::new();
    // Bound: one payment, or none.
    for payment in payout.book(deps.storage)? {
        response = response.add_message(payment.message()?);
    }
    Ok(response.add_event(collected).add_event(StreamRepriced {
        stream: id,
        account: stream.account,
        rate,
    }))
}

/// Refuses a tenant that may not add `rate` to what the account pays.
fn check_spender(
    storage: &dyn Storage,
    id: u64,
    account: &Account,
    tenant: &Addr,
    rate: Uint128,
    now: u64,
) -> Result<(), ContractError> {
    check_tenant(id, account, tenant, rate, now, || {
        ALLOWANCES.may_load(storage, id)
    })
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
