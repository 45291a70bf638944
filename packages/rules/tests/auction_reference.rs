//! The O(1) auction against a reference that keeps every bid and derives everything from the whole list each time.

use cosmwasm_std::{Addr, Uint128};
use leasehold_rules::auction::{Auction, AuctionMode, AuctionParams, Bound, Phase, Quote};
use leasehold_rules::money;
use leasehold_rules::RuleError;
use proptest::prelude::*;

const BOND_SECONDS: u64 = 1_000;
const PROVIDERS: [&str; 5] = ["p0", "p1", "p2", "p3", "p4"];

#[derive(Clone, Debug)]
struct Entry {
    provider: usize,
    rate: u128,
    at: u64,
    /// Withdrawn, or forgotten with the runner-up that had displaced it.
    void: bool,
}

/// Every accepted bid of the present auction, in order, and when it started.
#[derive(Clone)]
struct Reference {
    params: AuctionParams,
    max: u128,
    start: u64,
    start_height: u64,
    log: Vec<Entry>,
    penalised: bool,
    won: bool,
}

impl Reference {
    fn new(params: AuctionParams, max: u128, now: u64, height: u64) -> Self {
        Reference {
            params,
            max,
            start: now,
            start_height: height,
            log: vec![],
            penalised: false,
            won: false,
        }
    }

    /// The last bid of each provider, cheapest first, older first among equals.
    fn ranking(&self) -> Vec<Entry> {
        let mut last: Vec<(usize, &Entry)> = vec![];
        for (i, entry) in self.log.iter().enumerate() {
            last.retain(|(_, e)| e.provider != entry.provider);
            last.push((i, entry));
        }
        last.retain(|(_, e)| !e.void);
        last.sort_by_key(|(i, e)| (e.rate, *i));
        last.into_iter().map(|(_, e)| e.clone()).collect()
    }

    fn best(&self) -> Option<Entry> {
        self.ranking().first().cloned()
    }

    fn second(&self) -> Option<Entry> {
        self.ranking().get(1).cloned()
    }

    /// Replays the leader changes.
    fn close(&self) -> u64 {
        let hard = self.start + self.params.hard_close;
        let mut close = self.start + self.params.bidding;
        let mut lowest: Option<(u128, usize)> = None;
        for entry in &self.log {
            if lowest.is_some_and(|(rate, _)| entry.rate >= rate) {
                continue;
            }
            let changed = lowest.is_none_or(|(_, leader)| leader != entry.provider);
            if changed && entry.at + self.params.extension > close {
                close = close.max((entry.at + self.params.extension).min(hard));
            }
            lowest = Some((entry.rate, entry.provider));
        }
        close
    }

    fn over(&self, windows: u64, now: u64, height: u64) -> bool {
        now >= self.close() + windows * self.params.claim_window
            && height >= self.start_height + (windows + 1) * self.params.min_blocks
    }

    /// Who is owed a penalty once, by now.
    fn penalty(&mut self, now: u64, height: u64) -> Option<(usize, Uint128)> {
        let best = self.best()?;
        if self.penalised || !self.over(1, now, height) {
            return None;
        }
        self.penalised = true;
        let bond = money::bond(Uint128::new(best.rate), BOND_SECONDS).unwrap();
        Some((best.provider, bond))
    }

    fn lapsed(&self, now: u64, height: u64) -> bool {
        let windows = if self.second().is_some() { 2 } else { 1 };
        self.best().is_some() && self.over(windows, now, height)
    }

    fn bid(&mut self, provider: usize, rate: u128, now: u64, height: u64) -> bool {
        if rate == 0 || rate > self.max {
            return false;
        }
        let idle = self.log.is_empty() && now >= self.start + self.params.bidding;
        if idle || self.lapsed(now, height) {
            *self = Reference::new(self.params, self.max, now, height);
        } else if !self.log.is_empty() && self.over(0, now, height) {
            return false;
        }
        let accepted = match (self.best(), self.second()) {
            (None, _) => true,
            (Some(best), second) => {
                let kept = 10_000 - u128::from(self.params.min_decrement_bps);
                let undercuts = rate < best.rate && rate <= best.rate * kept / 10_000;
                let follows = best.provider != provider
                    && rate >= best.rate
                    && second.is_none_or(|second| rate < second.rate);
                undercuts || follows
            }
        };
        if accepted {
            self.log.push(Entry {
                provider,
                rate,
                at: now,
                void: false,
            });
        }
        accepted
    }

    /// Only the two lead bids are remembered, so with the runner-up all dearer bids go.
    fn withdraw(&mut self, provider: usize, now: u64, height: u64) -> bool {
        if self.lapsed(now, height) || self.second().is_none_or(|s| s.provider != provider) {
            return false;
        }
        let best = self.best().map(|best| best.provider);
        for entry in &mut self.log {
            entry.void |= Some(entry.provider) != best;
        }
        true
    }

    fn claim(&mut self, provider: usize, now: u64, height: u64) -> Option<u128> {
        let best = self.best()?;
        let winner = if !self.over(0, now, height) {
            None
        } else if !self.over(1, now, height) {
            Some(best)
        } else if !self.over(2, now, height) {
            self.second()
        } else {
            None
        };
        let winner = winner.filter(|winner| winner.provider == provider)?;
        self.won = true;
        Some(winner.rate)
    }
}

#[derive(Clone, Debug)]
enum Action {
    Bid(usize, u128),
    Withdraw(usize),
    Claim(usize),
    Look,
}

fn action() -> impl Strategy<Value = Action> {
    let provider = 0..PROVIDERS.len();
    prop_oneof![
        6 => (provider.clone(), 0..130_u128).prop_map(|(p, r)| Action::Bid(p, r)),
        1 => provider.clone().prop_map(Action::Withdraw),
        3 => provider.prop_map(Action::Claim),
        1 => Just(Action::Look),
    ]
}

fn params() -> impl Strategy<Value = AuctionParams> {
    (
        1..20_u64,
        0..10_u64,
        0..20_u64,
        0..4_u64,
        0..3_000_u32,
        1..12_u64,
    )
        .prop_map(
            |(bidding, extension, more, min_blocks, min_decrement_bps, claim_window)| {
                AuctionParams {
                    bidding,
                    extension: extension.min(bidding),
                    hard_close: bidding + more,
                    min_blocks,
                    min_decrement_bps,
                    claim_window,
                    ramp: 10,
                }
            },
        )
}

fn address(provider: usize) -> Addr {
    Addr::unchecked(PROVIDERS[provider])
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Done,
    Won(u128),
    Refused,
}

/// The action as the market performs it: all or nothing, after a roll.
fn perform(
    auction: &mut Auction,
    params: &AuctionParams,
    action: &Action,
    now: u64,
    height: u64,
) -> (Outcome, Option<Bound>) {
    let mut copy = auction.clone();
    let due = copy.roll(now, height);
    let done: Result<Outcome, RuleError> = match action {
        Action::Look => Ok(Outcome::Done),
        Action::Bid(p, rate) => {
            let quote = Quote {
                provider: address(*p),
                rate: Uint128::new(*rate),
            };
            copy.bid(params, BOND_SECONDS, quote, now, height)
                .map(|_| Outcome::Done)
        }
        Action::Withdraw(p) => copy.withdraw(&address(*p)).map(|()| Outcome::Done),
        Action::Claim(p) => copy
            .claim(&address(*p), now, height)
            .map(|award| Outcome::Won(award.rate.u128())),
    };
    match done {
        Ok(outcome) => {
            *auction = copy;
            (outcome, due)
        }
        Err(_) => (Outcome::Refused, None),
    }
}

fn by_reference(
    reference: &mut Reference,
    action: &Action,
    now: u64,
    height: u64,
) -> (Outcome, Option<(usize, Uint128)>) {
    let mut copy = reference.clone();
    let due = copy.penalty(now, height);
    let outcome = match action {
        Action::Look => Outcome::Done,
        Action::Bid(p, rate) if copy.bid(*p, *rate, now, height) => Outcome::Done,
        Action::Withdraw(p) if copy.withdraw(*p, now, height) => Outcome::Done,
        Action::Claim(p) => copy
            .claim(*p, now, height)
            .map_or(Outcome::Refused, Outcome::Won),
        _ => Outcome::Refused,
    };
    if outcome == Outcome::Refused {
        return (outcome, None);
    }
    *reference = copy;
    (outcome, due)
}

fn check_invariants(auction: &Auction) -> Result<(), TestCaseError> {
    prop_assert_eq!(auction.best.is_none(), auction.bond.is_zero());
    prop_assert!(auction.closes_at <= auction.hard_close_at);
    let Some(best) = &auction.best else {
        return Ok(());
    };
    prop_assert!(best.rate <= auction.max_rate);
    let bond = money::bond(best.rate, BOND_SECONDS).unwrap();
    prop_assert_eq!(auction.bond, bond, "exactly the leader's bond is locked");
    if let Some(second) = &auction.second {
        prop_assert!(best.rate <= second.rate && second.rate <= auction.max_rate);
        prop_assert_ne!(&best.provider, &second.provider);
    }
    Ok(())
}

fn quote(entry: Option<Entry>) -> Option<Quote> {
    entry.map(|entry| Quote {
        provider: address(entry.provider),
        rate: Uint128::new(entry.rate),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12_000, ..ProptestConfig::default() })]

    /// Same book, close, awards and penalties as the reference; and the same again when strangers touch the order at every step.
    #[test]
    fn agrees_with_the_reference(
        params in params(),
        max in 1..120_u128,
        steps in prop::collection::vec((0..8_u64, 0..3_u64, action()), 1..45),
    ) {
        let (mut now, mut height) = (1_000_u64, 50_u64);
        let mode = AuctionMode::Descending {};
        let mut lazy = Auction::open(mode, Uint128::new(max), &params, now, height).unwrap();
        let mut eager = lazy.clone();
        let mut reference = Reference::new(params, max, now, height);
        let mut penalties: [Vec<(Addr, Uint128)>; 3] = Default::default();
        for (seconds, blocks, action) in steps {
            now += seconds;
            height += blocks;
            penalties[1].extend(eager.roll(now, height).map(|b| (b.provider, b.bond)));
            let (outcome, due) = perform(&mut lazy, &params, &action, now, height);
            penalties[0].extend(due.map(|b| (b.provider, b.bond)));
            let (touched, due) = perform(&mut eager, &params, &action, now, height);
            penalties[1].extend(due.map(|b| (b.provider, b.bond)));
            let (expected, due) = by_reference(&mut reference, &action, now, height);
            penalties[2].extend(due.map(|(p, bond)| (address(p), bond)));
            prop_assert_eq!(&outcome, &expected, "{:?} at {}/{}", action, now, height);
            prop_assert_eq!(&touched, &expected, "touched by strangers: {:?}", action);
            if reference.won {
                break;
            }
            let mut seen = lazy.clone();
            check_invariants(&seen)?;
            seen.roll(now, height);
            check_invariants(&seen)?;
            prop_assert_eq!(&seen, &eager);
            if seen.best.is_some() {
                prop_assert_eq!(&seen.best, &quote(reference.best()));
                prop_assert_eq!(&seen.second, &quote(reference.second()));
                prop_assert_eq!(seen.closes_at, reference.close());
            } else if seen.phase(now, height) == Phase::AwardSecond {
                prop_assert_eq!(&seen.second, &quote(reference.second()));
            }
        }
        // What is still due comes out whoever looks last.
        let (now, height) = (now + 1_000, height + 1_000);
        if !reference.won {
            penalties[0].extend(lazy.roll(now, height).map(|b| (b.provider, b.bond)));
            penalties[1].extend(eager.roll(now, height).map(|b| (b.provider, b.bond)));
            let due = reference.penalty(now, height);
            penalties[2].extend(due.map(|(p, bond)| (address(p), bond)));
        }
        prop_assert_eq!(&penalties[0], &penalties[2]);
        prop_assert_eq!(&penalties[1], &penalties[2]);
    }
}
