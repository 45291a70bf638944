//! The order book of one order: `best` and `second`, nothing else, so every step is O(1). Every transition is pure; the market
//! stores the result. See `docs/spec/market.md`.

mod award;
mod commitment;
mod descending;
mod dutch;
mod exclusion;
mod open;
mod phase;
mod reservation;
mod sealed;
mod terms;

use std::fmt::Display;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Uint128};

use crate::error::{overflow, RuleError};
use crate::resources::MAX_RATE;

pub use award::Award;
pub use commitment::{Commitment, Opening, SALT_LENGTH};
pub use descending::most_to_lead;
pub use exclusion::{exclude, is_excluded, Exclusion};
pub use phase::Phase;
pub use reservation::MAX_LEAD;
pub use sealed::Sealed;
pub use terms::{within, AuctionMode, AuctionParams, Pricing, Quote, MIN_BIDDERS};

/// One round of one order.
#[cw_serde]
pub struct Auction {
    #[serde(rename = "m", default, skip_serializing_if = "AuctionMode::is_default")]
    pub mode: AuctionMode,
    /// The most the tenant pays for the group, scaled per second.
    #[serde(rename = "x")]
    pub max_rate: Uint128,
    /// Start of the bidding; of a Dutch order, of the price's rise. Until then (after a fail-over) only `best` may claim. Of a sealed auction
    /// in which all have revealed, the time of the last reveal.
    #[serde(rename = "t", default, skip_serializing_if = "is_zero")]
    pub opened_at: u64,
    /// From which blocks are counted: of the start, moved up with each bid.
    #[serde(rename = "h", default, skip_serializing_if = "is_zero")]
    pub opened_height: u64,
    /// Descending: bidding is open while `now < closes_at`; moved by late bids, never beyond `hard_close_at`. Sealed: end of the
    /// commitments. Dutch: when the price reaches the maximum. Open: when the lowest bidder may claim; 0 when it never may.
    #[serde(rename = "c", default, skip_serializing_if = "is_zero")]
    pub closes_at: u64,
    /// Sealed: end of the reveals.
    #[serde(rename = "z", default, skip_serializing_if = "is_zero")]
    pub hard_close_at: u64,
    /// Parameters as they were at the start, so that a change moves nobody's window.
    #[serde(rename = "w", default, skip_serializing_if = "is_zero")]
    pub claim_window: u64,
    #[serde(rename = "g", default, skip_serializing_if = "is_zero")]
    pub min_blocks: u64,
    /// How long the price rises should an auction that is held once find nobody.
    #[serde(rename = "r", default, skip_serializing_if = "is_zero")]
    pub ramp: u64,
    /// Of a reservation: block time before which nobody claims. Over with the first claim.
    #[serde(rename = "f", default, skip_serializing_if = "is_zero")]
    pub starts_at: u64,
    /// Lowest bid.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub best: Option<Quote>,
    /// What `best` has locked, whole units. Zero when it is not bound.
    #[serde(rename = "k", default, skip_serializing_if = "Uint128::is_zero")]
    pub bond: Uint128,
    /// Runner-up, of another provider; nothing of it is locked.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Quote>,
    /// Distinct bidders, where the mode counts them; those that revealed, of a sealed auction.
    #[serde(rename = "n", default, skip_serializing_if = "is_none_yet")]
    pub bidders: u32,
    /// Of a sealed auction; after it, only when commitments were left unrevealed.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
}

/// A locked bond and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub provider: Addr,
    /// Whole units.
    pub bond: Uint128,
}

/// A leader that is not bound any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    pub leader: Bound,
    /// It let its claim window pass. Otherwise too few had bid for an award.
    pub no_show: bool,
}

/// What a bid did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// It leads now, so its bond is to be locked. Otherwise nothing of it is.
    pub leader: bool,
    /// Bond behind this bid, whole units.
    pub bond: Uint128,
    /// The bond that it set free: the outbid leader's, or the bidder's own former one.
    pub released: Option<Bound>,
}

impl Auction {
    /// A fresh round.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] for a maximum outside 1 to [`MAX_RATE`], a Dutch start outside 1 to the maximum, or an option of the mode
    /// outside its range.
    pub fn open(
        mode: AuctionMode,
        max_rate: Uint128,
        params: &AuctionParams,
        now: u64,
        height: u64,
    ) -> Result<Self, RuleError> {
        within("maximum rate", max_rate.u128(), 1..=MAX_RATE)?;
        mode.validate()?;
        let mut auction = Auction {
            mode,
            max_rate,
            opened_at: now,
            opened_height: height,
            closes_at: 0,
            hard_close_at: 0,
            claim_window: params.claim_window,
            min_blocks: params.min_blocks,
            ramp: 0,
            starts_at: 0,
            best: None,
            bond: Uint128::zero(),
            second: None,
            bidders: 0,
            sealed: None,
        };
        match mode {
            AuctionMode::Dutch { min_rate } => {
                let min_rate = min_rate.unwrap_or(auction.tenth());
                within("dutch start", min_rate.u128(), 1..=max_rate.u128())?;
                auction.start_rise(min_rate, params, now, height)?;
            }
            _ => auction.start_bidding(params, now, height)?,
        }
        Ok(auction)
    }

    /// Starts the clock: at the opening and, when nobody bid until the close, again with the first bid.
    fn start_bidding(
        &mut self,
        params: &AuctionParams,
        now: u64,
        height: u64,
    ) -> Result<(), RuleError> {
        self.opened_at = now;
        self.opened_height = height;
        self.claim_window = params.claim_window;
        self.min_blocks = params.min_blocks;
        if self.mode.is_held_once() {
            self.ramp = params.ramp;
        }
        match self.mode {
            AuctionMode::Descending { .. } => {
                self.closes_at = after(now, params.bidding)?;
                self.hard_close_at = after(now, params.hard_close)?;
            }
            AuctionMode::Sealed { .. } => {
                self.closes_at = after(now, params.commit)?;
                self.hard_close_at = after(self.closes_at, params.reveal)?;
                self.sealed = Some(Sealed::default());
            }
            AuctionMode::Open { auto_after } => {
                self.closes_at = auto_after.map_or(Ok(0), |seconds| after(now, seconds))?;
            }
            AuctionMode::Dutch { .. } => {}
        }
        Ok(())
    }

    /// Brings the record up to now: drops those whose claim window has passed, and turns an auction that is held once and found nobody
    /// into a Dutch one. Names the leader that is free by it, once. Every touch of an order starts with it, so it makes no difference who
    /// comes first, or when.
    pub fn roll(&mut self, now: u64, height: u64) -> Option<Dropped> {
        match (self.mode, self.phase(now, height)) {
            (AuctionMode::Dutch { .. }, Phase::Bidding) => self.best = None,
            (_, Phase::AwardSecond) => return self.drop_leader(true),
            (_, Phase::Lapsed) => {
                let (no_show, end) = (!self.is_short(), self.lapses_at());
                self.second = None;
                let dropped = self.drop_leader(no_show);
                if self.mode.is_held_once() {
                    self.turn_dutch(end);
                }
                return dropped;
            }
            _ => {}
        }
        None
    }

    fn drop_leader(&mut self, no_show: bool) -> Option<Dropped> {
        self.unbind().map(|leader| Dropped { leader, no_show })
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

    /// Takes back the bid of one that is not bound. Roll first. A revealed bid stands, because the winner's price may hang on it; a bid on
    /// an open order is not in this record alone.
    ///
    /// # Errors
    /// [`RuleError::WrongParty`] for the bound leader and for anyone without a bid; [`RuleError::WrongPhase`] on an open or a sealed order.
    pub fn withdraw(&mut self, provider: &Addr, now: u64, height: u64) -> Result<(), RuleError> {
        if let AuctionMode::Open { .. } | AuctionMode::Sealed { .. } = self.mode {
            return Err(wrong_phase("stepping back", self.mode.as_str()));
        }
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
        if self.best.is_none() && self.mode.is_held_once() {
            self.turn_dutch((now, height));
        }
        Ok(())
    }

    /// Ends it without an award: frees the leader and, while commitments could still be revealed, all of them.
    pub fn stop(&mut self, now: u64, height: u64) -> Option<Bound> {
        if self.forfeits(now, height).is_err() {
            self.sealed = None;
        }
        let leader = self.unbind();
        self.second = None;
        self.rest();
        leader
    }

    /// Forgets the clock and the counts of an auction that is over, which a new start sets again: an order without one is a small record.
    pub fn rest(&mut self) {
        self.opened_at = 0;
        self.opened_height = 0;
        self.closes_at = 0;
        self.hard_close_at = 0;
        self.claim_window = 0;
        self.min_blocks = 0;
        self.ramp = 0;
        self.starts_at = 0;
        self.forget_bidders();
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
}

/// What is not stored.
fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// What is not stored either.
fn is_none_yet(count: &u32) -> bool {
    *count == 0
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
