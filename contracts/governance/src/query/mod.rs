mod cw3;
mod dao;
mod stream;

use cosmwasm_std::{to_json_binary, Binary, Deps, Env, StdResult};
use leasehold_api::governance::{
    ConfigResponse, PauseResponse, ProposalStatusResponse, QueryMsg, RewardsResponse, StakeResponse,
};

use crate::execute::pause::again_from;
use crate::power::{self, DELEGATES};
use crate::solvency::{liabilities, surplus};
use crate::state::{proposal, unstakings, CONFIG, FAILURES, PARAMS, PAUSED};
use crate::ContractError;

pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    Ok(match msg {
        QueryMsg::Config {} => to_json_binary(&config(deps)?),
        QueryMsg::Stake { address } => to_json_binary(&stake(deps, &address)?),
        QueryMsg::ProposalStatus { proposal_id } => {
            to_json_binary(&proposal_status(deps, &env, proposal_id)?)
        }
        QueryMsg::Pause {} => to_json_binary(&pause(deps)?),
        QueryMsg::Liabilities { denom } => to_json_binary(&liabilities(deps.storage, denom)?),
        QueryMsg::Treasury { denom } => to_json_binary(&surplus(deps, &env, denom)?),
        QueryMsg::Stream { id } => to_json_binary(&stream::one(deps, &env, id)?),
        QueryMsg::Streams { start_after, limit } => {
            to_json_binary(&stream::list(deps, &env, start_after, limit)?)
        }
        QueryMsg::Rewards { address } => to_json_binary(&rewards(deps, &address)?),
        QueryMsg::Threshold {} => to_json_binary(&cw3::threshold(deps)?),
        QueryMsg::Proposal { proposal_id } => {
            to_json_binary(&cw3::proposal(deps, &env, proposal_id)?)
        }
        QueryMsg::ListProposals { start_after, limit } => {
            to_json_binary(&cw3::list_proposals(deps, &env, start_after, limit)?)
        }
        QueryMsg::ReverseProposals {
            start_before,
            limit,
        } => to_json_binary(&cw3::reverse_proposals(deps, &env, start_before, limit)?),
        QueryMsg::Vote { proposal_id, voter } => {
            to_json_binary(&cw3::vote(deps, proposal_id, &voter)?)
        }
        QueryMsg::ListVotes {
            proposal_id,
            start_after,
            limit,
        } => to_json_binary(&cw3::list_votes(deps, proposal_id, start_after, limit)?),
        QueryMsg::Voter { address } => to_json_binary(&cw3::voter(deps, &address)?),
        QueryMsg::ListVoters { start_after, limit } => {
            to_json_binary(&cw3::list_voters(deps, start_after, limit)?)
        }
        QueryMsg::VotingPowerAtHeight { address, height } => {
            to_json_binary(&dao::power_at_height(deps, &env, &address, height)?)
        }
        QueryMsg::TotalPowerAtHeight { height } => {
            to_json_binary(&dao::total_at_height(deps, &env, height)?)
        }
        QueryMsg::Dao {} => to_json_binary(&env.contract.address),
        QueryMsg::Info {} => to_json_binary(&dao::info(deps)?),
    }?)
}

fn config(deps: Deps) -> StdResult<ConfigResponse> {
    let config = CONFIG.load(deps.storage)?;
    Ok(ConfigResponse {
        suite: config.suite,
        denom: config.denom,
        weight_unit: config.weight_unit,
        params: PARAMS.load(deps.storage)?,
    })
}

fn stake(deps: Deps, address: &str) -> StdResult<StakeResponse> {
    let staker = deps.api.addr_validate(address)?;
    Ok(StakeResponse {
        amount: power::stake(deps.storage, &staker)?,
        delegate: DELEGATES.may_load(deps.storage, &staker)?,
        unstaking: unstakings(deps.storage, &staker)?,
    })
}

fn proposal_status(
    deps: Deps,
    env: &Env,
    proposal_id: u64,
) -> Result<ProposalStatusResponse, ContractError> {
    let now = env.block.time.seconds();
    let proposal = proposal(deps.storage, proposal_id)?;
    let passed_at = proposal.passed_at(now)?;
    Ok(ProposalStatusResponse {
        proposal_id,
        phase: proposal.phase(now)?,
        tally: proposal.tally,
        start_height: proposal.start_height,
        total_power: proposal.total_power,
        opened_at: proposal.opened_at,
        passes_from: proposal.passes_from,
        expires_at: proposal.expires_at,
        passed_at,
        executable_from: passed_at.map(|at| proposal.unlocks_at(at)),
        lapses_at: passed_at.map(|at| proposal.lapses_at(at)),
        deposit: proposal.deposit,
        refund: proposal.refund,
        failure: FAILURES.may_load(deps.storage, proposal_id)?,
    })
}

fn pause(deps: Deps) -> StdResult<PauseResponse> {
    Ok(PauseResponse {
        until: PAUSED.may_load(deps.storage)?,
        again_from: again_from(deps.storage)?,
    })
}

fn rewards(deps: Deps, address: &str) -> StdResult<RewardsResponse> {
    let staker = deps.api.addr_validate(address)?;
    Ok(RewardsResponse {
        rewards: crate::rewards::claimable(deps.storage, &staker)?,
    })
}
