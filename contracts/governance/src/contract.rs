//! Entry points and the router.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Deps, DepsMut, Empty, Env, MessageInfo, Reply, Response, Uint128};
use leasehold_api::governance::{ExecuteMsg, InstantiateMsg, QueryMsg};
use leasehold_api::{Denom, RuleError};

use crate::execute::{
    end, params, pause, propose, receive, require, reward, run, stake, stream, vote,
};
use crate::power::TOTAL;
use crate::state::{Config, Held, CONFIG, HELD, LAST_PROPOSAL, PARAMS};
use crate::{permission, query as queries, ContractError};

pub const NAME: &str = "leasehold-governance";
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    if let Some(coin) = info.funds.first() {
        return Err(ContractError::FundsNotAllowed {
            denom: coin.denom.clone(),
        });
    }
    let suite = msg.suite.validate(deps.api)?;
    if suite.governance != env.contract.address {
        return Err(ContractError::NotInSuite {
            given: suite.governance,
            own: env.contract.address,
        });
    }
    crate::params::denom(&msg.denom, deps.api)?;
    if let Denom::Cw20(_) = &msg.denom {
        // What is no token tells no balance.
        crate::solvency::balance(deps.as_ref(), &env, &msg.denom)?;
    }
    if msg.weight_unit.is_zero() {
        return Err(RuleError::range("weight_unit", msg.weight_unit, "at least 1").into());
    }
    crate::params::validate(&msg.params, deps.api, &env, &[])?;
    CONFIG.save(
        deps.storage,
        &Config {
            suite,
            denom: msg.denom,
            weight_unit: msg.weight_unit,
        },
    )?;
    PARAMS.save(deps.storage, &msg.params)?;
    TOTAL.save(deps.storage, &Uint128::zero(), env.block.height)?;
    HELD.save(deps.storage, &Held::default())?;
    LAST_PROPOSAL.save(deps.storage, &0)?;
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
    permission::ensure(&msg, &info, &env, deps.storage)?;
    match msg {
        ExecuteMsg::Stake {} => stake::stake(deps, env, info),
        ExecuteMsg::Unstake { amount } => stake::unstake(deps, env, info, amount),
        ExecuteMsg::Delegate { to } => stake::delegate(deps, env, info, to),
        ExecuteMsg::Claim {} => stake::claim(deps, env, info),
        ExecuteMsg::ClaimRewards { denom } => reward::claim(deps, info, denom),
        ExecuteMsg::AddFees {} => reward::add_fees(deps, info),
        ExecuteMsg::Receive(told) => receive::receive(deps, env, info, told),
        ExecuteMsg::Propose {
            title,
            description,
            msgs,
            earliest,
            latest,
            expedited,
        } => {
            let content = crate::proposal::Content {
                title,
                description,
                msgs,
            };
            let when = propose::When {
                earliest,
                latest,
                expedited: expedited.unwrap_or(false),
            };
            propose::propose(deps, env, info, content, when)
        }
        ExecuteMsg::Vote { proposal_id, vote } => vote::vote(deps, env, info, proposal_id, vote),
        ExecuteMsg::Execute { proposal_id } => run::execute(deps, env, info, proposal_id),
        ExecuteMsg::Run { proposal_id } => run::run(deps, env, proposal_id),
        ExecuteMsg::Close { proposal_id } => end::close(deps, env, info, proposal_id),
        ExecuteMsg::Veto { proposal_id } => end::veto(deps, env, info, proposal_id),
        ExecuteMsg::Pause {} => pause::pause(deps, env, info),
        ExecuteMsg::UpdateParams { params } => params::update(deps, env, params),
        ExecuteMsg::StartStream { to, asset, seconds } => {
            stream::start(deps, env, &to, asset, seconds)
        }
        ExecuteMsg::StopStream { id } => stream::stop(deps, env, id),
        ExecuteMsg::ClaimStream { id } => stream::claim(deps, env, id),
        ExecuteMsg::Require {
            contract,
            query,
            answer_hash,
        } => require::require(deps.as_ref(), contract, query, &answer_hash),
    }
}

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn reply(deps: DepsMut, env: Env, reply: Reply) -> Result<Response, ContractError> {
    run::reply(deps, env, reply)
}

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    queries::query(deps, env, msg)
}

/// Nothing to convert yet; refuses another contract's state and a downgrade.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut, _env: Env, _msg: Empty) -> Result<Response, ContractError> {
    cw2::ensure_from_older_version(deps.storage, NAME, VERSION)?;
    Ok(Response::new())
}
