//! Standing offers: what is stored of them, taken from them and told of them.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Empty, Uint128};
use cw_storage_plus::{Item, Map};
use leasehold_rules::money::stored_denom;
use leasehold_rules::offer::{Goods, Usage};

use super::Exit;
use crate::Denom;

/// Offers that one provider may have at a time.
pub const MAX_OFFERS: usize = 16;
/// How far ahead an offer may expire, seconds.
pub const MAX_OFFER_LIFE: u64 = 2_592_000;

/// What is sold at what price, by id. Read at every take, written by its provider only.
pub const OFFERS: Map<u64, Offer> = Map::new("f");
/// What the active leases of an offer take of it; absent for nothing. Outlives an offer that is withdrawn.
pub const TAKEN: Map<u64, Usage> = Map::new("t");
/// Offers by [`Denom::key`].
pub const OFFERS_IN: Map<(&str, u64), Empty> = Map::new("i");
/// Offers by provider, with their expiry; at most [`MAX_OFFERS`] of one.
pub const OFFERS_OF: Map<(&Addr, u64), u64> = Map::new("w");
/// Id that the next offer gets.
pub const NEXT_OFFER: Item<u64> = Item::new("n");

/// A provider's word to serve whatever fits, at these prices, until it expires.
#[cw_serde]
pub struct Offer {
    #[serde(rename = "p")]
    pub provider: Addr,
    #[serde(rename = "d", with = "stored_denom")]
    #[schemars(with = "String")]
    pub denom: Denom,
    #[serde(rename = "t")]
    pub terms: OfferTerms,
}

/// What a provider decides about an offer, and may change.
#[cw_serde]
#[derive(Eq, PartialOrd, Ord)]
pub struct OfferTerms {
    pub goods: Goods,
    /// How its leases may be left: a group that asks for a longer notice or a higher compensation does not get them. Absent: with the
    /// market's default notice, at no cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<Exit>,
    /// Block time from which it is neither listed nor taken: at most 30 days ahead, when it is sent.
    pub expires_at: u64,
}

/// A standing offer to take for a group.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct TakeOffer {
    pub offer_id: u64,
    /// Refuses the whole message when the offer asks more than this for the group, scaled per second: its provider may raise its prices
    /// at any time. Absent, or above it: the group's maximum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rate: Option<Uint128>,
}

/// What a lease holds of an offer, and gives back when it ends.
#[cw_serde]
#[derive(Eq)]
#[serde(from = "StoredTaken", into = "StoredTaken")]
pub struct Taken {
    pub offer_id: u64,
    pub usage: Usage,
}

/// Without names: part of a lease's record.
type StoredTaken = (u64, Usage);

impl From<StoredTaken> for Taken {
    fn from((offer_id, usage): StoredTaken) -> Self {
        Taken { offer_id, usage }
    }
}

impl From<Taken> for StoredTaken {
    fn from(Taken { offer_id, usage }: Taken) -> Self {
        (offer_id, usage)
    }
}

#[cw_serde]
pub struct OfferResponse {
    pub id: u64,
    pub provider: Addr,
    pub denom: Denom,
    /// Its amounts include what is taken.
    pub terms: OfferTerms,
    /// What is left of its goods.
    pub left: Usage,
    /// For the group that was asked about.
    pub quote: Option<OfferQuote>,
}

/// What an offer asks for a group.
#[cw_serde]
pub struct OfferQuote {
    /// Scaled per second for the whole group.
    pub rate: Uint128,
    /// Why it cannot be taken now. Absent: it can.
    pub refusal: Option<String>,
}

#[cw_serde]
pub struct OffersResponse {
    pub offers: Vec<OfferResponse>,
    /// `start_after` of the next page, which may be empty. Absent: there is none.
    pub next: Option<u64>,
}
