//! Bids that undercut the leader until the close.

use cosmwasm_std::Uint128;

use super::{too_high, wrong_phase, Auction, AuctionMode, AuctionParams, Phase, Placed, Quote};
use crate::error::{overflow, RuleError};
use crate::money::{self, BPS};

impl Auction {
    /// Places a bid on a descending auction. Roll first.
    ///
    /// # Errors
    /// [`RuleError::WrongPhase`] in another mode or outside the bidding; [`RuleError::ZeroRate`]; [`RuleError::BidTooHigh`] naming the
    /// most that is allowed; [`RuleError::Overflow`].
    pub fn bid(
        &mut self,
        params: &AuctionParams,
        bond_seconds: u64,
        bid: Quote,
        now: u64,
        height: u64,
    ) -> Result<Placed, RuleError> {
        let AuctionMode::Descending { .. } = self.mode else {
            return Err(wrong_phase("a bid", self.mode.as_str()));
        };
        let phase = self.phase(now, height);
        if phase != Phase::Bidding {
            return Err(wrong_phase("a bid", phase));
        }
        self.check_rate(bid.rate)?;
        let bond = money::bond(bid.rate, bond_seconds)?;
        if self.best.is_none() && now >= self.closes_at {
            self.start_bidding(params, now, height)?;
        }
        let placed = self.place(params, bid, bond, now)?;
        self.keep_pace(now, height);
        Ok(placed)
    }

    fn place(
        &mut self,
        params: &AuctionParams,
        bid: Quote,
        bond: Uint128,
        now: u64,
    ) -> Result<Placed, RuleError> {
        let Some(best) = self.best.clone() else {
            self.extend(params.extension, now);
            return Ok(self.lead(bid, bond));
        };
        let leading = most_to_lead(best.rate, params.min_decrement_bps)?;
        if bid.rate <= leading {
            if best.provider != bid.provider {
                self.second = Some(best);
                self.extend(params.extension, now);
            }
            return Ok(self.lead(bid, bond));
        }
        // Never below the leader, so that the runner-up is the dearer of the two.
        let second = self.second.as_ref().map_or(self.max_rate, |second| {
            second.rate.saturating_sub(Uint128::one())
        });
        if best.provider == bid.provider || bid.rate < best.rate || second < best.rate {
            return Err(too_high(bid.rate, leading));
        }
        if bid.rate > second {
            return Err(too_high(bid.rate, second));
        }
        self.second = Some(bid);
        Ok(Placed {
            leader: false,
            bond,
            released: None,
        })
    }

    /// Counts the bidder of the bid just placed: once a round, where [`AuctionMode::counts_bidders`]. The one that makes an award possible
    /// leaves the others time to answer, as a new leader does.
    ///
    /// # Errors
    /// [`RuleError::Overflow`].
    pub fn count_bidder(&mut self, params: &AuctionParams, now: u64) -> Result<(), RuleError> {
        self.bidders = self.bidders.checked_add(1).ok_or(overflow("bidders"))?;
        if self.bidders == self.mode.min_bidders() {
            self.extend(params.extension, now);
        }
        Ok(())
    }

    /// A leader-changing bid in the last `extension` seconds moves the close.
    fn extend(&mut self, extension: u64, now: u64) {
        let moved = now.saturating_add(extension).min(self.hard_close_at);
        self.closes_at = self.closes_at.max(moved);
    }
}

/// The highest bid that takes the lead: `floor(best · (10 000 − decrement) / 10 000)`, and always below `best`.
pub fn most_to_lead(best: Uint128, min_decrement_bps: u32) -> Result<Uint128, RuleError> {
    let kept = BPS.saturating_sub(u128::from(min_decrement_bps));
    let most = best
        .checked_multiply_ratio(kept, BPS)
        .map_err(|_| overflow("bid"))?;
    Ok(most.min(best.saturating_sub(Uint128::one())))
}
