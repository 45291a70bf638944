//! The O(1) auction against references that keep every bid and derive everything from the whole list each time: any moves by anyone at any
//! time, halts of the chain included.

#![allow(clippy::unwrap_used)]

mod descending;
mod open;
mod sealed;

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{Addr, Binary, Uint128};
use leasehold_rules::auction::{Auction, AuctionMode, AuctionParams, Commitment, Dropped, Quote};
use leasehold_rules::{money, RuleError};
use proptest::prelude::*;

const BOND_SECONDS: u64 = 1_000;
const PROVIDERS: [&str; 5] = ["p0", "p1", "p2", "p3", "p4"];

#[derive(Clone, Copy, Debug)]
enum Action {
    Bid(usize, u128),
    Commit(usize, u128),
    Reveal(usize),
    Withdraw(usize),
    Claim(usize),
    Look,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Done,
    Won(u128),
    Refused,
}

/// Block time and height.
#[derive(Clone, Copy, Debug)]
struct Block {
    now: u64,
    height: u64,
}

/// What moves the blocks that an end needs: the start, and each bid since.
#[derive(Clone, Debug)]
struct Steps {
    start: Block,
    bids: Vec<Block>,
}

impl Steps {
    fn from(start: Block) -> Self {
        Steps {
            start,
            bids: vec![],
        }
    }

    /// Whether it is past `end`, and as many blocks have passed since each step as the time from there on needs.
    fn past(&self, end: u64, params: &AuctionParams, block: Block) -> bool {
        let blocks =
            |until: u64| (until.saturating_sub(self.start.now) * params.min_blocks).div_ceil(60);
        let enough = |step: &Block| block.height + blocks(step.now) >= step.height + blocks(end);
        block.now >= end && self.bids.iter().chain([&self.start]).all(enough)
    }
}

/// A leader that is free: who, its bond, whether it failed to show up.
type Free = (usize, u128, bool);

/// Says from the whole list of bids what an action does.
trait Reference: Clone {
    /// Of a reservation.
    fn starts_at(&self) -> Option<u64> {
        None
    }
    /// All or nothing.
    fn act(&mut self, action: Action, block: Block) -> Outcome;
    /// The leader that has become free by now, once.
    fn free(&mut self, block: Block) -> Option<Free>;
    /// Nothing more happens to the auction.
    fn is_over(&self) -> bool;
    /// Compares a record that was brought up to now.
    fn compare(&self, seen: &Held, block: Block) -> Result<(), TestCaseError>;
}

/// The record, and what the market keeps beside it.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    params: AuctionParams,
    auction: Auction,
    counted: BTreeSet<usize>,
    commitments: BTreeMap<usize, (Commitment, u128)>,
}

impl Held {
    /// The action as the market performs it: after a roll, and all or nothing.
    fn perform(&mut self, action: Action, block: Block) -> (Outcome, Option<Dropped>) {
        let mut copy = self.clone();
        let dropped = copy.auction.roll(block.now, block.height);
        match copy.act(action, block) {
            Ok(outcome) => {
                *self = copy;
                (outcome, dropped)
            }
            Err(_) => (Outcome::Refused, None),
        }
    }

    fn act(&mut self, action: Action, Block { now, height }: Block) -> Result<Outcome, RuleError> {
        let auction = &mut self.auction;
        match action {
            Action::Look => {}
            Action::Bid(p, rate) if matches!(auction.mode, AuctionMode::Open { .. }) => {
                auction.offer(&self.params, quote(p, rate), now, height)?;
            }
            Action::Bid(p, rate) => {
                auction.bid(&self.params, BOND_SECONDS, quote(p, rate), now, height)?;
                if auction.mode.counts_bidders() && self.counted.insert(p) {
                    auction.count_bidder(&self.params, now)?;
                }
            }
            Action::Commit(p, rate) => {
                let former = self.commitments.get(&p).map(|(former, _)| former);
                let commitment = Commitment {
                    digest: Binary::default(),
                    bond: bond(auction.max_rate.u128()),
                    round: 1,
                    place: auction.commit(&self.params, former, now, height)?,
                };
                self.commitments.insert(p, (commitment, rate));
            }
            Action::Reveal(p) => {
                let Some((commitment, rate)) = self.commitments.get(&p) else {
                    return Ok(Outcome::Refused);
                };
                let bid = quote(p, *rate);
                auction.reveal(BOND_SECONDS, commitment, bid, now, height)?;
                self.commitments.remove(&p);
            }
            Action::Withdraw(p) => auction.withdraw(&address(p), now, height)?,
            Action::Claim(p) => {
                let award = auction.claim(&address(p), now, height)?;
                return Ok(Outcome::Won(award.rate.u128()));
            }
        }
        Ok(Outcome::Done)
    }
}

/// Runs the record twice, once touched by strangers at every step, beside the reference: same outcomes, same leaders set free, same books.
fn agree<R: Reference>(
    mode: AuctionMode,
    params: AuctionParams,
    max: u128,
    mut reference: R,
    steps: &[(u64, u64, Action)],
) -> Result<(), TestCaseError> {
    let mut block = START;
    let max = Uint128::new(max);
    let mut auction = Auction::open(mode, max, &params, block.now, block.height).unwrap();
    if let Some(starts_at) = reference.starts_at() {
        auction.reserve(starts_at, block.now).unwrap();
    }
    let mut lazy = Held {
        params,
        auction,
        counted: BTreeSet::new(),
        commitments: BTreeMap::new(),
    };
    let mut eager = lazy.clone();
    let mut freed: [Vec<Free>; 3] = Default::default();
    for (seconds, blocks, action) in steps {
        block.now += seconds;
        block.height += blocks;
        freed[1].extend(eager.auction.roll(block.now, block.height).map(free));
        let (outcome, dropped) = lazy.perform(*action, block);
        freed[0].extend(dropped.map(free));
        let (touched, dropped) = eager.perform(*action, block);
        freed[1].extend(dropped.map(free));
        let mut copy = reference.clone();
        let due = copy.free(block);
        let expected = copy.act(*action, block);
        if expected != Outcome::Refused {
            reference = copy;
            freed[2].extend(due);
        }
        prop_assert_eq!(outcome, expected, "{:?} at {:?}", action, block);
        prop_assert_eq!(touched, expected, "touched by strangers: {:?}", action);
        if reference.is_over() {
            break;
        }
        let mut seen = lazy.clone();
        check_invariants(&seen.auction)?;
        seen.auction.roll(block.now, block.height);
        check_invariants(&seen.auction)?;
        prop_assert_eq!(&seen, &eager);
        reference.compare(&seen, block)?;
    }
    // What is still due comes out whoever looks last.
    if !reference.is_over() {
        let (now, height) = (block.now + 1_000, block.height + 1_000);
        freed[0].extend(lazy.auction.roll(now, height).map(free));
        freed[1].extend(eager.auction.roll(now, height).map(free));
        freed[2].extend(reference.free(Block { now, height }));
    }
    prop_assert_eq!(&freed[0], &freed[2]);
    prop_assert_eq!(&freed[1], &freed[2]);
    Ok(())
}

const START: Block = Block {
    now: 1_000,
    height: 50,
};

fn check_invariants(auction: &Auction) -> Result<(), TestCaseError> {
    let Some(best) = &auction.best else {
        prop_assert!(auction.bond.is_zero());
        return Ok(());
    };
    let binds = !matches!(
        auction.mode,
        AuctionMode::Open { .. } | AuctionMode::Dutch { .. }
    );
    let locked = if binds {
        bond(best.rate.u128())
    } else {
        Uint128::zero()
    };
    prop_assert_eq!(auction.bond, locked, "exactly the leader's bond is locked");
    prop_assert!(best.rate <= auction.max_rate);
    if let Some(second) = &auction.second {
        prop_assert!(best.rate <= second.rate && second.rate <= auction.max_rate);
        prop_assert_ne!(&best.provider, &second.provider);
    }
    Ok(())
}

/// The Dutch price that follows an auction that found nobody and was over at `end`.
fn fallback_price(params: &AuctionParams, max: u128, end: u64, now: u64) -> u128 {
    let tenth = (max / 10).max(1);
    let risen = u128::from(now.saturating_sub(end).min(params.ramp));
    tenth + (max - tenth) * risen / u128::from(params.ramp)
}

fn compare_fallback(
    auction: &Auction,
    params: &AuctionParams,
    end: u64,
    block: Block,
) -> Result<(), TestCaseError> {
    let price = fallback_price(params, auction.max_rate.u128(), end, block.now);
    prop_assert_eq!(auction.price(block.now), Ok(Some(Uint128::new(price))));
    prop_assert_eq!((&auction.best, &auction.second), (&None, &None));
    Ok(())
}

fn bond(rate: u128) -> Uint128 {
    money::bond(Uint128::new(rate), BOND_SECONDS).unwrap()
}

fn address(provider: usize) -> Addr {
    Addr::unchecked(PROVIDERS[provider])
}

fn quote(provider: usize, rate: u128) -> Quote {
    Quote {
        provider: address(provider),
        rate: Uint128::new(rate),
    }
}

fn free(dropped: Dropped) -> Free {
    let Dropped { leader, no_show } = dropped;
    let provider = PROVIDERS
        .iter()
        .position(|name| *name == leader.provider.as_str());
    (provider.unwrap(), leader.bond.u128(), no_show)
}

fn provider() -> impl Strategy<Value = usize> {
    0..PROVIDERS.len()
}

/// Actions at random moments.
fn steps(action: impl Strategy<Value = Action>) -> impl Strategy<Value = Vec<(u64, u64, Action)>> {
    let step = (pace(), action).prop_map(|((seconds, blocks), action)| (seconds, blocks, action));
    prop::collection::vec(step, 1..45)
}

/// Mostly ordinary blocks; sometimes time or height leaps ahead of the other, as after a halt.
fn pace() -> impl Strategy<Value = (u64, u64)> {
    prop_oneof![
        12 => (0..8_u64, 0..3_u64),
        1 => (20..200_u64, 0..2_u64),
        1 => (0..2_u64, 4..20_u64),
    ]
}

fn params() -> impl Strategy<Value = AuctionParams> {
    (
        (1..20_u64, 0..10_u64, 0..20_u64, 0..40_u64),
        (0..3_000_u32, 1..12_u64, 1..15_u64, 1..15_u64, 1..12_u64),
    )
        .prop_map(
            |(
                (bidding, extension, more, min_blocks),
                (min_decrement_bps, claim_window, commit, reveal, ramp),
            )| AuctionParams {
                bidding,
                extension: extension.min(bidding),
                hard_close: bidding + more,
                min_blocks,
                min_decrement_bps,
                claim_window,
                ramp,
                commit,
                reveal,
            },
        )
}
