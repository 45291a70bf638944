//! Rates that are committed to unseen, then revealed.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use super::{wrong_phase, Auction, AuctionMode, AuctionParams, Commitment, Phase, Placed, Quote};
use crate::error::{overflow, RuleError};
use crate::money;

/// What a sealed auction counts, so that nobody has to go through its commitments.
#[cw_serde]
#[derive(Copy, Default, Eq)]
#[serde(from = "(u32, u32, u32)", into = "(u32, u32, u32)")]
pub struct Sealed {
    /// Commitments so far.
    pub committed: u32,
    /// Place of the best bid's among them, from 1: of equal rates the earlier commitment stands first, in whatever order they are revealed.
    pub best: u32,
    /// Place of the second's.
    pub second: u32,
}

impl From<(u32, u32, u32)> for Sealed {
    fn from((committed, best, second): (u32, u32, u32)) -> Self {
        Sealed {
            committed,
            best,
            second,
        }
    }
}

impl From<Sealed> for (u32, u32, u32) {
    fn from(sealed: Sealed) -> Self {
        (sealed.committed, sealed.best, sealed.second)
    }
}

impl Auction {
    /// Takes a commitment and answers with its place; one that replaces the bidder's `former` keeps its place. Roll first.
    ///
    /// # Errors
    /// [`RuleError::WrongPhase`] in another mode or once the reveals have begun; [`RuleError::Overflow`].
    pub fn commit(
        &mut self,
        params: &AuctionParams,
        former: Option<&Commitment>,
        now: u64,
        height: u64,
    ) -> Result<u32, RuleError> {
        let AuctionMode::Sealed { .. } = self.mode else {
            return Err(wrong_phase("a commitment", self.mode.as_str()));
        };
        let phase = self.phase(now, height);
        if phase != Phase::Bidding {
            return Err(wrong_phase("a commitment", phase));
        }
        if let Some(former) = former {
            return Ok(former.place);
        }
        if self.committed() == 0 && now >= self.closes_at {
            self.start_bidding(params, now, height)?;
        }
        let mut sealed = self.sealed.unwrap_or_default();
        sealed.committed = sealed
            .committed
            .checked_add(1)
            .ok_or(overflow("commitments"))?;
        self.sealed = Some(sealed);
        self.keep_pace(now, height);
        Ok(sealed.committed)
    }

    /// Takes the rate behind a commitment, which the caller has verified and forgets with it. Only a new leader stays bound, by the bond of
    /// its own rate and never by more than the commitment has locked. The last one to reveal ends the phase. Roll first.
    ///
    /// # Errors
    /// [`RuleError::WrongPhase`] in another mode or outside the reveals; [`RuleError::ZeroRate`] and [`RuleError::BidTooHigh`] for a rate
    /// that cannot win, which thus counts as never revealed; [`RuleError::Overflow`].
    pub fn reveal(
        &mut self,
        bond_seconds: u64,
        commitment: &Commitment,
        bid: Quote,
        now: u64,
        height: u64,
    ) -> Result<Placed, RuleError> {
        let phase = self.phase(now, height);
        let (Phase::Revealing, Some(mut sealed)) = (phase, self.sealed) else {
            return Err(wrong_phase("a reveal", phase));
        };
        self.check_rate(bid.rate)?;
        self.bidders = self.bidders.checked_add(1).ok_or(overflow("bidders"))?;
        if self.bidders == sealed.committed {
            self.hard_close_at = now;
            (self.opened_at, self.opened_height) = (now, height);
        }
        self.keep_pace(now, height);
        let rank = (bid.rate, commitment.place);
        let precedes = |quote: &Option<Quote>, place: u32| {
            quote.as_ref().is_none_or(|q| rank < (q.rate, place))
        };
        let (leads, follows) = (
            precedes(&self.best, sealed.best),
            precedes(&self.second, sealed.second),
        );
        if leads {
            sealed.second = std::mem::replace(&mut sealed.best, commitment.place);
            self.second = self.best.clone();
        } else if follows {
            sealed.second = commitment.place;
            self.second = Some(bid.clone());
        }
        self.sealed = Some(sealed);
        if leads {
            let bond = money::bond(bid.rate, bond_seconds)?.min(commitment.bond);
            return Ok(self.lead(bid, bond));
        }
        Ok(Placed {
            leader: false,
            bond: Uint128::zero(),
            released: None,
        })
    }

    /// What becomes of a commitment of this round that was not revealed: it is forfeit, or free because there was no time for a reveal.
    /// Roll first, while the order is open.
    ///
    /// # Errors
    /// [`RuleError::WrongPhase`] while it can still be revealed.
    pub fn forfeits(&self, now: u64, height: u64) -> Result<bool, RuleError> {
        let AuctionMode::Sealed { .. } = self.mode else {
            return Ok(self.sealed.is_some());
        };
        match self.phase(now, height) {
            phase @ (Phase::Bidding | Phase::Revealing) if self.sealed.is_some() => {
                Err(wrong_phase("taking back a commitment", phase))
            }
            _ => Ok(self.sealed.is_some()),
        }
    }

    pub(super) fn committed(&self) -> u32 {
        self.sealed.map_or(0, |sealed| sealed.committed)
    }

    /// Once there are no bids to come: nothing is left of the counts but that commitments were let pass, if any were.
    pub(super) fn forget_bidders(&mut self) {
        let (committed, revealed) = (self.committed(), std::mem::take(&mut self.bidders));
        let passed = committed > revealed && committed >= self.mode.min_bidders();
        self.sealed = self.sealed.filter(|_| passed);
    }
}
