use cosmwasm_std::{DepsMut, Env, Response, Uint128};
use leasehold_api::event::{TreasuryStreamPaid, TreasuryStreamStarted, TreasuryStreamStopped};
use leasehold_api::{Asset, RuleError};

use crate::params::{denom, range};
use crate::payment::message;
use crate::solvency::surplus;
use crate::stream::{save, stream, Stream, LAST_STREAM};
use crate::ContractError;

const DECADE: u64 = 315_360_000;

/// Sets aside what the treasury has. A stream may not count on fees to come.
pub fn start(
    deps: DepsMut,
    env: Env,
    to: &str,
    asset: Asset,
    seconds: u64,
) -> Result<Response, ContractError> {
    let to = deps.api.addr_validate(to)?;
    denom(&asset.denom, deps.api)?;
    range("seconds", seconds, 1, DECADE)?;
    if asset.amount.is_zero() {
        return Err(RuleError::range("amount", asset.amount, "at least 1").into());
    }
    let starts_at = env.block.time.seconds();
    let new = Stream {
        to,
        asset,
        starts_at,
        ends_at: starts_at.saturating_add(seconds),
        paid: Uint128::zero(),
    };
    let id = LAST_STREAM
        .may_load(deps.storage)?
        .unwrap_or(0)
        .saturating_add(1);
    LAST_STREAM.save(deps.storage, &id)?;
    save(deps.storage, id, &new, Uint128::zero())?;
    surplus(deps.as_ref(), &env, new.asset.denom.clone())?;
    Ok(Response::new().add_event(TreasuryStreamStarted {
        id,
        recipient: new.to,
        denom: new.asset.denom.to_string(),
        amount: new.asset.amount,
        ends_at: new.ends_at,
    }))
}

/// What was earned is still its recipient's.
pub fn stop(deps: DepsMut, env: Env, id: u64) -> Result<Response, ContractError> {
    let mut stream = stream(deps.storage, id)?;
    let now = env.block.time.seconds();
    let (left, earned) = (stream.left()?, stream.earned(now)?);
    let back = stream.asset.amount.checked_sub(earned)?;
    stream.asset.amount = earned;
    stream.ends_at = stream.ends_at.min(now);
    save(deps.storage, id, &stream, left)?;
    Ok(Response::new().add_event(TreasuryStreamStopped {
        id,
        denom: stream.asset.denom.to_string(),
        amount: back,
    }))
}

pub fn claim(deps: DepsMut, env: Env, id: u64) -> Result<Response, ContractError> {
    let mut stream = stream(deps.storage, id)?;
    let amount = stream.claimable(env.block.time.seconds())?;
    if amount.is_zero() {
        return Err(ContractError::NothingEarned { id });
    }
    let left = stream.left()?;
    stream.paid = stream.paid.checked_add(amount)?;
    save(deps.storage, id, &stream, left)?;
    let asset = Asset {
        denom: stream.asset.denom,
        amount,
    };
    let paid = TreasuryStreamPaid {
        id,
        denom: asset.denom.to_string(),
        amount,
        recipient: stream.to.clone(),
    };
    Ok(Response::new()
        .add_message(message(&stream.to, asset)?)
        .add_event(paid))
}
