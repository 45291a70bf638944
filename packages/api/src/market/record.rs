//! What the market stores. The maps are published: other contracts and clients read them raw.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Empty, QuerierWrapper, StdResult, Uint128};
use cw_storage_plus::{Item, Map};
use leasehold_rules::auction::{Auction, Commitment, Exclusion};
use leasehold_rules::money::stored_denom;
use serde::{Deserialize, Serialize};

use super::params::{stored_params, Params};
use super::{Exit, History, Mark, Taken};
use crate::suite::stored_suite;
use crate::{Denom, Suite};

/// One order per group, see [`crate::deployment::order_id`].
pub const ORDERS: Map<u64, Order> = Map::new("o");
/// By [`lease_id`]; a lease's escrow stream has the same id. Active, and ended until anyone prunes it, [`RETENTION`] seconds later.
pub const LEASES: Map<u64, Lease> = Map::new("l");
/// When and why a lease ended.
pub const ENDED: Map<u64, Ended> = Map::new("e");
/// Collateral that a provider's bids and leases hold, and its reputation, by provider and [`Denom::key`]; a tenant's reputation likewise.
pub const LOCKS: Map<(&Addr, &str), Lock> = Map::new("k");
/// Live bids on `open` orders, by order and provider; on orders that need several bidders, who has bid.
pub const BIDS: Map<(u64, &Addr), Bid> = Map::new("b");
/// Commitments to sealed bids, by order and provider: gone once revealed, or once taken back after the time for it.
pub const COMMITMENTS: Map<(u64, &Addr), Commitment> = Map::new("s");
/// Orders that look for a provider now.
pub const OPEN: Map<u64, Empty> = Map::new("p");
/// Penalties not carried out yet, by order and number within it.
pub const PENALTIES: Map<(u64, u32), Penalty> = Map::new("y");
/// Active leases by provider.
pub const ACTIVE: Map<(&Addr, u64), Empty> = Map::new("a");
/// Peers and parameters.
pub const CONFIG: Item<Config> = Item::new("c");

/// Seconds that what has ended is kept for whoever wants to look at it; after that anyone may remove it. 30 days.
pub const RETENTION: u64 = 2_592_000;

/// Most records that one `prune` removes.
pub const PRUNE_LIMIT: usize = 100;

/// Whether what ended at `at` may be removed.
pub fn is_stale(at: u64, now: u64) -> bool {
    at.saturating_add(RETENTION) <= now
}

/// Leases that one order may ever have, less one.
pub const LEASES_PER_ORDER: u64 = 10_000;

/// The id of an order's `number`-th lease, counted from 1: order · 10 000 + number. So nobody has to look up either from the other.
pub fn lease_id(order: u64, number: u32) -> Option<u64> {
    order
        .checked_mul(LEASES_PER_ORDER)?
        .checked_add(number.into())
}

/// The order of a lease.
pub fn order_of(lease_id: u64) -> u64 {
    lease_id.div_euclid(LEASES_PER_ORDER)
}

/// What every message of the market reads first.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Config {
    #[serde(rename = "s", with = "stored_suite")]
    pub suite: Suite<Addr>,
    #[serde(rename = "p", with = "stored_params")]
    pub params: Params,
    /// Block time at which the latest pause ends or has ended; zero: there was none.
    #[serde(rename = "u", default, skip_serializing_if = "is_zero")]
    pub paused_until: u64,
}

#[cw_serde]
pub struct Order {
    #[serde(rename = "a")]
    pub account: u64,
    #[serde(rename = "d", with = "stored_denom")]
    #[schemars(with = "String")]
    pub denom: Denom,
    #[serde(rename = "s")]
    pub status: OrderStatus,
    /// Rises with every fresh start of the group; bids of an earlier round are void.
    #[serde(rename = "r")]
    pub round: u32,
    /// Leases of this round that ended and sent the order looking for another provider.
    #[serde(rename = "n")]
    pub attempts: u32,
    #[serde(rename = "q")]
    pub auction: Auction,
    /// Providers that failed this order in this round; at most `max_attempts`.
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    pub excluded: Vec<Exclusion>,
    /// The active lease while leased.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<u64>,
    /// Leases that it has had, of all rounds: the number in the latest one's id.
    #[serde(rename = "k", default, skip_serializing_if = "is_zero")]
    pub leases: u32,
    /// As it was ordered; absent: the default.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<Exit>,
    /// The lease's provider has given notice: block time from which it may leave without a penalty.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub leaves_at: Option<u64>,
    /// Seconds that the next lease of a job may last; absent for anything else.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    /// Penalties that it has seen: the number of the latest one.
    #[serde(rename = "y", default, skip_serializing_if = "is_zero")]
    pub penalties: u32,
    /// Block time of its latest close, while closed; absent on one closed before this was noted.
    #[serde(rename = "z", default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<u64>,
}

#[cw_serde]
#[derive(Copy, Eq)]
pub enum OrderStatus {
    #[serde(rename = "o")]
    Open,
    #[serde(rename = "l")]
    Leased,
    #[serde(rename = "c")]
    Closed,
}

/// A provider's use of its own collateral.
#[cw_serde]
#[derive(Default)]
pub struct Lock {
    /// Whole units: Σ its leader bids + Σ its commitments + Σ its leases + Σ its pending penalties.
    #[serde(rename = "a")]
    pub amount: Uint128,
    /// How many of these are behind the amount.
    #[serde(rename = "n")]
    pub uses: u32,
    /// Kept here because this record is written whenever a lease ends.
    #[serde(rename = "h", default, skip_serializing_if = "History::is_empty")]
    pub history: History,
}

#[cw_serde]
pub struct Bid {
    /// Scaled per second for the whole group.
    #[serde(rename = "r")]
    pub rate: Uint128,
    /// The order's round it was made for.
    #[serde(rename = "n")]
    pub round: u32,
}

/// What was agreed; changes by an accepted change alone. It is active while its order names it, and ended from then on.
#[cw_serde]
pub struct Lease {
    #[serde(rename = "p")]
    pub provider: Addr,
    #[serde(rename = "r")]
    pub rate: Uint128,
    /// Collateral locked for it, whole units.
    #[serde(rename = "b")]
    pub bond: Uint128,
    #[serde(rename = "t")]
    pub started_at: u64,
    /// What it holds of the standing offer that it took.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
    /// Of a job: block time at which it is over.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
}

impl Lease {
    /// Whether a job has come to its end.
    pub fn is_over(&self, now: u64) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

#[cw_serde]
pub struct Ended {
    #[serde(rename = "t")]
    pub at: u64,
    #[serde(rename = "r")]
    pub reason: EndReason,
}

/// Part of a bond that is forfeit. The whole bond stays locked until it is carried out.
#[cw_serde]
pub struct Penalty {
    #[serde(rename = "p")]
    pub provider: Addr,
    /// Whole units.
    #[serde(rename = "b")]
    pub bond: Uint128,
    /// Part of the bond, basis points, as it was at the fault.
    #[serde(rename = "s")]
    pub bps: u32,
    #[serde(rename = "r")]
    pub reason: PenaltyReason,
    /// Block time of the fault, seconds: of a silence, when it began.
    #[serde(rename = "t")]
    pub at: u64,
    /// Who brought it up and gets the caller's share; without one insurance takes it.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Addr>,
}

impl Penalty {
    /// Block time from which it may be carried out.
    pub fn due_at(&self, penalty_delay: u64) -> u64 {
        self.at.saturating_add(penalty_delay)
    }
}

#[cw_serde]
#[derive(Copy, Eq)]
pub enum PenaltyReason {
    /// The provider fell silent with a lease.
    #[serde(rename = "d")]
    Down,
    /// The winner did not claim in time.
    #[serde(rename = "n")]
    NoShow,
    /// The provider ended its lease.
    #[serde(rename = "q")]
    Quit,
    /// The bidder did not reveal what it committed to.
    #[serde(rename = "r")]
    NoReveal,
    /// A majority of watchers found that the provider does not serve the lease.
    #[serde(rename = "c")]
    Condemned,
}

impl PenaltyReason {
    /// How it is remembered.
    pub fn mark(&self) -> Mark {
        match self {
            PenaltyReason::Down | PenaltyReason::Condemned => Mark::Down,
            PenaltyReason::Quit => Mark::Quit,
            PenaltyReason::NoShow | PenaltyReason::NoReveal => Mark::Refused,
        }
    }

    pub fn as_str(&self) -> &'static str {
        match self {
            PenaltyReason::Down => "down",
            PenaltyReason::NoShow => "no_show",
            PenaltyReason::Quit => "quit",
            PenaltyReason::NoReveal => "no_reveal",
            PenaltyReason::Condemned => "condemned",
        }
    }
}

/// Why a lease ended. Always recorded.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum EndReason {
    /// The tenant ended it, or paused or closed its group.
    Tenant,
    /// The provider ended it without notice.
    Provider,
    /// The provider ended it after its notice.
    Notice,
    /// The provider fell silent.
    Down,
    /// The account stayed dry past the resume window.
    Unfunded,
    /// The job came to its end.
    Finished,
}

fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}

impl EndReason {
    pub fn as_str(&self) -> &'static str {
        match self {
            EndReason::Tenant => "tenant",
            EndReason::Provider => "provider",
            EndReason::Notice => "notice",
            EndReason::Down => "down",
            EndReason::Unfunded => "unfunded",
            EndReason::Finished => "finished",
        }
    }
}

/// Why an order left the market without a lease, as its event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The tenant paused or closed the group.
    Tenant,
    /// The account cannot pay `min_runway` of another lease.
    Unfunded,
    /// The round has had its `max_attempts` leases.
    Attempts,
    /// The bound winner has become the deployment's owner.
    OwnOrder,
    /// The auditors that the group names do not vouch for the bound winner any more.
    Unvouched,
    /// The job came to its end.
    Finished,
}

impl CloseReason {
    pub fn as_str(&self) -> &'static str {
        match self {
            CloseReason::Tenant => "tenant",
            CloseReason::Unfunded => "unfunded",
            CloseReason::Attempts => "attempts",
            CloseReason::OwnOrder => "own_order",
            CloseReason::Unvouched => "unvouched",
            CloseReason::Finished => "finished",
        }
    }
}

/// An order, as stored.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn order(querier: &QuerierWrapper, market: &Addr, id: u64) -> StdResult<Option<Order>> {
    ORDERS.query(querier, market.clone(), id)
}

/// What a provider's bids and leases lock in one denom.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn lock(
    querier: &QuerierWrapper,
    market: &Addr,
    provider: &Addr,
    denom: &Denom,
) -> StdResult<Lock> {
    let stored = LOCKS.query(querier, market.clone(), (provider, denom.key().as_str()))?;
    Ok(stored.unwrap_or_else(Lock::default))
}
