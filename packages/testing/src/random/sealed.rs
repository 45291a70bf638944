//! Sealed bids of a random life: most are revealed, some are not, and somebody tidies up after those.

use anyhow::Result;
use cosmwasm_std::{Addr, Uint128};
use leasehold_api::market::{
    CommitmentsResponse, OrderPhase, OrderResponse, QueryMsg as MarketQuery,
};
use leasehold_api::AuctionMode;
use rand::Rng;

use super::Life;

impl Life {
    pub(super) fn sealed_action(&mut self) -> (&'static str, Result<()>) {
        if self.dice.gen_ratio(1, 4) {
            return ("end_commitment", self.end_commitment());
        }
        let sealed: Vec<OrderResponse> = self
            .open_orders()
            .into_iter()
            .filter(|order| matches!(order.mode, AuctionMode::Sealed { .. }))
            .collect();
        if sealed.is_empty() {
            return ("commit", Err(anyhow::anyhow!("no sealed order is open")));
        }
        let order = self.pick(&sealed).clone();
        match order.phase {
            OrderPhase::Revealing => ("reveal", self.reveal(&order)),
            _ => ("commit", self.commit(&order)),
        }
    }

    fn commit(&mut self, order: &OrderResponse) -> Result<()> {
        let who = self.provider();
        let rate = self.sealed_rate(&who, order);
        self.world.commit_scaled(&who, order.id, rate).map(|_| ())
    }

    fn reveal(&mut self, order: &OrderResponse) -> Result<()> {
        let who = self.committed(order.id)?;
        let rate = self.sealed_rate(&who, order);
        self.world.reveal_scaled(&who, order.id, rate).map(|_| ())
    }

    fn end_commitment(&mut self) -> Result<()> {
        let order_id = self.order();
        let provider = self.committed(order_id)?;
        let ended = match self.dice.gen() {
            true => self.world.withdraw_bid(&provider, order_id),
            false => {
                let who = self.anyone();
                self.world.expire_of(&who, order_id, &provider)
            }
        };
        ended.map(|_| ())
    }

    /// A bidder whose commitment to the order waits.
    fn committed(&mut self, order_id: u64) -> Result<Addr> {
        let query = MarketQuery::Commitments {
            order_id,
            start_after: None,
            limit: None,
        };
        let found: CommitmentsResponse = self.world.query(&self.world.suite.market, &query)?;
        let bidders: Vec<Addr> = found.commitments.into_iter().map(|c| c.provider).collect();
        anyhow::ensure!(!bidders.is_empty(), "nobody has committed");
        Ok(self.pick(&bidders).clone())
    }

    /// What a provider commits to on an order: the same whenever it is asked, and now and then the same as another's.
    fn sealed_rate(&self, provider: &Addr, order: &OrderResponse) -> Uint128 {
        let place = self.world.providers.iter().position(|p| p == provider);
        let parts = place.map_or(1, |place| place as u128 % 3 + 1);
        Uint128::new((order.max_rate.u128() * parts / 3).max(1))
    }
}
