//! Leases, the streams that pay them and the orders that they are on.

use std::collections::{BTreeMap, BTreeSet};

use leasehold_api::market::{order_of, OrderStatus};
use leasehold_api::{deployment, SCALE};

use super::books::Books;
use super::Violations;

impl Violations {
    /// 5: open streams are the active leases, one to one. An account's rate is the sum of its streams', those apart that are paid ahead:
    /// their rent is set aside up to their end, as is what reservations hold.
    pub(super) fn streams_are_leases(&mut self, books: &Books) {
        // Rate, rent set aside, number.
        let mut sums: BTreeMap<u64, (u128, u128, u32)> = BTreeMap::new();
        for stream in books.streams.values() {
            let sum = sums.entry(stream.account).or_default();
            match stream.until {
                None => sum.0 += stream.rate.u128(),
                Some(until) => {
                    let ahead = until.saturating_sub(stream.at);
                    sum.1 += stream.rate.u128() * u128::from(ahead);
                }
            }
            sum.2 += 1;
        }
        for hold in books.holds.values() {
            sums.entry(hold.account).or_default().1 += hold.amount.u128() * SCALE;
        }
        for (id, account) in &books.accounts {
            let summed = sums.remove(id).unwrap_or_default();
            let said = (account.rate.u128(), account.prepaid.u128(), account.streams);
            self.expect(said == summed, || {
                format!("account {id} says {said:?} (rate, prepaid, streams), its streams say {summed:?}")
            });
        }
        let leases: BTreeSet<u64> = books.active_leases().map(|(id, _)| *id).collect();
        let streams: BTreeSet<u64> = books.streams.keys().copied().collect();
        self.expect(leases == streams, || {
            format!("active leases {leases:?} are not the open streams {streams:?}")
        });
        for (id, lease) in books.active_leases() {
            if let Some(stream) = books.streams.get(id) {
                self.expect(
                    stream.payee == lease.provider
                        && stream.rate == lease.rate
                        && stream.until == lease.until,
                    || format!("lease {id} is {lease:?}, its stream {stream:?}"),
                );
            }
        }
    }

    /// 5, 13: a leased order points at the one active lease of its group; any other order has none. Leases stay under the maximum.
    pub(super) fn groups_have_one_lease(&mut self, books: &Books) {
        let mut leases: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for (id, _) in books.active_leases() {
            leases.entry(order_of(*id)).or_default().push(*id);
        }
        for (id, order) in &books.orders {
            let active = leases.remove(id).unwrap_or_default();
            let expected: Vec<u64> = order.lease.into_iter().collect();
            self.expect(active == expected, || {
                format!("order {id} points at {expected:?}, its active leases are {active:?}")
            });
            self.expect(
                (order.status == OrderStatus::Leased) == order.lease.is_some(),
                || {
                    format!(
                        "order {id} is {:?} with lease {:?}",
                        order.status, order.lease
                    )
                },
            );
            let (deployment_id, _) = deployment::group_of(*id);
            let closed = !books.deployments.contains(&deployment_id);
            self.expect(!closed || order.status == OrderStatus::Closed, || {
                format!(
                    "order {id} of closed deployment {deployment_id} is {:?}",
                    order.status
                )
            });
        }
        self.expect(leases.is_empty(), || {
            format!("active leases of no order: {leases:?}")
        });
        for (id, lease) in books.active_leases() {
            let max = books
                .orders
                .get(&order_of(*id))
                .map(|order| order.auction.max_rate);
            self.expect(
                max.is_some_and(|max| lease.rate <= max && !lease.rate.is_zero()),
                || {
                    format!(
                        "lease {id} pays {} on an order with maximum {max:?}",
                        lease.rate
                    )
                },
            );
        }
    }
}
