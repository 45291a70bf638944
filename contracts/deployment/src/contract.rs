#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Deps, DepsMut, Empty, Env, MessageInfo, Response, StdResult};
use leasehold_api::deployment::{ExecuteMsg, InstantiateMsg, QueryMsg, NEXT_DEPLOYMENT};

use crate::execute::{change, create, group, life};
use crate::permission::takes_funds;
use crate::state::set_suite;
use crate::{query as queries, ContractError};

pub const NAME: &str = "leasehold-deployment";
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
    set_suite(deps.storage, msg.suite.validate(deps.api)?)?;
    NEXT_DEPLOYMENT.save(deps.storage, &1)?;
    Ok(Response::new())
}

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    if !takes_funds(&msg) {
        refuse_funds(&info)?;
    }
    match msg {
        ExecuteMsg::Create {
            groups,
            manifest_hash,
            denom,
            account,
        } => create::create(deps, env, info, groups, manifest_hash, denom, account),
        ExecuteMsg::Update {
            deployment_id,
            manifest_hash,
        } => life::update(deps, info, deployment_id, manifest_hash),
        ExecuteMsg::Close { deployment_id } => life::close(deps, info, deployment_id),
        ExecuteMsg::Prune { deployment_id } => life::prune(deps, deployment_id),
        ExecuteMsg::PauseGroup {
            deployment_id,
            group,
        } => group::pause(deps, info, deployment_id, group),
        ExecuteMsg::StartGroup {
            deployment_id,
            group,
        } => group::start(deps, env, info, deployment_id, group),
        ExecuteMsg::ProposeChange {
            deployment_id,
            group,
            rate,
            spec,
            manifest_hash,
            expires_at,
        } => {
            let proposal = change::Proposal {
                rate,
                spec,
                manifest_hash,
                expires_at,
            };
            change::propose(deps, env, info, deployment_id, group, proposal)
        }
        ExecuteMsg::WithdrawChange {
            deployment_id,
            group,
        } => change::withdraw(deps, info, deployment_id, group),
        ExecuteMsg::AcceptChange {
            deployment_id,
            group,
            change: named,
        } => change::accept(deps, env, info, deployment_id, group, named),
        ExecuteMsg::Transfer {
            deployment_id,
            new_owner,
        } => life::transfer(deps, info, deployment_id, new_owner),
    }
}

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> StdResult<Binary> {
    queries::query(deps, env.block.time.seconds(), msg)
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
