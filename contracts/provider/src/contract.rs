#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Deps, DepsMut, Empty, Env, MessageInfo, Reply, Response, StdResult};
use leasehold_api::provider::{ExecuteMsg, InstantiateMsg, QueryMsg, Vote};
use leasehold_api::Asset;

use crate::execute::{
    attest, challenge, collateral, insurance, member, outage, registration, slash, standing, watch,
};
use crate::permission::{ensure, permission, takes_funds};
use crate::state::{set_params, SUITE};
use crate::{payout, query as queries, ContractError};

pub const NAME: &str = "leasehold-provider";
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
    set_params(deps.storage, msg.params)?;
    SUITE.save(deps.storage, &msg.suite.validate(deps.api)?)?;
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
    ensure(permission(&msg), deps.storage, &info.sender)?;
    match msg {
        ExecuteMsg::Register {
            contact,
            capability,
        } => registration::register(deps, env, info, contact, capability),
        ExecuteMsg::Update {
            contact,
            capability,
        } => registration::update(deps, info, contact, capability),
        ExecuteMsg::Heartbeat {} => standing::heartbeat(deps, env, info),
        ExecuteMsg::Bond {} => collateral::bond(deps, info),
        ExecuteMsg::AllowToken { token } => collateral::allow_token(deps, info, token),
        ExecuteMsg::Receive(transfer) => collateral::receive(deps, info, transfer),
        ExecuteMsg::Unbond { asset } => collateral::unbond(deps, env, info, asset),
        ExecuteMsg::Claim {} => collateral::claim(deps, env, info),
        ExecuteMsg::Drain {} => standing::drain(deps, info),
        ExecuteMsg::Resume {} => standing::resume(deps, info),
        ExecuteMsg::Leave {} => registration::leave(deps, info),
        ExecuteMsg::Slash {
            provider,
            denom,
            amount,
            bond,
            at,
            recipients,
            reason,
        } => {
            let fault = slash::Fault {
                provider: deps.api.addr_validate(&provider)?,
                denom,
                amount,
                bond,
                at,
                reason,
            };
            slash::slash(deps, fault, recipients)
        }
        ExecuteMsg::AnnounceMaintenance { from, until } => {
            standing::announce_maintenance(deps, env, info, from, until)
        }
        ExecuteMsg::CountLapses { providers } => outage::count_lapses(deps, env, &providers),
        ExecuteMsg::Compensate {
            provider,
            denom,
            amount,
            to,
        } => slash::compensate(deps, &provider, &to, Asset { denom, amount }),
        ExecuteMsg::PayInsurance { to, asset } => insurance::pay(deps, &to, asset),
        ExecuteMsg::Enrol { role, key } => member::enrol(deps, env, info, role, key),
        ExecuteMsg::AddToBond { role } => member::add_to_bond(deps, info, role),
        ExecuteMsg::Retire { role } => member::retire(deps, env, info, role),
        ExecuteMsg::WithdrawBond { role } => member::withdraw_bond(deps, env, info, role),
        ExecuteMsg::ClaimFees {} => member::claim_fees(deps, info),
        ExecuteMsg::Judge {
            role,
            member,
            slash,
            jailed,
        } => member::judge(deps, env, role, &member, slash, jailed),
        ExecuteMsg::Attest {
            auditor,
            attestation,
            signature,
        } => attest::attest(deps, env, info, &auditor, attestation, &signature),
        ExecuteMsg::RevokeAttestation { provider } => attest::revoke(deps, env, info, &provider),
        ExecuteMsg::ChallengeAttestation {
            provider,
            auditor,
            evidence_hash,
        } => challenge::challenge(deps, env, info, &provider, &auditor, evidence_hash),
        ExecuteMsg::UpholdChallenge {
            provider,
            auditor,
            slash,
        } => challenge::uphold(deps, env, &provider, &auditor, slash),
        ExecuteMsg::WatchLease { lease_id } => watch::watch(deps, info, lease_id),
        ExecuteMsg::UnwatchLease { lease_id } => watch::unwatch(deps, info, lease_id),
        ExecuteMsg::SubmitVerdict {
            lease_id,
            round,
            down,
            signatures,
        } => {
            let vote = Vote {
                lease_id,
                round,
                down,
            };
            watch::submit(deps, env, vote, signatures)
        }
        ExecuteMsg::AccuseWatcher {
            watcher,
            lease_id,
            round,
            down,
            up,
        } => {
            let accusation = watch::Accusation {
                watcher,
                lease_id,
                round,
                down,
                up,
            };
            watch::accuse(deps, env, info, accusation)
        }
        ExecuteMsg::UpdateParams { params } => standing::update_params(deps, env, params),
    }
}

#[cfg_attr(not(feature = "library"), entry_point)]
pub fn reply(deps: DepsMut, env: Env, reply: Reply) -> Result<Response, ContractError> {
    payout::reply(deps, &env, reply)
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
