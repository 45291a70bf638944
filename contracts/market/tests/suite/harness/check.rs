//! What holds of locks, lists and streams after every message.

use super::*;

impl World {
    /// Locks = Σ leader bids + Σ commitments + Σ leases ≤ collateral; the lists say what the records say; the book is in order.
    pub fn check(&mut self) {
        let mut expected: BTreeMap<Addr, Lock> = BTreeMap::new();
        let mut add = |provider: &Addr, bond: Uint128| {
            let lock = expected.entry(provider.clone()).or_default();
            lock.amount += bond;
            lock.uses += 1;
        };
        let storage = self.storage();
        for entry in all(&ORDERS, &*storage) {
            let (id, order): (u64, Order) = entry;
            let open = order.status == OrderStatus::Open;
            assert_eq!(OPEN.has(&*storage, id), open, "list of open orders");
            assert_eq!(order.lease.is_some(), order.status == OrderStatus::Leased);
            assert!(order.excluded.len() <= 8);
            let auction = &order.auction;
            if !auction.bond.is_zero() {
                assert!(open, "only an open order binds a leader");
                add(&auction.best.as_ref().unwrap().provider, auction.bond);
            }
            if let (Some(best), Some(second)) = (&auction.best, &auction.second) {
                assert!(best.rate <= second.rate && best.provider != second.provider);
            }
        }
        for entry in COMMITMENTS.range(&*storage, None, None, Direction::Ascending) {
            let ((_, provider), commitment): (_, Commitment) = entry.unwrap();
            add(&provider, commitment.bond);
        }
        let mut streams = vec![];
        let mut leases = 0;
        let mut ended: BTreeMap<Addr, u64> = BTreeMap::new();
        for entry in all(&LEASES, &*storage) {
            let (id, lease): (u64, Lease) = entry;
            leases += 1;
            let order = ORDERS.load(&*storage, order_of(id)).unwrap();
            let active = !ENDED.has(&*storage, id);
            assert_eq!(
                order.lease == Some(id),
                active,
                "one active lease per order"
            );
            assert_eq!(ACTIVE.has(&*storage, (&lease.provider, id)), active);
            if !active {
                *ended.entry(lease.provider.clone()).or_default() += 1;
            }
            if active {
                assert!(lease.rate <= order.auction.max_rate);
                add(&lease.provider, lease.bond);
                streams.push((id, lease.rate, lease.until));
            }
        }
        for entry in PENALTIES.range(&*storage, None, None, Direction::Ascending) {
            let ((id, number), penalty) = entry.unwrap();
            add(&penalty.provider, penalty.bond);
            assert!(number <= ORDERS.load(&*storage, id).unwrap().penalties);
        }
        let locks: BTreeMap<Addr, Lock> = LOCKS
            .range(&*storage, None, None, Direction::Ascending)
            .map(|entry| entry.map(|((provider, _), lock)| (provider, lock)))
            .collect::<StdResult<_>>()
            .unwrap();
        let counted: BTreeMap<Addr, u64> = locks
            .iter()
            .map(|(address, lock)| (address.clone(), lock.history.of(Mark::Ended)))
            .filter(|(_, leases)| *leases > 0)
            .collect();
        let orders: Vec<(u64, Order)> = all(&ORDERS, &*storage);
        let had: usize = orders.iter().map(|(_, order)| order.leases as usize).sum();
        if had == leases && !orders.is_empty() {
            assert_eq!(counted, ended, "every end is counted");
        } else {
            let kept = |(who, leases)| counted.get(who).is_some_and(|all| all >= leases);
            assert!(ended.iter().all(kept), "those pruned are counted too");
        }
        let held: BTreeMap<Addr, Lock> = locks
            .into_iter()
            .filter(|(_, lock)| lock.uses > 0)
            .map(|(provider, lock)| (provider, bare(lock)))
            .collect();
        assert_eq!(held, expected, "locks are the sum of what holds them");
        drop(storage);
        for (provider, lock) in held {
            let collateral = self.hot(&provider).collateral_in(&denom());
            assert!(lock.amount <= collateral, "{provider} is overcommitted");
        }
        let paying: Vec<_> = STREAMS
            .range(&*self.escrow(), None, None, Direction::Ascending)
            .map(|entry| entry.map(|(id, stream)| (id, stream.rate, stream.until)))
            .collect::<StdResult<_>>()
            .unwrap();
        assert_eq!(paying, streams, "one stream per active lease");
        self.check_offers();
    }
}

/// What it holds, without what is remembered.
fn bare(lock: Lock) -> Lock {
    Lock {
        history: History::default(),
        ..lock
    }
}
