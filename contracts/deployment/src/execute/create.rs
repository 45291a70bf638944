use cosmwasm_std::{
    to_json_binary, Addr, Binary, Coin, CosmosMsg, Deps, DepsMut, Env, MessageInfo, Response,
    Uint128,
};
use leasehold_api::deployment::{Deployment, GroupRequest, GROUPS};
use leasehold_api::event::DeploymentCreated;
use leasehold_api::{escrow, AuctionMode, Denom, GroupSpec, Suite};
use leasehold_rules::resources::validate_groups;

use crate::execute::group::open_order;
use crate::execute::{execute_message, hash_hex, validate_hash};
use crate::state::{insert, take_id, SUITE};
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
    let (specs, modes): (Vec<GroupSpec>, Vec<AuctionMode>) = requests
        .into_iter()
        .map(|r| (r.spec, r.auction.unwrap_or(AuctionMode::Descending {})))
        .unzip();
    validate_groups(&specs)?;
    validate_auditors(deps.as_ref(), &specs)?;
    validate_hash(&manifest_hash)?;

    let suite = SUITE.load(deps.storage)?;
    let owner = info.sender.clone();
    let now = env.block.time.seconds();
    let (account, funding) = fund(deps.as_ref(), &suite, &info, now, &denom, account)?;

    let id = take_id(deps.storage)?;
    let mut orders: Vec<CosmosMsg> = vec![];
    // At most MAX_GROUPS groups, both lists of one length.
    for ((group, spec), mode) in (0_u32..).zip(&specs).zip(&modes) {
        GROUPS.save(deps.storage, (id, group), spec)?;
        orders.push(open_order(&suite, id, group, account, &denom, *mode, spec)?);
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
        modes,
        closed: false,
        created_at: now,
    };
    insert(deps.storage, id, &deployment)?;
    Ok(Response::new()
        .add_messages(funding)
        .add_messages(orders)
        .add_event(event)
        .set_data(to_json_binary(&id)?))
}

/// The account to draw on and the message that pays the coins sent along into it.
fn fund(
    deps: Deps,
    suite: &Suite<Addr>,
    info: &MessageInfo,
    now: u64,
    denom: &Denom,
    account: Option<u64>,
) -> Result<(u64, Option<CosmosMsg>), ContractError> {
    let coin = coin_sent(info, denom)?;
    let Some(id) = account else {
        return open_account(deps, suite, info, denom, coin);
    };
    let held = escrow::account(&deps.querier, &suite.escrow, id)?
        .ok_or(ContractError::NoSuchAccount { account: id })?;
    // The market asks for each order's rate.
    escrow::check_tenant::<ContractError>(id, &held, &info.sender, Uint128::zero(), now, || {
        escrow::allowance(&deps.querier, &suite.escrow, id)
    })?;
    if held.denom != *denom {
        return Err(ContractError::WrongDenom {
            account: id,
            held: held.denom.to_string(),
            denom: denom.to_string(),
        });
    }
    let deposit = coin
        .map(|coin| {
            let msg = escrow::ExecuteMsg::Deposit { account: id };
            execute_message(&suite.escrow, &msg, vec![coin])
        })
        .transpose()?;
    Ok((id, deposit))
}

/// The account's id is known beforehand: escrow counts, and nothing can run between this read and the first submessage.
fn open_account(
    deps: Deps,
    suite: &Suite<Addr>,
    info: &MessageInfo,
    denom: &Denom,
    coin: Option<Coin>,
) -> Result<(u64, Option<CosmosMsg>), ContractError> {
    let Denom::Native(_) = denom else {
        let denom = denom.to_string();
        return Err(ContractError::AccountRequired { denom });
    };
    let coin = coin.ok_or_else(|| ContractError::NoFunds {
        denom: denom.to_string(),
    })?;
    let id = escrow::next_account(&deps.querier, &suite.escrow)?;
    let open = escrow::ExecuteMsg::Open {
        owner: Some(info.sender.to_string()),
        denom: denom.clone(),
    };
    let message = execute_message(&suite.escrow, &open, vec![coin])?;
    Ok((id, Some(message)))
}

/// The one coin of `denom` that came along, if any did.
fn coin_sent(info: &MessageInfo, denom: &Denom) -> Result<Option<Coin>, ContractError> {
    match info.funds.as_slice() {
        [] => Ok(None),
        [coin] if Denom::Native(coin.denom.clone()) == *denom && !coin.amount.is_zero() => {
            Ok(Some(coin.clone()))
        }
        coins => Err(ContractError::WrongFunds {
            sent: coins
                .iter()
                .take(4)
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
            denom: denom.to_string(),
        }),
    }
}

/// At most 8 groups with 4 + 4 auditors each.
fn validate_auditors(deps: Deps, specs: &[GroupSpec]) -> Result<(), ContractError> {
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
