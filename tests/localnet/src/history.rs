//! What the suite did since some block, by its own events and the file cursor that clients follow them with.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{bail, ensure, Result};
use leasehold_api::event::{BidPlaced, LeaseStarted, Slashed, TypedEvent};
use leasehold_api::Suite;
use leasehold_client::{ChainClient, ContractEvent, EventCursor};

#[derive(Debug, Default)]
pub struct History {
    /// With the heights of their blocks.
    pub events: Vec<(u64, ContractEvent)>,
}

impl History {
    /// From the block `first` to the latest.
    pub async fn read(client: &ChainClient, suite: &Suite, first: u64) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("cursor");
        let mut cursor = EventCursor::open(path, suite.addresses(), first)?;
        let mut history = Self::default();
        while let Some(batch) = cursor.next_batch(client).await? {
            cursor.commit(&batch)?;
            let height = batch.height;
            let events = batch.events.into_iter();
            history.events.extend(events.map(|event| (height, event)));
        }
        Ok(history)
    }

    /// All of one kind, with their heights.
    pub fn all<T: TypedEvent>(&self) -> Result<Vec<(u64, T)>> {
        let mut found = Vec::new();
        for (height, ContractEvent { event, .. }) in &self.events {
            found.extend(T::from_event(event)?.map(|event| (*height, event)));
        }
        Ok(found)
    }

    /// Every order has at most one lease, nobody has bid the same twice, and nobody was slashed.
    pub fn check_once(&self) -> Result<()> {
        let mut leases = BTreeMap::new();
        for (height, lease) in self.all::<LeaseStarted>()? {
            if let Some(former) = leases.insert(lease.order_id, lease.lease_id) {
                bail!("block {height}: a lease after {former}: {lease:?}");
            }
        }
        let mut bids = BTreeSet::new();
        for (height, bid) in self.all::<BidPlaced>()? {
            let named = (bid.order_id, bid.provider.clone(), bid.rate);
            ensure!(bids.insert(named), "block {height}: twice {bid:?}");
        }
        let slashed = self.all::<Slashed>()?;
        ensure!(slashed.is_empty(), "{slashed:?}");
        Ok(())
    }
}
