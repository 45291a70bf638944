//! Standing offers, jobs, changes and money that somebody else may spend.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{from_json, Uint128};
use leasehold_api::deployment::{self, DeploymentResponse, GroupRequest};
use leasehold_api::escrow::{self, Limits, Refill};
use leasehold_api::market::{EndReason, ExecuteMsg, OfferResponse, OfferTerms, QueryMsg};
use leasehold_api::{Denom, SCALE};
use leasehold_client::Wallet;
use leasehold_test_localnet::{posted, refused, Town, RENT};
use leasehold_testing::verbs::{rate, small_goods, small_group, taking};

const UNITS: u128 = 10;

/// One message makes the deployment and its lease; what is sold is gone, and comes back.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn an_offer_is_taken_until_it_is_sold_out() -> Result<()> {
    let town = Town::new(1, &Town::genesis()).await?;
    let one = &town.providers[0];
    town.heartbeat(one).await?;
    let offer = town.offer(one).await?;
    let account = town.open_account(&town.tenant, 1_000_000).await?;
    let take = |most: u128| GroupRequest {
        offer: Some(taking(offer, most)),
        ..small_group("web", most).into()
    };
    let cheap = town.create(&town.tenant, take(UNITS - 1), account).await;
    refused(cheap, "at most 9000000000000")?;
    let (id, order) = town.create(&town.tenant, take(UNITS), account).await?;
    let lease = town.lease_of(order).await?;
    ensure!(lease.offer_id == Some(offer) && lease.rate == rate(UNITS));
    let more = town.create(&town.tenant, take(UNITS), account).await;
    refused(more, "cpu")?;
    town.pass(3).await?;
    town.close(&town.tenant, id).await?;
    let (again, _) = town.create(&town.tenant, take(UNITS), account).await?;
    town.end(again, account).await?;
    town.everybody_has_his_own(0).await
}

/// Paid ahead, over by itself: anyone may say so, and every second of it was paid.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_job_is_paid_ahead_and_ends_by_itself() -> Result<()> {
    const SECONDS: u64 = 12;
    let town = Town::new(1, &Town::genesis()).await?;
    let one = &town.providers[0];
    town.heartbeat(one).await?;
    let account = town.open_account(&town.tenant, 1_000_000).await?;
    let job = GroupRequest {
        max_duration: Some(SECONDS),
        ..posted(UNITS)
    };
    let (id, order) = town.create(&town.tenant, job, account).await?;
    town.claim(one, order).await?;
    let lease = town.lease_of(order).await?;
    let ahead = town.account(account).await?.prepaid.u128();
    ensure!(ahead == UNITS * SCALE * u128::from(SECONDS), "{ahead}");
    refused(town.end_lease(&town.stranger, lease.id).await, "only")?;
    let until = lease.until.context("a job has an end")?;
    town.pass_to(until).await?;
    town.end_lease(&town.stranger, lease.id).await?;
    let ended = town.lease(lease.id).await?.ended.context("it has ended")?;
    ensure!(ended.reason == EndReason::Finished && ended.at >= until);
    town.end(id, account).await?;
    ensure!(until - lease.started_at == SECONDS);
    town.provider_earned(UNITS * u128::from(SECONDS)).await
}

/// From the second of its acceptance on, and not before, the lease costs what the change says.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_lease_is_changed_by_both() -> Result<()> {
    let town = Town::new(1, &Town::genesis()).await?;
    let one = &town.providers[0];
    town.heartbeat(one).await?;
    let account = town.open_account(&town.tenant, 1_000_000).await?;
    let (id, order) = town.create(&town.tenant, posted(UNITS), account).await?;
    town.claim(one, order).await?;
    let lease = town.lease_of(order).await?;
    let propose = deployment::ExecuteMsg::ProposeChange {
        deployment_id: id,
        group: 0,
        rate: rate(3 * UNITS),
        spec: Some(small_group("web", 3 * UNITS)),
        manifest_hash: None,
        expires_at: town.now().await? + 600,
    };
    town.deployment(&town.tenant, &propose).await?;
    let query = deployment::QueryMsg::Deployment { id };
    let proposed: DeploymentResponse = town.query(&town.suite.deployment, &query).await?;
    let change = proposed.groups[0].change.as_ref().context("a proposal")?;
    let accept = deployment::ExecuteMsg::AcceptChange {
        deployment_id: id,
        group: 0,
        change: change.hash,
    };
    refused(town.deployment(&town.tenant, &accept).await, "only")?;
    town.pass(2).await?;
    let accepted = town.deployment(one, &accept).await?;
    let changed_at = town.time_of(accepted.height).await?;
    ensure!(town.lease_of(order).await?.rate == rate(3 * UNITS));
    town.pass(2).await?;
    town.end(id, account).await?;
    let ended = town.lease(lease.id).await?.ended.context("it has ended")?;
    let [before, after] = [changed_at - lease.started_at, ended.at - changed_at].map(u128::from);
    town.provider_earned(UNITS * before + 3 * UNITS * after)
        .await
}

/// A spender rents within its limits on the tenant's money, of which it never holds any.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn an_allowance_lets_rent_within_limits() -> Result<()> {
    let town = Town::new(1, &Town::genesis()).await?;
    let (one, spender) = (&town.providers[0], &town.stranger);
    town.heartbeat(one).await?;
    let purse = town.pocket(spender.address()).await?;
    let source = town.open_account(&town.tenant, 1_000_000).await?;
    let drawn = town.allow(source, spender).await?;
    let draw = |units: u128| escrow::ExecuteMsg::Draw {
        account: drawn,
        amount: Uint128::new(units),
    };
    refused(town.escrow(spender, &draw(3_001)).await, "1 to 3000")?;
    refused(town.escrow(one, &draw(1)).await, "spender")?;
    town.escrow(spender, &draw(100)).await?;
    let dear = town.create(spender, posted(UNITS + 1), drawn).await;
    refused(dear, "at most 10000000000000")?;
    let other = town.create(one, posted(UNITS), drawn).await;
    refused(other, "its allowance is for")?;
    let (id, order) = town.create(spender, posted(UNITS), drawn).await?;
    town.claim(one, order).await?;
    let lease = town.lease_of(order).await?;
    let second = town.create(spender, posted(1), drawn).await;
    refused(second, "at most 10000000000000")?;
    town.pass(4).await?;
    let top_up = escrow::ExecuteMsg::TopUp { account: drawn };
    town.escrow(one, &top_up).await?;
    refused(town.close(&town.tenant, id).await, "owner")?;
    town.close(spender, id).await?;
    let ended = town.lease(lease.id).await?.ended.context("it has ended")?;
    for account in [drawn, source] {
        town.withdraw(account).await?;
    }
    ensure!(town.pocket(spender.address()).await? == purse);
    let seconds = u128::from(ended.at - lease.started_at);
    town.provider_earned(UNITS * seconds).await
}

trait Sales {
    async fn offer(&self, provider: &Wallet) -> Result<u64>;
    async fn allow(&self, account: u64, spender: &Wallet) -> Result<u64>;
}

impl Sales for Town {
    /// Room for one small group.
    async fn offer(&self, provider: &Wallet) -> Result<u64> {
        let post = ExecuteMsg::PostOffer {
            denom: Denom::Native(RENT.into()),
            terms: OfferTerms {
                goods: small_goods(1, UNITS),
                exit: None,
                expires_at: self.now().await? + 600,
            },
        };
        let posted = self.market(provider, &post).await?;
        let id = from_json(posted.execute_data(0)?)?;
        let query = QueryMsg::Offer { id };
        let offer: OfferResponse = self.query(&self.suite.market, &query).await?;
        ensure!(offer.provider.as_str() == provider.address());
        Ok(id)
    }

    /// Up to ten a second and 3 000 in all.
    async fn allow(&self, account: u64, spender: &Wallet) -> Result<u64> {
        let allow = escrow::ExecuteMsg::Allow {
            account,
            spender: spender.address().into(),
            limits: Limits {
                max_rate: rate(UNITS),
                max_total: Uint128::new(3_000),
                expires: None,
                refill: Some(Refill { below: 20, to: 60 }),
            },
        };
        let allowed = self.escrow(&self.tenant, &allow).await?;
        Ok(from_json(allowed.execute_data(0)?)?)
    }
}
