//! The chain's state: an ordered map with an undo log, so that a failed transaction or a simulation costs what it wrote and nothing more.

use std::collections::BTreeMap;
use std::ops::Bound;

use cosmwasm_std::{Order, Record, Storage};

/// A point in the undo log. Marks nest: rolling back to an outer one undoes the inner ones too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

#[derive(Default)]
pub(crate) struct Journal {
    state: BTreeMap<Vec<u8>, Vec<u8>>,
    undo: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Journal {
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.undo.len())
    }

    /// Undoes every write made since `mark`, newest first.
    pub(crate) fn rollback(&mut self, mark: Mark) {
        for (key, before) in self.undo.drain(mark.0..).rev() {
            match before {
                Some(value) => self.state.insert(key, value),
                None => self.state.remove(&key),
            };
        }
    }

    /// Makes everything written so far permanent.
    pub(crate) fn commit(&mut self) {
        self.undo.clear();
    }
}

impl Storage for Journal {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.state.get(key).cloned()
    }

    fn range<'a>(
        &'a self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = Record> + 'a> {
        if let (Some(start), Some(end)) = (start, end) {
            if start >= end {
                return Box::new(std::iter::empty());
            }
        }
        let from = start.map_or(Bound::Unbounded, |k| Bound::Included(k.to_vec()));
        let to = end.map_or(Bound::Unbounded, |k| Bound::Excluded(k.to_vec()));
        let records = self
            .state
            .range((from, to))
            .map(|(k, v)| (k.clone(), v.clone()));
        match order {
            Order::Ascending => Box::new(records),
            Order::Descending => Box::new(records.rev()),
        }
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        let before = self.state.insert(key.to_vec(), value.to_vec());
        self.undo.push((key.to_vec(), before));
    }

    fn remove(&mut self, key: &[u8]) {
        if let Some(before) = self.state.remove(key) {
            self.undo.push((key.to_vec(), Some(before)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_inverted_range_is_empty() {
        let mut journal = Journal::default();
        journal.set(b"b", b"1");
        assert_eq!(
            journal
                .range(Some(b"c"), Some(b"a"), Order::Ascending)
                .count(),
            0
        );
        assert_eq!(
            journal.range(Some(b"b"), None, Order::Descending).count(),
            1
        );
    }

    proptest! {
        #[test]
        fn rollback_restores_the_marked_state(
            before in prop::collection::vec((0u8..8, prop::option::of(any::<u8>())), 0..20),
            after in prop::collection::vec((0u8..8, prop::option::of(any::<u8>())), 0..40),
        ) {
            let mut journal = Journal::default();
            let apply = |journal: &mut Journal, ops: &[(u8, Option<u8>)]| {
                for (key, value) in ops {
                    match value {
                        Some(value) => journal.set(&[*key], &[*value]),
                        None => journal.remove(&[*key]),
                    }
                }
            };
            apply(&mut journal, &before);
            let expected = journal.state.clone();
            let mark = journal.mark();
            apply(&mut journal, &after);
            journal.rollback(mark);
            prop_assert_eq!(&journal.state, &expected);
            journal.commit();
            prop_assert!(journal.undo.is_empty());
        }
    }
}
