//! One lease to watch in one round.

/// Probes in a round, evenly spread over its first two thirds: the last third is for the votes to come together.
pub const PROBES: u64 = 4;
/// Fewer say nothing.
const LEAST: u64 = 3;

/// A lease, a round, and what its probes found so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    pub lease_id: u64,
    pub round: u64,
    /// Probes whose time has come, made or missed.
    past: u64,
    made: u64,
    answered: u64,
}

impl Duty {
    pub fn new(lease_id: u64, round: u64) -> Self {
        Duty {
            lease_id,
            round,
            past: 0,
            made: 0,
            answered: 0,
        }
    }

    /// Whether to probe now. Several that were missed are made up for by one.
    pub fn is_due(&self, now: u64, length: u64) -> bool {
        self.past < PROBES && time_of(self.past, self.round, length) <= now
    }

    /// Notes a probe made at `now`.
    pub fn probed(&mut self, answered: bool, now: u64, length: u64) {
        while self.is_due(now, length) {
            self.past += 1;
        }
        self.made += 1;
        self.answered += u64::from(answered);
    }

    /// Once all probes are over: whether the lease is down, which takes that not one was answered. None for too few probes: who saw
    /// little says nothing.
    pub fn vote(&self) -> Option<bool> {
        (self.past == PROBES && self.made >= LEAST).then_some(self.answered == 0)
    }

    pub fn is_over(&self) -> bool {
        self.past == PROBES
    }
}

fn time_of(probe: u64, round: u64, length: u64) -> u64 {
    let into = length.saturating_mul(probe + 1) / (PROBES + 2);
    round.saturating_mul(length).saturating_add(into)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: u64 = 60;

    /// Probes at each second at which one is due, from `from` seconds into round 2 on.
    fn watched(from: u64, answers: impl Fn(u64) -> bool) -> (Vec<u64>, Duty) {
        let mut duty = Duty::new(1, 2);
        let mut probes = vec![];
        for second in from..LENGTH {
            let now = 2 * LENGTH + second;
            if duty.is_due(now, LENGTH) {
                probes.push(second);
                duty.probed(answers(second), now, LENGTH);
            }
        }
        (probes, duty)
    }

    #[test]
    fn probes_are_spread_over_the_first_two_thirds() {
        let (probes, duty) = watched(0, |_| true);
        assert_eq!(probes, [10, 20, 30, 40]);
        assert_eq!(duty.vote(), Some(false));
    }

    #[test]
    fn one_answer_is_up_and_none_is_down() {
        assert_eq!(watched(0, |second| second == 30).1.vote(), Some(false));
        assert_eq!(watched(0, |_| false).1.vote(), Some(true));
    }

    #[test]
    fn who_comes_late_votes_only_with_enough_probes() {
        let (probes, duty) = watched(25, |_| false);
        assert_eq!(probes, [25, 30, 40]);
        assert_eq!(duty.vote(), Some(true));
        let (probes, duty) = watched(35, |_| false);
        assert_eq!(probes, [35, 40]);
        assert!(duty.is_over());
        assert_eq!(duty.vote(), None);
    }

    #[test]
    fn nothing_is_voted_before_the_last_probe() {
        let mut duty = Duty::new(1, 0);
        for now in [10, 20, 30] {
            duty.probed(false, now, LENGTH);
        }
        assert_eq!((duty.vote(), duty.is_over()), (None, false));
    }
}
