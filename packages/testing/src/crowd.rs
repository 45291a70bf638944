//! Crowds, made quickly: a record that the contracts wrote is copied under new ids, and the sums over it are raised to match.
//! The invariants hold afterwards, and say so when a new record was left out.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{Addr, Empty, Storage, Uint128};
use cw_multi_test::MockApiBech32;
use cw_storage_plus::{Item, Map};
use leasehold_api::deployment::{order_id, DEPLOYMENTS, GROUPS, NEXT_DEPLOYMENT};
use leasehold_api::escrow::{ACCOUNTS, STREAMS};
use leasehold_api::market::{ACTIVE, BIDS, LEASES, LOCKS, NEXT_LEASE, ORDERS};
use leasehold_api::provider::{CAPABILITY, CONTACT, HOT};
use leasehold_api::{deployment, market, provider};
use leasehold_rules::stream::Stream;

use crate::world::World;

/// The deployment contract's own count of deployments that draw on an account.
const DRAWING: Map<u64, u32> = Map::new("r");

impl World {
    /// Makes `count` more leases like `model`, which is active and the only one of its deployment: of the same
    /// provider, each in a deployment of its own, all on the model's account.
    ///
    /// # Errors
    /// No such lease, or not the newest one in the newest deployment: the copies take the ids that follow.
    pub fn multiply_lease(&mut self, model: u64, count: u32) -> Result<()> {
        let lease = LEASES.load(&*self.storage(|s| &s.market), model)?;
        let (deployment, _) = deployment::group_of(lease.order);
        let newest_lease = NEXT_LEASE.load(&*self.storage(|s| &s.market))? == model + 1;
        let newest = NEXT_DEPLOYMENT.load(&*self.storage(|s| &s.deployment))? == deployment + 1;
        ensure!(newest_lease && newest, "lease {model} is not the newest");
        let stream = STREAMS.load(&*self.storage(|s| &s.escrow), model)?;
        self.copy_deployments(deployment, count)?;
        self.copy_streams(model, &stream, count)?;
        self.copy_leases(deployment, model, count)
    }

    /// Makes `count` more bids like that of `model` on an open order, each of a provider of its own. They bid and unbonded again.
    ///
    /// # Errors
    /// No such bid or provider.
    pub fn multiply_bid(&mut self, order: u64, model: &Addr, count: u32) -> Result<()> {
        let bid = BIDS.load(&*self.storage(|s| &s.market), (order, model))?;
        let registry = self.storage(|s| &s.provider);
        let hot = provider::Hot {
            collateral: vec![],
            ..HOT.load(&*registry, model)?
        };
        let capability = CAPABILITY.load(&*registry, model)?;
        let contact = CONTACT.load(&*registry, model)?;
        drop(registry);
        for bidder in bidders(count) {
            let mut registry = self.storage_mut(|s| &s.provider);
            HOT.save(&mut *registry, &bidder, &hot)?;
            CAPABILITY.save(&mut *registry, &bidder, &capability)?;
            CONTACT.save(&mut *registry, &bidder, &contact)?;
            drop(registry);
            BIDS.save(
                &mut *self.storage_mut(|s| &s.market),
                (order, &bidder),
                &bid,
            )?;
        }
        Ok(())
    }

    fn copy_deployments(&mut self, model: u64, count: u32) -> Result<()> {
        let storage = &mut *self.storage_mut(|s| &s.deployment);
        let record = DEPLOYMENTS.load(storage, model)?;
        let group = GROUPS.load(storage, (model, 0))?;
        for id in take_ids(storage, &NEXT_DEPLOYMENT, count)? {
            DEPLOYMENTS.save(storage, id, &record)?;
            GROUPS.save(storage, (id, 0), &group)?;
            deployment::OWNED.save(storage, (&record.owner, id), &Empty {})?;
        }
        let drawing = DRAWING.load(storage, record.account)?;
        Ok(DRAWING.save(storage, record.account, &(drawing + count))?)
    }

    fn copy_streams(&mut self, model: u64, stream: &Stream, count: u32) -> Result<()> {
        let storage = &mut *self.storage_mut(|s| &s.escrow);
        for id in (model + 1..).take(count as usize) {
            STREAMS.save(storage, id, stream)?;
        }
        let mut account = ACCOUNTS.load(storage, stream.account)?;
        account.rate += stream.rate * Uint128::from(count);
        account.streams += count;
        Ok(ACCOUNTS.save(storage, stream.account, &account)?)
    }

    fn copy_leases(&mut self, deployment: u64, model: u64, count: u32) -> Result<()> {
        let storage = &mut *self.storage_mut(|s| &s.market);
        let lease = LEASES.load(storage, model)?;
        let order = ORDERS.load(storage, lease.order)?;
        let ids = take_ids(storage, &NEXT_LEASE, count)?;
        for (id, copy) in ids.zip(deployment + 1..) {
            let copied = order_id(copy, 0).context("an order id")?;
            let order = market::Order {
                lease: Some(id),
                ..order.clone()
            };
            let lease = market::Lease {
                order: copied,
                ..lease.clone()
            };
            ORDERS.save(storage, copied, &order)?;
            LEASES.save(storage, id, &lease)?;
            ACTIVE.save(storage, (&lease.provider, id), &Empty {})?;
        }
        let denom = order.denom.key();
        let mut lock = LOCKS.load(storage, (&lease.provider, &denom))?;
        lock.amount += lease.bond * Uint128::from(count);
        lock.uses += count;
        Ok(LOCKS.save(storage, (&lease.provider, &denom), &lock)?)
    }
}

fn bidders(count: u32) -> impl Iterator<Item = Addr> {
    let api = MockApiBech32::new("wasm");
    (0..count).map(move |i| api.addr_make(&format!("bidder{i}")))
}

/// The next `count` ids of a counter.
fn take_ids(
    storage: &mut dyn Storage,
    counter: &Item<u64>,
    count: u32,
) -> Result<std::ops::Range<u64>> {
    let first = counter.load(storage)?;
    let next = first + u64::from(count);
    counter.save(storage, &next)?;
    Ok(first..next)
}
