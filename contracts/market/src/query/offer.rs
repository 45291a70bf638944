//! What providers sell, and what they ask for a group.

use cosmwasm_std::{Deps, Env, Order as Direction, StdError, StdResult, Uint128};
use cw_storage_plus::Bound;
use leasehold_api::market::{
    Config, Exit, Offer, OfferQuote, OfferResponse, OffersResponse, CONFIG, OFFERS, OFFERS_IN,
    OFFERS_OF,
};
use leasehold_api::pagination::page_size;
use leasehold_api::provider::{Hot, HOT};
use leasehold_api::rules::money;
use leasehold_api::rules::offer::Portion;
use leasehold_api::{Denom, GroupSpec};

use crate::peers::{require_collateral, require_match, require_willing};
use crate::quote::quote;
use crate::{state, ContractError};

/// What is asked about.
pub struct Wanted {
    pub group: GroupSpec,
    pub exit: Option<Exit>,
}

pub fn offer(deps: Deps, id: u64) -> StdResult<OfferResponse> {
    let offer = OFFERS.may_load(deps.storage, id)?;
    let offer = offer.ok_or_else(|| StdError::not_found(format!("offer {id}")))?;
    response(deps, id, offer, None)
}

pub fn provider_offers(deps: Deps, provider: &str) -> StdResult<OffersResponse> {
    let provider = deps.api.addr_validate(provider)?;
    // At most MAX_OFFERS entries.
    let offers = OFFERS_OF
        .prefix(&provider)
        .keys(deps.storage, None, None, Direction::Ascending)
        .map(|id| offer(deps, id?))
        .collect::<StdResult<_>>()?;
    Ok(OffersResponse { offers, next: None })
}

/// One page of at most `limit` entries looked at, whatever becomes of them.
pub fn offers(
    deps: Deps,
    env: &Env,
    denom: &Denom,
    wanted: Option<Wanted>,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> StdResult<OffersResponse> {
    if let Some(wanted) = &wanted {
        let validated = wanted.group.validate();
        validated.map_err(|error| StdError::generic_err(error.to_string()))?;
    }
    let market = Market {
        deps,
        config: CONFIG.load(deps.storage)?,
        now: env.block.time.seconds(),
    };
    let limit = page_size(limit);
    let ids = OFFERS_IN
        .prefix(&denom.key())
        .keys(
            deps.storage,
            start_after.map(Bound::exclusive),
            None,
            Direction::Ascending,
        )
        .take(limit)
        .collect::<StdResult<Vec<u64>>>()?;
    let offers = ids
        .iter()
        .filter_map(|id| market.listed(*id, wanted.as_ref()).transpose())
        .collect::<StdResult<_>>()?;
    let next = ids.last().copied().filter(|_| ids.len() == limit);
    Ok(OffersResponse { offers, next })
}

struct Market<'a> {
    deps: Deps<'a>,
    config: Config,
    now: u64,
}

impl Market<'_> {
    /// An offer that somebody can take; for a group, one that sells what it asks for.
    fn listed(&self, id: u64, wanted: Option<&Wanted>) -> StdResult<Option<OfferResponse>> {
        let offer = OFFERS.load(self.deps.storage, id)?;
        if self.now >= offer.terms.expires_at {
            return Ok(None);
        }
        let registry = self.config.suite.provider.clone();
        let hot = HOT.query(&self.deps.querier, registry, &offer.provider)?;
        let Some(hot) = hot.filter(|hot| require_willing(hot, self.now).is_ok()) else {
            return Ok(None);
        };
        let Some(wanted) = wanted else {
            return response(self.deps, id, offer, None).map(Some);
        };
        // Whatever an offer holds, it spoils no listing: what cannot be priced is not sold.
        let Ok(portion) = self.portion(id, &offer, wanted) else {
            return Ok(None);
        };
        let quote = OfferQuote {
            rate: portion.rate,
            refusal: self.refusal(id, &offer, &hot, &portion),
        };
        response(self.deps, id, offer, Some(quote)).map(Some)
    }

    /// What the group takes, unless it never could.
    fn portion(&self, id: u64, offer: &Offer, wanted: &Wanted) -> Result<Portion, ContractError> {
        let (params, group) = (&self.config.params, &wanted.group);
        let most = group.max_rate()?;
        let portion = quote(id, &offer.terms, params, group, wanted.exit, most)?;
        let registry = &self.config.suite.provider;
        require_match(self.deps, registry, &offer.provider, group, self.now)?;
        Ok(portion)
    }

    /// Why it cannot be taken now.
    fn refusal(&self, id: u64, offer: &Offer, hot: &Hot, portion: &Portion) -> Option<String> {
        let fits = || -> Result<(), ContractError> {
            let taken = state::taken(self.deps.storage, id)?;
            offer.terms.goods.take(&taken, &portion.usage)?;
            let bond = money::bond(portion.rate, self.config.params.bond_seconds)?;
            let (denom, provider) = (&offer.denom, &offer.provider);
            require_collateral(self.deps, denom, provider, hot, bond, Uint128::zero())?;
            Ok(())
        };
        fits().err().map(|error| error.to_string())
    }
}

fn response(
    deps: Deps,
    id: u64,
    offer: Offer,
    quote: Option<OfferQuote>,
) -> StdResult<OfferResponse> {
    let taken = state::taken(deps.storage, id)?;
    Ok(OfferResponse {
        id,
        left: offer.terms.goods.left(&taken),
        provider: offer.provider,
        denom: offer.denom,
        terms: offer.terms,
        quote,
    })
}
