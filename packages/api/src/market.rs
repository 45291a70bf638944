//! The market: orders, bids, leases, bond locks. See `docs/spec/market.md`.

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Empty, QuerierWrapper, StdResult, Uint128};
use cw_storage_plus::{Item, Map};
use leasehold_rules::auction::{within, Auction, AuctionParams, Phase};
use leasehold_rules::money::{stored_denom, BPS};

use crate::{AuctionMode, Denom, Quote, RuleError, SlashShares, Suite};

/// Published storage: one order per group, see [`crate::deployment::order_id`].
pub const ORDERS: Map<u64, Order> = Map::new("o");
pub const LEASES: Map<u64, Lease> = Map::new("l");
/// Id that the next lease gets. A lease's escrow stream has the same id.
pub const NEXT_LEASE: Item<u64> = Item::new("n");
/// Collateral that a provider's bids and leases hold, by provider and [`Denom::key`].
pub const LOCKS: Map<(&Addr, &str), Lock> = Map::new("k");
/// Live bids on `open` orders, by order and provider.
pub const BIDS: Map<(u64, &Addr), Bid> = Map::new("b");
/// Orders that look for a provider now.
pub const OPEN: Map<u64, Empty> = Map::new("p");
/// Active leases by provider.
pub const ACTIVE: Map<(&Addr, u64), Empty> = Map::new("a");

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
    pub excluded: Vec<Addr>,
    /// The active lease while leased.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<u64>,
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
    /// Whole units: Σ its leader bids + Σ its leases.
    #[serde(rename = "a")]
    pub amount: Uint128,
    /// Leader bids and leases behind the amount.
    #[serde(rename = "n")]
    pub uses: u32,
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

#[cw_serde]
pub struct Lease {
    #[serde(rename = "o")]
    pub order: u64,
    #[serde(rename = "p")]
    pub provider: Addr,
    #[serde(rename = "r")]
    pub rate: Uint128,
    /// Collateral locked for it, whole units.
    #[serde(rename = "b")]
    pub bond: Uint128,
    #[serde(rename = "t")]
    pub started_at: u64,
    /// Set when it ended.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

#[cw_serde]
pub struct Ended {
    #[serde(rename = "t")]
    pub at: u64,
    #[serde(rename = "r")]
    pub reason: EndReason,
}

/// Why a lease ended. Always recorded.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum EndReason {
    /// The tenant ended it, or paused or closed its group.
    Tenant,
    /// The provider ended it.
    Provider,
    /// The provider fell silent.
    Down,
    /// The account stayed dry past the resume window.
    Unfunded,
}

impl EndReason {
    pub fn as_str(&self) -> &'static str {
        match self {
            EndReason::Tenant => "tenant",
            EndReason::Provider => "provider",
            EndReason::Down => "down",
            EndReason::Unfunded => "unfunded",
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
}

impl CloseReason {
    pub fn as_str(&self) -> &'static str {
        match self {
            CloseReason::Tenant => "tenant",
            CloseReason::Unfunded => "unfunded",
            CloseReason::Attempts => "attempts",
            CloseReason::OwnOrder => "own_order",
        }
    }
}

#[cw_serde]
pub struct InstantiateMsg {
    pub suite: Suite,
    pub params: Params,
}

#[cw_serde]
pub struct Params {
    pub auction: AuctionParams,
    /// Rent that a bid and a lease lock as bond, seconds at their rate. 1 to 2 592 000.
    pub bond_seconds: u64,
    /// Part of the bond that a provider loses when it falls silent, basis points. 0 to 10 000.
    pub down_slash_bps: u32,
    /// … when it wins and does not claim.
    pub no_show_slash_bps: u32,
    /// … when it ends a lease itself.
    pub quit_slash_bps: u32,
    /// How a slash is divided; insurance takes the rest.
    pub slash_shares: SlashShares,
    /// Blocks that must pass without a heartbeat, besides the time, before a provider counts as down. 0 to 10 000.
    pub lapse_blocks: u64,
    /// Leases that one round may have before the group pauses. 1 to 8.
    pub max_attempts: u32,
    /// Seconds after running dry from which either side may end the lease as unfunded. 0 to 2 592 000.
    pub resume_window: u64,
}

impl Params {
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the parameter, its value and what is allowed.
    pub fn validate(&self) -> Result<(), RuleError> {
        const MONTH: u64 = 2_592_000;
        self.auction.validate()?;
        self.slash_shares.validate()?;
        within("bond_seconds", self.bond_seconds, 1..=MONTH)?;
        within("lapse_blocks", self.lapse_blocks, 0..=10_000)?;
        within("max_attempts", self.max_attempts, 1..=8)?;
        within("resume_window", self.resume_window, 0..=MONTH)?;
        let parts = [
            ("down_slash_bps", self.down_slash_bps),
            ("no_show_slash_bps", self.no_show_slash_bps),
            ("quit_slash_bps", self.quit_slash_bps),
        ];
        for (name, bps) in parts {
            within(name, u128::from(bps), 0..=BPS)?;
        }
        Ok(())
    }
}

#[cw_serde]
pub enum ExecuteMsg {
    /// Puts a group on the market as a fresh round. The account must belong to the deployment's owner, be in `denom` and hold
    /// `min_runway` of `max_rate`. Deployment only.
    OpenOrder {
        order_id: u64,
        account: u64,
        denom: Denom,
        mode: AuctionMode,
        /// Scaled per second for the whole group.
        max_rate: Uint128,
    },
    /// Takes a group off the market: releases the leader's bond, ends the lease with exact pay. Nothing happens to an order that is
    /// closed already. Deployment only.
    CloseOrder { order_id: u64 },
    /// Offers to serve the group at `rate` (scaled per second, at most the maximum). On a descending order the leader's bond is locked
    /// and an outbid leader's released in the same write. Eligible providers only, never the tenant itself.
    Bid { order_id: u64, rate: Uint128 },
    /// Takes back a bid. On a descending order only the runner-up's: the leader is bound. After a fail-over the runner-up steps back
    /// with it from its claim. The bidder only.
    WithdrawBid { order_id: u64 },
    /// Starts the lease: award and acceptance in one. Descending: the winner within its claim window, after that the runner-up at its
    /// own price. Dutch: any eligible provider at the present price. When the account cannot pay any more, the order closes and the
    /// bond is free. Eligible providers only.
    Claim { order_id: u64 },
    /// Takes a live bid of an `open` order and starts the lease. Refused while the account cannot pay. Deployment owner only.
    Accept { order_id: u64, provider: String },
    /// Ends a lease with exact pay. By the tenant: the order looks for another provider. By the provider: part of its bond is slashed
    /// and the order looks for another. Once dry for the resume window, by either: reason unfunded, no slash, the group pauses.
    EndLease { lease_id: u64 },
    /// Ends the lease of a provider that fell silent, with exact pay and a slash of which the caller gets a share; the runner-up may
    /// then claim, after that the order is Dutch up to the maximum. Anyone may call.
    Failover { lease_id: u64 },
    /// Slashes a winner that let its claim window pass; refused when none did. Anyone may call, and gets a share; every other touch of
    /// the order does it too.
    Expire { order_id: u64 },
    /// Replaces all parameters; running auctions keep their times. Governance only.
    UpdateParams { params: Params },
}

#[cw_serde]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// Peers and parameters.
    #[returns(ConfigResponse)]
    Config {},
    /// One order, as of the query's block time.
    #[returns(OrderResponse)]
    Order { id: u64 },
    /// Orders that look for a provider, by id.
    #[returns(OrdersResponse)]
    OpenOrders {
        start_after: Option<u64>,
        limit: Option<u32>,
    },
    /// Bids on an open-mode order, by provider, void ones included.
    #[returns(BidsResponse)]
    Bids {
        order_id: u64,
        start_after: Option<String>,
        limit: Option<u32>,
    },
    /// One lease.
    #[returns(LeaseResponse)]
    Lease { id: u64 },
    /// Leases by id: a provider's active ones, or all.
    #[returns(LeasesResponse)]
    Leases {
        provider: Option<String>,
        start_after: Option<u64>,
        limit: Option<u32>,
    },
    /// What a provider's bids and leases lock in one denom.
    #[returns(Lock)]
    Locked { provider: String, denom: Denom },
}

#[cw_serde]
pub struct ConfigResponse {
    pub suite: Suite<Addr>,
    pub params: Params,
}

/// Derived from the stored order and block time; never scheduled.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum OrderPhase {
    /// Takes bids; a Dutch order, claims.
    Bidding,
    /// The winner may claim.
    AwardBest,
    /// The runner-up may claim.
    AwardSecond,
    /// Nobody claimed in time; a bid starts it again.
    Lapsed,
    Leased,
    Closed,
}

impl From<Phase> for OrderPhase {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Bidding => OrderPhase::Bidding,
            Phase::AwardBest => OrderPhase::AwardBest,
            Phase::AwardSecond => OrderPhase::AwardSecond,
            Phase::Lapsed => OrderPhase::Lapsed,
        }
    }
}

#[cw_serde]
pub struct OrderResponse {
    pub id: u64,
    pub deployment_id: u64,
    pub group: u32,
    pub account: u64,
    pub denom: Denom,
    pub phase: OrderPhase,
    pub mode: AuctionMode,
    pub max_rate: Uint128,
    /// Dutch: the price now.
    pub price: Option<Uint128>,
    pub best: Option<Quote>,
    pub second: Option<Quote>,
    /// Start of the bidding, or of a Dutch price's rise: in the future while a runner-up may claim first. 0 when no auction runs.
    pub opened_at: u64,
    /// When the present phase ends by itself, if it does.
    pub phase_ends_at: Option<u64>,
    pub round: u32,
    pub attempts: u32,
    pub excluded: Vec<Addr>,
    pub lease_id: Option<u64>,
}

#[cw_serde]
pub struct OrdersResponse {
    pub orders: Vec<OrderResponse>,
}

#[cw_serde]
pub struct BidResponse {
    pub provider: Addr,
    pub rate: Uint128,
    /// The tenant may accept it now. A bid of an earlier round is void.
    pub live: bool,
}

#[cw_serde]
pub struct BidsResponse {
    pub bids: Vec<BidResponse>,
}

#[cw_serde]
pub struct LeaseResponse {
    pub id: u64,
    pub order_id: u64,
    pub deployment_id: u64,
    pub group: u32,
    pub account: u64,
    pub denom: Denom,
    pub provider: Addr,
    pub rate: Uint128,
    pub bond: Uint128,
    pub started_at: u64,
    pub ended: Option<EndedResponse>,
}

#[cw_serde]
pub struct EndedResponse {
    pub at: u64,
    pub reason: EndReason,
}

#[cw_serde]
pub struct LeasesResponse {
    pub leases: Vec<LeaseResponse>,
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
