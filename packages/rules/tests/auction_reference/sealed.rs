use leasehold_rules::auction::{AuctionMode, AuctionParams, Pricing};
use proptest::prelude::*;

use crate::*;

#[derive(Clone)]
struct Entry {
    provider: usize,
    rate: u128,
    revealed_at: Option<u64>,
}

/// Every commitment, in the order of each bidder's first.
#[derive(Clone)]
struct SealedBids {
    params: AuctionParams,
    max: u128,
    pricing: Pricing,
    least: usize,
    start: Block,
    steps: Steps,
    entries: Vec<Entry>,
    freed: bool,
    won: bool,
}

impl SealedBids {
    /// Those who revealed, cheapest first, the earlier commitment first among equals.
    fn ranking(&self) -> Vec<&Entry> {
        let mut revealed: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| entry.revealed_at.is_some())
            .collect();
        // Stable.
        revealed.sort_by_key(|entry| entry.rate);
        revealed
    }

    fn past(&self, end: u64, block: Block) -> bool {
        self.steps.past(end, &self.params, block)
    }

    fn commits_until(&self) -> u64 {
        self.start.now + self.params.commit
    }

    fn takes_commitments(&self, block: Block) -> bool {
        self.entries.is_empty() || !self.past(self.commits_until(), block)
    }

    fn has_few_commitments(&self, block: Block) -> bool {
        !self.takes_commitments(block) && self.entries.len() < self.least
    }

    fn all_revealed_at(&self) -> Option<u64> {
        let times: Option<Vec<u64>> = self.entries.iter().map(|e| e.revealed_at).collect();
        times?.into_iter().max()
    }

    fn reveals_until(&self) -> u64 {
        self.all_revealed_at()
            .unwrap_or(self.commits_until() + self.params.reveal)
    }

    fn takes_reveals(&self, block: Block) -> bool {
        !self.takes_commitments(block)
            && !self.has_few_commitments(block)
            && self.all_revealed_at().is_none()
            && !self.past(self.reveals_until(), block)
    }

    fn awards(&self, block: Block) -> bool {
        !self.takes_commitments(block)
            && !self.takes_reveals(block)
            && self.ranking().len() >= self.least
    }

    fn over(&self, windows: u64, block: Block) -> bool {
        let end = self.reveals_until() + windows * self.params.claim_window;
        self.awards(block) && self.past(end, block)
    }

    fn dutch_since(&self, block: Block) -> Option<u64> {
        if self.takes_commitments(block) || self.takes_reveals(block) {
            return None;
        }
        if self.has_few_commitments(block) {
            return Some(self.commits_until());
        }
        if !self.awards(block) {
            return Some(self.reveals_until());
        }
        let windows = self.ranking().len().min(2) as u64;
        let end = self.reveals_until() + windows * self.params.claim_window;
        self.over(windows, block).then_some(end)
    }

    fn commit(&mut self, provider: usize, rate: u128, block: Block) -> bool {
        if !self.takes_commitments(block) {
            return false;
        }
        if self.entries.is_empty() && block.now >= self.commits_until() {
            self.start = block;
            self.steps = Steps::from(block);
        }
        match self.entries.iter_mut().find(|e| e.provider == provider) {
            Some(entry) => entry.rate = rate,
            None => {
                self.steps.bids.push(block);
                self.entries.push(Entry {
                    provider,
                    rate,
                    revealed_at: None,
                });
            }
        }
        true
    }

    fn reveal(&mut self, provider: usize, block: Block) -> bool {
        let (open, max) = (self.takes_reveals(block), self.max);
        let entry = self.entries.iter_mut().find(|e| e.provider == provider);
        let Some(entry) = entry.filter(|e| open && e.revealed_at.is_none()) else {
            return false;
        };
        let fine = (1..=max).contains(&entry.rate);
        if fine {
            entry.revealed_at = Some(block.now);
            self.steps.bids.push(block);
        }
        if self.all_revealed_at().is_some() {
            self.steps = Steps::from(block);
        }
        fine
    }

    fn claim(&mut self, provider: usize, block: Block) -> Option<u128> {
        let rate = match self.dutch_since(block) {
            Some(end) => fallback_price(&self.params, self.max, end, block.now),
            None if !self.awards(block) => return None,
            None => {
                let turn = usize::from(self.over(1, block));
                let ranking = self.ranking();
                let winner = ranking.get(turn).filter(|w| w.provider == provider)?;
                match (turn, self.pricing) {
                    (0, Pricing::Second) => ranking.get(1).map_or(self.max, |next| next.rate),
                    _ => winner.rate,
                }
            }
        };
        self.won = true;
        Some(rate)
    }
}

impl Reference for SealedBids {
    fn act(&mut self, action: Action, block: Block) -> Outcome {
        match action {
            Action::Look => Outcome::Done,
            Action::Commit(p, rate) if self.commit(p, rate, block) => Outcome::Done,
            Action::Reveal(p) if self.reveal(p, block) => Outcome::Done,
            Action::Claim(p) => self.claim(p, block).map_or(Outcome::Refused, Outcome::Won),
            _ => Outcome::Refused,
        }
    }

    fn free(&mut self, block: Block) -> Option<Free> {
        let best = self.ranking().first().copied().cloned()?;
        let fell_short = !self.takes_reveals(block) && !self.awards(block);
        if self.freed || !(fell_short || self.over(1, block)) {
            return None;
        }
        self.freed = true;
        Some((best.provider, bond(best.rate).u128(), !fell_short))
    }

    fn is_over(&self) -> bool {
        self.won
    }

    fn compare(&self, held: &Held, block: Block) -> Result<(), TestCaseError> {
        let seen = &held.auction;
        let waiting = self.entries.iter().filter(|e| e.revealed_at.is_none());
        for _ in waiting {
            let forfeits = seen.forfeits(block.now, block.height);
            if self.takes_commitments(block) || self.takes_reveals(block) {
                prop_assert!(forfeits.is_err());
            } else {
                prop_assert_eq!(forfeits, Ok(!self.has_few_commitments(block)));
            }
        }
        if let Some(end) = self.dutch_since(block) {
            return compare_fallback(seen, &self.params, end, block);
        }
        let ranking = self.ranking();
        let place = |i: usize| ranking.get(i).map(|e| quote(e.provider, e.rate));
        let gone = self.over(1, block);
        prop_assert_eq!(&seen.best, &place(0).filter(|_| !gone));
        prop_assert_eq!(&seen.second, &place(1));
        Ok(())
    }
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        5 => (provider(), 0..130_u128).prop_map(|(p, r)| Action::Commit(p, r)),
        2 => (provider(), 40..44_u128).prop_map(|(p, r)| Action::Commit(p, r)),
        8 => provider().prop_map(Action::Reveal),
        1 => provider().prop_map(Action::Withdraw),
        3 => provider().prop_map(Action::Claim),
        1 => Just(Action::Look),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12_000, ..ProptestConfig::default() })]

    #[test]
    fn sealed_agrees_with_its_reference(
        params in params(),
        max in 40..140_u128,
        pricing in prop_oneof![Just(Pricing::First), Just(Pricing::Second)],
        least in prop::option::of(2..=4_u32),
        steps in steps(action()),
    ) {
        let mode = AuctionMode::Sealed { pricing, min_bidders: least };
        let reference = SealedBids {
            params,
            max,
            pricing,
            least: least.unwrap_or(1) as usize,
            start: START,
            steps: Steps::from(START),
            entries: vec![],
            freed: false,
            won: false,
        };
        agree(mode, params, max, reference, &steps)?;
    }
}
