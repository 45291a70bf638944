//! The suite's life on one chain, operation by operation. The same messages on every chain, so that what one charges is comparable with
//! what another does.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, Coin};
use leasehold_api::deployment::order_id;
use leasehold_api::genesis::Genesis;
use leasehold_api::{market, provider, Suite};
use serde::Serialize;

use fixtures::{capability, contact, RATE};

mod auctions;
mod council;
mod decree;
mod due;
pub mod fixtures;
mod flat;
mod keep;
mod stake;
mod token;
mod upgrade;
mod verbs;

pub use council::Council;
pub use flat::Flat;
pub use stake::{genesis, wasm};
pub use token::{staked, Token};
pub use upgrade::Halfway;

/// Of rents and collateral.
pub const DENOM: &str = "uusd";
/// Of governance's stake.
pub const STAKE: &str = "ustake";
/// What everybody owns at the start, of each denom.
pub const FORTUNE: u128 = 1_000_000_000_000;
/// Heartbeats of everybody in an "hour", in which rent adds up.
const BEATS: u64 = 6;
/// Streams in the large collect behind `collect_more`.
const MANY: u64 = 11;

/// A chain that the story happens on.
pub trait Chain {
    type Receipt: Receipt;

    fn id(&self) -> String;

    /// A signed transaction with one message; a refused one is an error.
    fn execute(
        &self,
        sender: &str,
        contract: &str,
        msg: &impl Serialize,
        funds: &[Coin],
    ) -> Result<Self::Receipt>;

    /// What a fee of some thousand of [`DENOM`] adds to a transaction of `payer`.
    fn fee(&self, payer: &str) -> Result<Self::Receipt>;

    /// What a contract stores under a key.
    fn stored(&self, contract: &str, key: &[u8]) -> Result<Option<Vec<u8>>>;

    fn pass(&self, wait: Wait) -> Result<()>;
}

/// A transaction that went through.
pub trait Receipt {
    fn gas(&self) -> u64;
    /// What the contract answered.
    fn data(&self) -> Result<Vec<u8>>;
}

/// Time that passes, as long as the chain's parameters make it.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    /// Until the bidding on a new order is over.
    Bidding,
    /// Until a sealed order takes reveals.
    Commitments,
    /// Until a winner has not claimed, or a bidder not revealed, in time.
    Window,
    /// Between two heartbeats, well within the grace.
    Beat,
    /// Until a proposal that the majority has voted for has passed.
    Vote,
    /// … may be executed.
    Timelock,
    /// Until collateral and stake that were taken out are paid.
    Unbonding,
    /// A quarter of what makes a provider's silence a lapse. Others, who beat after each quarter, do not lapse.
    Silence,
}

/// What a life of create, three bids, claim, one collect and close takes.
pub const LIFE: [&str; 7] = [
    "create",
    "bid_first",
    "bid_second",
    "bid",
    "claim",
    "collect",
    "close",
];

/// What happens between a tenant's balance and its running lease, with three bids.
pub const START: [&str; 5] = ["create_and_open", "bid_first", "bid_second", "bid", "claim"];

/// What the harness alone measures: signatures of auditors and watchers and what hangs on them, what is done a month later, what comes from
/// another chain, and what a token has refused.
pub const ALONE: [&str; 25] = [
    "accuse_watcher",
    "add_to_bond",
    "attest",
    "attest_ed25519",
    "bid_audited",
    "bid_audited_by_8",
    "bid_vouched",
    "challenge_attestation",
    "claim_audited",
    "claim_fees",
    "claim_unpaid",
    "close_refused",
    "enrol",
    "ibc_deposit",
    "ibc_open",
    "judge",
    "prune",
    "prune_deployment",
    "retire",
    "revoke_attestation",
    "submit_verdict",
    "unwatch_lease",
    "uphold_challenge",
    "watch_lease",
    "withdraw_bond",
];

/// What one operation took.
pub type Receipts<R> = BTreeMap<&'static str, R>;

/// Who takes part, by address. Each owns [`FORTUNE`] of [`DENOM`] and [`STAKE`], and has signed before.
#[derive(Clone)]
pub struct Cast {
    pub tenant: String,
    pub keeper: String,
    pub providers: [String; 3],
}

pub struct Story<C> {
    chain: C,
    suite: Suite,
    cast: Cast,
}

impl<C: Chain> Story<C> {
    /// On a new suite: three providers register, the tenant's first account is opened.
    pub fn begin(chain: C, suite: Suite, cast: Cast) -> Result<Self> {
        let story = Story { chain, suite, cast };
        for provider in &story.cast.providers {
            let register = provider::ExecuteMsg::Register {
                contact: contact(),
                capability: capability(),
            };
            let bond = [coin(FORTUNE / 10, DENOM)];
            story.at(&story.suite.provider, provider, &register, &bond)?;
        }
        story.open_account()?;
        Ok(story)
    }

    /// Every operation in coins, each in the situation its name stands for, on a suite that began with `genesis`.
    pub fn operations(&self, genesis: &Genesis) -> Result<(Receipts<C::Receipt>, u64)> {
        let mut of = BTreeMap::new();
        let account = 1;
        // What one operation costs should not hang on being the very first of the chain.
        let (warm, _) = self.lease(account)?;
        self.hour()?;
        self.collect(&[self.lease_of(warm)?])?;

        self.chain.fee(&self.cast.keeper)?;
        of.insert("fee", self.chain.fee(&self.cast.tenant)?);
        of.insert("heartbeat", self.heartbeat(0)?);
        of.insert("open_account", self.open_account()?);
        of.insert("deposit", self.deposit(account)?);
        let (id, receipt) = self.create(Some(account), &[])?;
        of.insert("create", receipt);
        let order = order_id(id, 0).context("an order id")?;
        of.insert("bid_first", self.bid(0, order, RATE * 9 / 8)?);
        of.insert("bid_second", self.bid(1, order, RATE * 5 / 4)?);
        of.insert("bid", self.bid(2, order, RATE)?);
        self.chain.pass(Wait::Bidding)?;
        of.insert("claim", self.claim(2, order)?);
        self.hour()?;
        of.insert("collect", self.collect(&[self.lease_of(id)?])?);
        self.hour()?;
        of.insert("close", self.close(id)?);

        let (silent, _) = self.lease(account)?;
        let lease = self.lease_of(silent)?;
        // Everybody but the lease's provider goes on beating.
        for _ in 0..4 {
            self.chain.pass(Wait::Silence)?;
            self.heartbeat(0)?;
            self.heartbeat(1)?;
        }
        let failover = market::ExecuteMsg::Failover { lease_id: lease };
        of.insert(
            "failover",
            self.at(&self.suite.market, &self.cast.keeper, &failover, &[])?,
        );
        of.insert("count_lapses", self.count_lapse(2)?);
        self.hour()?;
        let slash = market::ExecuteMsg::Slash {
            order_id: order_id(silent, 0).context("an order id")?,
            number: 1,
        };
        of.insert(
            "slash",
            self.at(&self.suite.market, &self.cast.keeper, &slash, &[])?,
        );
        of.insert(
            "create_and_open",
            self.create(None, &[coin(FORTUNE / 1_000, DENOM)])?.1,
        );
        of.insert("withdraw", self.withdraw(account)?);
        let drawn = self.next_account()?;
        of.insert("allow", self.allow(account)?);
        of.insert("draw", self.draw(drawn)?);
        let (id, _) = self.lease(account)?;
        of.insert("give_notice", self.give_notice(self.lease_of(id)?)?);
        of.insert("propose_change", self.propose_change(id)?);
        // Rent is due by then, as it is in life.
        self.hour()?;
        of.insert("accept_change", self.accept_change(id)?);
        let (job, receipt) = self.create_job(account)?;
        of.insert("create_job", receipt);
        let order = order_id(job, 0).context("an order id")?;
        of.insert("claim_job", self.claim(2, order)?);
        let lease = self.lease_of(job)?;
        self.chain.pass(Wait::Beat)?;
        of.insert("end_job", self.end_lease(lease)?);
        self.reserve(&mut of, account)?;
        self.seal(&mut of, account)?;
        self.choose(&mut of, account)?;
        of.insert("announce_maintenance", self.announce_maintenance(1)?);
        of.insert("transfer", self.transfer()?);
        let more = self.collect_more()?;
        self.sell(&mut of, account)?;
        self.keep(&mut of, account)?;
        self.fall_due(&mut of, account)?;
        self.govern(&mut of, genesis)?;
        // Taken out before the stake.
        of.insert("claim_collateral", self.claim_collateral()?);
        Ok((of, more))
    }

    /// The bidding ends long before the start, so the tenant lets a winner down.
    fn reserve(&self, of: &mut Receipts<C::Receipt>, account: u64) -> Result<()> {
        self.beat()?;
        let (id, receipt) = self.create_reserved(account)?;
        of.insert("create_reserved", receipt);
        let order = order_id(id, 0).context("an order id")?;
        self.bid(2, order, RATE)?;
        self.chain.pass(Wait::Bidding)?;
        of.insert("let_down", self.close(id)?);
        Ok(())
    }

    /// By standing offer: one transaction from nothing to a lease.
    fn sell(&self, of: &mut Receipts<C::Receipt>, account: u64) -> Result<()> {
        self.beat()?;
        let (offer, receipt) = self.post_offer()?;
        of.insert("post_offer", receipt);
        self.take(offer, Some(account), &[])?;
        of.insert("update_offer", self.update_offer(offer)?);
        of.insert("take_offer", self.take(offer, Some(account), &[])?);
        let coins = [coin(FORTUNE / 1_000, DENOM)];
        of.insert("take_offer_and_open", self.take(offer, None, &coins)?);
        Ok(())
    }

    /// What one more stream of the same provider costs in a collect, each from an account of its own.
    fn collect_more(&self) -> Result<u64> {
        let mut leases = vec![];
        let first = self.next_account()?;
        for account in first..first + MANY {
            self.open_account()?;
            leases.push(self.lease_of(self.lease(account)?.0)?);
        }
        self.hour()?;
        self.collect(&leases)?;
        self.hour()?;
        let one = self.collect(&leases[..1])?.gas();
        self.hour()?;
        let all = self.collect(&leases)?.gas();
        Ok((all - one).div_ceil(MANY - 1))
    }
}
