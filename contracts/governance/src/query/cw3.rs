//! cw3's queries, answered with cw3's own types.

use cosmwasm_std::{Addr, Deps, Env, Order, StdResult, Timestamp};
use cw3::{
    DepositInfo, ProposalListResponse, ProposalResponse, VoteInfo, VoteListResponse, VoteResponse,
    VoterDetail, VoterListResponse, VoterResponse,
};
use cw_storage_plus::Bound;
use cw_utils::{Expiration, ThresholdResponse};
use leasehold_api::governance::RefundPolicy;
use leasehold_api::pagination::{page, page_size};
use leasehold_api::Denom;

use crate::power::{POWERS, TOTAL};
use crate::proposal::Proposal;
use crate::state::{self, Cast, Config, CONFIG, CONTENTS, PARAMS, PROPOSALS, VOTES};
use crate::ContractError;

pub fn threshold(deps: Deps) -> StdResult<ThresholdResponse> {
    let total = CONFIG
        .load(deps.storage)?
        .weight(TOTAL.load(deps.storage)?)?;
    Ok(PARAMS.load(deps.storage)?.threshold.to_response(total))
}

pub fn proposal(
    deps: Deps,
    env: &Env,
    proposal_id: u64,
) -> Result<ProposalResponse, ContractError> {
    let proposal = state::proposal(deps.storage, proposal_id)?;
    response(
        deps,
        env,
        &CONFIG.load(deps.storage)?,
        proposal_id,
        proposal,
    )
}

pub fn list_proposals(
    deps: Deps,
    env: &Env,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> Result<ProposalListResponse, ContractError> {
    let found = page(&PROPOSALS, deps.storage, start_after, limit)?;
    responses(deps, env, found)
}

pub fn reverse_proposals(
    deps: Deps,
    env: &Env,
    start_before: Option<u64>,
    limit: Option<u32>,
) -> Result<ProposalListResponse, ContractError> {
    let found = PROPOSALS
        .range(
            deps.storage,
            None,
            start_before.map(Bound::exclusive),
            Order::Descending,
        )
        .take(page_size(limit))
        .collect::<StdResult<Vec<_>>>()?;
    responses(deps, env, found)
}

pub fn vote(deps: Deps, proposal_id: u64, voter: &str) -> Result<VoteResponse, ContractError> {
    state::proposal(deps.storage, proposal_id)?;
    let voter = deps.api.addr_validate(voter)?;
    let config = CONFIG.load(deps.storage)?;
    let vote = VOTES
        .may_load(deps.storage, (proposal_id, &voter))?
        .map(|cast| info(&config, proposal_id, voter, cast))
        .transpose()?;
    Ok(VoteResponse { vote })
}

pub fn list_votes(
    deps: Deps,
    proposal_id: u64,
    start_after: Option<String>,
    limit: Option<u32>,
) -> StdResult<VoteListResponse> {
    let after = start_after
        .map(|address| deps.api.addr_validate(&address))
        .transpose()?;
    let config = CONFIG.load(deps.storage)?;
    let votes = VOTES
        .prefix(proposal_id)
        .range(
            deps.storage,
            after.as_ref().map(Bound::exclusive),
            None,
            Order::Ascending,
        )
        .take(page_size(limit))
        .map(|entry| entry.and_then(|(voter, cast)| info(&config, proposal_id, voter, cast)))
        .collect::<StdResult<_>>()?;
    Ok(VoteListResponse { votes })
}

pub fn voter(deps: Deps, address: &str) -> StdResult<VoterResponse> {
    let voter = deps.api.addr_validate(address)?;
    let config = CONFIG.load(deps.storage)?;
    let weight = POWERS
        .may_load(deps.storage, &voter)?
        .map(|power| config.weight(power))
        .transpose()?;
    Ok(VoterResponse { weight })
}

pub fn list_voters(
    deps: Deps,
    start_after: Option<String>,
    limit: Option<u32>,
) -> StdResult<VoterListResponse> {
    let after = start_after
        .map(|address| deps.api.addr_validate(&address))
        .transpose()?;
    let config = CONFIG.load(deps.storage)?;
    let voters = POWERS
        .range(
            deps.storage,
            after.as_ref().map(Bound::exclusive),
            None,
            Order::Ascending,
        )
        .take(page_size(limit))
        .map(|entry| {
            let (address, power) = entry?;
            Ok(VoterDetail {
                addr: address.into(),
                weight: config.weight(power)?,
            })
        })
        .collect::<StdResult<_>>()?;
    Ok(VoterListResponse { voters })
}

fn info(config: &Config, proposal_id: u64, voter: Addr, cast: Cast) -> StdResult<VoteInfo> {
    Ok(VoteInfo {
        proposal_id,
        voter: voter.into(),
        vote: cast.vote,
        weight: config.weight(cast.power)?,
    })
}

/// One page: at most 100 proposals.
fn responses(
    deps: Deps,
    env: &Env,
    found: Vec<(u64, Proposal)>,
) -> Result<ProposalListResponse, ContractError> {
    let config = CONFIG.load(deps.storage)?;
    let proposals = found
        .into_iter()
        .map(|(id, proposal)| response(deps, env, &config, id, proposal))
        .collect::<Result<_, _>>()?;
    Ok(ProposalListResponse { proposals })
}

fn response(
    deps: Deps,
    env: &Env,
    config: &Config,
    id: u64,
    proposal: Proposal,
) -> Result<ProposalResponse, ContractError> {
    let content = CONTENTS.load(deps.storage, id)?;
    Ok(ProposalResponse {
        id,
        title: content.title,
        description: content.description,
        msgs: content.msgs,
        status: proposal.phase(env.block.time.seconds())?.cw3(),
        expires: Expiration::AtTime(Timestamp::from_seconds(proposal.expires_at)),
        threshold: proposal
            .threshold
            .to_response(config.weight(proposal.total_power)?),
        deposit: (!proposal.deposit.is_zero()).then(|| DepositInfo {
            amount: proposal.deposit,
            denom: as_cw20(&config.denom),
            refund_failed_proposals: proposal.refund == RefundPolicy::Always,
        }),
        proposer: proposal.proposer,
    })
}

fn as_cw20(denom: &Denom) -> cw20::Denom {
    match denom {
        Denom::Native(name) => cw20::Denom::Native(name.clone()),
        // Checked when it was stored.
        Denom::Cw20(token) => cw20::Denom::Cw20(Addr::unchecked(token)),
    }
}
