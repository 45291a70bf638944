//! Fees come in, a part of them is divided among the stake, and stakers take it out.

use cosmwasm_std::{
    from_json, to_json_binary, Addr, Binary, DepsMut, MessageInfo, Response, Storage, SubMsg,
    Uint128,
};
use leasehold_api::event::{FeesAdded, PayoutFailed, RewardClaimed};
use leasehold_api::rules::money::share;
use leasehold_api::{Asset, Denom};

use crate::payment::message;
use crate::pool::Pool;
use crate::power::TOTAL;
use crate::rewards::{self, EARNED, POOLS, REWARDS};
use crate::state::PARAMS;
use crate::ContractError;

/// A reward could not be paid: its payload is a [`Refused`].
pub const REFUSED: u64 = 3;

/// Whose reward, and what it is.
#[cosmwasm_schema::cw_serde]
struct Refused {
    staker: Addr,
    asset: Asset,
}

/// Fees in the one coin that came along.
pub fn add_fees(deps: DepsMut, info: MessageInfo) -> Result<Response, ContractError> {
    let [coin] = info.funds.as_slice() else {
        return Err(ContractError::WrongFunds {
            expected: "any one denom".to_owned(),
            sent: super::listed(&info.funds),
        });
    };
    let asset = Asset {
        denom: Denom::Native(coin.denom.clone()),
        amount: coin.amount,
    };
    take(deps.storage, asset)
}

/// Stakers earn in the denoms that governance has listed, and while there is stake. All else stays treasury.
pub fn take(storage: &mut dyn Storage, fee: Asset) -> Result<Response, ContractError> {
    let params = PARAMS.load(storage)?;
    let stake = TOTAL.load(storage)?;
    let part = match params.reward_denoms.contains(&fee.denom) && !stake.is_zero() {
        true => share(fee.amount, params.staker_bps)?,
        false => Uint128::zero(),
    };
    if !part.is_zero() {
        divide(storage, &fee.denom, part, stake)?;
    }
    Ok(Response::new().add_event(FeesAdded {
        denom: fee.denom.to_string(),
        amount: fee.amount,
        stakers: part,
    }))
}

fn divide(
    storage: &mut dyn Storage,
    denom: &Denom,
    amount: Uint128,
    stake: Uint128,
) -> Result<(), ContractError> {
    let mut pools = rewards::pools(storage)?;
    // At most MAX_REWARD_DENOMS, as the check of the parameters sees to.
    match pools.iter_mut().find(|pool| pool.denom == *denom) {
        Some(pool) => pool.divide(amount, stake)?,
        None => {
            let mut pool = Pool::new(denom.clone());
            pool.divide(amount, stake)?;
            pools.push(pool);
        }
    }
    POOLS.save(storage, &pools)?;
    rewards::owe(storage, denom, amount)?;
    Ok(())
}

/// Pays what the sender has earned, in one denom or in all.
pub fn claim(
    deps: DepsMut,
    info: MessageInfo,
    denom: Option<Denom>,
) -> Result<Response, ContractError> {
    let staker = info.sender;
    let pools = rewards::pools(deps.storage)?;
    let mut earned = rewards::settled(deps.storage, &pools, &staker)?;
    let mut response = Response::new();
    // At most MAX_REWARD_DENOMS.
    for (pool, earned) in pools.into_iter().zip(&mut earned) {
        if denom.as_ref().is_some_and(|one| *one != pool.denom) {
            continue;
        }
        let amount = earned.take()?;
        if amount.is_zero() {
            continue;
        }
        let left = rewards::owed(deps.storage, &pool.denom)?.checked_sub(amount)?;
        REWARDS.save(deps.storage, &pool.denom.key(), &left)?;
        let asset = Asset {
            denom: pool.denom,
            amount,
        };
        response = response
            .add_event(RewardClaimed {
                staker: staker.clone(),
                denom: asset.denom.to_string(),
                amount,
            })
            .add_submessage(payment(&staker, asset)?);
    }
    if response.messages.is_empty() {
        return Err(ContractError::NoRewards { staker });
    }
    EARNED.save(deps.storage, &staker, &earned)?;
    Ok(response)
}

/// A payment whose failure undoes nothing but itself: a token that refuses must not hold back the others.
fn payment(staker: &Addr, asset: Asset) -> Result<SubMsg, ContractError> {
    let refused = Refused {
        staker: staker.clone(),
        asset: asset.clone(),
    };
    let payment = message(staker, asset)?;
    Ok(SubMsg::reply_on_error(payment, REFUSED).with_payload(to_json_binary(&refused)?))
}

/// What could not be paid is owed again.
pub fn refused(
    storage: &mut dyn Storage,
    payload: &Binary,
    reason: String,
) -> Result<Response, ContractError> {
    let Refused { staker, asset } = from_json(payload)?;
    let pools = POOLS.load(storage)?;
    let mut earned = EARNED.load(storage, &staker)?;
    // At most MAX_REWARD_DENOMS.
    for (pool, earned) in pools.iter().zip(&mut earned) {
        if pool.denom == asset.denom {
            earned.put_back(asset.amount)?;
        }
    }
    EARNED.save(storage, &staker, &earned)?;
    rewards::owe(storage, &asset.denom, asset.amount)?;
    Ok(Response::new().add_event(PayoutFailed {
        recipient: staker,
        denom: asset.denom.to_string(),
        amount: asset.amount,
        reason,
    }))
}
