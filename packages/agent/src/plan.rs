//! What to do next, as a pure function of what the chain and the runtime say now. Nothing is remembered between two plans, so an agent
//! that died anywhere goes on where it was.

mod change;
mod collect;
mod desk;
mod runs;
mod shelf;

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{Addr, Checksum, Uint128};
use leasehold_api::deployment::Change;
use leasehold_api::market::{
    self, Bid, LeaseResponse, OfferResponse, OfferTerms, Order, PenaltyResponse,
};
use leasehold_api::provider::{Hot, Verdict};
use leasehold_api::rules::alive::Maintenance;
use leasehold_api::rules::matching::Audit;
use leasehold_api::rules::stream::allowance::Allowance;
use leasehold_api::rules::stream::Account;
use leasehold_api::rules::RuleError;
use leasehold_api::{Capability, Denom, Goods, GpuInventory, GroupSpec, Liveness, SCALE};

use crate::capacity::Resources;
use crate::pricing::{Ask, PriceError};
use crate::runtime::Workload;
pub use collect::{collects, Rent};
use desk::Desk;
use runs::runs;
pub use runs::Former;

/// Everything that a plan depends on.
#[derive(Debug, Clone)]
pub struct Observed {
    pub me: Addr,
    /// Time of the latest block.
    pub now: u64,
    pub height: u64,
    pub hot: Hot,
    /// Own maintenance, the last that was announced.
    pub maintenance: Option<Maintenance>,
    /// Seconds for which the next heartbeat will be good.
    pub grace: u64,
    /// Block time at which the chain went on after it last stood still; zero when that was not seen.
    pub resumed_at: u64,
    pub market: market::Params,
    /// Seconds of rent that an account keeps when a lease starts.
    pub min_runway: u64,
    pub capability: Capability,
    pub audits: Vec<Audit>,
    /// Collateral that bids and leases lock, by [`Denom::key`].
    pub locked: BTreeMap<String, Uint128>,
    /// What there is to bid with.
    pub capacity: Resources,
    pub cards: Vec<GpuInventory>,
    /// What is to be sold by standing offer.
    pub offered: Option<(Denom, Goods)>,
    /// Own standing offers, expired ones included.
    pub offers: Vec<OfferResponse>,
    /// Seconds between two collects of a lease.
    pub collect_every: u64,
    pub orders: Vec<OpenOrder>,
    pub leases: Vec<MyLease>,
    pub watched: Vec<Watched>,
    /// Penalties of which this provider gets a share.
    pub penalties: Vec<PenaltyResponse>,
    pub workloads: Vec<Workload>,
}

/// An order that looks for a provider.
#[derive(Debug, Clone)]
pub struct OpenOrder {
    pub id: u64,
    pub order: Order,
    pub tenant: Addr,
    pub group: GroupSpec,
    pub account: Account,
    /// Own bid, in open mode.
    pub bid: Option<Bid>,
    pub ask: Result<Ask, PriceError>,
}

/// An active lease of this provider.
#[derive(Debug, Clone)]
pub struct MyLease {
    pub lease: LeaseResponse,
    /// Its share of the account was last moved to it then.
    pub collected_at: u64,
    pub account: Account,
    /// What feeds the account, and the account that it comes from.
    pub allowance: Option<(Allowance, Account)>,
    pub group: GroupSpec,
    /// What its tenant proposes.
    pub proposed: Option<Proposed>,
    /// What should run, when a manifest with the deployment's hash is at hand; else what may go on.
    pub wanted: Result<Wanted, Former>,
}

/// A change that can be accepted.
#[derive(Debug, Clone)]
pub struct Proposed {
    pub change: Change,
    pub hash: Checksum,
    /// This provider's price for what the group asks then.
    pub ask: Result<Ask, PriceError>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub revision: String,
    pub replicas: usize,
}

/// Another provider's lease on an order on which this one is or was quoted.
#[derive(Debug, Clone)]
pub struct Watched {
    pub lease: u64,
    pub provider: Addr,
    pub started_at: u64,
    pub live: Liveness,
    /// What its watchers found last.
    pub verdict: Option<Verdict>,
    pub maintenance: Option<Maintenance>,
    /// Seconds from the fault until this provider fails it over, so that not all do at once.
    pub patience: u64,
}

impl Watched {
    /// Block time from which its provider is at fault, if it is now.
    fn fault(&self, seen: &Observed) -> Option<u64> {
        let lapsed = self
            .live
            .lapsed(seen.now, seen.height, seen.market.lapse_blocks);
        let condemned = self
            .verdict
            .filter(|verdict| verdict.condemns(self.started_at, seen.now));
        let fault = lapsed
            .then_some(self.live.until)
            .or(condemned.map(|verdict| verdict.at));
        let excused = |at: &u64| {
            self.maintenance
                .is_some_and(|pause| pause.excuses(*at, seen.now))
        };
        fault.filter(|at| !excused(at))
    }
}

/// A chain message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tx {
    Heartbeat,
    Claim { order: u64 },
    Failover { lease: u64 },
    WithdrawOffer { offer: u64 },
    UpdateOffer { offer: u64, terms: OfferTerms },
    PostOffer { denom: Denom, terms: OfferTerms },
    Bid { order: u64, rate: Uint128 },
    AcceptChange { lease: u64, change: String },
    EndLease { lease: u64 },
    Collect { leases: Vec<u64> },
    TopUp { account: u64 },
    Slash { order: u64, number: u32 },
}

/// A change of what runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Run {
    Start { lease: u64 },
    Suspend { lease: u64 },
    Remove { lease: u64 },
}

impl Run {
    pub fn lease(self) -> u64 {
        match self {
            Run::Start { lease } | Run::Suspend { lease } | Run::Remove { lease } => lease,
        }
    }
}

/// Why an order is left to others.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Skip {
    #[error("this provider is draining")]
    Draining,
    #[error("it is this provider's own order")]
    OwnOrder,
    #[error("this provider failed the order before")]
    Excluded,
    #[error("this agent takes no part in sealed auctions")]
    Sealed,
    #[error("it starts at {starts_at}, within this provider's maintenance from {} to {} (block times)", .pause.from, .pause.until)]
    Maintenance { starts_at: u64, pause: Maintenance },
    #[error("{0}")]
    Rule(RuleError),
    #[error("{0}")]
    Price(PriceError),
    #[error("own price {floor} is above {limit}, the most that is paid (scaled units per second)")]
    TooDear { floor: Uint128, limit: Uint128 },
    #[error("no room: {0}")]
    Capacity(String),
    #[error("the bond of {needed} {denom} exceeds the free collateral of {free}")]
    Collateral {
        denom: Denom,
        needed: Uint128,
        free: Uint128,
    },
}

impl From<RuleError> for Skip {
    fn from(e: RuleError) -> Self {
        Self::Rule(e)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Most urgent first.
    pub txs: Vec<Tx>,
    pub runs: Vec<Run>,
    /// Orders passed over: order, round, reason.
    pub skipped: Vec<(u64, u32, Skip)>,
    /// Changes not agreed to: lease, change, reason.
    pub declined: Vec<(u64, String, Skip)>,
}

/// Decides.
pub fn plan(seen: &Observed) -> Plan {
    let mut plan = Plan::default();
    if heartbeat_due(seen) {
        plan.txs.push(Tx::Heartbeat);
    }
    plan.txs.extend(failovers(seen));
    plan.txs.extend(slashes(seen));
    plan.txs.extend(top_ups(seen));
    plan.txs.extend(shelf::offers(seen));
    let (agreed, declined) = change::consider(seen);
    plan.declined = declined;
    let mut desk = Desk::new(seen, agreed.as_ref().map(|(_, agreed)| *agreed));
    plan.txs.extend(agreed.map(|(accept, _)| accept));
    for order in &seen.orders {
        match desk.consider(order) {
            Ok(tx) => plan.txs.extend(tx),
            Err(skip) => plan.skipped.push((order.id, order.order.round, skip)),
        }
    }
    let (ends, collects) = money_moves(seen);
    plan.txs.extend(ends);
    plan.txs.extend(collects);
    plan.txs.sort();
    plan.runs = runs(seen);
    plan
}

/// A third of the grace after the last one, so that two may be lost.
fn heartbeat_due(seen: &Observed) -> bool {
    seen.now >= seen.hot.live.last.saturating_add(seen.grace / 3)
}

/// After a halt of the chain every heart gets the time between two beats to beat again: who fell silent with the chain is not at fault.
fn failovers(seen: &Observed) -> impl Iterator<Item = Tx> + '_ {
    let has_settled = seen.now >= seen.resumed_at.saturating_add(seen.grace / 3);
    let at_fault = move |w: &&Watched| {
        has_settled
            && w.provider != seen.me
            && w.fault(seen)
                .is_some_and(|at| seen.now >= at.saturating_add(w.patience))
    };
    let at_fault = seen.watched.iter().filter(at_fault);
    at_fault.map(|w| Tx::Failover { lease: w.lease })
}

fn slashes(seen: &Observed) -> impl Iterator<Item = Tx> + '_ {
    let due = seen.penalties.iter().filter(|p| seen.now >= p.due_at);
    due.map(|p| Tx::Slash {
        order: p.order_id,
        number: p.number,
    })
}

/// Fills the accounts that pay this provider, once each, when their allowances say so.
fn top_ups(seen: &Observed) -> impl Iterator<Item = Tx> + '_ {
    let due = |my: &&MyLease| {
        my.allowance.as_ref().is_some_and(|(allowance, source)| {
            allowance
                .clone()
                .top_up(
                    &mut source.clone(),
                    &mut my.account.clone(),
                    seen.min_runway,
                    seen.now,
                )
                .is_ok()
        })
    };
    let accounts: BTreeSet<u64> = seen
        .leases
        .iter()
        .filter(due)
        .map(|my| my.lease.account)
        .collect();
    accounts.into_iter().map(|account| Tx::TopUp { account })
}

impl MyLease {
    /// When the account ran dry, if it has; a job is paid ahead.
    fn dry_at(&self, now: u64) -> Option<u64> {
        let depletes_at = self.account.depletes_at().filter(|at| *at <= now);
        depletes_at.filter(|_| self.lease.until.is_none())
    }

    /// A job that has come to its end.
    fn is_over(&self, now: u64) -> bool {
        self.lease.until.is_some_and(|until| until <= now)
    }
}

/// Leases to end because they are jobs that are over, their account stayed dry past the resume window or their notice is over, and those
/// to collect: when due, and once when the account has run dry, because a lapse after that would cost earned rent.
fn money_moves(seen: &Observed) -> (Vec<Tx>, Vec<Tx>) {
    let mut ends = Vec::new();
    let mut rents = Vec::new();
    for my in &seen.leases {
        let MyLease {
            lease,
            collected_at,
            ..
        } = my;
        let dry_at = my.dry_at(seen.now);
        let unpaid = dry_at.map(|at| at.saturating_add(seen.market.resume_window));
        let left = lease.leaves_at.is_some_and(|at| seen.now >= at);
        if left || my.is_over(seen.now) || unpaid.is_some_and(|end| seen.now >= end) {
            ends.push(Tx::EndLease { lease: lease.id });
            continue;
        }
        let paid_until = dry_at.unwrap_or(seen.now);
        let seconds = paid_until.saturating_sub(*collected_at);
        let worth = lease.rate.u128().saturating_mul(seconds.into()) >= SCALE;
        let is_due = seen.now >= collected_at.saturating_add(seen.collect_every);
        if worth {
            rents.push(Rent {
                lease: lease.id,
                seconds,
                is_due: is_due || dry_at.is_some(),
            });
        }
    }
    let collects = collects(&rents, seen.collect_every).into_iter();
    (
        ends,
        collects.map(|leases| Tx::Collect { leases }).collect(),
    )
}

#[cfg(test)]
mod tests;
