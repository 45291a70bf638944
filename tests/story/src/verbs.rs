//! What the parties do, one message each.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{coin, from_json, Addr, Binary, Coin, Uint128};
use leasehold_api::deployment::{self, order_id, GroupRequest};
use leasehold_api::rules::stream::allowance::{Limits, Refill};
use leasehold_api::{escrow, market, provider, Denom};
use serde::Serialize;

use crate::fixtures::{goods, group, posted, MAX_RATE, RATE};
use crate::{Chain, Receipt, Story, Wait, BEATS, DENOM, FORTUNE};

/// Later than any chain's time.
const FAR: u64 = 99_999_999_999;

impl<C: Chain> Story<C> {
    /// A lease of the last provider, and what its winning bid and its claim took.
    pub(crate) fn lease(&self, account: u64) -> Result<(u64, [u64; 2])> {
        self.beat()?;
        let (id, _) = self.create(Some(account), &[])?;
        let order = order_id(id, 0).context("an order id")?;
        self.bid(0, order, RATE * 9 / 8)?;
        let bid = self.bid(2, order, RATE)?.gas();
        self.chain.pass(Wait::Bidding)?;
        let claim = self.claim(2, order)?.gas();
        Ok((id, [bid, claim]))
    }

    pub(crate) fn at(
        &self,
        contract: &str,
        sender: &str,
        msg: &impl Serialize,
        funds: &[Coin],
    ) -> Result<C::Receipt> {
        self.chain.execute(sender, contract, msg, funds)
    }

    pub(crate) fn open_account(&self) -> Result<C::Receipt> {
        let open = escrow::ExecuteMsg::Open {
            owner: None,
            denom: Denom::Native(DENOM.into()),
        };
        self.at(
            &self.suite.escrow,
            &self.cast.tenant,
            &open,
            &[coin(FORTUNE / 100, DENOM)],
        )
    }

    pub(crate) fn next_account(&self) -> Result<u64> {
        let counter = escrow::NEXT_ACCOUNT;
        let stored = self.chain.stored(&self.suite.escrow, counter.as_slice())?;
        Ok(from_json(stored.context("escrow counts its accounts")?)?)
    }

    pub(crate) fn deposit(&self, account: u64) -> Result<C::Receipt> {
        let deposit = escrow::ExecuteMsg::Deposit { account };
        self.at(
            &self.suite.escrow,
            &self.cast.tenant,
            &deposit,
            &[coin(5_000_000, DENOM)],
        )
    }

    pub(crate) fn withdraw(&self, account: u64) -> Result<C::Receipt> {
        let withdraw = escrow::ExecuteMsg::Withdraw {
            account,
            amount: Some(Uint128::new(1_000_000)),
        };
        self.at(&self.suite.escrow, &self.cast.tenant, &withdraw, &[])
    }

    /// Lets the keeper rent on the tenant's money.
    pub(crate) fn allow(&self, account: u64) -> Result<C::Receipt> {
        let allow = escrow::ExecuteMsg::Allow {
            account,
            spender: self.cast.keeper.clone(),
            limits: Limits {
                max_rate: Uint128::new(RATE),
                max_total: Uint128::new(5_000_000),
                expires: None,
                refill: Some(Refill {
                    below: 3_600,
                    to: 86_400,
                }),
            },
        };
        self.at(&self.suite.escrow, &self.cast.tenant, &allow, &[])
    }

    pub(crate) fn draw(&self, account: u64) -> Result<C::Receipt> {
        let draw = escrow::ExecuteMsg::Draw {
            account,
            amount: Uint128::new(1_000_000),
        };
        self.at(&self.suite.escrow, &self.cast.keeper, &draw, &[])
    }

    pub(crate) fn give_notice(&self, lease_id: u64) -> Result<C::Receipt> {
        let notice = market::ExecuteMsg::GiveNotice { lease_id };
        self.at(&self.suite.market, &self.cast.providers[2], &notice, &[])
    }

    /// Twice the size at the maximum, with another manifest.
    pub(crate) fn propose_change(&self, deployment_id: u64) -> Result<C::Receipt> {
        let mut spec = group();
        for unit in &mut spec.resources {
            unit.cpu *= 2;
        }
        let propose = deployment::ExecuteMsg::ProposeChange {
            deployment_id,
            group: 0,
            rate: Uint128::new(MAX_RATE),
            spec: Some(spec),
            manifest_hash: Some(Binary::from(vec![0x5a; 32])),
            expires_at: FAR,
        };
        self.at(&self.suite.deployment, &self.cast.tenant, &propose, &[])
    }

    pub(crate) fn accept_change(&self, deployment_id: u64) -> Result<C::Receipt> {
        let key = deployment::CHANGES.key((deployment_id, 0));
        let stored = self.chain.stored(&self.suite.deployment, &key)?;
        let change: deployment::Change = from_json(stored.context("a proposal")?)?;
        let accept = deployment::ExecuteMsg::AcceptChange {
            deployment_id,
            group: 0,
            change: change.hash()?,
        };
        self.at(
            &self.suite.deployment,
            &self.cast.providers[2],
            &accept,
            &[],
        )
    }

    /// A job of a second, for the first provider that claims it.
    pub(crate) fn create_job(&self, account: u64) -> Result<(u64, C::Receipt)> {
        let job = GroupRequest {
            max_duration: Some(1),
            ..posted(MAX_RATE)
        };
        self.create_of(job, Some(account), &[])
    }

    pub(crate) fn create_reserved(&self, account: u64) -> Result<(u64, C::Receipt)> {
        let reserved = GroupRequest {
            starts_at: Some(self.tomorrow()?),
            ..group().into()
        };
        self.create_of(reserved, Some(account), &[])
    }

    pub(crate) fn end_lease(&self, lease_id: u64) -> Result<C::Receipt> {
        let end = market::ExecuteMsg::EndLease { lease_id };
        self.at(&self.suite.market, &self.cast.keeper, &end, &[])
    }

    pub(crate) fn create(&self, account: Option<u64>, funds: &[Coin]) -> Result<(u64, C::Receipt)> {
        self.create_of(group().into(), account, funds)
    }

    pub(crate) fn create_of(
        &self,
        request: GroupRequest,
        account: Option<u64>,
        funds: &[Coin],
    ) -> Result<(u64, C::Receipt)> {
        let tenant = &self.cast.tenant;
        self.create_by(tenant, DENOM.into(), request, account, funds)
    }

    pub(crate) fn create_by(
        &self,
        tenant: &str,
        denom: Denom,
        request: GroupRequest,
        account: Option<u64>,
        funds: &[Coin],
    ) -> Result<(u64, C::Receipt)> {
        let create = deployment::ExecuteMsg::Create {
            groups: vec![request],
            manifest_hash: Binary::from(vec![0xa5; 32]),
            denom,
            account,
        };
        let receipt = self.at(&self.suite.deployment, tenant, &create, funds)?;
        let id = from_json(receipt.data()?).context("create answers with the id")?;
        Ok((id, receipt))
    }

    /// The last provider's, at the usual rate for the usual group.
    pub(crate) fn post_offer(&self) -> Result<(u64, C::Receipt)> {
        let post = market::ExecuteMsg::PostOffer {
            denom: Denom::Native(DENOM.into()),
            terms: self.offer_terms()?,
        };
        let receipt = self.at(&self.suite.market, &self.cast.providers[2], &post, &[])?;
        let id = from_json(receipt.data()?).context("it answers with the id")?;
        Ok((id, receipt))
    }

    pub(crate) fn update_offer(&self, offer_id: u64) -> Result<C::Receipt> {
        let terms = self.offer_terms()?;
        let update = market::ExecuteMsg::UpdateOffer { offer_id, terms };
        self.at(&self.suite.market, &self.cast.providers[2], &update, &[])
    }

    fn offer_terms(&self) -> Result<market::OfferTerms> {
        Ok(market::OfferTerms {
            goods: goods(),
            exit: None,
            expires_at: self.tomorrow()?,
        })
    }

    /// A day from the last provider's last heartbeat.
    pub(crate) fn tomorrow(&self) -> Result<u64> {
        let provider = Addr::unchecked(&self.cast.providers[2]);
        let key = provider::HOT.key(&provider);
        let stored = self.chain.stored(&self.suite.provider, &key)?;
        let hot: provider::Hot = from_json(stored.context("the provider is registered")?)?;
        Ok(hot.live.last + 86_400)
    }

    /// A deployment whose only group takes the offer.
    pub(crate) fn take(
        &self,
        offer_id: u64,
        account: Option<u64>,
        funds: &[Coin],
    ) -> Result<C::Receipt> {
        let offer = market::TakeOffer {
            offer_id,
            max_rate: Some(Uint128::new(RATE)),
        };
        let create = deployment::ExecuteMsg::Create {
            groups: vec![GroupRequest {
                offer: Some(offer),
                ..group().into()
            }],
            manifest_hash: Binary::from(vec![0xa5; 32]),
            denom: Denom::Native(DENOM.into()),
            account,
        };
        self.at(&self.suite.deployment, &self.cast.tenant, &create, funds)
    }

    pub(crate) fn bid(&self, provider: usize, order_id: u64, rate: u128) -> Result<C::Receipt> {
        let bid = market::ExecuteMsg::Bid {
            order_id,
            rate: Uint128::new(rate),
        };
        self.at(
            &self.suite.market,
            &self.cast.providers[provider],
            &bid,
            &[],
        )
    }

    pub(crate) fn claim(&self, provider: usize, order_id: u64) -> Result<C::Receipt> {
        let claim = market::ExecuteMsg::Claim { order_id };
        self.at(
            &self.suite.market,
            &self.cast.providers[provider],
            &claim,
            &[],
        )
    }

    pub(crate) fn collect(&self, streams: &[u64]) -> Result<C::Receipt> {
        let collect = escrow::ExecuteMsg::Collect {
            streams: streams.to_vec(),
        };
        self.at(&self.suite.escrow, &self.cast.providers[2], &collect, &[])
    }

    pub(crate) fn close(&self, deployment_id: u64) -> Result<C::Receipt> {
        let close = deployment::ExecuteMsg::Close { deployment_id };
        self.at(&self.suite.deployment, &self.cast.tenant, &close, &[])
    }

    pub(crate) fn announce_maintenance(&self, provider: usize) -> Result<C::Receipt> {
        // It must be known days before.
        let from = self.tomorrow()? + 259_200;
        let announce = provider::ExecuteMsg::AnnounceMaintenance {
            from,
            until: from + 3_600,
        };
        let provider = &self.cast.providers[provider];
        self.at(&self.suite.provider, provider, &announce, &[])
    }

    /// Of a deployment with a lease and an account of its own.
    pub(crate) fn transfer(&self) -> Result<C::Receipt> {
        let account = self.next_account()?;
        self.open_account()?;
        let (deployment_id, _) = self.lease(account)?;
        let transfer = deployment::ExecuteMsg::Transfer {
            deployment_id,
            new_owner: self.cast.keeper.clone(),
        };
        self.at(&self.suite.deployment, &self.cast.tenant, &transfer, &[])
    }

    pub(crate) fn heartbeat(&self, provider: usize) -> Result<C::Receipt> {
        self.at(
            &self.suite.provider,
            &self.cast.providers[provider],
            &provider::ExecuteMsg::Heartbeat {},
            &[],
        )
    }

    pub(crate) fn beat(&self) -> Result<()> {
        for provider in 0..self.cast.providers.len() {
            self.heartbeat(provider)?;
        }
        Ok(())
    }

    /// Rent adds up while everybody beats.
    pub(crate) fn hour(&self) -> Result<()> {
        for _ in 0..BEATS {
            self.chain.pass(Wait::Beat)?;
            self.beat()?;
        }
        Ok(())
    }

    /// The lease of a deployment's only group.
    pub(crate) fn lease_of(&self, deployment: u64) -> Result<u64> {
        let order = order_id(deployment, 0).context("an order id")?;
        let key = market::ORDERS.key(order);
        let stored = self.chain.stored(&self.suite.market, &key)?;
        let order: market::Order = from_json(stored.context("the market keeps the order")?)?;
        ensure!(
            order.lease.is_some(),
            "deployment {deployment} has no lease"
        );
        order.lease.context("leased")
    }
}
