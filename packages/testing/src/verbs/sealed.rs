//! Sealed bids. Everybody's salt is the same: what keeps a rate secret in tests is that nobody looks.

use anyhow::Result;
use cosmwasm_std::{Addr, Binary, Uint128};
use cw_multi_test::AppResponse;
use leasehold_api::market::ExecuteMsg;
use leasehold_rules::auction::Opening;

use super::rate;
use crate::world::World;

pub const SALT: [u8; 16] = [7; 16];

impl World {
    /// What `who` commits to `scaled` with, in the order's present round.
    ///
    /// # Errors
    /// No such order.
    pub fn commitment(&self, who: &Addr, order_id: u64, scaled: Uint128) -> Result<Binary> {
        let opening = Opening {
            chain_id: &self.app.block_info().chain_id,
            market: self.suite.market.as_str(),
            order_id,
            round: self.order(order_id)?.round,
            bidder: who.as_str(),
            rate: scaled,
            salt: &SALT,
        };
        Ok(opening.digest()?)
    }

    pub fn commit(&mut self, who: &Addr, order_id: u64, units: u128) -> Result<AppResponse> {
        self.commit_scaled(who, order_id, rate(units))
    }

    pub fn commit_scaled(
        &mut self,
        who: &Addr,
        order_id: u64,
        scaled: Uint128,
    ) -> Result<AppResponse> {
        let commitment = self.commitment(who, order_id, scaled)?;
        let commit = ExecuteMsg::Commit {
            order_id,
            commitment,
        };
        self.market_call(who, &commit)
    }

    pub fn reveal(&mut self, who: &Addr, order_id: u64, units: u128) -> Result<AppResponse> {
        self.reveal_scaled(who, order_id, rate(units))
    }

    pub fn reveal_scaled(
        &mut self,
        who: &Addr,
        order_id: u64,
        rate: Uint128,
    ) -> Result<AppResponse> {
        let reveal = ExecuteMsg::Reveal {
            order_id,
            rate,
            salt: SALT.into(),
        };
        self.market_call(who, &reveal)
    }

    /// `who` has the commitment of `bidder` ended.
    pub fn expire_of(&mut self, who: &Addr, order_id: u64, bidder: &Addr) -> Result<AppResponse> {
        let expire = ExecuteMsg::Expire {
            order_id,
            provider: Some(bidder.to_string()),
        };
        self.market_call(who, &expire)
    }
}
