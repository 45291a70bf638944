//! Answers as of the query's block time.

use cosmwasm_std::{to_json_binary, Binary, Deps, Order, StdError, StdResult};
use cw_storage_plus::Bound;
use leasehold_api::escrow::{
    AccountResponse, AccountStatus, AccountsResponse, Config, ConfigResponse, FeesResponse,
    QueryMsg, StreamResponse, StreamsResponse, UnpaidResponse, CONFIG, FEES, OWNED, STREAMS,
    UNPAID,
};
use leasehold_api::pagination::{page, page_size};
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
    let mut account = state::account(deps.storage, id)?;
    account.settle(now)?;
    let depletes_at = account.depletes_at();
    Ok(AccountResponse {
        id,
        status: match depletes_at {
            _ if account.streams == 0 => AccountStatus::Idle,
            Some(at) if at <= now => AccountStatus::Dry,
            _ => AccountStatus::Streaming,
        },
        withdrawable: account.withdrawable(config.params.min_runway),
        owner: account.owner,
        denom: account.denom,
        balance: account.balance,
        rate: account.rate,
        streams: account.streams,
        funded: account.funded,
        depletes_at,
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

fn stream(deps: Deps, now: u64, config: &Config, id: u64) -> Result<StreamResponse, ContractError> {
    let stream = state::reconciled(deps, &config.suite.provider, id, now)?.stream;
    Ok(StreamResponse {
        id,
        account: stream.account,
        payee: stream.payee,
        rate: stream.rate,
        unclaimed: stream.unclaimed,
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
