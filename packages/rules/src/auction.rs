//! The order book of one order: `best` and `second`, nothing else, so every step is O(1). Every transition is pure; the market
//! stores the result. See `docs/spec/market.md`.

mod phase;
mod terms;

use std::fmt::Display;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Uint128};

use crate::error::{overflow, RuleError};
use crate::money::{self, BPS};
use crate::resources::MAX_RATE;

pub use phase::Phase;
pub use terms::{within, AuctionMode, AuctionParams, Quote};

/// One round of one order.
#[cw_serde]
pub struct Auction {
    #[serde(rename = "m")]
    pub mode: AuctionMode,
    /// The most the tenant pays for the group, scaled per second.
    #[serde(rename = "x")]
    pub max_rate: Uint128,
    /// Start of the bidding; of a Dutch order, of the price's rise. Until then (after a fail-over) only `best` may claim.
    #[serde(rename = "t", default, skip_serializing_if = "is_zero")]
    pub opened_at: u64,
    #[serde(rename = "h", default, skip_serializing_if = "is_zero")]
    pub opened_height: u64,
    /// Descending: bidding is open while `now < closes_at`; moved by late bids, never beyond `hard_close_at`. Dutch: when the price
    /// reaches the maximum. Open: 0.
    #[serde(rename = "c", default, skip_serializing_if = "is_zero")]
    pub closes_at: u64,
    #[serde(rename = "z", default, skip_serializing_if = "is_zero")]
    pub hard_close_at: u64,
    /// Parameters as they were at the start, so that a change moves nobody's window.
    #[serde(rename = "w", default, skip_serializing_if = "is_zero")]
    pub claim_window: u64,
    #[serde(rename = "g", default, skip_serializing_if = "is_zero")]
    pub min_blocks: u64,
    /// Lowest bid.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub best: Option<Quote>,
    /// What `best` has locked, whole units. Zero when it is not bound.
    #[serde(rename = "k", default, skip_serializing_if = "Uint128::is_zero")]
    pub bond: Uint128,
    /// Runner-up, of another provider; nothing of it is locked.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Quote>,
}

/// A locked bond and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub provider: Addr,
    /// Whole units.
    pub bond: Uint128,
}

/// What a bid did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// It leads now, so its bond is to be locked. Otherwise it is the runner-up.
    pub leader: bool,
    /// Bond behind this bid, whole units.
    pub bond: Uint128,
    /// The bond that it set free: the outbid leader's, or the bidder's own former one.
    pub released: Option<Bound>,
}

/// What a claim won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    pub rate: Uint128,
    /// Locked already, since the bid; zero when the claimer was not bound.
    pub bond: Uint128,
}

impl Auction {
    /// A fresh round.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] for a maximum outside 1 to [`MAX_RATE`] or a Dutch start outside 1 to the maximum.
    pub fn open(
        mode: AuctionMode,
        max_rate: Uint128,
        params: &AuctionParams,
        now: u64,
        height: u64,
    ) -> Result<Self, RuleError> {
        within("maximum rate", max_rate.u128(), 1..=MAX_RATE)?;
        let mut auction = Auction {
            mode,
            max_rate,
            opened_at: now,
            opened_height: height,
            closes_at: 0,
            hard_close_at: 0,
            claim_window: params.claim_window,
            min_blocks: params.min_blocks,
            best: None,
            bond: Uint128::zero(),
            second: None,
        };
        match mode {
            AuctionMode::Descending {} => auction.start_bidding(params, now, height)?,
            AuctionMode::Open {} => {}
            AuctionMode::Dutch { min_rate } => {
                let tenth = Uint128::new(max_rate.u128().div_euclid(10).max(1));
                let min_rate = min_rate.unwrap_or(tenth);
                within("dutch start", min_rate.u128(), 1..=max_rate.u128())?;
                auction.start_rise(min_rate, params, now, height)?;
            }
        }
        Ok(auction)
    }

    /// Brings the record up to now: drops those whose claim window has passed, and names the leader that is due a penalty, once.
    /// Every touch of an order starts with it, so it makes no difference who comes first.
    pub fn roll(&mut self, now: u64, height: u64) -> Option<Bound> {
        match (self.mode, self.phase(now, height)) {
            (AuctionMode::Dutch { .. }, Phase::Bidding) => self.best = None,
            (_, Phase::AwardSecond) => return self.unbind(),
            (_, Phase::Lapsed) => {
                self.second = None;
                return self.unbind();
            }
            _ => {}
        }
        None
    }

    /// Takes out the leader and its bond; `None` when nothing is locked.
    pub fn unbind(&mut self) -> Option<Bound> {
        let bond = std::mem::take(&mut self.bond);
        let best = self.best.take()?;
        (!bond.is_zero()).then_some(Bound {
            provider: best.provider,
            bond,
        })
    }

    /// Refuses a rate of zero or above the tenant's maximum.
    ///
    /// # Errors
    /// [`RuleError::ZeroRate`]; [`RuleError::BidTooHigh`].
    pub fn check_rate(&self, rate: Uint128) -> Result<(), RuleError> {
        if rate.is_zero() {
            return Err(RuleError::ZeroRate);
        }
        if rate > self.max_rate {
            return Err(too_high(rate, self.max_rate));
        }
        Ok(())
    }

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
        if self.mode != (AuctionMode::Descending {}) {
            return Err(wrong_phase("a bid", self.mode.as_str()));
        }
        let phase = self.phase(now, height);
        if phase != Phase::Bidding {
            return Err(wrong_phase("a bid", phase));
        }
        self.check_rate(bid.rate)?;
        let bond = money::bond(bid.rate, bond_seconds)?;
        let Some(best) = self.best.clone() else {
            if now >= self.closes_at {
                self.start_bidding(params, now, height)?;
            }
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

    /// Takes back the bid of one that is not bound.
    ///
    /// # Errors
    /// [`RuleError::WrongParty`] for the bound leader and for anyone without a bid.
    pub fn withdraw(&mut self, provider: &Addr) -> Result<(), RuleError> {
        let by = |quote: &Quote| quote.provider == *provider;
        let refused = |allowed: &str| RuleError::WrongParty {
            who: provider.to_string(),
            action: "withdraw a bid",
            allowed: allowed.into(),
        };
        if self.second.as_ref().is_some_and(by) {
            self.second = None;
        } else if !self.best.as_ref().is_some_and(by) {
            return Err(refused("only a bidder whose bid stands"));
        } else if self.bond.is_zero() {
            self.best = None;
        } else {
            return Err(refused("the leader is bound until it is outbid"));
        }
        Ok(())
    }

    /// Awards the order to `provider`. Roll first. A runner-up that did not claim stays for a fail-over.
    ///
    /// # Errors
    /// [`RuleError::WrongPhase`] when nobody may claim now; [`RuleError::WrongParty`] naming who may; [`RuleError::Overflow`].
    pub fn claim(&mut self, provider: &Addr, now: u64, height: u64) -> Result<Award, RuleError> {
        let phase = self.phase(now, height);
        let winner = match phase {
            Phase::AwardBest => self.best.clone(),
            Phase::AwardSecond => self.second.clone(),
            Phase::Bidding | Phase::Lapsed => None,
        };
        let rate = match winner {
            Some(winner) if winner.provider == *provider => winner.rate,
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

    /// After a lease at `last_rate` ended: the runner-up, unless excluded, may claim for one window without being bound; then the
    /// order is Dutch from `last_rate` to the maximum.
    ///
    /// # Errors
    /// [`RuleError::Overflow`].
    pub fn reopen(
        &mut self,
        params: &AuctionParams,
        last_rate: Uint128,
        excluded: &[Addr],
        now: u64,
        height: u64,
    ) -> Result<(), RuleError> {
        self.bond = Uint128::zero();
        self.best = self
            .second
            .take()
            .filter(|second| !excluded.contains(&second.provider));
        self.claim_window = params.claim_window;
        self.min_blocks = params.min_blocks;
        if self.best.is_none() {
            return self.start_rise(last_rate, params, now, height);
        }
        let from = after(now, params.claim_window)?;
        let height = after(height, params.min_blocks)?;
        self.start_rise(last_rate, params, from, height)
    }

    /// Forgets the clock of an auction that is over, which a new start sets again: an order without one is a small record.
    pub fn rest(&mut self) {
        self.opened_at = 0;
        self.opened_height = 0;
        self.closes_at = 0;
        self.hard_close_at = 0;
        self.claim_window = 0;
        self.min_blocks = 0;
    }

    fn lead(&mut self, bid: Quote, bond: Uint128) -> Placed {
        let released = self.unbind();
        self.best = Some(bid);
        self.bond = bond;
        Placed {
            leader: true,
            bond,
            released,
        }
    }

    fn start_bidding(
        &mut self,
        params: &AuctionParams,
        now: u64,
        height: u64,
    ) -> Result<(), RuleError> {
        self.opened_at = now;
        self.opened_height = height;
        self.closes_at = after(now, params.bidding)?;
        self.hard_close_at = after(now, params.hard_close)?;
        self.claim_window = params.claim_window;
        self.min_blocks = params.min_blocks;
        Ok(())
    }

    fn start_rise(
        &mut self,
        min_rate: Uint128,
        params: &AuctionParams,
        from: u64,
        height: u64,
    ) -> Result<(), RuleError> {
        self.mode = AuctionMode::Dutch {
            min_rate: Some(min_rate),
        };
        self.opened_at = from;
        self.opened_height = height;
        self.closes_at = after(from, params.ramp)?;
        self.hard_close_at = self.closes_at;
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

/// What is not stored.
fn is_zero(value: &u64) -> bool {
    *value == 0
}

fn too_high(rate: Uint128, max: Uint128) -> RuleError {
    RuleError::BidTooHigh {
        rate: rate.u128(),
        max: max.u128(),
    }
}

fn wrong_phase(action: &'static str, phase: impl Display) -> RuleError {
    RuleError::WrongPhase {
        action,
        phase: phase.to_string(),
    }
}

fn after(time: u64, seconds: u64) -> Result<u64, RuleError> {
    time.checked_add(seconds).ok_or(overflow("time"))
}
