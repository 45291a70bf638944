//! Bids among which the tenant chooses.

use cosmwasm_std::Addr;

use super::{too_high, wrong_phase, Auction, AuctionMode, AuctionParams, Phase, Quote};
use crate::error::RuleError;

impl Auction {
    /// Notes a bid on an open order, which binds nobody; the market keeps the bid. With `auto_after` the two lowest are remembered, and a
    /// bidder among them may only go lower: else one could fill both places, then leave them for a dear bid of its own. Roll first.
    ///
    /// # Errors
    /// [`RuleError::WrongPhase`] in another mode or once the order is awarded by itself; [`RuleError::ZeroRate`];
    /// [`RuleError::BidTooHigh`]; [`RuleError::Overflow`].
    pub fn offer(
        &mut self,
        params: &AuctionParams,
        bid: Quote,
        now: u64,
        height: u64,
    ) -> Result<(), RuleError> {
        let AuctionMode::Open { auto_after } = self.mode else {
            return Err(wrong_phase("an offer", self.mode.as_str()));
        };
        let phase = self.phase(now, height);
        if phase != Phase::Bidding {
            return Err(wrong_phase("a bid", phase));
        }
        self.check_rate(bid.rate)?;
        if auto_after.is_none() {
            return Ok(());
        }
        if self.best.is_none() && now >= self.closes_at {
            self.start_bidding(params, now, height)?;
        }
        let own = [&self.best, &self.second]
            .into_iter()
            .flatten()
            .find(|quote| quote.provider == bid.provider);
        if let Some(dearer) = own.filter(|own| bid.rate > own.rate) {
            return Err(too_high(bid.rate, dearer.rate));
        }
        self.rank(bid);
        self.keep_pace(now, height);
        Ok(())
    }

    /// Gives a bid, no dearer than the bidder's former one, its place among the two lowest, if it has one. A tie never replaces.
    fn rank(&mut self, bid: Quote) {
        let is_own = |quote: &Quote| quote.provider == bid.provider;
        let precedes = |quote: &Quote| bid.rate < quote.rate;
        if self.best.as_ref().is_none_or(is_own) {
            self.best = Some(bid);
        } else if self.best.as_ref().is_none_or(precedes) {
            self.second = self.best.replace(bid);
        } else if self
            .second
            .as_ref()
            .is_none_or(|second| is_own(second) || precedes(second))
        {
            self.second = Some(bid);
        }
    }

    /// The tenant has accepted `provider`: the lower of the others remembered is the runner-up for a fail-over.
    pub fn accept(&mut self, provider: &Addr) {
        self.second = [self.best.take(), self.second.take()]
            .into_iter()
            .flatten()
            .find(|quote| quote.provider != *provider);
    }
}
