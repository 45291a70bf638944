//! Answers as of the query's block time.

use cosmwasm_std::{to_json_binary, Binary, Deps, Order, StdError, StdResult};
use cw_storage_plus::Bound;
use leasehold_api::escrow::{
    AccountResponse, AccountStatus, AccountsResponse, AllowanceResponse, AllowancesOf,
    AllowancesResponse, Config, ConfigResponse, DepletingResponse, FeesResponse, QueryMsg,
    StreamResponse, StreamsResponse, UnpaidResponse, ACCOUNTS, ALLOWANCES, CONFIG, FEES, OWNED,
    SPENDERS, STREAMS, UNPAID,
};
use leasehold_api::pagination::{page, page_size};
use leasehold_api::rules::stream::Account;
use leasehold_api::{Asset, Denom};

use crate::state;
use crate::ContractError;

pub fn query(deps: Deps, now: u64, msg: QueryMsg) -> Result<Binary, ContractError> {
    let config = CONFIG.load(deps.storage)?;
    Ok(match msg {
        QueryMsg::Config {} => {
            let Config { suite, params } = config;
            to_json_binary(&ConfigResponse { suite, params })
        }
        QueryMsg::Account { id } => to_json_binary(&account(deps, now, &config, id)?),
        QueryMsg::Accounts {
            owner,
            start_after,
            limit,
        } => to_json_binary(&accounts(deps, now, &config, &owner, start_after, limit)?),
        QueryMsg::Depleting {
            within,
            start_after,
            limit,
        } => to_json_binary(&depleting(deps, now, &config, within, start_after, limit)?),
        QueryMsg::Allowance { account } => to_json_binary(&allowance(deps, now, &config, account)?),
        QueryMsg::Allowances {
            of,
            start_after,
            limit,
        } => to_json_binary(&allowances(deps, now, &config, of, start_after, limit)?),
        QueryMsg::Stream { id } => to_json_binary(&stream(deps, now, &config, id)?),
        QueryMsg::Streams { start_after, limit } => {
            to_json_binary(&streams(deps, now, &config, start_after, limit)?)
        }
        QueryMsg::Unpaid {
            payee,
            start_after,
            limit,
        } => to_json_binary(&unpaid(deps, &payee, start_after.as_ref(), limit)?),
        QueryMsg::Fees { start_after, limit } => {
            to_json_binary(&fees(deps, start_after.as_ref(), limit)?)
        }
    }?)
}

fn account(
    deps: Deps,
    now: u64,
    config: &Config,
    id: u64,
) -> Result<AccountResponse, ContractError> {
    answer(id, state::account(deps.storage, id)?, now, config)
}

fn answer(
    id: u64,
    mut account: Account,
    now: u64,
    config: &Config,
) -> Result<AccountResponse, ContractError> {
    account.settle(now)?;
    let runway = account.runway();
    Ok(AccountResponse {
        id,
        status: match runway {
            _ if account.streams == 0 => AccountStatus::Idle,
            Some(0) => AccountStatus::Dry,
            _ => AccountStatus::Streaming,
        },
        depletes_at: account.depletes_at(),
        runway,
        withdrawable: account.withdrawable(config.params.min_runway),
        owner: account.owner,
        denom: account.denom,
        balance: account.balance,
        rate: account.rate,
        streams: account.streams,
        funded: account.funded,
        prepaid: account.prepaid,
    })
}

fn accounts(
    deps: Deps,
    now: u64,
    config: &Config,
    owner: &str,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> Result<AccountsResponse, ContractError> {
    let owner = deps.api.addr_validate(owner)?;
    let accounts = OWNED
        .prefix(&owner)
        .keys(
            deps.storage,
            start_after.map(Bound::exclusive),
            None,
            Order::Ascending,
        )
        .take(page_size(limit))
        .map(|id| account(deps, now, config, id?))
        .collect::<Result<_, _>>()?;
    Ok(AccountsResponse { accounts })
}

fn depleting(
    deps: Deps,
    now: u64,
    config: &Config,
    within: u64,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> Result<DepletingResponse, ContractError> {
    let scanned = page(&ACCOUNTS, deps.storage, start_after, limit)?;
    let next = next(limit, scanned.last().map(|(id, _)| *id), scanned.len());
    let accounts = scanned
        .into_iter()
        .map(|(id, account)| answer(id, account, now, config))
        // Whatever fails to read must not pass for an account with time left.
        .filter(|answer| {
            !answer
                .as_ref()
                .is_ok_and(|a| a.runway.is_none_or(|left| left > within))
        })
        .collect::<Result<_, _>>()?;
    Ok(DepletingResponse { accounts, next })
}

/// Where the next page starts: after the last record that this one looked at, unless it reached the end.
fn next(limit: Option<u32>, last: Option<u64>, looked_at: usize) -> Option<u64> {
    last.filter(|_| looked_at == page_size(limit))
}

fn allowance(
    deps: Deps,
    now: u64,
    config: &Config,
    id: u64,
) -> Result<AllowanceResponse, ContractError> {
    let allowance = state::allowance(deps.storage, id)?;
    let account = state::account(deps.storage, id)?;
    let mut source = state::account(deps.storage, allowance.source)?;
    source.settle(now)?;
    Ok(AllowanceResponse {
        account: id,
        source: allowance.source,
        drawable: allowance.drawable(&source, &account, config.params.min_runway, now),
        owner: account.owner,
        denom: account.denom,
        spender: allowance.spender,
        limits: allowance.limits,
        drawn: allowance.drawn,
    })
}

fn allowances(
    deps: Deps,
    now: u64,
    config: &Config,
    of: AllowancesOf,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> Result<AllowancesResponse, ContractError> {
    let (index, who) = match of {
        AllowancesOf::Owner(owner) => (OWNED, owner),
        AllowancesOf::Spender(spender) => (SPENDERS, spender),
    };
    let ids = index
        .prefix(&deps.api.addr_validate(&who)?)
        .keys(
            deps.storage,
            start_after.map(Bound::exclusive),
            None,
            Order::Ascending,
        )
        .take(page_size(limit))
        .collect::<StdResult<Vec<u64>>>()?;
    let allowances = ids
        .iter()
        .filter(|id| ALLOWANCES.has(deps.storage, **id))
        .map(|id| allowance(deps, now, config, *id))
        .collect::<Result<_, _>>()?;
    Ok(AllowancesResponse {
        allowances,
        next: next(limit, ids.last().copied(), ids.len()),
    })
}

fn stream(deps: Deps, now: u64, config: &Config, id: u64) -> Result<StreamResponse, ContractError> {
    let stream = state::reconciled(deps, &config.suite.provider, id, now)?.stream;
    Ok(StreamResponse {
        id,
        account: stream.account,
        payee: stream.payee,
        rate: stream.rate,
        unclaimed: stream.unclaimed,
        until: stream.until,
    })
}

fn streams(
    deps: Deps,
    now: u64,
    config: &Config,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> Result<StreamsResponse, ContractError> {
    let streams = STREAMS
        .keys(
            deps.storage,
            start_after.map(Bound::exclusive),
            None,
            Order::Ascending,
        )
        .take(page_size(limit))
        .map(|id| stream(deps, now, config, id?))
        .collect::<Result<_, _>>()?;
    Ok(StreamsResponse { streams })
}

fn fees(
    deps: Deps,
    start_after: Option<&Denom>,
    limit: Option<u32>,
) -> Result<FeesResponse, ContractError> {
    let after = start_after.map(Denom::key);
    let fees = page(&FEES, deps.storage, after.as_deref(), limit)?;
    let fees = fees
        .into_iter()
        .map(|(key, amount)| {
            let denom =
                Denom::from_key(&key).ok_or_else(|| StdError::not_found(format!("denom {key}")))?;
            Ok(Asset { denom, amount })
        })
        .collect::<StdResult<_>>()?;
    Ok(FeesResponse { fees })
}

fn unpaid(
    deps: Deps,
    payee: &str,
    start_after: Option<&Denom>,
    limit: Option<u32>,
) -> Result<UnpaidResponse, ContractError> {
    let payee = deps.api.addr_validate(payee)?;
    let after = start_after.map(Denom::key);
    let unpaid = UNPAID
        .prefix(&payee)
        .range(
            deps.storage,
            after.as_deref().map(Bound::exclusive),
            None,
            Order::Ascending,
        )
        .take(page_size(limit))
        .map(|entry| entry.map(|(_, asset)| asset))
        .collect::<Result<_, _>>()?;
    Ok(UnpaidResponse { unpaid })
}
