use leasehold_rules::auction::{AuctionMode, AuctionParams};
use proptest::prelude::*;

use crate::*;

/// Every offer that was ever taken.
#[derive(Clone)]
struct Open {
    params: AuctionParams,
    max: u128,
    auto_after: u64,
    steps: Steps,
    log: Vec<(usize, u128)>,
    /// Whom the tenant, or the order by itself, has given the order to.
    winner: Option<usize>,
}

impl Open {
    /// The lowest offer that each provider ever made, cheapest first, older first among equals.
    fn ranking(&self) -> Vec<(usize, u128)> {
        let mut offers: Vec<(u128, usize, usize)> = self
            .log
            .iter()
            .enumerate()
            .map(|(i, (provider, rate))| (*rate, i, *provider))
            .collect();
        offers.sort_unstable();
        let mut ranking: Vec<(usize, u128)> = vec![];
        for (rate, _, provider) in offers {
            if ranking.iter().all(|(earlier, _)| *earlier != provider) {
                ranking.push((provider, rate));
            }
        }
        ranking
    }

    fn over(&self, windows: u64, block: Block) -> bool {
        !self.log.is_empty() && self.steps.past(self.end(windows), &self.params, block)
    }

    fn end(&self, windows: u64) -> u64 {
        self.steps.start.now + self.auto_after + windows * self.params.claim_window
    }

    fn dutch_since(&self, block: Block) -> Option<u64> {
        let windows = self.ranking().len().min(2) as u64;
        self.over(windows, block).then_some(self.end(windows))
    }

    fn bid(&mut self, provider: usize, rate: u128, block: Block) -> bool {
        if rate == 0 || rate > self.max || self.over(0, block) {
            return false;
        }
        let mut remembered = self.ranking();
        remembered.truncate(2);
        if remembered
            .iter()
            .any(|(p, own)| *p == provider && rate > *own)
        {
            return false;
        }
        if self.log.is_empty() && block.now >= self.end(0) {
            self.steps = Steps::from(block);
        }
        self.steps.bids.push(block);
        self.log.push((provider, rate));
        true
    }

    fn claim(&mut self, provider: usize, block: Block) -> Option<u128> {
        let rate = match self.dutch_since(block) {
            Some(end) => fallback_price(&self.params, self.max, end, block.now),
            None if !self.over(0, block) => return None,
            None => {
                let turn = usize::from(self.over(1, block));
                let (winner, rate) = *self.ranking().get(turn)?;
                (winner == provider).then_some(rate)?
            }
        };
        self.winner = Some(provider);
        Some(rate)
    }
}

impl Reference for Open {
    fn act(&mut self, action: Action, block: Block) -> Outcome {
        match action {
            Action::Look => Outcome::Done,
            Action::Bid(p, rate) if self.bid(p, rate, block) => Outcome::Done,
            Action::Claim(p) => self.claim(p, block).map_or(Outcome::Refused, Outcome::Won),
            _ => Outcome::Refused,
        }
    }

    fn free(&mut self, _: Block) -> Option<Free> {
        None
    }

    fn is_over(&self) -> bool {
        self.winner.is_some()
    }

    fn compare(&self, held: &Held, block: Block) -> Result<(), TestCaseError> {
        let seen = &held.auction;
        if let Some(end) = self.dutch_since(block) {
            return compare_fallback(seen, &self.params, end, block);
        }
        let mut ranking: Vec<_> = self.ranking().into_iter().take(2).map(Some).collect();
        ranking.resize(2, None);
        if self.over(1, block) {
            ranking[0] = None;
        }
        let expected: Vec<_> = ranking
            .iter()
            .map(|e| e.map(|(p, rate)| quote(p, rate)))
            .collect();
        prop_assert_eq!([&seen.best, &seen.second], [&expected[0], &expected[1]]);
        // Whomever the tenant takes now, the lowest of the others is the runner-up.
        for p in 0..PROVIDERS.len() {
            let mut taken = seen.clone();
            taken.accept(&address(p));
            let next = expected
                .iter()
                .flatten()
                .find(|quote| quote.provider != address(p));
            prop_assert_eq!(taken.second.as_ref(), next);
        }
        Ok(())
    }
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        6 => (provider(), 0..130_u128).prop_map(|(p, r)| Action::Bid(p, r)),
        3 => provider().prop_map(Action::Claim),
        1 => Just(Action::Look),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6_000, ..ProptestConfig::default() })]

    #[test]
    fn open_agrees_with_its_reference(
        params in params(), max in 1..120_u128, auto_after in 1..60_u64, moves in steps(action()),
    ) {
        let mode = AuctionMode::Open { auto_after: Some(auto_after) };
        let (steps, log) = (Steps::from(START), vec![]);
        let reference = Open { params, max, auto_after, steps, log, winner: None };
        agree(mode, params, max, reference, &moves)?;
    }
}
