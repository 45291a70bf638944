mod offer;

use cosmwasm_std::{
    to_json_binary, Addr, Binary, Deps, Empty, Env, Order as Direction, StdError, StdResult,
};
use cw_storage_plus::{Bound, Map};
use leasehold_api::deployment::group_of;
use leasehold_api::market::{
    order_of, BidResponse, BidsResponse, CommitmentResponse, CommitmentsResponse, Config,
    ConfigResponse, EndedResponse, ExclusionResponse, Lease, LeaseResponse, LeasesResponse, Lock,
    Order, OrderPhase, OrderResponse, OrderStatus, OrdersResponse, PenaltiesResponse,
    PenaltyResponse, QueryMsg, ACTIVE, BIDS, COMMITMENTS, CONFIG, ENDED, LEASES, LOCKS, OPEN,
    ORDERS, PENALTIES,
};
use leasehold_api::pagination::{page, page_size};
use leasehold_api::rules::auction::{Auction, Exclusion, Phase};
use leasehold_api::{AuctionMode, Denom};
use serde::{de::DeserializeOwned, Serialize};

pub fn query(deps: Deps, env: &Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Config {} => {
            let Config { suite, params, .. } = CONFIG.load(deps.storage)?;
            to_json_binary(&ConfigResponse { suite, params })
        }
        QueryMsg::Order { id } => to_json_binary(&order(deps, env, id)?),
        QueryMsg::OpenOrders { start_after, limit } => {
            to_json_binary(&open_orders(deps, env, start_after, limit)?)
        }
        QueryMsg::Bids {
            order_id,
            start_after,
            limit,
        } => to_json_binary(&bids(deps, env, order_id, start_after, limit)?),
        QueryMsg::Commitments {
            order_id,
            start_after,
            limit,
        } => to_json_binary(&commitments(deps, order_id, start_after, limit)?),
        QueryMsg::Lease { id } => {
            let lease = LEASES.may_load(deps.storage, id)?;
            let lease = lease.ok_or_else(|| StdError::not_found(format!("lease {id}")))?;
            to_json_binary(&lease_response(deps, id, lease)?)
        }
        QueryMsg::Leases {
            provider,
            start_after,
            limit,
        } => to_json_binary(&leases(deps, provider, start_after, limit)?),
        QueryMsg::Offer { id } => to_json_binary(&offer::offer(deps, id)?),
        QueryMsg::Offers {
            denom,
            group,
            exit,
            start_after,
            limit,
        } => {
            let wanted = group.map(|group| offer::Wanted { group, exit });
            to_json_binary(&offer::offers(
                deps,
                env,
                &denom,
                wanted,
                start_after,
                limit,
            )?)
        }
        QueryMsg::ProviderOffers { provider } => {
            to_json_binary(&offer::provider_offers(deps, &provider)?)
        }
        QueryMsg::Locked { provider, denom } => to_json_binary(&locked(deps, &provider, &denom)?),
        QueryMsg::Penalties { start_after, limit } => {
            to_json_binary(&penalties(deps, start_after, limit)?)
        }
    }
}

fn stored(deps: Deps, id: u64) -> StdResult<Order> {
    ORDERS
        .may_load(deps.storage, id)?
        .ok_or_else(|| StdError::not_found(format!("order {id}")))
}

fn order(deps: Deps, env: &Env, id: u64) -> StdResult<OrderResponse> {
    let order = stored(deps, id)?;
    let (deployment_id, group) = group_of(id);
    let (now, height) = (env.block.time.seconds(), env.block.height);
    let open = order.status == OrderStatus::Open;
    let auction = match open {
        true => present(order.auction, now, height),
        false => order.auction,
    };
    let price = auction
        .price(now)
        .map_err(|error| StdError::generic_err(error.to_string()))?;
    Ok(OrderResponse {
        id,
        deployment_id,
        group,
        account: order.account,
        denom: order.denom,
        phase: match order.status {
            OrderStatus::Open => auction.phase(now, height).into(),
            OrderStatus::Leased => OrderPhase::Leased,
            OrderStatus::Closed => OrderPhase::Closed,
        },
        mode: auction.mode,
        max_rate: auction.max_rate,
        price: price.filter(|_| open),
        phase_ends_at: auction.phase_ends_at(now, height).filter(|_| open),
        starts_at: auction.is_reservation().then_some(auction.starts_at),
        best: auction.best,
        bond: (!auction.bond.is_zero()).then_some(auction.bond),
        second: auction.second,
        opened_at: auction.opened_at,
        round: order.round,
        attempts: order.attempts,
        excluded: order.excluded.into_iter().map(exclusion).collect(),
        bidders: auction.bidders,
        commitments: auction.sealed.map_or(0, |sealed| sealed.committed),
        lease_id: order.lease,
        exit: order.exit,
        duration: order.duration,
    })
}

fn exclusion(Exclusion { provider, until }: Exclusion) -> ExclusionResponse {
    ExclusionResponse { provider, until }
}

/// An open order's auction as the next touch finds it, when that makes it a Dutch one.
fn present(mut auction: Auction, now: u64, height: u64) -> Auction {
    if auction.mode.is_held_once() && auction.phase(now, height) == Phase::Lapsed {
        auction.roll(now, height);
    }
    auction
}

fn open_orders(
    deps: Deps,
    env: &Env,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> StdResult<OrdersResponse> {
    let orders = page(&OPEN, deps.storage, start_after, limit)?
        .into_iter()
        .map(|(id, Empty {})| order(deps, env, id))
        .collect::<StdResult<_>>()?;
    Ok(OrdersResponse { orders })
}

fn bids(
    deps: Deps,
    env: &Env,
    order_id: u64,
    start_after: Option<String>,
    limit: Option<u32>,
) -> StdResult<BidsResponse> {
    let (now, height) = (env.block.time.seconds(), env.block.height);
    let order = stored(deps, order_id)?;
    let takes_bids = order.status == OrderStatus::Open
        && matches!(
            present(order.auction, now, height).mode,
            AuctionMode::Open { .. }
        );
    let bids = by_provider(deps, &BIDS, order_id, start_after, limit)?
        .into_iter()
        .map(|(provider, bid)| BidResponse {
            provider,
            rate: bid.rate,
            live: takes_bids && bid.round == order.round,
        })
        .collect();
    Ok(BidsResponse { bids })
}

fn commitments(
    deps: Deps,
    order_id: u64,
    start_after: Option<String>,
    limit: Option<u32>,
) -> StdResult<CommitmentsResponse> {
    let commitments = by_provider(deps, &COMMITMENTS, order_id, start_after, limit)?
        .into_iter()
        .map(|(provider, commitment)| CommitmentResponse {
            provider,
            commitment: commitment.digest,
            bond: commitment.bond,
            round: commitment.round,
        })
        .collect();
    Ok(CommitmentsResponse { commitments })
}

/// A page of what an order keeps for each provider.
fn by_provider<T: Serialize + DeserializeOwned>(
    deps: Deps,
    map: &Map<(u64, &Addr), T>,
    order_id: u64,
    start_after: Option<String>,
    limit: Option<u32>,
) -> StdResult<Vec<(Addr, T)>> {
    let start_after = start_after
        .map(|provider| deps.api.addr_validate(&provider))
        .transpose()?;
    map.prefix(order_id)
        .range(
            deps.storage,
            start_after.as_ref().map(Bound::exclusive),
            None,
            Direction::Ascending,
        )
        .take(page_size(limit))
        .collect()
}

fn lease_response(deps: Deps, id: u64, lease: Lease) -> StdResult<LeaseResponse> {
    let order_id = order_of(id);
    let order = stored(deps, order_id)?;
    let (deployment_id, group) = group_of(order_id);
    let ended = ENDED.may_load(deps.storage, id)?;
    Ok(LeaseResponse {
        id,
        order_id,
        deployment_id,
        group,
        account: order.account,
        denom: order.denom,
        provider: lease.provider,
        rate: lease.rate,
        bond: lease.bond,
        started_at: lease.started_at,
        offer_id: lease.taken.map(|taken| taken.offer_id),
        leaves_at: order.leaves_at.filter(|_| order.lease == Some(id)),
        until: lease.until,
        ended: ended.map(|ended| EndedResponse {
            at: ended.at,
            reason: ended.reason,
        }),
    })
}

fn leases(
    deps: Deps,
    provider: Option<String>,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> StdResult<LeasesResponse> {
    let leases = match provider {
        None => page(&LEASES, deps.storage, start_after, limit)?,
        Some(provider) => {
            let provider = deps.api.addr_validate(&provider)?;
            active(deps, &provider, start_after, limit)?
        }
    };
    let leases = leases
        .into_iter()
        .map(|(id, lease)| lease_response(deps, id, lease))
        .collect::<StdResult<_>>()?;
    Ok(LeasesResponse { leases })
}

fn active(
    deps: Deps,
    provider: &Addr,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> StdResult<Vec<(u64, Lease)>> {
    ACTIVE
        .prefix(provider)
        .keys(
            deps.storage,
            start_after.map(Bound::exclusive),
            None,
            Direction::Ascending,
        )
        .take(page_size(limit))
        .map(|id| {
            let id = id?;
            Ok((id, LEASES.load(deps.storage, id)?))
        })
        .collect()
}

fn locked(deps: Deps, provider: &str, denom: &Denom) -> StdResult<Lock> {
    let provider = deps.api.addr_validate(provider)?;
    let lock = LOCKS.may_load(deps.storage, (&provider, &denom.key()))?;
    Ok(lock.unwrap_or_else(Lock::default))
}

fn penalties(
    deps: Deps,
    start_after: Option<(u64, u32)>,
    limit: Option<u32>,
) -> StdResult<PenaltiesResponse> {
    let delay = CONFIG.load(deps.storage)?.params.penalty_delay;
    let penalties = page(&PENALTIES, deps.storage, start_after, limit)?
        .into_iter()
        .map(|((order_id, number), penalty)| {
            Ok(PenaltyResponse {
                order_id,
                number,
                denom: stored(deps, order_id)?.denom,
                bond: penalty.bond,
                bps: penalty.bps,
                reason: penalty.reason,
                due_at: penalty.due_at(delay),
                provider: penalty.provider,
                caller: penalty.caller,
            })
        })
        .collect::<StdResult<_>>()?;
    Ok(PenaltiesResponse { penalties })
}
