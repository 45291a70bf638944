//! A lease that starts at a set time: its provider is found ahead, and both sides are bound until then.

use super::{within, wrong_phase, Auction, AuctionMode, Bound, Phase};
use crate::error::RuleError;

/// Longest time ahead, seconds: 30 days.
pub const MAX_LEAD: u64 = 2_592_000;

impl Auction {
    /// Has the award of a fresh round wait for `starts_at`. The winner stays bound until then, which only a descending and a sealed auction
    /// can ask of it.
    ///
    /// # Errors
    /// [`RuleError::WrongPhase`] in another mode; [`RuleError::OutOfRange`] for a time outside `now` + 1 to `now` + [`MAX_LEAD`].
    pub fn reserve(&mut self, starts_at: u64, now: u64) -> Result<(), RuleError> {
        let (AuctionMode::Descending { .. } | AuctionMode::Sealed { .. }) = self.mode else {
            return Err(wrong_phase("a reservation", self.mode.as_str()));
        };
        let (earliest, latest) = (now.saturating_add(1), now.saturating_add(MAX_LEAD));
        within("starts_at", starts_at, earliest..=latest)?;
        self.starts_at = starts_at;
        Ok(())
    }

    /// Whether the order was reserved and nobody has claimed it yet.
    pub fn is_reservation(&self) -> bool {
        self.starts_at > 0
    }

    /// The bound winner of a reservation that waits for the start or may claim: who is let down when the tenant withdraws. Roll first.
    pub fn expectant(&self, now: u64, height: u64) -> Option<Bound> {
        let (Phase::Reserved | Phase::AwardBest) = self.phase(now, height) else {
            return None;
        };
        let best = self.best.as_ref()?;
        (self.is_reservation() && !self.bond.is_zero()).then(|| Bound {
            provider: best.provider.clone(),
            bond: self.bond,
        })
    }
}
