//! Silences that begin together: an outage of the chain or the network, for which nobody is slashed.

use cosmwasm_std::{Addr, DepsMut, Env, Response, StdError, Storage, Uint128};
use leasehold_api::event::LapseCounted;
use leasehold_api::provider::{Hot, Params, HOT, LAPSES, MAX_LAPSES, OUTAGES};
use leasehold_api::Denom;
use leasehold_rules::slash::Outage;
use leasehold_rules::RuleError;

use crate::state::{self, params};
use crate::ContractError;

/// Counts the silence that a provider's record shows, unless it is counted already.
pub fn count(
    storage: &mut dyn Storage,
    params: &Params,
    provider: &Addr,
    hot: &Hot,
) -> Result<Option<LapseCounted>, ContractError> {
    let at = hot.live.until;
    let window = window(at, params);
    if LAPSES.has(storage, (provider, window)) {
        return Ok(None);
    }
    LAPSES.save(storage, (provider, window), &hot.collateral)?;
    // At most MAX_COLLATERAL_DENOMS denoms.
    for asset in &hot.collateral {
        let key = asset.denom.key();
        let outage = match OUTAGES.may_load(storage, (window, &key))? {
            Some(outage) => outage,
            None => Outage {
                lapsed: Uint128::zero(),
                bonded: state::bonded(storage, &asset.denom)?,
            },
        };
        let lapsed = outage.lapsed.checked_add(asset.amount);
        let outage = Outage {
            lapsed: lapsed.map_err(StdError::from)?,
            ..outage
        };
        OUTAGES.save(storage, (window, &key), &outage)?;
    }
    let provider = provider.clone();
    Ok(Some(LapseCounted { provider, at }))
}

pub fn count_lapses(
    deps: DepsMut,
    env: Env,
    providers: &[String],
) -> Result<Response, ContractError> {
    if providers.len() > MAX_LAPSES {
        let allowed = format!("at most {MAX_LAPSES}");
        return Err(RuleError::range("providers", providers.len(), allowed).into());
    }
    let now = env.block.time.seconds();
    let params = params(deps.storage)?;
    let mut counted = vec![];
    // At most MAX_LAPSES providers.
    for provider in providers {
        let provider = deps.api.addr_validate(provider)?;
        let hot = HOT.may_load(deps.storage, &provider)?;
        if let Some(hot) = hot.filter(|hot| now >= hot.live.until) {
            counted.extend(count(deps.storage, &params, &provider, &hot)?);
        }
    }
    if counted.is_empty() {
        return Err(ContractError::NothingLapsed);
    }
    Ok(Response::new().add_events(counted))
}

/// Whether a provider's fault at `at` fell into an outage of the others: in its own stretch of time or one beside it.
pub fn is_common(
    storage: &dyn Storage,
    params: &Params,
    provider: &Addr,
    denom: &Denom,
    at: u64,
) -> Result<bool, ContractError> {
    let middle = window(at, params);
    let (mut around, mut own) = (Outage::default(), Uint128::zero());
    // Three stretches.
    for window in middle.saturating_sub(1)..=middle.saturating_add(1) {
        let Some(outage) = OUTAGES.may_load(storage, (window, &denom.key()))? else {
            continue;
        };
        around.lapsed = around
            .lapsed
            .checked_add(outage.lapsed)
            .map_err(StdError::from)?;
        around.bonded = around.bonded.max(outage.bonded);
        own = own
            .checked_add(counted_of(storage, provider, window, denom)?)
            .map_err(StdError::from)?;
    }
    Ok(around.is_common(own, params.breaker_bps)?)
}

fn counted_of(
    storage: &dyn Storage,
    provider: &Addr,
    window: u64,
    denom: &Denom,
) -> Result<Uint128, ContractError> {
    let counted = LAPSES.may_load(storage, (provider, window))?;
    // At most MAX_COLLATERAL_DENOMS denoms.
    let of_denom = counted
        .iter()
        .flatten()
        .find(|asset| asset.denom == *denom)
        .map(|asset| asset.amount);
    Ok(of_denom.unwrap_or(Uint128::zero()))
}

/// At least one second long.
fn window(at: u64, params: &Params) -> u64 {
    at.checked_div(params.lapse_window).unwrap_or(at)
}
