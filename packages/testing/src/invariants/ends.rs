//! What is remembered of leases that ended.

use std::collections::BTreeMap;

use cosmwasm_std::Addr;
use leasehold_api::market::{order_of, Mark};

use super::books::Books;
use super::Violations;

impl Violations {
    /// A provider has as many ended leases in a denom as its record says: with the active ones, all that it won. Of those that were pruned
    /// only the record is left.
    pub(super) fn ends_are_counted(&mut self, books: &Books) {
        let mut ended: BTreeMap<(Addr, String), u64> = BTreeMap::new();
        for id in &books.ended {
            let order = books.orders.get(&order_of(*id));
            self.expect(order.is_some(), || format!("lease {id} is of no order"));
            if let (Some(lease), Some(order)) = (books.leases.get(id), order) {
                let key = (lease.provider.clone(), order.denom.key());
                *ended.entry(key).or_default() += 1;
            }
        }
        let counted: BTreeMap<(Addr, String), u64> = books
            .locks
            .iter()
            .map(|(key, lock)| (key.clone(), lock.history.of(Mark::Ended)))
            .filter(|(_, leases)| *leases > 0)
            .collect();
        let holds = match books.nothing_pruned {
            true => counted == ended,
            false => ended
                .iter()
                .all(|(key, leases)| counted.get(key).is_some_and(|all| all >= leases)),
        };
        self.expect(holds, || {
            format!("{ended:?} leases have ended, {counted:?} are counted")
        });
    }
}
