use cosmwasm_std::{to_json_binary, Addr, Binary, Deps, Order, StdError, StdResult};
use cw_storage_plus::Bound;
use leasehold_api::deployment::{
    order_id, ChangeResponse, ConfigResponse, Deployment, DeploymentResponse, DeploymentsResponse,
    GroupResponse, GroupStatus, QueryMsg, CHANGES, DEPLOYMENTS, GROUPS, OWNED,
};
use leasehold_api::market::{self, OrderStatus};
use leasehold_api::pagination::{page, page_size};

use crate::state::{id_overflow, is_closed, suite};

pub fn query(deps: Deps, now: u64, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Config {} => to_json_binary(&ConfigResponse {
            suite: suite(deps.storage)?,
        }),
        QueryMsg::Deployment { id } => to_json_binary(&deployment(deps, now, id)?),
        QueryMsg::Deployments {
            owner,
            start_after,
            limit,
        } => to_json_binary(&DeploymentsResponse {
            deployments: deployments(deps, now, owner, start_after, limit)?,
        }),
    }
}

fn deployments(
    deps: Deps,
    now: u64,
    owner: Option<String>,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> StdResult<Vec<DeploymentResponse>> {
    let market = suite(deps.storage)?.market;
    let Some(owner) = owner else {
        // At most one page.
        return page(&DEPLOYMENTS, deps.storage, start_after, limit)?
            .into_iter()
            .map(|(id, deployment)| describe(deps, now, &market, id, deployment))
            .collect();
    };
    let owner = deps.api.addr_validate(&owner)?;
    let after = start_after.map(Bound::exclusive);
    OWNED
        .prefix(&owner)
        .keys(deps.storage, after, None, Order::Ascending)
        .take(page_size(limit))
        .map(|id| deployment(deps, now, id?))
        .collect()
}

fn deployment(deps: Deps, now: u64, id: u64) -> StdResult<DeploymentResponse> {
    let deployment = DEPLOYMENTS
        .may_load(deps.storage, id)?
        .ok_or_else(|| StdError::not_found(format!("deployment {id}")))?;
    let market = suite(deps.storage)?.market;
    describe(deps, now, &market, id, deployment)
}

fn describe(
    deps: Deps,
    now: u64,
    market: &Addr,
    id: u64,
    deployment: Deployment,
) -> StdResult<DeploymentResponse> {
    let closed = is_closed(deps.storage, id, &deployment);
    let mut groups = vec![];
    // At most MAX_GROUPS groups.
    for (group, terms) in (0_u32..).zip(&deployment.terms) {
        let order_id = order_id(id, group).ok_or_else(id_overflow)?;
        let order = market::order(&deps.querier, market, order_id)?;
        let lease_id = order.as_ref().and_then(|order| order.lease);
        groups.push(GroupResponse {
            group,
            spec: GROUPS.load(deps.storage, (id, group))?,
            auction: terms.auction,
            exit: terms.exit,
            max_duration: terms.max_duration,
            starts_at: terms.starts_at,
            order_id,
            status: status(closed, order.as_ref()),
            lease_id,
            change: change(deps, now, id, group, &deployment.owner, lease_id)?,
        });
    }
    Ok(DeploymentResponse {
        id,
        owner: deployment.owner,
        account: deployment.account,
        manifest_hash: deployment.manifest_hash,
        created_at: deployment.created_at,
        closed,
        groups,
    })
}

/// The proposal that can be accepted now. Kept apart: the chain's virtual machine refuses functions of more than 100 locals.
#[inline(never)]
fn change(
    deps: Deps,
    now: u64,
    id: u64,
    group: u32,
    owner: &Addr,
    lease: Option<u64>,
) -> StdResult<Option<ChangeResponse>> {
    CHANGES
        .may_load(deps.storage, (id, group))?
        .filter(|change| change.is_open(owner, lease, now))
        .map(|change| {
            Ok(ChangeResponse {
                hash: change.hash()?,
                lease_id: change.lease,
                rate: change.rate,
                expires_at: change.expires_at,
                spec: change.spec,
                manifest_hash: change.manifest_hash,
            })
        })
        .transpose()
}

fn status(closed: bool, order: Option<&market::Order>) -> GroupStatus {
    if closed {
        return GroupStatus::Closed;
    }
    match order.map(|order| order.status) {
        Some(OrderStatus::Open) => GroupStatus::Open,
        Some(OrderStatus::Leased) => GroupStatus::Leased,
        Some(OrderStatus::Closed) | None => GroupStatus::Paused,
    }
}
