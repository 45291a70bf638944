//! Bids that nobody sees before all are made.

use anyhow::Result;
use cosmwasm_std::{Addr, Binary, Uint128};
use cw_multi_test::AppResponse;
use leasehold_api::market::{ExecuteMsg as MarketMsg, OrderResponse};
use leasehold_rules::auction::Opening;

use crate::world::World;

/// Everybody's salt.
pub const SALT: [u8; 16] = [7; 16];

impl World {
    /// What `who` must commit to on `order` to reveal `rate` with [`SALT`] later.
    ///
    /// # Errors
    /// None that this salt can cause.
    pub fn commitment(&self, who: &Addr, order: &OrderResponse, rate: Uint128) -> Result<Binary> {
        let opening = Opening {
            chain_id: &self.app.block_info().chain_id,
            market: self.suite.market.as_str(),
            order_id: order.id,
            round: order.round,
            bidder: who.as_str(),
            rate,
            salt: &SALT,
        };
        Ok(opening.digest()?)
    }

    pub fn commit(&mut self, who: &Addr, order_id: u64, rate: Uint128) -> Result<AppResponse> {
        let order = self.order(order_id)?;
        let commitment = self.commitment(who, &order, rate)?;
        let commit = MarketMsg::Commit {
            order_id,
            commitment,
        };
        self.market_call(who, &commit)
    }

    pub fn reveal(&mut self, who: &Addr, order_id: u64, rate: Uint128) -> Result<AppResponse> {
        let salt = Binary::from(SALT);
        let reveal = MarketMsg::Reveal {
            order_id,
            rate,
            salt,
        };
        self.market_call(who, &reveal)
    }

    /// Takes back somebody's commitment that can no longer be revealed.
    pub fn expire_commitment(
        &mut self,
        who: &Addr,
        order_id: u64,
        provider: &Addr,
    ) -> Result<AppResponse> {
        let provider = Some(provider.to_string());
        self.market_call(who, &MarketMsg::Expire { order_id, provider })
    }
}
