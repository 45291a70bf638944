//! A price that rises until somebody takes it.

use std::mem::take;

use cosmwasm_std::Uint128;

use super::{after, Auction, AuctionMode, AuctionParams};
use crate::error::{overflow, RuleError};

impl Auction {
    /// The Dutch price at `now`: `min + (max − min) · elapsed / ramp`, floored, at most the maximum. `None` in the other modes.
    ///
    /// # Errors
    /// [`RuleError::Overflow`], which no record made by [`Auction::open`] reaches.
    pub fn price(&self, now: u64) -> Result<Option<Uint128>, RuleError> {
        let AuctionMode::Dutch {
            min_rate: Some(min),
        } = self.mode
        else {
            return Ok(None);
        };
        let ramp = self.closes_at.saturating_sub(self.opened_at).max(1);
        let elapsed = now.saturating_sub(self.opened_at).min(ramp);
        self.max_rate
            .saturating_sub(min)
            .checked_multiply_ratio(elapsed, ramp)
            .map_err(|_| overflow("dutch price"))?
            .checked_add(min)
            .map(Some)
            .map_err(|_| overflow("dutch price"))
    }

    /// Where the price starts unless something else is asked for.
    pub(super) fn tenth(&self) -> Uint128 {
        Uint128::new(self.max_rate.u128().div_euclid(10).max(1))
    }

    pub(super) fn start_rise(
        &mut self,
        min_rate: Uint128,
        params: &AuctionParams,
        from: u64,
        height: u64,
    ) -> Result<(), RuleError> {
        self.rise(min_rate, (from, height), after(from, params.ramp)?);
        Ok(())
    }

    /// After an auction that is held once and ended, at this time and height, without an award.
    pub(super) fn turn_dutch(&mut self, end: (u64, u64)) {
        self.forget_bidders();
        let top_at = end.0.saturating_add(take(&mut self.ramp));
        self.rise(self.tenth(), end, top_at);
    }

    fn rise(&mut self, min_rate: Uint128, start: (u64, u64), top_at: u64) {
        self.mode = AuctionMode::Dutch {
            min_rate: Some(min_rate),
        };
        (self.opened_at, self.opened_height) = start;
        self.closes_at = top_at;
        self.hard_close_at = top_at;
    }
}
