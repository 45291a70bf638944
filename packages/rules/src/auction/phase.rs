//! What holds at a block time and height: derived from the record, never stored or scheduled.

use std::fmt::Display;

use super::{Auction, AuctionMode};

const MINUTE: u64 = 60;

/// Derived from the record, block time and height; never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Takes bids; a sealed auction, commitments; a Dutch order, claims.
    Bidding,
    /// Takes the rates that were committed to.
    Revealing,
    /// Its provider is found, or will be at a rising price; nobody claims before the start that was asked for.
    Reserved,
    /// `best` may claim.
    AwardBest,
    /// `second` may claim.
    AwardSecond,
    /// Nobody claimed in time, or too few bid for an award. The next touch makes the order Dutch when its auction is held once; otherwise
    /// the next bid starts it afresh.
    Lapsed,
}

impl Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Phase::Bidding => "taking bids",
            Phase::Revealing => "taking reveals",
            Phase::Reserved => "reserved until its start",
            Phase::AwardBest => "awarded to its best bidder",
            Phase::AwardSecond => "awarded to its runner-up",
            Phase::Lapsed => "lapsed",
        })
    }
}

impl Auction {
    pub fn phase(&self, now: u64, height: u64) -> Phase {
        let over = |windows| is_past(self.end_of(windows), now, height);
        match self.mode {
            AuctionMode::Dutch { .. } if now < self.starts_at => Phase::Reserved,
            AuctionMode::Dutch { .. } => {
                let risen = is_past((self.opened_at, self.opened_height), now, height);
                match self.best {
                    Some(_) if !risen => Phase::AwardBest,
                    _ => Phase::Bidding,
                }
            }
            AuctionMode::Open { auto_after: None } => Phase::Bidding,
            _ if self.is_idle() => Phase::Bidding,
            AuctionMode::Sealed { .. } if !is_past(self.end_of_commitments(), now, height) => {
                Phase::Bidding
            }
            AuctionMode::Sealed { .. } if self.committed() > self.bidders && !over(0) => {
                Phase::Revealing
            }
            AuctionMode::Descending { .. } | AuctionMode::Open { .. } if !over(0) => Phase::Bidding,
            _ => match (&self.best, &self.second) {
                _ if self.is_short() => Phase::Lapsed,
                _ if now < self.starts_at => Phase::Reserved,
                (Some(_), _) if !over(1) => Phase::AwardBest,
                (_, Some(_)) if !over(2) => Phase::AwardSecond,
                _ => Phase::Lapsed,
            },
        }
    }

    /// When the present phase ends by itself, as far as time alone decides. `None` when it does not, or when only blocks are missing.
    pub fn phase_ends_at(&self, now: u64, height: u64) -> Option<u64> {
        let (end, _) = match (self.mode, self.phase(now, height)) {
            (_, Phase::Reserved) => (self.starts_at, 0),
            (AuctionMode::Dutch { .. }, Phase::AwardBest) => (self.opened_at, 0),
            (AuctionMode::Dutch { .. } | AuctionMode::Open { auto_after: None }, _) => return None,
            (AuctionMode::Sealed { .. }, Phase::Bidding) => self.end_of_commitments(),
            (_, Phase::Bidding | Phase::Revealing) => self.end_of(0),
            (_, Phase::AwardBest) => self.end_of(1),
            (_, Phase::AwardSecond) => self.end_of(2),
            (_, Phase::Lapsed) => return None,
        };
        Some(end).filter(|end| *end > now)
    }

    /// Nobody has bid, so nobody waits for an end.
    fn is_idle(&self) -> bool {
        match self.mode {
            AuctionMode::Sealed { .. } => self.committed() == 0,
            _ => self.best.is_none() && self.second.is_none(),
        }
    }

    /// Fewer have bid, or revealed, than an award needs.
    pub(super) fn is_short(&self) -> bool {
        self.bidders < self.mode.min_bidders()
    }

    /// When the winner's window begins, as far as time alone decides.
    pub fn awarded_at(&self) -> u64 {
        let (close, _) = self.end_of(0);
        close.max(self.starts_at)
    }

    /// When an auction that lapsed was over.
    pub(super) fn lapses_at(&self) -> (u64, u64) {
        self.end_of(match (&self.best, &self.second) {
            _ if self.is_short() => 0,
            (_, Some(_)) => 2,
            (Some(_), None) => 1,
            (None, None) => 0,
        })
    }

    fn end_of_commitments(&self) -> (u64, u64) {
        (self.closes_at, self.height_by(self.closes_at))
    }

    /// End of the bidding, reveals included (0), of the winner's window (1), of the runner-up's (2): the time and the height from which on
    /// it is over. The windows of a reservation begin with its start; the wait for it needs no blocks.
    fn end_of(&self, windows: u64) -> (u64, u64) {
        let close = match self.mode {
            AuctionMode::Descending { .. } if self.is_short() => self.hard_close_at,
            AuctionMode::Sealed { .. } if self.committed() >= self.mode.min_bidders() => {
                self.hard_close_at
            }
            _ => self.closes_at,
        };
        let award = if windows > 0 {
            close.max(self.starts_at)
        } else {
            close
        };
        let claims = self.claim_window.saturating_mul(windows);
        let height = self.height_by(close.saturating_add(claims));
        (award.saturating_add(claims), height)
    }

    /// Before this height nothing ends that ends at this time.
    fn height_by(&self, time: u64) -> u64 {
        let seconds = time.saturating_sub(self.opened_at);
        self.opened_height
            .saturating_add(blocks_in(seconds, self.min_blocks))
    }

    /// Blocks that have come faster than they must are not saved up: what is left needs blocks of its own, so that a halt of the chain
    /// does not end it. What is over stays over.
    pub(super) fn keep_pace(&mut self, now: u64, height: u64) {
        let needed = blocks_in(now.saturating_sub(self.opened_at), self.min_blocks);
        self.opened_height = self.opened_height.max(height.saturating_sub(needed));
    }
}

/// How many must pass in this time, at so many a minute.
pub(super) fn blocks_in(seconds: u64, min_blocks: u64) -> u64 {
    seconds.saturating_mul(min_blocks).div_ceil(MINUTE)
}

fn is_past(end: (u64, u64), now: u64, height: u64) -> bool {
    now >= end.0 && height >= end.1
}
