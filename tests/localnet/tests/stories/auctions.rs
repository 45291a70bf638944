//! Every way to find a provider.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{Binary, Uint128};
use leasehold_api::deployment::GroupRequest;
use leasehold_api::market::{ExecuteMsg, OrderPhase, PenaltyReason};
use leasehold_api::rules::auction::Opening;
use leasehold_api::{AuctionMode, Pricing};
use leasehold_client::{TxOutcome, Wallet};
use leasehold_test_localnet::{refused, Town};
use leasehold_testing::verbs::sealed::SALT;
use leasehold_testing::verbs::{rate, small_group};

const MOST: u128 = 20;
const DESCENDING: AuctionMode = AuctionMode::Descending { min_bidders: None };
const TAKEN: &str = "leased";

/// What is known of the others' bids at that time does not matter: the tenant may take any.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn in_an_open_order_the_tenant_takes_a_dearer_bid() -> Result<()> {
    let town = Town::new(2, &Town::genesis()).await?;
    let auction = AuctionMode::Open {
        auto_after: Some(600),
    };
    let (id, order, account) = town.ask(MOST, auction).await?;
    let [one, two] = [0, 1].map(|i| &town.providers[i]);
    town.bid(one, order, 12).await?;
    town.bid(two, order, 10).await?;
    let accept = ExecuteMsg::Accept {
        order_id: order,
        provider: one.address().into(),
    };
    refused(town.market(two, &accept).await, "only")?;
    town.market(&town.tenant, &accept).await?;
    let lease = town.lease_of(order).await?;
    ensure!(lease.provider.as_str() == one.address() && lease.rate == rate(12));
    town.pass(3).await?;
    town.end(id, account).await?;
    town.everybody_has_his_own(0).await
}

#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn an_open_order_that_nobody_decides_goes_to_the_lowest() -> Result<()> {
    let town = Town::new(2, &Town::genesis()).await?;
    let auction = AuctionMode::Open {
        auto_after: Some(12),
    };
    let (id, order, account) = town.ask(MOST, auction).await?;
    let [one, two] = [0, 1].map(|i| &town.providers[i]);
    town.bid(one, order, 12).await?;
    town.bid(two, order, 10).await?;
    refused(town.claim(two, order).await, "taking bids")?;
    town.until(order, OrderPhase::AwardBest).await?;
    refused(town.claim(one, order).await, "may now")?;
    town.claim(two, order).await?;
    ensure!(town.lease_of(order).await?.rate == rate(10));
    town.pass(3).await?;
    town.end(id, account).await?;
    town.everybody_has_his_own(0).await
}

/// A late bid moves the close, the winner stays away and is fined, the runner-up claims at its own rate.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_descending_order_is_extended_and_falls_to_the_runner_up() -> Result<()> {
    let town = Town::new(3, &Town::genesis()).await?;
    let (id, order, account) = town.ask(MOST, DESCENDING).await?;
    let [one, two] = [0, 1].map(|i| &town.providers[i]);
    town.bid(two, order, 12).await?;
    let before = town.order(order).await?.phase_ends_at;
    town.pass(1).await?;
    let hardly = ExecuteMsg::Bid {
        order_id: order,
        rate: rate(12) - Uint128::one(),
    };
    refused(town.market(one, &hardly).await, "at most")?;
    town.bid(one, order, 10).await?;
    let after = town.order(order).await?.phase_ends_at;
    ensure!(before < after, "the close was {before:?} and is {after:?}");
    town.until(order, OrderPhase::AwardBest).await?;
    refused(town.claim(two, order).await, "may now")?;
    town.until(order, OrderPhase::AwardSecond).await?;
    let expire = ExecuteMsg::Expire {
        order_id: order,
        provider: None,
    };
    town.market(&town.stranger, &expire).await?;
    town.claim(two, order).await?;
    let lease = town.lease_of(order).await?;
    ensure!(lease.provider.as_str() == two.address() && lease.rate == rate(12));
    let compensation = town.slash(PenaltyReason::NoShow).await?;
    town.end(id, account).await?;
    town.everybody_has_his_own(compensation).await
}

/// The price rises from a tenth; the first to find it good has the lease, at the price of that second.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_dutch_order_goes_to_the_first_at_its_price() -> Result<()> {
    let genesis = Town::genesis();
    let ramp = u128::from(genesis.market.auction.ramp);
    let town = Town::new(2, &genesis).await?;
    let dutch = AuctionMode::Dutch { min_rate: None };
    let (id, order, account) = town.ask(MOST, dutch).await?;
    let opened_at = town.order(order).await?.opened_at;
    town.pass(2).await?;
    town.claim(&town.providers[0], order).await?;
    refused(town.claim(&town.providers[1], order).await, TAKEN)?;
    let lease = town.lease_of(order).await?;
    let [low, high] = [MOST / 10, MOST].map(|units| rate(units).u128());
    let elapsed = u128::from(lease.started_at - opened_at).min(ramp);
    let price = low + (high - low) * elapsed / ramp;
    ensure!(lease.rate.u128() == price && price > low, "{lease:?}");
    town.pass(3).await?;
    town.end(id, account).await?;
    // The rate may be a fraction: what is below a unit is the tenant's.
    town.everybody_has_his_own(0).await
}

/// Of three that commit one never shows its rate, and pays for it.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_sealed_order_pays_the_lowest_its_own_rate() -> Result<()> {
    let town = Town::new(4, &Town::genesis()).await?;
    let (id, order, account) = town.ask(MOST, sealed(Pricing::First)).await?;
    let [one, two, silent] = [0, 1, 2].map(|i| &town.providers[i]);
    for (who, units) in [(one, 12), (two, 10), (silent, 5)] {
        town.commit(who, order, units).await?;
    }
    refused(town.reveal(one, order, 12).await, "taking bids")?;
    town.until(order, OrderPhase::Revealing).await?;
    refused(town.reveal(two, order, 9).await, "commit")?;
    town.reveal(one, order, 12).await?;
    town.reveal(two, order, 10).await?;
    town.until(order, OrderPhase::AwardBest).await?;
    refused(town.claim(one, order).await, "may now")?;
    town.claim(two, order).await?;
    ensure!(town.lease_of(order).await?.rate == rate(10));
    let expire = ExecuteMsg::Expire {
        order_id: order,
        provider: Some(silent.address().into()),
    };
    town.market(&town.stranger, &expire).await?;
    let compensation = town.slash(PenaltyReason::NoReveal).await?;
    town.end(id, account).await?;
    town.everybody_has_his_own(compensation).await
}

#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_second_price_order_pays_the_lowest_the_next_rate() -> Result<()> {
    let town = Town::new(2, &Town::genesis()).await?;
    let (id, order, account) = town.ask(MOST, sealed(Pricing::Second)).await?;
    let [one, two] = [0, 1].map(|i| &town.providers[i]);
    town.commit(one, order, 12).await?;
    town.commit(two, order, 10).await?;
    town.until(order, OrderPhase::Revealing).await?;
    town.reveal(two, order, 10).await?;
    // The last to reveal ends the phase.
    town.reveal(one, order, 12).await?;
    town.until(order, OrderPhase::AwardBest).await?;
    town.claim(two, order).await?;
    let lease = town.lease_of(order).await?;
    ensure!(lease.provider.as_str() == two.address() && lease.rate == rate(12));
    town.pass(3).await?;
    town.end(id, account).await?;
    town.everybody_has_his_own(0).await
}

/// Found now, started later: what is set aside for the winner meanwhile is the tenant's again.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_reservation_is_claimed_at_its_start() -> Result<()> {
    let town = Town::new(1, &Town::genesis()).await?;
    let one = &town.providers[0];
    town.heartbeat(one).await?;
    let account = town.open_account(&town.tenant, 1_000_000).await?;
    let starts_at = town.now().await? + 36;
    let group = GroupRequest {
        auction: Some(DESCENDING),
        starts_at: Some(starts_at),
        ..small_group("reserved", MOST).into()
    };
    let (id, order) = town.create(&town.tenant, group, account).await?;
    ensure!(!town.account(account).await?.prepaid.is_zero());
    town.bid(one, order, 10).await?;
    town.until(order, OrderPhase::Reserved).await?;
    refused(town.claim(one, order).await, "reserved until its start")?;
    town.until(order, OrderPhase::AwardBest).await?;
    town.claim(one, order).await?;
    let lease = town.lease_of(order).await?;
    ensure!(lease.started_at >= starts_at && lease.rate == rate(10));
    ensure!(town.account(account).await?.prepaid.is_zero());
    town.pass(3).await?;
    town.end(id, account).await?;
    town.everybody_has_his_own(0).await
}

fn sealed(pricing: Pricing) -> AuctionMode {
    AuctionMode::Sealed {
        pricing,
        min_bidders: None,
    }
}

trait Sealed {
    async fn commit(&self, who: &Wallet, order_id: u64, units: u128) -> Result<TxOutcome>;
    async fn reveal(&self, who: &Wallet, order_id: u64, units: u128) -> Result<TxOutcome>;
    async fn commitment(&self, bidder: &str, order_id: u64, rate: Uint128) -> Result<Binary>;
}

impl Sealed for Town {
    async fn commit(&self, who: &Wallet, order_id: u64, units: u128) -> Result<TxOutcome> {
        let commitment = self
            .commitment(who.address(), order_id, rate(units))
            .await?;
        let commit = ExecuteMsg::Commit {
            order_id,
            commitment,
        };
        self.market(who, &commit).await
    }

    async fn reveal(&self, who: &Wallet, order_id: u64, units: u128) -> Result<TxOutcome> {
        let reveal = ExecuteMsg::Reveal {
            order_id,
            rate: rate(units),
            salt: SALT.into(),
        };
        self.market(who, &reveal).await
    }

    async fn commitment(&self, bidder: &str, order_id: u64, rate: Uint128) -> Result<Binary> {
        let opening = Opening {
            chain_id: self.client.chain_id(),
            market: &self.suite.market,
            order_id,
            round: self.order(order_id).await?.round,
            bidder,
            rate,
            salt: &SALT,
        };
        opening.digest().context("a salt of 16 bytes")
    }
}
