//! Offers in the harness: posting, taking, and what must hold of them after every message.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{from_json, Addr, Order as Direction, StdResult, Uint128};
use cw_multi_test::AppResponse;
use leasehold_api::deployment::order_id;
use leasehold_api::market::{
    ExecuteMsg, Exit, Lease, Offer, OfferResponse, OfferTerms, QueryMsg, TakeOffer, Terms, ENDED,
    LEASES, MAX_OFFERS, OFFERS, OFFERS_IN, OFFERS_OF, TAKEN,
};
use leasehold_api::{Goods, Stock, Usage, SCALE};
use leasehold_market::ContractError;

use crate::harness::*;

/// Seconds from the start of the tests until an offer expires.
pub const OFFER_LIFE: u64 = 10_000;

/// `cores` at `units` whole units per second each; memory costs nothing. The harness's group takes one core and a GiB.
pub fn goods(cores: u64, units: u128) -> Goods {
    Goods {
        cpu: Stock {
            amount: cores * 1_000,
            price: Uint128::new(units * SCALE / 1_000),
        },
        memory: Stock {
            amount: 1 << 20,
            price: Uint128::zero(),
        },
        storage: vec![],
        gpus: vec![],
        ips: Stock::default(),
        endpoint: Uint128::zero(),
    }
}

pub fn posted(goods: Goods) -> OfferTerms {
    OfferTerms {
        goods,
        exit: None,
        expires_at: START + OFFER_LIFE,
    }
}

pub fn taking(offer_id: u64) -> TakeOffer {
    TakeOffer {
        offer_id,
        max_rate: None,
    }
}

pub fn take_msg(group: u32, max: u128, offer: TakeOffer, exit: Option<Exit>) -> ExecuteMsg {
    let terms = Terms {
        exit,
        ..descending().into()
    };
    take_msg_on(terms, group, max, offer)
}

pub fn take_msg_on(terms: Terms, group: u32, max: u128, offer: TakeOffer) -> ExecuteMsg {
    ExecuteMsg::OpenOrder {
        order_id: order_id(DEPLOYMENT, group).unwrap(),
        account: ACCOUNT,
        denom: denom(),
        max_rate: rate(max),
        terms,
        offer: Some(offer),
    }
}

impl World {
    /// Posts an offer; answers its id.
    pub fn post(&mut self, name: &str, goods: Goods) -> Result<u64, ContractError> {
        self.post_on(name, posted(goods))
    }

    pub fn post_on(&mut self, name: &str, terms: OfferTerms) -> Result<u64, ContractError> {
        let denom = denom();
        let response = self.by(name, ExecuteMsg::PostOffer { denom, terms })?;
        Ok(from_json(response.data.unwrap()).unwrap())
    }

    pub fn update_offer(
        &mut self,
        name: &str,
        offer_id: u64,
        terms: OfferTerms,
    ) -> Result<AppResponse, ContractError> {
        self.by(name, ExecuteMsg::UpdateOffer { offer_id, terms })
    }

    pub fn withdraw_offer(
        &mut self,
        name: &str,
        offer_id: u64,
    ) -> Result<AppResponse, ContractError> {
        self.by(name, ExecuteMsg::WithdrawOffer { offer_id })
    }

    /// Orders that group with the maximum, on the offer.
    pub fn take(
        &mut self,
        group: u32,
        max: u128,
        offer_id: u64,
    ) -> Result<AppResponse, ContractError> {
        let deployment = self.suite.deployment.clone();
        self.send(
            &deployment,
            &take_msg(group, max, taking(offer_id), None),
            &[],
        )
    }

    pub fn offer(&self, id: u64) -> OfferResponse {
        self.query(&QueryMsg::Offer { id })
    }

    pub fn taken(&self, id: u64) -> Usage {
        let taken = TAKEN.may_load(&*self.storage(), id).unwrap();
        taken.unwrap_or_default()
    }

    /// What is taken of an offer is what its active leases hold, no more than was posted; the lists say what the records say.
    pub fn check_offers(&self) {
        let storage = self.storage();
        let mut held: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (id, lease) in all::<Lease>(&LEASES, &*storage) {
            if ENDED.has(&*storage, id) {
                continue;
            }
            if let Some(taken) = lease.taken {
                let sums = held.entry(taken.offer_id).or_default();
                sums.resize(taken.usage.0.len(), 0);
                for (sum, amount) in sums.iter_mut().zip(taken.usage.0) {
                    *sum += amount;
                }
            }
        }
        let counted: BTreeMap<u64, Vec<u64>> = all::<Usage>(&TAKEN, &*storage)
            .into_iter()
            .map(|(id, usage)| (id, usage.0))
            .collect();
        assert_eq!(counted, held, "what is taken is what the leases hold");
        let offers = all::<Offer>(&OFFERS, &*storage);
        for (id, offer) in &offers {
            let posted = offer.terms.goods.left(&Usage::default()).0;
            let taken = held.get(id).into_iter().flatten();
            assert!(
                taken.zip(posted).all(|(taken, amount)| *taken <= amount),
                "offer {id} is oversold"
            );
        }
        let listed: BTreeSet<(String, u64)> = OFFERS_IN
            .keys(&*storage, None, None, Direction::Ascending)
            .collect::<StdResult<_>>()
            .unwrap();
        let expected: BTreeSet<_> = offers.iter().map(|(id, o)| (o.denom.key(), *id)).collect();
        assert_eq!(listed, expected, "offers by denom");
        let owned: BTreeMap<(Addr, u64), u64> = OFFERS_OF
            .range(&*storage, None, None, Direction::Ascending)
            .collect::<StdResult<_>>()
            .unwrap();
        let expected: BTreeMap<_, _> = offers
            .into_iter()
            .map(|(id, o)| ((o.provider, id), o.terms.expires_at))
            .collect();
        assert_eq!(owned, expected, "offers by provider");
        for name in PROVIDERS {
            let provider = self.addr(name);
            let own = owned.keys().filter(|(who, _)| *who == provider).count();
            assert!(own <= MAX_OFFERS, "{name} has {own} offers");
        }
    }
}
