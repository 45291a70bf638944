use leasehold_rules::auction::{AuctionMode, AuctionParams, Phase};
use proptest::prelude::*;

use crate::*;

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
struct Descending {
    params: AuctionParams,
    max: u128,
    least: Option<usize>,
    /// Of a reservation.
    starts_at: Option<u64>,
    steps: Steps,
    log: Vec<Entry>,
    freed: bool,
    /// The last bidder of an auction held once has withdrawn.
    left_at: Option<u64>,
    won: bool,
}

impl Descending {
    fn new(params: AuctionParams, max: u128, least: Option<usize>, start: Block) -> Self {
        Descending {
            params,
            max,
            least,
            starts_at: None,
            steps: Steps::from(start),
            log: vec![],
            freed: false,
            left_at: None,
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

    fn bidders(&self) -> BTreeSet<usize> {
        self.log.iter().map(|entry| entry.provider).collect()
    }

    fn is_short(&self) -> bool {
        self.least.is_some_and(|least| self.bidders().len() < least)
    }

    /// Replays what moves the close: new leaders, and the bidder that made the number full.
    fn soft_close(&self) -> u64 {
        let hard = self.steps.start.now + self.params.hard_close;
        let mut close = self.steps.start.now + self.params.bidding;
        let mut lowest: Option<(u128, usize)> = None;
        let mut bidders = BTreeSet::new();
        for entry in &self.log {
            let first = lowest.is_none();
            let leads = lowest.is_none_or(|(rate, _)| entry.rate < rate);
            let changes = leads && lowest.is_none_or(|(_, leader)| leader != entry.provider);
            let completes = bidders.insert(entry.provider) && Some(bidders.len()) == self.least;
            if (changes || completes || first) && entry.at + self.params.extension > close {
                close = close.max((entry.at + self.params.extension).min(hard));
            }
            if leads {
                lowest = Some((entry.rate, entry.provider));
            }
        }
        close
    }

    fn close(&self) -> u64 {
        match self.is_short() {
            true => self.steps.start.now + self.params.hard_close,
            false => self.soft_close(),
        }
    }

    /// End of the bidding or, after the start, of a claim window.
    fn end(&self, windows: u64) -> u64 {
        match windows {
            0 => self.close(),
            _ => self.after_start(self.close()) + windows * self.params.claim_window,
        }
    }

    fn after_start(&self, time: u64) -> u64 {
        time.max(self.starts_at.unwrap_or(0))
    }

    fn over(&self, windows: u64, block: Block) -> bool {
        let bids_and_claims = self.close() + windows * self.params.claim_window;
        block.now >= self.end(windows) && self.steps.past(bids_and_claims, &self.params, block)
    }

    fn windows(&self) -> u64 {
        match self.second() {
            _ if self.is_short() => 0,
            Some(_) => 2,
            None => 1,
        }
    }

    fn lapsed(&self, block: Block) -> bool {
        self.best().is_some() && self.over(self.windows(), block)
    }

    /// Since when the order is Dutch.
    fn dutch_since(&self, block: Block) -> Option<u64> {
        self.least?;
        let end = self.end(self.windows());
        let since = self.left_at.or_else(|| self.lapsed(block).then_some(end));
        since.map(|since| self.after_start(since))
    }

    fn bid(&mut self, provider: usize, rate: u128, block: Block) -> bool {
        if rate == 0 || rate > self.max || self.dutch_since(block).is_some() {
            return false;
        }
        let idle = self.log.is_empty() && block.now >= self.steps.start.now + self.params.bidding;
        if idle || self.lapsed(block) {
            *self = Descending {
                starts_at: self.starts_at,
                ..Descending::new(self.params, self.max, self.least, block)
            };
        } else if !self.log.is_empty() && self.over(0, block) {
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
            self.steps.bids.push(block);
            self.log.push(Entry {
                provider,
                rate,
                at: block.now,
                void: false,
            });
        }
        accepted
    }

    /// Only the two lead bids are remembered, so with the runner-up all dearer bids go.
    fn withdraw(&mut self, provider: usize, block: Block) -> bool {
        let is_dutch = self.dutch_since(block).is_some();
        if is_dutch || self.lapsed(block) || self.second().is_none_or(|s| s.provider != provider) {
            return false;
        }
        if self.least.is_some() && self.over(1, block) {
            self.left_at = Some(block.now);
        }
        let best = self.best().map(|best| best.provider);
        for entry in &mut self.log {
            entry.void |= Some(entry.provider) != best;
        }
        true
    }

    fn claim(&mut self, provider: usize, block: Block) -> Option<u128> {
        if block.now < self.after_start(0) {
            return None;
        }
        let rate = match self.dutch_since(block) {
            Some(end) => fallback_price(&self.params, self.max, end, block.now),
            None => self.winner(block).filter(|w| w.provider == provider)?.rate,
        };
        self.won = true;
        Some(rate)
    }

    fn winner(&self, block: Block) -> Option<Entry> {
        let best = self.best()?;
        if !self.over(0, block) {
            None
        } else if !self.over(1, block) {
            Some(best)
        } else if !self.over(2, block) {
            self.second()
        } else {
            None
        }
    }
}

impl Reference for Descending {
    fn starts_at(&self) -> Option<u64> {
        self.starts_at
    }

    fn act(&mut self, action: Action, block: Block) -> Outcome {
        match action {
            Action::Look => Outcome::Done,
            Action::Bid(p, rate) if self.bid(p, rate, block) => Outcome::Done,
            Action::Withdraw(p) if self.withdraw(p, block) => Outcome::Done,
            Action::Claim(p) => self.claim(p, block).map_or(Outcome::Refused, Outcome::Won),
            _ => Outcome::Refused,
        }
    }

    fn free(&mut self, block: Block) -> Option<Free> {
        let best = self.best()?;
        let no_show = !self.is_short();
        if self.freed || !self.over(u64::from(no_show), block) {
            return None;
        }
        self.freed = true;
        Some((best.provider, bond(best.rate).u128(), no_show))
    }

    fn is_over(&self) -> bool {
        self.won
    }

    fn compare(&self, held: &Held, block: Block) -> Result<(), TestCaseError> {
        let seen = &held.auction;
        let entry = |entry: Option<Entry>| entry.map(|e| quote(e.provider, e.rate));
        if let Some(end) = self.dutch_since(block) {
            return compare_fallback(seen, &self.params, end, block);
        }
        prop_assert!(seen.closes_at <= seen.hard_close_at);
        if seen.best.is_some() {
            prop_assert_eq!(&seen.best, &entry(self.best()));
            prop_assert_eq!(&seen.second, &entry(self.second()));
            prop_assert_eq!(seen.closes_at, self.soft_close());
        } else if seen.phase(block.now, block.height) == Phase::AwardSecond {
            prop_assert_eq!(&seen.second, &entry(self.second()));
        }
        Ok(())
    }
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => (provider(), 0..130_u128).prop_map(|(p, r)| Action::Bid(p, r)),
        1 => provider().prop_map(Action::Withdraw),
        3 => provider().prop_map(Action::Claim),
        1 => Just(Action::Look),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12_000, ..ProptestConfig::default() })]

    #[test]
    fn descending_agrees_with_its_reference(
        params in params(), max in 1..120_u128, least in prop::option::of(2..=4_u32), ahead in prop::option::of(1..120_u64),
        steps in steps(action()),
    ) {
        let mode = AuctionMode::Descending { min_bidders: least };
        let least = least.map(|least| least as usize);
        let reference = Descending {
            starts_at: ahead.map(|seconds| START.now + seconds),
            ..Descending::new(params, max, least, START)
        };
        agree(mode, params, max, reference, &steps)?;
    }
}
