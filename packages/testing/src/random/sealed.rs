//! Sealed bids of a random life: most are revealed, some are not, and somebody tidies up after those.

use anyhow::Result;
use cosmwasm_std::{Addr, Binary, Uint128};
use leasehold_api::market::{
    CommitmentsResponse, ExecuteMsg as MarketMsg, OrderPhase, OrderResponse,
    QueryMsg as MarketQuery,
};
use leasehold_api::AuctionMode;
use leasehold_rules::auction::Opening;
use rand::Rng;

use super::Life;

const SALT: [u8; 16] = [7; 16];

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
        let opening = Opening {
            chain_id: &self.world.app.block_info().chain_id,
            market: self.world.suite.market.as_str(),
            order_id: order.id,
            round: order.round,
            bidder: who.as_str(),
            rate: self.sealed_rate(&who, order),
            salt: &SALT,
        };
        let commit = MarketMsg::Commit {
            order_id: order.id,
            commitment: opening.digest()?,
        };
        self.world.market_call(&who, &commit).map(|_| ())
    }

    fn reveal(&mut self, order: &OrderResponse) -> Result<()> {
        let who = self.committed(order.id)?;
        let reveal = MarketMsg::Reveal {
            order_id: order.id,
            rate: self.sealed_rate(&who, order),
            salt: Binary::from(SALT),
        };
        self.world.market_call(&who, &reveal).map(|_| ())
    }

    fn end_commitment(&mut self) -> Result<()> {
        let order_id = self.order();
        let provider = self.committed(order_id)?;
        let (who, msg) = match self.dice.gen() {
            true => (provider, MarketMsg::WithdrawBid { order_id }),
            false => {
                let provider = Some(provider.into());
                (self.anyone(), MarketMsg::Expire { order_id, provider })
            }
        };
        self.world.market_call(&who, &msg).map(|_| ())
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
