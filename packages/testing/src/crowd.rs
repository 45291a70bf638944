//! Crowds, made quickly: a record that the contracts wrote is copied under new ids, and the sums over it are raised to match.
//! The invariants hold afterwards, and say so when a new record was left out.

use std::ops::Range;
use std::slice;

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, Addr, Empty, StdResult, Uint128};
use cw_multi_test::MockApiBech32;
use leasehold_api::deployment::{group_of, order_id, DEPLOYMENTS, GROUPS, NEXT_DEPLOYMENT, OWNED};
use leasehold_api::escrow::{ACCOUNTS, STREAMS};
use leasehold_api::market::{
    lease_id, order_of, Lock, Offer, Order, ACTIVE, BIDS, COMMITMENTS, LEASES, LEASES_PER_ORDER,
    LOCKS, NEXT_OFFER, OFFERS, OFFERS_IN, OFFERS_OF, ORDERS, TAKEN,
};
use leasehold_api::provider::{Hot, BONDED, CAPABILITY, CONTACT, HOT};
use leasehold_api::Asset;

use crate::world::{World, RENT};

impl World {
    /// Makes `count` more leases like `model`, which is active and the only one of its deployment: of the same provider, each in a
    /// deployment of its own, all on the model's account.
    ///
    /// # Errors
    /// No such lease.
    pub fn multiply_lease(&mut self, model: u64, count: u32) -> Result<()> {
        let (deployment, _) = group_of(order_of(model));
        let deployments = self.copy_deployment(deployment, count)?;
        let number = u32::try_from(model % LEASES_PER_ORDER)?;
        let copies = deployments
            .map(|id| order_id(id, 0).and_then(|order| lease_id(order, number)))
            .collect::<Option<Vec<u64>>>()
            .context("ids for all")?;
        self.copy_stream(model, &copies)?;
        self.copy_lease(model, &copies)
    }

    /// Makes `count` more bids like that of `model` on an open order, each of a provider of its own. They bid and unbonded again.
    ///
    /// # Errors
    /// No such bid or provider.
    pub fn multiply_bid(&mut self, order: u64, model: &Addr, count: u32) -> Result<()> {
        let bid = BIDS.load(&*self.storage(|s| &s.market), (order, model))?;
        self.copy_provider(model, &[], count)?;
        let market = &mut *self.storage_mut(|s| &s.market);
        for bidder in bidders(count) {
            BIDS.save(market, (order, &bidder), &bid)?;
        }
        Ok(())
    }

    /// Makes `count` more commitments like that of `model`, each of a provider of its own that has bonded no more than it takes.
    ///
    /// # Errors
    /// No such commitment or provider.
    pub fn multiply_commitment(&mut self, order: u64, model: &Addr, count: u32) -> Result<()> {
        if count == 0 {
            return Ok(());
        }
        let market = self.storage(|s| &s.market);
        let commitment = COMMITMENTS.load(&*market, (order, model))?;
        let mut record = ORDERS.load(&*market, order)?;
        drop(market);
        let bond = Asset {
            denom: record.denom.clone(),
            amount: commitment.bond,
        };
        let key = record.denom.key();
        self.copy_provider(model, slice::from_ref(&bond), count)?;
        let sum = bond.amount * Uint128::from(count);
        let mut registry = self.storage_mut(|s| &s.provider);
        BONDED.update(&mut *registry, &key, |bonded| {
            StdResult::Ok(bonded.unwrap_or_default() + sum)
        })?;
        drop(registry);
        let to = self.suite.provider.clone();
        self.mint(&to, coin(sum.u128(), RENT))?;
        let market = &mut *self.storage_mut(|s| &s.market);
        let lock = Lock {
            amount: bond.amount,
            uses: 1,
            ..Lock::default()
        };
        for bidder in bidders(count) {
            COMMITMENTS.save(market, (order, &bidder), &commitment)?;
            LOCKS.save(market, (&bidder, &key), &lock)?;
        }
        let sealed = record.auction.sealed.as_mut().context("a sealed order")?;
        sealed.committed += count;
        Ok(ORDERS.save(market, order, &record)?)
    }

    fn copy_provider(&mut self, model: &Addr, collateral: &[Asset], count: u32) -> Result<()> {
        let registry = &mut *self.storage_mut(|s| &s.provider);
        let hot = Hot {
            collateral: collateral.to_vec(),
            ..HOT.load(registry, model)?
        };
        let capability = CAPABILITY.load(registry, model)?;
        let contact = CONTACT.load(registry, model)?;
        for bidder in bidders(count) {
            HOT.save(registry, &bidder, &hot)?;
            CAPABILITY.save(registry, &bidder, &capability)?;
            CONTACT.save(registry, &bidder, &contact)?;
        }
        Ok(())
    }

    /// Makes `count` more offers like `model`, each of a provider of its own that has left since.
    ///
    /// # Errors
    /// No such offer.
    pub fn multiply_offer(&mut self, model: u64, count: u32) -> Result<()> {
        let storage = &mut *self.storage_mut(|s| &s.market);
        let offer = OFFERS.load(storage, model)?;
        let first = NEXT_OFFER.load(storage)?;
        for (id, provider) in (first..).zip(bidders(count)) {
            OFFERS_OF.save(storage, (&provider, id), &offer.terms.expires_at)?;
            OFFERS_IN.save(storage, (&offer.denom.key(), id), &Empty {})?;
            let copy = Offer {
                provider,
                ..offer.clone()
            };
            OFFERS.save(storage, id, &copy)?;
        }
        Ok(NEXT_OFFER.save(storage, &(first + u64::from(count)))?)
    }

    fn copy_deployment(&mut self, model: u64, count: u32) -> Result<Range<u64>> {
        let storage = &mut *self.storage_mut(|s| &s.deployment);
        let record = DEPLOYMENTS.load(storage, model)?;
        let group = GROUPS.load(storage, (model, 0))?;
        let first = NEXT_DEPLOYMENT.load(storage)?;
        let copies = first..first + u64::from(count);
        for id in copies.clone() {
            DEPLOYMENTS.save(storage, id, &record)?;
            GROUPS.save(storage, (id, 0), &group)?;
            OWNED.save(storage, (&record.owner, id), &Empty {})?;
        }
        NEXT_DEPLOYMENT.save(storage, &copies.end)?;
        Ok(copies)
    }

    fn copy_stream(&mut self, model: u64, copies: &[u64]) -> Result<()> {
        let storage = &mut *self.storage_mut(|s| &s.escrow);
        let stream = STREAMS.load(storage, model)?;
        for id in copies {
            STREAMS.save(storage, *id, &stream)?;
        }
        let count = u32::try_from(copies.len())?;
        let mut account = ACCOUNTS.load(storage, stream.account)?;
        account.rate += stream.rate * Uint128::from(count);
        account.streams += count;
        Ok(ACCOUNTS.save(storage, stream.account, &account)?)
    }

    fn copy_lease(&mut self, model: u64, copies: &[u64]) -> Result<()> {
        let storage = &mut *self.storage_mut(|s| &s.market);
        let lease = LEASES.load(storage, model)?;
        let order = ORDERS.load(storage, order_of(model))?;
        for id in copies {
            let order = Order {
                lease: Some(*id),
                ..order.clone()
            };
            ORDERS.save(storage, order_of(*id), &order)?;
            LEASES.save(storage, *id, &lease)?;
            ACTIVE.save(storage, (&lease.provider, *id), &Empty {})?;
        }
        let count = u32::try_from(copies.len())?;
        if let Some(taken) = &lease.taken {
            let mut sums = TAKEN.load(storage, taken.offer_id)?;
            for (sum, amount) in sums.0.iter_mut().zip(&taken.usage.0) {
                *sum += amount * u64::from(count);
            }
            TAKEN.save(storage, taken.offer_id, &sums)?;
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
