use cosmwasm_std::{Addr, Empty, Order as Direction, StdResult, Uint128};
use leasehold_api::event::{OfferPosted, OfferTaken, OfferUpdated, OfferWithdrawn};
use leasehold_api::market::{
    Offer, OfferTerms, Order, TakeOffer, Taken, MAX_OFFERS, MAX_OFFER_LIFE, NEXT_OFFER, OFFERS,
    OFFERS_IN, OFFERS_OF, TAKEN,
};
use leasehold_api::rules::auction::within;
use leasehold_api::rules::money;
use leasehold_api::rules::offer::Portion;
use leasehold_api::{Denom, RuleError};

use super::claim;
use crate::permission::unauthorized;
use crate::quote::quote;
use crate::state;
use crate::touch::Touch;
use crate::ContractError;

pub fn post(touch: &mut Touch, denom: Denom, terms: OfferTerms) -> Result<(), ContractError> {
    let provider = touch.sender.clone();
    let collateral = touch.registered(&provider)?.collateral_in(&denom);
    if collateral.is_zero() {
        return Err(ContractError::InsufficientCollateral {
            denom: denom.to_string(),
            needed: Uint128::one(),
            free: collateral,
        });
    }
    validate(touch, &terms)?;
    make_room(touch, &provider)?;
    let id = NEXT_OFFER.load(touch.deps.storage)?;
    let next = id.checked_add(1).ok_or(RuleError::Overflow {
        what: "number of offers",
    })?;
    NEXT_OFFER.save(touch.deps.storage, &next)?;
    OFFERS_IN.save(touch.deps.storage, (&denom.key(), id), &Empty {})?;
    OFFERS_OF.save(touch.deps.storage, (&provider, id), &terms.expires_at)?;
    touch.emit(OfferPosted {
        offer_id: id,
        provider: provider.clone(),
        denom: denom.to_string(),
        expires_at: terms.expires_at,
    });
    let offer = Offer {
        provider,
        denom,
        terms,
    };
    OFFERS.save(touch.deps.storage, id, &offer)?;
    Ok(touch.answer(&id)?)
}

pub fn update(touch: &mut Touch, id: u64, terms: OfferTerms) -> Result<(), ContractError> {
    let offer = own(touch, id)?;
    validate(touch, &terms)?;
    let taken = state::taken(touch.deps.storage, id)?;
    terms.goods.replaces(&offer.terms.goods, &taken)?;
    let key = (&offer.provider, id);
    OFFERS_OF.save(touch.deps.storage, key, &terms.expires_at)?;
    touch.emit(OfferUpdated {
        offer_id: id,
        provider: offer.provider.clone(),
        expires_at: terms.expires_at,
    });
    Ok(OFFERS.save(touch.deps.storage, id, &Offer { terms, ..offer })?)
}

pub fn withdraw(touch: &mut Touch, id: u64) -> Result<(), ContractError> {
    let offer = own(touch, id)?;
    remove(touch, id, &offer);
    Ok(())
}

/// Starts a fresh order's lease on an offer. Whether the account can pay is escrow's to say, which undoes the whole message if not.
pub fn take(
    touch: &mut Touch,
    id: u64,
    order: Order,
    wanted: TakeOffer,
) -> Result<(), ContractError> {
    let offer_id = wanted.offer_id;
    let Offer {
        provider,
        denom,
        terms,
    } = state::offer(touch.deps.storage, offer_id)?;
    let expires_at = terms.expires_at;
    if touch.now >= expires_at {
        return Err(ContractError::OfferExpired {
            id: offer_id,
            expires_at,
        });
    }
    if denom != order.denom {
        return Err(ContractError::OfferDenom {
            id: offer_id,
            offered: denom.to_string(),
            denom: order.denom.to_string(),
        });
    }
    let group = touch.group(id)?;
    let maximum = order.auction.max_rate;
    let most = wanted.max_rate.map_or(maximum, |most| most.min(maximum));
    let Portion { usage, rate } = quote(offer_id, &terms, &touch.params, &group, order.exit, most)?;
    let before = state::taken(touch.deps.storage, offer_id)?;
    let taken = terms.goods.take(&before, &usage)?;
    let tenant = touch.tenant(id)?;
    let bond = money::bond(rate, touch.params.bond_seconds)?;
    let unlocked = Uint128::zero();
    let lock = touch.require_able(&group, &order, &tenant, &provider, bond, unlocked)?;
    state::lock(touch.deps.storage, &provider, &denom, lock, bond)?;
    TAKEN.save(touch.deps.storage, offer_id, &taken)?;
    let terms = claim::Terms {
        tenant,
        provider,
        rate,
        bond,
        taken: Some(Taken { offer_id, usage }),
    };
    let lease_id = claim::start(touch, id, order, terms)?;
    touch.emit(OfferTaken { offer_id, lease_id });
    Ok(())
}

/// Returns what a lease held, whatever has become of the offer.
pub fn give_back(touch: &mut Touch, held: &Taken) -> Result<(), ContractError> {
    let storage = &mut *touch.deps.storage;
    let left = state::taken(storage, held.offer_id)?.give_back(&held.usage)?;
    if left.is_nothing() {
        TAKEN.remove(storage, held.offer_id);
        return Ok(());
    }
    Ok(TAKEN.save(storage, held.offer_id, &left)?)
}

/// An offer of the sender's.
fn own(touch: &Touch, id: u64) -> Result<Offer, ContractError> {
    let offer = state::offer(touch.deps.storage, id)?;
    if offer.provider == touch.sender {
        return Ok(offer);
    }
    let seller = format!("the provider {}", offer.provider);
    Err(unauthorized(&touch.sender, seller))
}

fn validate(touch: &Touch, terms: &OfferTerms) -> Result<(), ContractError> {
    terms.goods.validate()?;
    if let Some(exit) = &terms.exit {
        exit.validate()?;
    }
    let first = touch.now.saturating_add(1);
    let last = touch.now.saturating_add(MAX_OFFER_LIFE);
    Ok(within("expires_at", terms.expires_at, first..=last)?)
}

/// Clears the provider's expired offers; what is left must be fewer than it may have.
fn make_room(touch: &mut Touch, provider: &Addr) -> Result<(), ContractError> {
    // At most MAX_OFFERS entries.
    let own = OFFERS_OF
        .prefix(provider)
        .range(touch.deps.storage, None, None, Direction::Ascending)
        .collect::<StdResult<Vec<_>>>()?;
    let (live, expired): (Vec<_>, Vec<_>) = own
        .into_iter()
        .partition(|(_, expires_at)| touch.now < *expires_at);
    for (id, _) in expired {
        let offer = state::offer(touch.deps.storage, id)?;
        remove(touch, id, &offer);
    }
    if live.len() < MAX_OFFERS {
        return Ok(());
    }
    Err(ContractError::TooManyOffers {
        provider: provider.clone(),
        most: MAX_OFFERS,
    })
}

/// What its leases hold stays counted until they end.
fn remove(touch: &mut Touch, id: u64, offer: &Offer) {
    let storage = &mut *touch.deps.storage;
    OFFERS.remove(storage, id);
    OFFERS_IN.remove(storage, (&offer.denom.key(), id));
    OFFERS_OF.remove(storage, (&offer.provider, id));
    touch.emit(OfferWithdrawn {
        offer_id: id,
        provider: offer.provider.clone(),
    });
}
