//! What the parties do with standing offers.

use anyhow::{Context as _, Result};
use cosmwasm_std::{from_json, Addr, Uint128};
use cw_multi_test::AppResponse;
use leasehold_api::deployment::GroupRequest;
use leasehold_api::market::{ExecuteMsg, OfferResponse, OfferTerms, QueryMsg, TakeOffer};
use leasehold_api::{Denom, Goods, Stock, Usage, SCALE};

use super::{rate, small_group};
use crate::world::World;

/// Room for so many small groups, each at `units` whole units per second.
pub fn small_goods(groups: u64, units: u128) -> Goods {
    let stock = |amount: u64, price: u128| Stock {
        amount: amount * groups,
        price: Uint128::new(price),
    };
    Goods {
        cpu: stock(100, units * SCALE / 100),
        memory: stock(64, 0),
        storage: vec![],
        gpus: vec![],
        ips: Stock::default(),
        endpoint: Uint128::zero(),
    }
}

/// [`small_goods`] for a thousand seconds.
pub fn small_terms(world: &World, groups: u64, units: u128) -> OfferTerms {
    OfferTerms {
        goods: small_goods(groups, units),
        exit: None,
        expires_at: world.now() + 1_000,
    }
}

/// For at most `units` whole units per second.
pub fn taking(offer_id: u64, units: u128) -> TakeOffer {
    TakeOffer {
        offer_id,
        max_rate: Some(rate(units)),
    }
}

impl World {
    /// Sells for the rent denom; answers the offer's id.
    pub fn post_offer(&mut self, who: &Addr, terms: OfferTerms) -> Result<u64> {
        self.post_offer_in(who, terms, self.rent_denom())
    }

    pub fn post_offer_in(&mut self, who: &Addr, terms: OfferTerms, denom: Denom) -> Result<u64> {
        let post = ExecuteMsg::PostOffer { denom, terms };
        let response = self.market_call(who, &post)?;
        let id = response.data.context("it answers with the id")?;
        Ok(from_json(id)?)
    }

    pub fn update_offer(
        &mut self,
        who: &Addr,
        offer_id: u64,
        terms: OfferTerms,
    ) -> Result<AppResponse> {
        self.market_call(who, &ExecuteMsg::UpdateOffer { offer_id, terms })
    }

    pub fn withdraw_offer(&mut self, who: &Addr, offer_id: u64) -> Result<AppResponse> {
        self.market_call(who, &ExecuteMsg::WithdrawOffer { offer_id })
    }

    /// Creates a deployment of small groups, each with its maximum in whole units on an offer; answers its id.
    pub fn take(
        &mut self,
        who: &Addr,
        groups: &[(u128, TakeOffer)],
        deposit: u128,
        account: Option<u64>,
    ) -> Result<u64> {
        self.take_in(who, groups, deposit, account, self.rent_denom())
    }

    pub fn take_in(
        &mut self,
        who: &Addr,
        groups: &[(u128, TakeOffer)],
        deposit: u128,
        account: Option<u64>,
        denom: Denom,
    ) -> Result<u64> {
        let groups = (0..)
            .zip(groups)
            .map(|(i, (most, offer)): (u32, _)| GroupRequest {
                offer: Some(*offer),
                ..small_group(&format!("group{i}"), *most).into()
            })
            .collect();
        self.request(who, groups, deposit, account, denom)
    }

    /// What is left of an offer.
    pub fn left(&self, id: u64) -> Result<Usage> {
        let offer: OfferResponse = self.query(&self.suite.market, &QueryMsg::Offer { id })?;
        Ok(offer.left)
    }
}
