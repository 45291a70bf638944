//! Buying off the shelf: what providers post, change and take back, and what tenants take of it.

use cosmwasm_std::{Addr, Binary, Uint128};
use leasehold_api::deployment::{ExecuteMsg as DeploymentMsg, GroupRequest};
use leasehold_api::market::{
    ExecuteMsg as MarketMsg, Exit, OfferResponse, OfferTerms, OffersResponse,
    QueryMsg as MarketQuery, TakeOffer, NEXT_OFFER, OFFERS,
};
use leasehold_api::{Denom, Goods, GroupSpec, Stock, StorageStock, Volume, SCALE};
use rand::Rng;

use super::Life;
use crate::verbs::{rate, small_group};

impl Life {
    pub(super) fn offer_action(&mut self) -> (&'static str, anyhow::Result<()>) {
        match self.dice.gen_range(0..8) {
            0 | 1 => {
                let (who, denom, terms) = (self.provider(), self.some_denom(), self.offer_terms());
                let post = MarketMsg::PostOffer { denom, terms };
                ("post_offer", self.at_market(&who, &post))
            }
            2 => {
                let (offer_id, who) = self.some_offer();
                let terms = self.offer_terms();
                let update = MarketMsg::UpdateOffer { offer_id, terms };
                ("update_offer", self.at_market(&who, &update))
            }
            3 if self.dice.gen_ratio(1, 2) => {
                let (offer_id, who) = self.some_offer();
                let withdraw = MarketMsg::WithdrawOffer { offer_id };
                ("withdraw_offer", self.at_market(&who, &withdraw))
            }
            _ => ("take_offer", self.take_offers()),
        }
    }

    /// One or two groups on offers that may be gone, dear or sold out; all of it happens or nothing.
    fn take_offers(&mut self) -> anyhow::Result<()> {
        let who = self.tenant();
        let groups: Vec<GroupRequest> = (0..self.dice.gen_range(1..=2))
            .map(|i| {
                let spec = self.odd_group(&format!("group{i}"));
                let exit = self.some_exit();
                let listed = self.takeable(&spec, exit);
                let offer_id = if listed.is_empty() || self.dice.gen_ratio(1, 6) {
                    self.some_offer().0
                } else {
                    *self.pick(&listed)
                };
                let guard = self.dice.gen_ratio(1, 4);
                let guard = guard.then(|| rate(self.dice.gen_range(1..=40)));
                GroupRequest {
                    offer: Some(TakeOffer {
                        offer_id,
                        max_rate: guard,
                    }),
                    exit,
                    ..spec.into()
                }
            })
            .collect();
        let create = DeploymentMsg::Create {
            groups,
            manifest_hash: Binary::from(vec![2; 32]),
            denom: self.world.rent_denom(),
            account: None,
        };
        let deposit = self.dice.gen_range(3_000..=40_000);
        self.world
            .deployment_call(&who, &create, deposit)
            .map(|_| ())
    }

    fn odd_group(&mut self, name: &str) -> GroupSpec {
        let mut spec = small_group(name, self.dice.gen_range(5..=60));
        let unit = &mut spec.resources[0];
        unit.cpu = self.dice.gen_range(10..=900);
        unit.memory = self.dice.gen_range(1 << 20..=256 << 20);
        unit.count = self.dice.gen_range(1..=3);
        if self.dice.gen_ratio(1, 2) {
            unit.storage.push(Volume {
                name: "data".into(),
                bytes: self.dice.gen_range(5 << 20..=512 << 20),
                class: None,
                persistent: false,
            });
        }
        spec
    }

    /// What the market says can be taken.
    fn takeable(&self, group: &GroupSpec, exit: Option<Exit>) -> Vec<u64> {
        let query = MarketQuery::Offers {
            denom: self.world.rent_denom(),
            group: Some(group.clone()),
            exit,
            start_after: None,
            limit: None,
        };
        let found: OffersResponse = self
            .world
            .query(&self.world.suite.market, &query)
            .expect("the market lists offers");
        let can = |offer: &&OfferResponse| {
            offer
                .quote
                .as_ref()
                .is_some_and(|quote| quote.refusal.is_none())
        };
        found
            .offers
            .iter()
            .filter(can)
            .map(|offer| offer.id)
            .collect()
    }

    /// Mostly one that exists, and mostly its provider.
    fn some_offer(&mut self) -> (u64, Addr) {
        let next = self.next(&self.world.suite.market.clone(), NEXT_OFFER);
        let id = self.dice.gen_range(next.saturating_sub(5).max(1)..=next);
        let offer = OFFERS
            .query(&self.world.app.wrap(), self.world.suite.market.clone(), id)
            .expect("offers decode");
        match offer {
            Some(offer) if self.dice.gen_ratio(7, 8) => (id, offer.provider),
            _ => (id, self.provider()),
        }
    }

    /// Room for a few groups, now and then for none.
    fn offer_terms(&mut self) -> OfferTerms {
        let mut stock = |most: u64, units: u128, per: u128| Stock {
            amount: self.dice.gen_range(0..=most),
            price: Uint128::new(self.dice.gen_range(0..=units) * SCALE / per),
        };
        let goods = Goods {
            cpu: stock(6_000, 20, 1_000),
            memory: stock(2_000, 20, 1_024),
            storage: vec![StorageStock {
                class: None,
                stock: stock(4_000, 5, 1_024),
            }],
            gpus: vec![],
            ips: Stock::default(),
            endpoint: Uint128::zero(),
        };
        OfferTerms {
            goods,
            exit: self.some_exit(),
            expires_at: self.world.now() + self.dice.gen_range(0..=2_000),
        }
    }

    fn some_exit(&mut self) -> Option<Exit> {
        let named = self.dice.gen_ratio(1, 8);
        named.then(|| Exit {
            notice: self.dice.gen_range(0..=20),
            compensation_bps: self.dice.gen_range(0..=2_000),
        })
    }

    fn some_denom(&mut self) -> Denom {
        let denoms = [self.world.rent_denom(), self.world.token_denom()];
        match self.dice.gen_range(0..6) {
            0 => denoms[1].clone(),
            _ => denoms[0].clone(),
        }
    }

    fn at_market(&mut self, who: &Addr, msg: &MarketMsg) -> anyhow::Result<()> {
        self.world.market_call(who, msg).map(|_| ())
    }
}
