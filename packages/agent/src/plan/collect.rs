//! Which rents to collect in one message.

use leasehold_api::escrow::MAX_COLLECT;

/// A lease whose rent is worth a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rent {
    pub lease: u64,
    /// Seconds since it was last collected.
    pub seconds: u64,
    /// It must not wait: it is time, or its account has run dry.
    pub is_due: bool,
}

/// The leases of each message: those that are due and, where a message has room, those that are half due or more, the longest waiting
/// first. One more stream costs a seventh of a message of its own, and leases that were collected together are due together.
pub fn collects(rents: &[Rent], every: u64) -> Vec<Vec<u64>> {
    let (mut due, mut rest): (Vec<Rent>, Vec<Rent>) = rents.iter().partition(|rent| rent.is_due);
    let room = due.len().next_multiple_of(MAX_COLLECT) - due.len();
    rest.retain(|rent| rent.seconds >= every / 2);
    rest.sort_by_key(|rent| std::cmp::Reverse(rent.seconds));
    due.extend(rest.into_iter().take(room));
    let leases: Vec<u64> = due.iter().map(|rent| rent.lease).collect();
    leases.chunks(MAX_COLLECT).map(<[u64]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rents(count: u64, seconds: u64, is_due: bool) -> Vec<Rent> {
        let first = seconds * 1_000;
        let rent = |lease| Rent {
            lease,
            seconds,
            is_due,
        };
        (first..first + count).map(rent).collect()
    }

    #[test]
    fn nothing_goes_before_something_is_due() {
        assert!(collects(&rents(3, 500, false), 600).is_empty());
    }

    #[test]
    fn what_is_half_due_fills_the_message_up() {
        let mut all = rents(80, 300, false);
        all.extend(rents(5, 299, false));
        all.extend(rents(1, 500, false));
        all.extend(rents(2, 600, true));
        let sent = collects(&all, 600);
        let [leases] = &sent[..] else {
            panic!("{sent:?}")
        };
        assert_eq!(leases.len(), MAX_COLLECT);
        assert_eq!(leases[..3], [600_000, 600_001, 500_000]);
        assert!(leases[3..].iter().all(|lease| *lease / 1_000 == 300));
    }

    #[test]
    fn nobody_waits_for_a_full_message() {
        let sizes: Vec<_> = collects(&rents(65, 600, true), 600)
            .iter()
            .map(Vec::len)
            .collect();
        assert_eq!(sizes, [64, 1]);
    }
}
