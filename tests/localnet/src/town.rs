//! A suite of its own and people with money, for one story: what happens there touches no other test on the chain.

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{coin, Timestamp};
use leasehold_api::genesis::Genesis;
use leasehold_api::rules::auction::AuctionParams;
use leasehold_api::{escrow, market, provider, Capability, Denom, Suite};
use leasehold_client::{ChainClient, Key, Wallet, DEFAULT_PREFIX};
use leasehold_testing::node;
use leasehold_testing::verbs::contact;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::{connect, deploy, dev_key, pass, reach, suite, wallet, Code, FREE};

/// Denom of rent and collateral.
pub const RENT: &str = "uakt";
/// Denom of governance's stake.
pub const STAKE: &str = "ustake";
/// What everybody starts with, of each denom.
pub const FORTUNE: u128 = 1_000_000_000;
/// Collateral of a provider, in [`RENT`].
pub const COLLATERAL: u128 = 100_000_000;

/// Tests run at once and alice, who pays for all, has one sequence.
static ALICE: Mutex<()> = Mutex::const_new(());

pub struct Town {
    pub client: ChainClient,
    pub suite: Suite,
    pub tenant: Wallet,
    /// Registered, with [`COLLATERAL`].
    pub providers: Vec<Wallet>,
    /// Everybody else: keepers, passers-by.
    pub stranger: Wallet,
}

impl Town {
    /// On the code of the chain's own suite.
    pub async fn new(providers: usize, genesis: &Genesis) -> Result<Self> {
        let client = connect().await?;
        let codes = Code::of(&client, &suite(&client).await?).await?;
        Self::of(&codes, providers, genesis).await
    }

    pub async fn of(codes: &[Code], providers: usize, genesis: &Genesis) -> Result<Self> {
        let client = connect().await?;
        let mut people = newcomers(&client, providers + 2).await?;
        let stranger = people.pop().context("a stranger")?;
        let tenant = people.pop().context("a tenant")?;
        let town = Town {
            suite: deploy(&stranger, codes, genesis, "town").await?,
            client,
            tenant,
            providers: people,
            stranger,
        };
        for provider in &town.providers {
            let register = provider::ExecuteMsg::Register {
                contact: contact(),
                capability: Capability::default(),
            };
            let collateral = [coin(COLLATERAL, RENT)];
            town.registry(provider, &register, &collateral).await?;
        }
        Ok(town)
    }

    /// Waits of seconds, long enough for a transaction of everybody; no fee, so that amounts are what they look like; heartbeats that
    /// last for the whole story.
    pub fn genesis() -> Genesis {
        let development = Genesis::development(STAKE);
        Genesis {
            escrow: escrow::Params {
                min_runway: 1,
                fee_bps: 0,
            },
            provider: provider::Params {
                grace: 600,
                ..development.provider
            },
            market: market::Params {
                auction: AuctionParams {
                    bidding: 12,
                    extension: 12,
                    hard_close: 36,
                    claim_window: 12,
                    commit: 12,
                    reveal: 12,
                    ..development.market.auction
                },
                ..development.market
            },
            ..development
        }
    }

    /// The same, but that escrow takes its fee.
    pub fn with_fee() -> Genesis {
        Genesis {
            escrow: Genesis::development(STAKE).escrow,
            ..Self::genesis()
        }
    }

    /// The chain's own clock, seconds.
    pub async fn now(&self) -> Result<u64> {
        Ok(self.client.status().await?.time.seconds())
    }

    /// Block time of a height.
    pub async fn time_of(&self, height: u64) -> Result<u64> {
        Ok(self.client.block(height).await?.time.seconds())
    }

    pub async fn pass(&self, seconds: u64) -> Result<()> {
        pass(&self.client, seconds).await
    }

    /// Until the chain's clock shows `time`.
    pub async fn pass_to(&self, time: u64) -> Result<()> {
        reach(&self.client, Timestamp::from_seconds(time)).await
    }

    /// What an address owns of the rent's denom.
    pub async fn pocket(&self, who: &str) -> Result<u128> {
        self.holds(who, &Denom::Native(RENT.into())).await
    }

    pub async fn holds(&self, who: &str, denom: &Denom) -> Result<u128> {
        Ok(node::balance(&self.client, who, denom).await?.u128())
    }

    /// Every provider has what its ended leases say, to the unit, and the tenant has the rest and a `compensation` for others' faults.
    /// Without fees, or rent that is still due.
    pub async fn everybody_has_his_own(&self, compensation: u128) -> Result<()> {
        let mut paid = 0;
        for provider in &self.providers {
            let due = self.earned(provider.address()).await?;
            let owns = self.pocket(provider.address()).await? + COLLATERAL;
            ensure!(owns == FORTUNE + due, "{owns} is not {FORTUNE} + {due}");
            paid += due;
        }
        let left = self.pocket(self.tenant.address()).await?;
        ensure!(
            paid > 0 && left + paid == FORTUNE + compensation,
            "paid {paid}, got {compensation} for faults, has {left}"
        );
        self.invariants().await
    }

    /// The first provider has that much more than it brought, and the tenant that much less; without fees or faults.
    pub async fn provider_earned(&self, units: u128) -> Result<()> {
        let provider = self.providers.first().context("a provider")?;
        let owns = self.pocket(provider.address()).await? + COLLATERAL;
        let left = self.pocket(self.tenant.address()).await?;
        ensure!(
            owns == FORTUNE + units && left == FORTUNE - units,
            "{owns} and {left} after {units}"
        );
        self.invariants().await
    }

    pub async fn invariants(&self) -> Result<()> {
        invariants(&self.client, &self.suite).await
    }
}

/// Checks every invariant of the design on the state that the node holds, while nobody transacts.
pub async fn invariants(client: &ChainClient, suite: &Suite) -> Result<()> {
    let snapshot = node::snapshot(client, suite).await?;
    let violations = leasehold_testing::invariants::check(&snapshot)?;
    ensure!(violations.is_empty(), "{violations:#?}");
    Ok(())
}

/// So many new accounts with [`FORTUNE`] of each denom.
pub async fn newcomers(client: &ChainClient, count: usize) -> Result<Vec<Wallet>> {
    let mut people = vec![];
    for _ in 0..count {
        people.push(wallet(client, Key::random(DEFAULT_PREFIX)?, FREE)?);
    }
    let _turn = ALICE.lock().await;
    let alice = wallet(client, dev_key("alice")?, FREE)?;
    let mut gifts = JoinSet::new();
    for one in &people {
        let (alice, to) = (alice.clone(), one.address().to_owned());
        gifts.spawn(async move {
            let fortune = [coin(FORTUNE, RENT), coin(FORTUNE, STAKE)];
            alice.bank_send(&to, &fortune).await
        });
    }
    while let Some(sent) = gifts.join_next().await {
        sent??;
    }
    Ok(people)
}
