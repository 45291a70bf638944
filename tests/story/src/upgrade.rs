//! A life across an upgrade of the suite's code.

use anyhow::{Context as _, Result};
use leasehold_api::deployment::order_id;

use crate::fixtures::RATE;
use crate::{Chain, Story, Wait};

/// What an upgrade meets.
pub struct Halfway {
    /// A deployment whose lease runs.
    leased: u64,
    /// One whose order has two bids.
    bidding: u64,
    offer: u64,
    drawn: u64,
}

impl<C: Chain> Story<C> {
    /// Up to the upgrade.
    ///
    /// # Errors
    /// A message that is refused.
    pub fn until_upgrade(&self) -> Result<Halfway> {
        let (leased, _) = self.lease(1)?;
        self.hour()?;
        let (offer, _) = self.post_offer()?;
        let drawn = self.next_account()?;
        self.allow(1)?;
        let (bidding, _) = self.create(Some(1), &[])?;
        let order = order_id(bidding, 0).context("an order id")?;
        self.bid(0, order, RATE * 9 / 8)?;
        self.bid(1, order, RATE)?;
        Ok(Halfway {
            leased,
            bidding,
            offer,
            drawn,
        })
    }

    /// From the upgrade on: everything that stood goes on, is paid and ends.
    ///
    /// # Errors
    /// A message that is refused.
    pub fn since_upgrade(&self, met: &Halfway) -> Result<()> {
        self.chain.pass(Wait::Bidding)?;
        let order = order_id(met.bidding, 0).context("an order id")?;
        self.claim(1, order)?;
        self.hour()?;
        let leases = [self.lease_of(met.leased)?, self.lease_of(met.bidding)?];
        for lease in leases {
            self.collect(&[lease])?;
        }
        self.update_offer(met.offer)?;
        self.draw(met.drawn)?;
        self.hour()?;
        self.close(met.leased)?;
        self.close(met.bidding)?;
        self.lease(1)?;
        self.withdraw(1)?;
        Ok(())
    }
}
