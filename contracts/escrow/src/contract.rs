//! Entry points and the router.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{
    Binary, Deps, DepsMut, Empty, Env, IbcBasicResponse, IbcDestinationCallbackMsg, MessageInfo,
    Reply, Response,
};
use leasehold_api::escrow::{Config, ExecuteMsg, InstantiateMsg, QueryMsg, CONFIG, NEXT_ACCOUNT};

use crate::{execute, permission, query, ContractError};

pub const NAME: &str = "leasehold-escrow";
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut,
    _env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    if let Some(coin) = info.funds.first() {
        return Err(ContractError::NonPayable {
            action: "instantiate",
            denom: coin.denom.clone(),
            amount: coin.amount,
        });
    }
    execute::params::check(&msg.params)?;
    let config = Config {
        suite: msg.suite.validate(deps.api)?,
        params: msg.params,
    };
    CONFIG.save(deps.storage, &config)?;
    NEXT_ACCOUNT.save(deps.storage, &1)?;
    cw2::set_contract_version(deps.storage, NAME, VERSION)?;
    Ok(Response::new())
}

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    let config = CONFIG.load(deps.storage)?;
    permission::rule(&msg).check(&config.suite, &info)?;
    let now = env.block.time.seconds();
    match msg {
        ExecuteMsg::Open { owner, denom } => execute::deposit::open(deps, now, &info, owner, denom),
        ExecuteMsg::Deposit { account } => execute::deposit::deposit(deps, now, &info, account),
        ExecuteMsg::Receive(msg) => execute::deposit::receive(deps, now, &info, msg),
        ExecuteMsg::Withdraw { account, amount } => {
            execute::withdraw::withdraw(deps, now, &info, &config.params, account, amount)
        }
        ExecuteMsg::Move { from, to, amount } => {
            execute::withdraw::move_to(deps, now, &info, &config.params, (from, to), amount)
        }
        ExecuteMsg::Allow {
            account,
            spender,
            limits,
        } => execute::allowance::allow(deps, now, &info, account, &spender, limits),
        ExecuteMsg::Adjust { account, limits } => {
            execute::allowance::adjust(deps, now, &info, account, limits)
        }
        ExecuteMsg::Revoke { account } => execute::allowance::revoke(deps, &info, account),
        ExecuteMsg::Draw { account, amount } => {
            execute::allowance::draw(deps, now, &info, &config.params, account, amount)
        }
        ExecuteMsg::TopUp { account } => {
            execute::allowance::top_up(deps, now, &config.params, account)
        }
        ExecuteMsg::Settle { account } => execute::collect::settle(deps, now, account),
        ExecuteMsg::Collect { streams } => execute::collect::collect(deps, now, &config, &streams),
        ExecuteMsg::ClaimUnpaid { payee, denom } => execute::unpaid::claim(deps, &payee, denom),
        ExecuteMsg::SweepFees { denom } => execute::withdraw::sweep(deps, &config, denom),
        ExecuteMsg::OpenStream {
            stream,
            account,
            tenant,
            payee,
            rate,
            until,
        } => {
            let terms = execute::stream::Terms {
                account,
                tenant: deps.api.addr_validate(&tenant)?,
                payee: deps.api.addr_validate(&payee)?,
                rate,
                until,
            };
            execute::stream::open(deps, now, &config, stream, terms)
        }
        ExecuteMsg::RepriceStream {
            stream,
            tenant,
            rate,
        } => {
            let tenant = deps.api.addr_validate(&tenant)?;
            execute::stream::reprice(deps, now, &config, stream, &tenant, rate)
        }
        ExecuteMsg::CloseStream { stream } => execute::stream::close(deps, now, &config, stream),
        ExecuteMsg::TransferAccount {
            account,
            owner,
            new_owner,
        } => execute::transfer::transfer(deps, account, &owner, &new_owner),
        ExecuteMsg::UpdateParams { params } => execute::params::update(deps, &env, config, params),
    }
}

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn reply(deps: DepsMut, _env: Env, reply: Reply) -> Result<Response, ContractError> {
    match reply.id {
        execute::unpaid::REPLY_PAYMENT => execute::unpaid::defer(deps, &reply.payload),
        id => Err(ContractError::UnknownReply { id }),
    }
}

/// Called by the chain alone, after the transfer module has received the packet's tokens. An error turns the receipt into a refund.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn ibc_destination_callback(
    deps: DepsMut,
    env: Env,
    msg: IbcDestinationCallbackMsg,
) -> Result<IbcBasicResponse, ContractError> {
    execute::ibc::receive(deps, &env, &msg)
}

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    query::query(deps, env.block.time.seconds(), msg)
}

/// Nothing to convert yet; refuses another contract's state and a downgrade.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut, _env: Env, _msg: Empty) -> Result<Response, ContractError> {
    cw2::ensure_from_older_version(deps.storage, NAME, VERSION)?;
    Ok(Response::new())
}
