#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Deps, DepsMut, Empty, Env, MessageInfo, Response, StdResult};
use leasehold_api::market::{Config, ExecuteMsg, InstantiateMsg, QueryMsg, CONFIG, NEXT_OFFER};

use crate::execute::{bid, change, claim, end, offer, order, params, pause, prune, sealed, slash};
use crate::permission::{ensure, permission};
use crate::touch::Touch;
use crate::{query as queries, ContractError};

pub const NAME: &str = "leasehold-market";
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut,
    _env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    refuse_funds(&info)?;
    cw2::set_contract_version(deps.storage, NAME, VERSION)?;
    msg.params.validate()?;
    let config = Config {
        suite: msg.suite.validate(deps.api)?,
        params: msg.params,
        paused_until: 0,
    };
    CONFIG.save(deps.storage, &config)?;
    NEXT_OFFER.save(deps.storage, &1)?;
    Ok(Response::new())
}

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    refuse_funds(&info)?;
    let config = CONFIG.load(deps.storage)?;
    ensure(permission(&msg), &config.suite, &info.sender)?;
    let mut touch = Touch::new(deps, env, info, config);
    pause::ensure(&touch, &msg)?;
    handle(&mut touch, msg)?;
    Ok(touch.respond())
}

fn handle(touch: &mut Touch, msg: ExecuteMsg) -> Result<(), ContractError> {
    match msg {
        ExecuteMsg::OpenOrder {
            order_id,
            account,
            denom,
            max_rate,
            terms,
            offer,
        } => {
            let request = order::Request {
                account,
                denom,
                max_rate,
                terms,
                offer,
            };
            order::open(touch, order_id, request)
        }
        ExecuteMsg::CloseOrder { order_id } => order::close(touch, order_id),
        ExecuteMsg::Bid { order_id, rate } => bid::place(touch, order_id, rate),
        ExecuteMsg::Commit {
            order_id,
            commitment,
        } => sealed::commit(touch, order_id, commitment),
        ExecuteMsg::Reveal {
            order_id,
            rate,
            salt,
        } => sealed::reveal(touch, order_id, rate, &salt),
        ExecuteMsg::WithdrawBid { order_id } => bid::withdraw(touch, order_id),
        ExecuteMsg::Claim { order_id } => claim::claim(touch, order_id),
        ExecuteMsg::Accept { order_id, provider } => claim::accept(touch, order_id, &provider),
        ExecuteMsg::PostOffer { denom, terms } => offer::post(touch, denom, terms),
        ExecuteMsg::UpdateOffer { offer_id, terms } => offer::update(touch, offer_id, terms),
        ExecuteMsg::WithdrawOffer { offer_id } => offer::withdraw(touch, offer_id),
        ExecuteMsg::ChangeLease {
            lease_id,
            provider,
            rate,
            max_rate,
        } => change::change(touch, lease_id, &provider, rate, max_rate),
        ExecuteMsg::GiveNotice { lease_id } => end::give_notice(touch, lease_id),
        ExecuteMsg::EndLease { lease_id } => end::end_lease(touch, lease_id),
        ExecuteMsg::Failover { lease_id } => end::failover(touch, lease_id),
        ExecuteMsg::Expire { order_id, provider } => {
            end::expire(touch, order_id, provider.as_deref())
        }
        ExecuteMsg::Slash { order_id, number } => slash::carry_out(touch, order_id, number),
        ExecuteMsg::Prune { order_id } => prune::prune(touch, order_id),
        ExecuteMsg::UpdateParams { params } => params::update(touch, params),
        ExecuteMsg::Pause { until } => pause::pause(touch, until),
    }
}

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> StdResult<Binary> {
    queries::query(deps, &env, msg)
}

/// Nothing to convert yet; refuses another contract's state and a downgrade.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut, _env: Env, _msg: Empty) -> Result<Response, ContractError> {
    cw2::ensure_from_older_version(deps.storage, NAME, VERSION)?;
    Ok(Response::new())
}

fn refuse_funds(info: &MessageInfo) -> Result<(), ContractError> {
    match info.funds.first() {
        Some(coin) => Err(ContractError::FundsNotAllowed {
            denom: coin.denom.clone(),
        }),
        None => Ok(()),
    }
}
