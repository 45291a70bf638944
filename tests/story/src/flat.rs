//! What grows with what came before, and must not.

use anyhow::{Context as _, Result};
use leasehold_api::deployment::order_id;

use crate::fixtures::MAX_RATE;
use crate::{Chain, Receipt, Story, Wait};

/// An operation as the first of its kind and as the last of many.
pub struct Flat {
    pub operation: &'static str,
    pub first: u64,
    pub last: u64,
}

impl<C: Chain> Story<C> {
    /// Bid, claim, collect and close as the first and as the `count`-th of one provider and one account, and the `count`-th bid on one
    /// order.
    pub fn flatness(&self, count: u64) -> Result<Vec<Flat>> {
        let account = 1;
        let mut taken = vec![];
        let mut ids = vec![];
        for k in 1..=count {
            let (id, [bid, claim]) = self.lease(account)?;
            ids.push(id);
            if k == 1 || k == count {
                self.hour()?;
                self.collect(&[self.lease_of(id)?])?;
                self.hour()?;
                let collect = self.collect(&[self.lease_of(id)?])?.gas();
                taken.push([
                    ("bid of a provider with leases", bid),
                    ("claim", claim),
                    ("collect", collect),
                ]);
            }
        }
        let [first, last] = taken.as_slice() else {
            anyhow::bail!("two samples")
        };
        let mut flat: Vec<Flat> = first
            .iter()
            .zip(last)
            .map(|((operation, first), (_, last))| Flat {
                operation,
                first: *first,
                last: *last,
            })
            .collect();
        // The last but one and the first to close: both leave the provider a lease and the account a deployment.
        self.hour()?;
        let (first, rest) = ids[1..].split_last().context("three leases")?;
        let many = self.close(*first)?.gas();
        let (last, rest) = rest.split_last().context("three leases")?;
        for id in rest {
            self.chain.pass(Wait::Beat)?;
            self.heartbeat(2)?;
            self.close(*id)?;
        }
        self.hour()?;
        flat.push(Flat {
            operation: "close",
            first: self.close(*last)?.gas(),
            last: many,
        });
        flat.push(self.many_bids(account, count)?);
        Ok(flat)
    }

    /// Two providers undercut each other.
    fn many_bids(&self, account: u64, count: u64) -> Result<Flat> {
        let order = order_id(self.create(Some(account), &[])?.0, 0).context("an order id")?;
        let mut rate = MAX_RATE;
        let mut gas = vec![];
        self.bid(0, order, rate)?;
        for k in 0..count {
            rate = rate * 9_800 / 10_000;
            gas.push(self.bid(if k % 2 == 0 { 1 } else { 0 }, order, rate)?.gas());
        }
        let (first, last) = (
            gas.first().context("one bid")?,
            gas.last().context("one bid")?,
        );
        Ok(Flat {
            operation: "bid on an order with bids",
            first: *first,
            last: *last,
        })
    }
}
