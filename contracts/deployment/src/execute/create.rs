use cosmwasm_std::{to_json_binary, Binary, CosmosMsg, Deps, DepsMut, Env, MessageInfo, Response};
use leasehold_api::deployment::{Deployment, GroupRequest, GROUPS};
use leasehold_api::event::DeploymentCreated;
use leasehold_api::market::{TakeOffer, Terms};
use leasehold_api::{Denom, GroupSpec};
use leasehold_rules::resources::validate_groups;

use crate::execute::group::{open_order, Ordered};
use crate::execute::{hash_hex, validate_hash};
use crate::funding::Funding;
use crate::price::Price;
use crate::state::{self, insert, take_id};
use crate::ContractError;

/// Escrow first, then the orders, so that the market finds the account funded. All or nothing: a failed submessage undoes the whole.
pub fn create(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    requests: Vec<GroupRequest>,
    manifest_hash: Binary,
    denom: Denom,
    account: Option<u64>,
) -> Result<Response, ContractError> {
    let now = env.block.time.seconds();
    // At most MAX_GROUPS pass `validate_groups`.
    let terms = requests
        .iter()
        .map(|request| request.terms(now))
        .collect::<Result<Vec<Terms>, _>>()?;
    let (specs, offers): (Vec<GroupSpec>, Vec<Option<TakeOffer>>) = requests
        .into_iter()
        .map(|request| (request.spec, request.offer))
        .unzip();
    validate_groups(&specs)?;
    validate_auditors(deps.as_ref(), &specs)?;
    validate_hash(&manifest_hash)?;

    let suite = state::suite(deps.storage)?;
    let owner = info.sender.clone();
    let funding = Funding {
        deps: deps.as_ref(),
        suite: &suite,
        tenant: &owner,
        now,
        price: Price::of(specs.iter().zip(&terms))?,
    };
    let (account, deposit) = funding.arrange(&info, &denom, account)?;

    let id = take_id(deps.storage)?;
    let mut orders: Vec<CosmosMsg> = vec![];
    // At most MAX_GROUPS groups, all lists of one length.
    for (((group, spec), terms), offer) in (0_u32..).zip(&specs).zip(&terms).zip(offers) {
        GROUPS.save(deps.storage, (id, group), spec)?;
        let ordered = Ordered {
            account,
            denom: &denom,
            spec,
            terms,
            offer,
        };
        orders.push(open_order(&suite, id, group, ordered)?);
    }
    let event = DeploymentCreated {
        deployment_id: id,
        owner: owner.clone(),
        account,
        groups: u32::try_from(specs.len()).map_err(|_| crate::state::id_overflow())?,
        manifest_hash: hash_hex(&manifest_hash),
    };
    let deployment = Deployment {
        owner,
        account,
        manifest_hash,
        terms,
        created_at: now,
    };
    insert(deps.storage, id, &deployment)?;
    Ok(Response::new()
        .add_messages(deposit)
        .add_messages(orders)
        .add_event(event)
        .set_data(to_json_binary(&id)?))
}

/// At most 8 groups with 4 + 4 auditors each.
pub fn validate_auditors(deps: Deps, specs: &[GroupSpec]) -> Result<(), ContractError> {
    let required = specs.iter().map(|spec| &spec.requirements);
    for auditor in required.flat_map(|r| r.all_of.iter().chain(&r.any_of)) {
        deps.api
            .addr_validate(auditor)
            .map_err(|e| ContractError::Auditor {
                auditor: auditor.clone(),
                reason: e.to_string(),
            })?;
    }
    Ok(())
}
