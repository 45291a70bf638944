use std::iter;

use cosmwasm_std::{Addr, CosmosMsg, Deps, DepsMut, Env, MessageInfo, Response};
use leasehold_api::deployment::{order_id, Deployment, GROUPS};
use leasehold_api::event::{GroupPaused, GroupStarted};
use leasehold_api::market::{self, OrderStatus, TakeOffer, Terms};
use leasehold_api::{Denom, GroupSpec, Suite};

use crate::execute::execute_message;
use crate::funding::Funding;
use crate::price::Price;
use crate::state::{self, id_overflow, owned};
use crate::ContractError;

pub fn pause(
    deps: DepsMut,
    info: MessageInfo,
    id: u64,
    group: u32,
) -> Result<Response, ContractError> {
    let deployment = owned(deps.storage, id, &info.sender)?;
    terms_of(&deployment, id, group)?;
    let suite = state::suite(deps.storage)?;
    if order_status(deps.as_ref(), &suite, id, group)? == OrderStatus::Closed {
        return Err(ContractError::GroupPaused { id, group });
    }
    Ok(Response::new()
        .add_message(close_order(&suite, id, group)?)
        .add_event(GroupPaused {
            deployment_id: id,
            group,
        }))
}

pub fn start(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    id: u64,
    group: u32,
) -> Result<Response, ContractError> {
    let deployment = owned(deps.storage, id, &info.sender)?;
    let terms = terms_of(&deployment, id, group)?;
    let suite = state::suite(deps.storage)?;
    if order_status(deps.as_ref(), &suite, id, group)? != OrderStatus::Closed {
        return Err(ContractError::GroupRunning { id, group });
    }
    let account = deployment.account;
    let spec = GROUPS.load(deps.storage, (id, group))?;
    let funding = Funding {
        deps: deps.as_ref(),
        suite: &suite,
        tenant: &deployment.owner,
        now: env.block.time.seconds(),
        price: Price::of(iter::once((&spec, terms)))?,
    };
    let denom = funding.demand(account)?;
    let ordered = Ordered {
        account,
        denom: &denom,
        spec: &spec,
        terms,
        offer: None,
    };
    Ok(Response::new()
        .add_message(open_order(&suite, id, group, ordered)?)
        .add_event(GroupStarted {
            deployment_id: id,
            group,
        }))
}

/// What a group goes to market with.
pub struct Ordered<'a> {
    pub account: u64,
    pub denom: &'a Denom,
    pub spec: &'a GroupSpec,
    pub terms: &'a Terms,
    pub offer: Option<TakeOffer>,
}

pub fn open_order(
    suite: &Suite<Addr>,
    id: u64,
    group: u32,
    ordered: Ordered,
) -> Result<CosmosMsg, ContractError> {
    let msg = market::ExecuteMsg::OpenOrder {
        order_id: order_id(id, group).ok_or_else(id_overflow)?,
        account: ordered.account,
        denom: ordered.denom.clone(),
        max_rate: ordered.spec.max_rate()?,
        terms: ordered.terms.clone(),
        offer: ordered.offer,
    };
    Ok(execute_message(&suite.market, &msg, vec![])?)
}

pub fn close_order(suite: &Suite<Addr>, id: u64, group: u32) -> Result<CosmosMsg, ContractError> {
    let order_id = order_id(id, group).ok_or_else(id_overflow)?;
    let msg = market::ExecuteMsg::CloseOrder { order_id };
    Ok(execute_message(&suite.market, &msg, vec![])?)
}

/// What the group is ordered on.
pub fn terms_of(deployment: &Deployment, id: u64, group: u32) -> Result<&Terms, ContractError> {
    // At most MAX_GROUPS groups.
    (0_u32..)
        .zip(&deployment.terms)
        .find_map(|(index, terms)| (index == group).then_some(terms))
        .ok_or(ContractError::NoSuchGroup {
            id,
            group,
            last: deployment.terms.len().saturating_sub(1),
        })
}

fn order_status(
    deps: Deps,
    suite: &Suite<Addr>,
    id: u64,
    group: u32,
) -> Result<OrderStatus, ContractError> {
    let order = order(deps, suite, id, group)?;
    Ok(order.map_or(OrderStatus::Closed, |order| order.status))
}

/// The market's record of a group; none before the group first went to market.
pub fn order(
    deps: Deps,
    suite: &Suite<Addr>,
    id: u64,
    group: u32,
) -> Result<Option<market::Order>, ContractError> {
    let order_id = order_id(id, group).ok_or_else(id_overflow)?;
    Ok(market::order(&deps.querier, &suite.market, order_id)?)
}
