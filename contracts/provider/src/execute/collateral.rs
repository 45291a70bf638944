use cosmwasm_std::{
    from_json, Addr, Coin, DepsMut, Env, Event, MessageInfo, Response, StdResult, Storage,
};
use cw20::Cw20ReceiveMsg;
use leasehold_api::event::{Bonded, UnbondingStarted};
use leasehold_api::provider::{Cw20HookMsg, Hot, Unbonding, HOT, MAX_UNBONDINGS, UNBONDINGS};
use leasehold_api::{market, Asset, Denom, RuleError};

use crate::payout::{Payout, Source};
use crate::state::{self, own, params, save_list, unbondings, SUITE};
use crate::ContractError;

pub fn bond(deps: DepsMut, info: MessageInfo) -> Result<Response, ContractError> {
    let provider = info.sender;
    let mut hot = own(deps.storage, &provider)?;
    if info.funds.is_empty() {
        return Err(ContractError::NoFunds);
    }
    let bonded = credit_coins(deps.storage, &mut hot, &provider, &info.funds)?;
    HOT.save(deps.storage, &provider, &hot)?;
    Ok(Response::new().add_events(bonded))
}

pub fn allow_token(
    deps: DepsMut,
    info: MessageInfo,
    token: String,
) -> Result<Response, ContractError> {
    own(deps.storage, &info.sender)?;
    let token = deps.api.addr_validate(&token)?;
    state::allow_token(deps.storage, &info.sender, &token)?;
    Ok(Response::new())
}

/// The denom is the caller's own address, so a token can only ever credit itself.
pub fn receive(
    deps: DepsMut,
    info: MessageInfo,
    transfer: Cw20ReceiveMsg,
) -> Result<Response, ContractError> {
    let token = info.sender;
    let provider = deps.api.addr_validate(&transfer.sender)?;
    if !state::allows_token(deps.storage, &provider, &token) {
        return Err(ContractError::Unauthorized {
            sender: token,
            allowed: format!("a cw20 token that {provider} has allowed"),
        });
    }
    let Cw20HookMsg::Bond {} = from_json(&transfer.msg)?;
    let mut hot = own(deps.storage, &provider)?;
    let asset = Asset {
        denom: Denom::Cw20(token.into_string()),
        amount: transfer.amount,
    };
    let bonded = credit(deps.storage, &mut hot, &provider, &asset)?;
    HOT.save(deps.storage, &provider, &hot)?;
    Ok(Response::new().add_event(bonded))
}

pub fn unbond(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    asset: Asset,
) -> Result<Response, ContractError> {
    let provider = info.sender;
    let mut hot = own(deps.storage, &provider)?;
    refuse_zero(&asset)?;
    let market = SUITE.load(deps.storage)?.market;
    let locked = market::lock(&deps.querier, &market, &provider, &asset.denom)?.amount;
    let free = hot.collateral_in(&asset.denom).saturating_sub(locked);
    if asset.amount > free {
        return Err(ContractError::Locked {
            denom: asset.denom.to_string(),
            requested: asset.amount,
            free,
            locked,
        });
    }
    state::debit(deps.storage, &mut hot, &asset)?;
    HOT.save(deps.storage, &provider, &hot)?;

    let delay = params(deps.storage)?.unbonding;
    let claimable_at = env.block.time.plus_seconds(delay).seconds();
    let mut waiting = unbondings(deps.storage, &provider)?;
    if waiting.len() >= MAX_UNBONDINGS {
        return Err(ContractError::TooManyUnbondings {
            waiting: waiting.len(),
            max: MAX_UNBONDINGS,
        });
    }
    let (denom, amount) = (asset.denom.to_string(), asset.amount);
    waiting.push(Unbonding {
        asset,
        claimable_at,
    });
    save_list(deps.storage, &UNBONDINGS, &provider, &waiting)?;
    Ok(Response::new().add_event(UnbondingStarted {
        provider,
        denom,
        amount,
        claimable_at,
    }))
}

pub fn claim(deps: DepsMut, env: Env, info: MessageInfo) -> Result<Response, ContractError> {
    let provider = info.sender;
    let now = env.block.time.seconds();
    // At most MAX_UNBONDINGS entries.
    let (matured, waiting): (Vec<_>, Vec<_>) = unbondings(deps.storage, &provider)?
        .into_iter()
        .partition(|unbonding| unbonding.claimable_at <= now);
    if matured.is_empty() {
        let next = waiting.iter().map(|w| w.claimable_at).min();
        return Err(ContractError::NothingToClaim { provider, next });
    }
    save_list(deps.storage, &UNBONDINGS, &provider, &waiting)?;
    let payouts: StdResult<Vec<_>> = matured
        .into_iter()
        .map(|unbonding| {
            let to = provider.clone();
            let (asset, from) = (unbonding.asset, Source::Unbonding);
            Payout { to, asset, from }.submessage()
        })
        .collect();
    Ok(Response::new().add_submessages(payouts?))
}

/// Makes the coins sent along collateral. At most [`MAX_COLLATERAL_DENOMS`] coins get past `credit`.
pub fn credit_coins(
    storage: &mut dyn Storage,
    hot: &mut Hot,
    provider: &Addr,
    coins: &[Coin],
) -> Result<Vec<Event>, ContractError> {
    coins
        .iter()
        .map(|coin| {
            let asset = Asset {
                denom: Denom::Native(coin.denom.clone()),
                amount: coin.amount,
            };
            Ok(credit(storage, hot, provider, &asset)?.into())
        })
        .collect()
}

fn credit(
    storage: &mut dyn Storage,
    hot: &mut Hot,
    provider: &Addr,
    asset: &Asset,
) -> Result<Bonded, ContractError> {
    state::credit(storage, hot, asset)?;
    Ok(Bonded {
        provider: provider.clone(),
        denom: asset.denom.to_string(),
        amount: asset.amount,
    })
}

pub fn refuse_zero(asset: &Asset) -> Result<(), RuleError> {
    if asset.amount.is_zero() {
        let field = format!("amount of {}", asset.denom);
        return Err(RuleError::range(field, 0, "at least 1"));
    }
    Ok(())
}
