//! Orders that look for a provider, and those to fail over.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::Addr;
use leasehold_api::deployment::group_of;
use leasehold_api::market::{Order, OrderResponse, OrderStatus};
use leasehold_api::rules::auction::is_excluded;
use leasehold_api::rules::stream::Account;
use leasehold_api::{AuctionMode, GroupSpec};

use super::remember;
use crate::agent::Agent;
use crate::chain::Lookup;
use crate::plan::{OpenOrder, Watched};
use crate::AgentError;

/// Of an order, what stays while it is open.
#[derive(Clone)]
pub(crate) struct Asked {
    tenant: Addr,
    group: GroupSpec,
}

impl Agent {
    /// A market has many: of each, no more is read anew than what the list says has changed.
    pub(super) async fn open_orders(&mut self) -> Result<Vec<OpenOrder>, AgentError> {
        let mut orders = Vec::new();
        let mut accounts: BTreeMap<u64, Account> = BTreeMap::new();
        for listed in self.reader.open_orders().await? {
            let id = listed.id;
            // Closed by a block that came meanwhile.
            let Some(order) = self.order(listed).await? else {
                continue;
            };
            let Asked { tenant, group } = self.asked(id, order.leases).await?;
            let account = match accounts.entry(order.account) {
                Entry::Occupied(read) => read.get().clone(),
                Entry::Vacant(new) => new.insert(self.account(order.account).await?).clone(),
            };
            let bid = match order.auction.mode {
                AuctionMode::Open { .. } => self.reader.bid(id, &self.me).await?,
                _ => None,
            };
            let key = (id, order.round, order.leases);
            let ask = match self.asks.get(&key) {
                Some(ask) => ask.clone(),
                None => {
                    let max_rate = order.auction.max_rate;
                    let ask = self.price(&order.denom, &tenant, max_rate, &group).await;
                    remember(&mut self.asks, key, ask)
                }
            };
            orders.push(OpenOrder {
                id,
                ask,
                order,
                tenant,
                group,
                account,
                bid,
            });
        }
        Ok(orders)
    }

    /// The record behind an order on the list.
    async fn order(&mut self, listed: OrderResponse) -> Result<Option<Order>, AgentError> {
        let id = listed.id;
        if let Some((as_listed, order)) = self.orders.get(&id) {
            if *as_listed == listed {
                return Ok(Some(order.clone()));
            }
        }
        let Some(order) = self.reader.order(id).await? else {
            return Ok(None);
        };
        self.orders.insert(id, (listed, order.clone()));
        Ok(Some(order))
    }

    /// Remembers the orders on which this provider is quoted, to fail them over when their provider falls silent.
    pub(super) fn watch_quoted(&self, orders: &[OpenOrder]) -> Result<(), AgentError> {
        let known: BTreeSet<u64> = self.store.watched()?.into_iter().collect();
        let quoted = |order: &Order| {
            let quotes = [&order.auction.best, &order.auction.second];
            quotes
                .into_iter()
                .flatten()
                .any(|quote| quote.provider == self.me)
        };
        for open in orders
            .iter()
            .filter(|o| quoted(&o.order) && !known.contains(&o.id))
        {
            self.store.watch(open.id)?;
        }
        Ok(())
    }

    /// The runner-up acts at once; others leave it `patience` seconds.
    pub(super) async fn watched(
        &self,
        open: &[OpenOrder],
        patience: u64,
        now: u64,
    ) -> Result<Vec<Watched>, AgentError> {
        let mut watched = Vec::new();
        let open: BTreeSet<u64> = open.iter().map(|open| open.id).collect();
        for id in self.store.watched()? {
            // It has no lease to fail over.
            if open.contains(&id) {
                continue;
            }
            let order = self.reader.order(id).await?;
            let live = order.filter(|o| {
                o.status != OrderStatus::Closed && !is_excluded(&o.excluded, &self.me, now)
            });
            let Some(order) = live else {
                self.store.unwatch(id)?;
                continue;
            };
            let Some(lease_id) = order.lease else {
                continue;
            };
            let Some(lease) = self.reader.lease(lease_id).await? else {
                continue;
            };
            let Some(hot) = self.reader.hot(&lease.provider).await? else {
                continue;
            };
            let is_next = order
                .auction
                .second
                .is_some_and(|second| second.provider == self.me);
            watched.push(Watched {
                lease: lease_id,
                started_at: lease.started_at,
                verdict: self.reader.verdict(lease_id).await?,
                maintenance: self.reader.maintenance(&lease.provider).await?,
                provider: lease.provider,
                live: hot.live,
                patience: if is_next { 0 } else { patience },
            });
        }
        Ok(watched)
    }

    /// A group changes while it is leased alone: it is read once between two leases. A tenant that hands its deployment over meanwhile is
    /// still named; the chain knows better.
    async fn asked(&mut self, order: u64, leases: u32) -> Result<Asked, AgentError> {
        if let Some(asked) = self.asked.get(&(order, leases)) {
            return Ok(asked.clone());
        }
        let asked = Asked {
            tenant: self.deployment(group_of(order).0).await?.owner,
            group: self.group(order).await?,
        };
        self.asked.insert((order, leases), asked.clone());
        Ok(asked)
    }
}
