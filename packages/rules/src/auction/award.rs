//! Who gets the order, at what rate, and who is next when a lease ends.

use cosmwasm_std::{Addr, Uint128};

use super::phase::blocks_in;
use super::{after, is_excluded, wrong_phase, Auction, AuctionMode, AuctionParams, Exclusion};
use super::{Phase, Pricing};
use crate::error::RuleError;

/// What a claim won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    pub rate: Uint128,
    /// Locked already, since the bid; zero when the claimer was not bound.
    pub bond: Uint128,
}

impl Auction {
    /// Awards the order to `provider`. Roll first. A runner-up that did not claim stays for a fail-over.
    ///
    /// # Errors
    /// [`RuleError::WrongPhase`] when nobody may claim now; [`RuleError::WrongParty`] naming who may; [`RuleError::Overflow`].
    pub fn claim(&mut self, provider: &Addr, now: u64, height: u64) -> Result<Award, RuleError> {
        let phase = self.phase(now, height);
        let winner = match phase {
            Phase::AwardBest => self.best.clone(),
            Phase::AwardSecond => self.second.clone(),
            Phase::Reserved => return Err(wrong_phase("a claim", phase)),
            Phase::Bidding | Phase::Revealing | Phase::Lapsed => None,
        };
        let rate = match winner {
            Some(winner) if winner.provider == *provider => self.paid(phase, winner.rate),
            Some(winner) => {
                return Err(RuleError::WrongParty {
                    who: provider.to_string(),
                    action: "claim",
                    allowed: format!("{} may now", winner.provider),
                })
            }
            None => self
                .price(now)?
                .ok_or_else(|| wrong_phase("a claim", phase))?,
        };
        let bond = self.unbind().map_or(Uint128::zero(), |bound| bound.bond);
        self.second = self
            .second
            .take()
            .filter(|second| second.provider != *provider);
        Ok(Award { rate, bond })
    }

    /// What a winner that bid `own` is paid.
    fn paid(&self, phase: Phase, own: Uint128) -> Uint128 {
        match (self.mode, phase) {
            (
                AuctionMode::Sealed {
                    pricing: Pricing::Second,
                    ..
                },
                Phase::AwardBest,
            ) => self
                .second
                .as_ref()
                .map_or(self.max_rate, |second| second.rate),
            _ => own,
        }
    }

    /// After a lease at `last_rate` ended: the runner-up, unless excluded, may claim for one window without being bound; then the
    /// order is Dutch from `last_rate` to the maximum.
    ///
    /// # Errors
    /// [`RuleError::Overflow`].
    pub fn reopen(
        &mut self,
        params: &AuctionParams,
        last_rate: Uint128,
        excluded: &[Exclusion],
        now: u64,
        height: u64,
    ) -> Result<(), RuleError> {
        self.bond = Uint128::zero();
        self.best = self
            .second
            .take()
            .filter(|second| !is_excluded(excluded, &second.provider, now));
        self.claim_window = params.claim_window;
        self.min_blocks = params.min_blocks;
        if self.best.is_none() {
            return self.start_rise(last_rate, params, now, height);
        }
        let from = after(now, params.claim_window)?;
        let blocks = blocks_in(params.claim_window, params.min_blocks);
        let height = after(height, blocks)?;
        self.start_rise(last_rate, params, from, height)
    }
}
