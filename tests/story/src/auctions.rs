//! The other ways to find a provider: by sealed bids, and by the tenant's choice.

use anyhow::{Context as _, Result};
use cosmwasm_std::{from_json, Binary, Uint128};
use leasehold_api::deployment::{order_id, GroupRequest};
use leasehold_api::rules::auction::Opening;
use leasehold_api::{market, AuctionMode, Pricing};

use crate::fixtures::{group, RATE};
use crate::{Chain, Receipts, Story, Wait};

const SALT: [u8; 32] = [0x5a; 32];

impl<C: Chain> Story<C> {
    /// The last of two to commit reveals the lower rate.
    pub(crate) fn seal(&self, of: &mut Receipts<C::Receipt>, account: u64) -> Result<()> {
        let auction = AuctionMode::Sealed {
            pricing: Pricing::First,
            min_bidders: None,
        };
        let (id, order) = self.order_by(auction, account)?;
        let dear = RATE * 9 / 8;
        self.commit(0, order, dear)?;
        of.insert("commit", self.commit(2, order, RATE)?);
        self.chain.pass(Wait::Commitments)?;
        self.reveal(0, order, dear)?;
        of.insert("reveal", self.reveal(2, order, RATE)?);
        self.close(id)?;
        Ok(())
    }

    pub(crate) fn choose(&self, of: &mut Receipts<C::Receipt>, account: u64) -> Result<()> {
        let auction = AuctionMode::Open { auto_after: None };
        let (_, order) = self.order_by(auction, account)?;
        of.insert("bid_open", self.bid(2, order, RATE)?);
        let accept = market::ExecuteMsg::Accept {
            order_id: order,
            provider: self.cast.providers[2].clone(),
        };
        let accepted = self.at(&self.suite.market, &self.cast.tenant, &accept, &[])?;
        of.insert("accept", accepted);
        Ok(())
    }

    /// A deployment of one group, and its order.
    pub(crate) fn order_by(&self, auction: AuctionMode, account: u64) -> Result<(u64, u64)> {
        self.beat()?;
        let request = GroupRequest {
            auction: Some(auction),
            ..group().into()
        };
        let (id, _) = self.create_of(request, Some(account), &[])?;
        Ok((id, order_id(id, 0).context("an order id")?))
    }

    pub(crate) fn commit(&self, provider: usize, order_id: u64, rate: u128) -> Result<C::Receipt> {
        let commit = market::ExecuteMsg::Commit {
            order_id,
            commitment: self.commitment(provider, order_id, rate)?,
        };
        let bidder = &self.cast.providers[provider];
        self.at(&self.suite.market, bidder, &commit, &[])
    }

    pub(crate) fn reveal(&self, provider: usize, order_id: u64, rate: u128) -> Result<C::Receipt> {
        let reveal = market::ExecuteMsg::Reveal {
            order_id,
            rate: Uint128::new(rate),
            salt: SALT.into(),
        };
        let bidder = &self.cast.providers[provider];
        self.at(&self.suite.market, bidder, &reveal, &[])
    }

    fn commitment(&self, provider: usize, order_id: u64, rate: u128) -> Result<Binary> {
        let key = market::ORDERS.key(order_id);
        let stored = self.chain.stored(&self.suite.market, &key)?;
        let order: market::Order = from_json(stored.context("the market keeps the order")?)?;
        let opening = Opening {
            chain_id: &self.chain.id(),
            market: &self.suite.market,
            order_id,
            round: order.round,
            bidder: &self.cast.providers[provider],
            rate: Uint128::new(rate),
            salt: &SALT,
        };
        Ok(opening.digest()?)
    }
}
