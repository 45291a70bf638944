//! A whole that many take from, none of them all of it.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Nobody has more than is left for all others: one alone gets half of the whole, two that want all get a third each. The first is never refused.
#[derive(Debug)]
pub struct Shares<K> {
    whole: usize,
    held: Mutex<Held<K>>,
}

#[derive(Debug)]
struct Held<K> {
    by_all: usize,
    /// Only of those that have any.
    by: HashMap<K, usize>,
}

/// One of the whole; given back when dropped.
#[derive(Debug)]
pub struct Share<K: Copy + Eq + Hash> {
    shares: Arc<Shares<K>>,
    holder: K,
}

impl<K: Copy + Eq + Hash> Shares<K> {
    pub fn of(whole: usize) -> Arc<Self> {
        let (by_all, by) = (0, HashMap::new());
        let held = Mutex::new(Held { by_all, by });
        Arc::new(Self { whole, held })
    }

    pub fn take(self: &Arc<Self>, holder: K) -> Option<Share<K>> {
        let mut held = self.held();
        let left = self.whole.saturating_sub(held.by_all);
        let own = held.by.get(&holder).copied().unwrap_or(0);
        if own > 0 && own >= left {
            return None;
        }
        held.by_all += 1;
        held.by.insert(holder, own + 1);
        let shares = self.clone();
        Some(Share { shares, holder })
    }

    /// No panic leaves the counts half changed.
    fn held(&self) -> MutexGuard<'_, Held<K>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut held = self.shares.held();
        held.by_all -= 1;
        let own = held.by.remove(&self.holder).unwrap_or(0);
        if own > 1 {
            held.by.insert(self.holder, own - 1);
        }
    }
}

/// Whose connection it is: an address, or the network of 64 bits that one subscriber has of IPv6.
pub fn origin(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(shares: &Arc<Shares<u8>>, holder: u8) -> Vec<Share<u8>> {
        std::iter::from_fn(|| shares.take(holder)).collect()
    }

    #[test]
    fn the_greedy_leave_something_and_the_first_is_never_refused() {
        let shares = Shares::of(8);
        let greedy = fill(&shares, 1);
        assert_eq!(greedy.len(), 4);
        let next = fill(&shares, 2);
        assert_eq!(next.len(), 2);
        let more: Vec<_> = (3..20).filter_map(|holder| shares.take(holder)).collect();
        assert_eq!(more.len(), 17);
        assert!(shares.take(3).is_none());
    }

    #[test]
    fn what_is_given_back_can_be_taken_and_nobody_is_remembered() {
        let shares = Shares::of(6);
        let mut all = fill(&shares, 1);
        assert_eq!(all.len(), 3);
        all.pop();
        all.extend(fill(&shares, 1));
        assert_eq!(all.len(), 3);
        drop(all);
        assert!(shares.held().by.is_empty());
        assert_eq!(shares.held().by_all, 0);
    }

    #[test]
    fn one_subscriber_is_one_origin() {
        let of = |text: &str| origin(text.parse().unwrap());
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff::2"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
