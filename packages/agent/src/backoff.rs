//! Waits longer after each failure, counted in blocks.

use std::collections::BTreeMap;

/// Longest wait: 2 to this power, blocks.
const MAX_POWER: u32 = 6;

#[derive(Debug)]
pub struct Backoff<K> {
    /// Failures in a row, and the height until which to wait.
    waits: BTreeMap<K, (u32, u64)>,
}

impl<K> Default for Backoff<K> {
    fn default() -> Self {
        Self {
            waits: BTreeMap::new(),
        }
    }
}

impl<K: Ord> Backoff<K> {
    pub fn is_waiting(&self, key: &K, height: u64) -> bool {
        self.waits
            .get(key)
            .is_some_and(|(_, until)| height < *until)
    }

    /// Counts a failure: wait 2, 4, 8 … 64 blocks.
    pub fn failed(&mut self, key: K, height: u64) {
        let (failures, until) = self.waits.entry(key).or_default();
        *failures = failures.saturating_add(1).min(MAX_POWER);
        *until = height.saturating_add(1 << *failures);
    }

    pub fn forget(&mut self, key: &K) {
        self.waits.remove(key);
    }

    /// Forgets failures whose wait ended more than the longest wait ago.
    pub fn prune(&mut self, height: u64) {
        self.waits
            .retain(|_, (_, until)| until.saturating_add(1 << MAX_POWER) > height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_are_forgotten() {
        let mut backoff = Backoff::default();
        let mut height = 0;
        for expected in [2, 4, 8, 16, 32, 64, 64] {
            backoff.failed("a", height);
            assert!(backoff.is_waiting(&"a", height + expected - 1));
            assert!(!backoff.is_waiting(&"a", height + expected));
            height += expected;
        }
        assert!(!backoff.is_waiting(&"b", 0));
        backoff.prune(height + 64);
        backoff.failed("a", height);
        assert!(
            !backoff.is_waiting(&"a", height + 2),
            "counts from one again"
        );
    }
}
