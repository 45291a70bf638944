//! Who got what, read from the chain's own events and held against the bank.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use cosmwasm_std::Event;
use leasehold_api::event::{
    Bonded, Collected, Deposited, SlashPaid, Slashed, TypedEvent as _, Withdrawn,
};

use crate::context::Market;
use crate::events::is_of;

/// Sums over all blocks so far.
#[derive(Debug, Default)]
pub struct Books {
    pub deposited: u128,
    pub refunded: u128,
    pub fees: u128,
    /// Net of the fee, by provider.
    pub paid: BTreeMap<String, u128>,
    pub bonded: BTreeMap<String, u128>,
    /// Taken from collateral, by provider.
    pub slashed: BTreeMap<String, u128>,
    /// Paid out of slashes: to the tenant and to whoever ended the lease.
    pub rewarded: BTreeMap<String, u128>,
}

impl Books {
    /// Reads what the suite did in the blocks from `first` up to now.
    pub async fn read(market: &Market, first: u64) -> Result<Self> {
        let mut books = Books::default();
        let latest = market.client.status().await?.height;
        for height in first..=latest {
            let results = market.client.block_results(height).await?;
            for event in results
                .txs
                .iter()
                .filter(|tx| tx.code == 0)
                .flat_map(|tx| &tx.events)
                .filter(|event| is_of(&market.suite, event))
            {
                books
                    .enter(event)
                    .with_context(|| format!("an event of block {height}"))?;
            }
        }
        Ok(books)
    }

    fn enter(&mut self, event: &Event) -> Result<()> {
        if let Some(deposit) = Deposited::from_event(event)? {
            self.deposited += deposit.amount.u128();
        } else if let Some(withdrawal) = Withdrawn::from_event(event)? {
            self.refunded += withdrawal.amount.u128();
        } else if let Some(pay) = Collected::from_event(event)? {
            self.fees += pay.fee.u128();
            *self.paid.entry(pay.payee.into_string()).or_default() += pay.amount.u128();
        } else if let Some(bond) = Bonded::from_event(event)? {
            *self.bonded.entry(bond.provider.into_string()).or_default() += bond.amount.u128();
        } else if let Some(slash) = Slashed::from_event(event)? {
            *self
                .slashed
                .entry(slash.provider.into_string())
                .or_default() += slash.amount.u128();
        } else if let Some(share) = SlashPaid::from_event(event)? {
            *self
                .rewarded
                .entry(share.recipient.into_string())
                .or_default() += share.amount.u128();
        }
        Ok(())
    }

    /// Every unit that was paid in went to a provider, to fees or back.
    pub fn conserved(&self) -> bool {
        self.deposited == self.paid.values().sum::<u128>() + self.fees + self.refunded
    }
}
