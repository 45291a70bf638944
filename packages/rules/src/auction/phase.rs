//! What holds at a block time and height: derived from the record, never stored or scheduled.

use std::fmt::Display;

use cosmwasm_std::Uint128;

use super::{Auction, AuctionMode};
use crate::error::{overflow, RuleError};

/// Derived from the record, block time and height; never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Takes bids; a Dutch order, claims.
    Bidding,
    /// `best` may claim.
    AwardBest,
    /// `second` may claim.
    AwardSecond,
    /// Nobody claimed in time; the next bid starts the auction afresh.
    Lapsed,
}

impl Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Phase::Bidding => "taking bids",
            Phase::AwardBest => "awarded to its best bidder",
            Phase::AwardSecond => "awarded to its runner-up",
            Phase::Lapsed => "lapsed",
        })
    }
}

impl Auction {
    pub fn phase(&self, now: u64, height: u64) -> Phase {
        match self.mode {
            AuctionMode::Open {} => Phase::Bidding,
            AuctionMode::Dutch { .. } => {
                let risen = now >= self.opened_at && height >= self.opened_height;
                match self.best {
                    Some(_) if !risen => Phase::AwardBest,
                    _ => Phase::Bidding,
                }
            }
            AuctionMode::Descending {} => match (&self.best, &self.second) {
                (None, None) => Phase::Bidding,
                _ if !self.passed(0, now, height) => Phase::Bidding,
                (Some(_), _) if !self.passed(1, now, height) => Phase::AwardBest,
                (_, Some(_)) if !self.passed(2, now, height) => Phase::AwardSecond,
                _ => Phase::Lapsed,
            },
        }
    }

    /// When the present phase ends by itself, as far as time alone decides. `None` when it does not, or when only blocks are missing.
    pub fn phase_ends_at(&self, now: u64, height: u64) -> Option<u64> {
        let end = match (self.mode, self.phase(now, height)) {
            (AuctionMode::Descending {}, Phase::Bidding) => self.closes_at,
            (AuctionMode::Descending {}, Phase::AwardBest) => self.deadline(1),
            (AuctionMode::Descending {}, Phase::AwardSecond) => self.deadline(2),
            (AuctionMode::Dutch { .. }, Phase::AwardBest) => self.opened_at,
            _ => return None,
        };
        Some(end).filter(|end| *end > now)
    }

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

    /// Whether the bidding (0), the winner's window (1), the runner-up's (2) is over: in time and in blocks.
    fn passed(&self, step: u64, now: u64, height: u64) -> bool {
        let blocks = self.min_blocks.saturating_mul(step.saturating_add(1));
        now >= self.deadline(step) && height >= self.opened_height.saturating_add(blocks)
    }

    fn deadline(&self, step: u64) -> u64 {
        self.closes_at
            .saturating_add(self.claim_window.saturating_mul(step))
    }
}
