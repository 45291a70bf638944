//! What anybody may do once it is due, and what was agreed on for the case that a provider leaves.

use anyhow::{Context as _, Result};
use cosmwasm_std::Uint128;
use leasehold_api::deployment::{order_id, GroupRequest};
use leasehold_api::market::{ExecuteMsg, Exit};
use leasehold_api::rules::auction::Pricing;
use leasehold_api::rules::stream::allowance::{Limits, Refill};
use leasehold_api::{escrow, provider, AuctionMode};

use crate::fixtures::{posted, MAX_RATE, RATE};
use crate::{Chain, Receipts, Story, Wait, DENOM};

impl<C: Chain> Story<C> {
    pub(crate) fn fall_due(&self, of: &mut Receipts<C::Receipt>, account: u64) -> Result<()> {
        self.let_pass(of, account)?;
        self.leave(of, account)?;
        of.insert("top_up", self.run_low(account)?);
        Ok(())
    }

    pub(crate) fn count_lapse(&self, provider: usize) -> Result<C::Receipt> {
        let count = provider::ExecuteMsg::CountLapses {
            providers: vec![self.cast.providers[provider].clone()],
        };
        self.at(&self.suite.provider, &self.cast.keeper, &count, &[])
    }

    /// A winner that does not claim, and one of two that commit and do not reveal.
    fn let_pass(&self, of: &mut Receipts<C::Receipt>, account: u64) -> Result<()> {
        self.beat()?;
        let (unclaimed, _) = self.create(Some(account), &[])?;
        let order = order_id(unclaimed, 0).context("an order id")?;
        self.bid(0, order, RATE)?;
        let auction = AuctionMode::Sealed {
            pricing: Pricing::First,
            min_bidders: None,
        };
        let (hidden, sealed) = self.order_by(auction, account)?;
        self.commit(0, sealed, RATE)?;
        self.commit(1, sealed, RATE)?;
        self.chain.pass(Wait::Commitments)?;
        self.reveal(0, sealed, RATE)?;
        self.chain.pass(Wait::Window)?;
        of.insert("expire", self.expire(order, None)?);
        of.insert("expire_commitment", self.expire(sealed, Some(1))?);
        self.close(unclaimed)?;
        self.close(hidden)?;
        Ok(())
    }

    fn expire(&self, order_id: u64, provider: Option<usize>) -> Result<C::Receipt> {
        let expire = ExecuteMsg::Expire {
            order_id,
            provider: provider.map(|number| self.cast.providers[number].clone()),
        };
        self.at(&self.suite.market, &self.cast.keeper, &expire, &[])
    }

    /// After its notice, for a tenth of its bond.
    fn leave(&self, of: &mut Receipts<C::Receipt>, account: u64) -> Result<()> {
        self.beat()?;
        let spot = GroupRequest {
            exit: Some(Exit {
                notice: 1,
                compensation_bps: 1_000,
            }),
            ..posted(MAX_RATE)
        };
        let (id, _) = self.create_of(spot, Some(account), &[])?;
        self.claim(2, order_id(id, 0).context("an order id")?)?;
        let lease_id = self.lease_of(id)?;
        self.give_notice(lease_id)?;
        self.hour()?;
        let end = ExecuteMsg::EndLease { lease_id };
        let left = self.at(&self.suite.market, &self.cast.providers[2], &end, &[])?;
        of.insert("leave_lease", left);
        self.close(id)?;
        Ok(())
    }

    /// The keeper rents on the tenant's money until some minutes of it are left.
    fn run_low(&self, account: u64) -> Result<C::Receipt> {
        self.beat()?;
        let drawn = self.next_account()?;
        let allow = escrow::ExecuteMsg::Allow {
            account,
            spender: self.cast.keeper.clone(),
            limits: Limits {
                max_rate: Uint128::new(MAX_RATE),
                max_total: Uint128::new(5_000_000),
                expires: None,
                refill: Some(Refill {
                    below: 3_600,
                    to: 86_400,
                }),
            },
        };
        self.at(&self.suite.escrow, &self.cast.tenant, &allow, &[])?;
        let draw = escrow::ExecuteMsg::Draw {
            account: drawn,
            amount: Uint128::new(50_000),
        };
        self.at(&self.suite.escrow, &self.cast.keeper, &draw, &[])?;
        let keeper = &self.cast.keeper;
        let group = posted(MAX_RATE);
        let (id, _) = self.create_by(keeper, DENOM.into(), group, Some(drawn), &[])?;
        self.claim(2, order_id(id, 0).context("an order id")?)?;
        let top_up = escrow::ExecuteMsg::TopUp { account: drawn };
        self.at(&self.suite.escrow, keeper, &top_up, &[])
    }
}
