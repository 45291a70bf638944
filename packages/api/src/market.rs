//! The market: orders, bids, leases, bond locks. See `docs/spec/market.md`.

mod history;
mod offer;
mod params;
mod record;
mod terms;

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Binary, Uint128};
use leasehold_rules::auction::Phase;

use crate::{AuctionMode, Denom, GroupSpec, Quote, Suite};

pub use history::{History, Mark, Reputation};
pub use offer::{
    Offer, OfferQuote, OfferResponse, OfferTerms, OffersResponse, TakeOffer, Taken, MAX_OFFERS,
    MAX_OFFER_LIFE, NEXT_OFFER, OFFERS, OFFERS_IN, OFFERS_OF, TAKEN,
};
pub use params::Params;
pub use record::{
    is_stale, lease_id, lock, order, order_of, Bid, CloseReason, Config, EndReason, Ended, Lease,
    Lock, Order, OrderStatus, Penalty, PenaltyReason, ACTIVE, BIDS, COMMITMENTS, CONFIG, ENDED,
    LEASES, LEASES_PER_ORDER, LOCKS, OPEN, ORDERS, PENALTIES, PRUNE_LIMIT, RETENTION,
};
pub use terms::{Exit, Terms};

/// Longest pause ahead, seconds: 7 days.
pub const MAX_PAUSE: u64 = 604_800;

#[cw_serde]
pub struct InstantiateMsg {
    pub suite: Suite,
    pub params: Params,
}

#[cw_serde]
pub enum ExecuteMsg {
    /// Puts a group on the market as a fresh round. The deployment contract has seen to it that the account can pay. Deployment only.
    OpenOrder {
        order_id: u64,
        account: u64,
        denom: Denom,
        /// Scaled per second for the whole group.
        max_rate: Uint128,
        terms: Terms,
        /// Starts the lease in this message, on a standing offer, or refuses it: no auction is held, the terms hold afterwards.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<TakeOffer>,
    },
    /// Takes a group off the market: releases the leader's bond, ends the lease with exact pay. Nothing happens to an order that is
    /// closed already. Deployment only.
    CloseOrder { order_id: u64 },
    /// Offers to serve the group at `rate` (scaled per second, at most the maximum). On a descending order the leader's bond is locked
    /// and an outbid leader's released in the same write. Eligible providers only, never the tenant itself.
    Bid { order_id: u64, rate: Uint128 },
    /// Commits to a rate on a sealed order without showing it, or replaces the sender's commitment. `commitment` is the SHA-256 that
    /// `leasehold_rules::auction::Opening` computes, 32 bytes. Locks the bond of the order's maximum, the same for everybody, until
    /// the reveal. Eligible providers only, never the tenant itself.
    Commit { order_id: u64, commitment: Binary },
    /// Shows the rate (scaled per second, at most the maximum) and the salt (16 to 64 bytes) behind the sender's commitment, in the
    /// time for it. Frees the commitment's bond; the lowest so far keeps the bond of its own rate locked. The committed provider only.
    Reveal {
        order_id: u64,
        rate: Uint128,
        salt: Binary,
    },
    /// Takes back a bid. On a descending order only the runner-up's: the leader is bound; on a sealed one none. After a fail-over the
    /// runner-up steps back with it from its claim. On an open order the tenant can no longer accept it, nor its bidder claim with it.
    /// Takes back a commitment that can no longer be revealed, too: part of its bond is forfeit, unless there was no time to reveal it.
    /// The bidder only.
    WithdrawBid { order_id: u64 },
    /// Starts the lease: award and acceptance in one. Descending: the winner within its claim window, after that the runner-up at its
    /// own price; sealed the same, a second-price winner at the runner-up's price or, alone, the maximum; open the same without being
    /// bound, if the order says so. Dutch: any eligible provider at the present price. When the account cannot pay any more, the order closes and the
    /// bond is free. Eligible providers only.
    Claim { order_id: u64 },
    /// Takes a live bid of an `open` order and starts the lease. Refused while the account cannot pay. Deployment owner only.
    Accept { order_id: u64, provider: String },
    /// Sells to every group that fits, without a bid: a tenant takes the offer in the message that creates its deployment. Answers with
    /// the offer's id as JSON data. Needs collateral in the denom; clears the sender's expired offers and allows 16 others. Registered
    /// providers only.
    PostOffer { denom: Denom, terms: OfferTerms },
    /// Replaces an offer's terms, for who takes it from now on. Its storage classes and kinds of card must stay, and no amount may fall
    /// below what is taken. The offer's provider only.
    UpdateOffer { offer_id: u64, terms: OfferTerms },
    /// Takes an offer back; its leases go on. The offer's provider only.
    WithdrawOffer { offer_id: u64 },
    /// Puts a lease on other terms from this second on: escrow goes on at `rate`, the bond follows it. `max_rate` (absent: as before) is
    /// the order's new maximum, when the group asks for something else now; the runner-up, whose price was for what it asked before, is
    /// forgotten. The deployment contract has seen to it that the tenant agrees; `provider`, who accepts, must hold the lease and be
    /// eligible for what the group asks now. Deployment only.
    ChangeLease {
        lease_id: u64,
        provider: String,
        rate: Uint128,
        max_rate: Option<Uint128>,
    },
    /// Announces that the lease's provider will leave: from the end of the notice on, `end_lease` costs it the agreed compensation and no
    /// penalty. The tenant may go at any time. The lease's provider only.
    GiveNotice { lease_id: u64 },
    /// Ends a lease with exact pay. By the tenant: the order looks for another provider. By the provider: the order looks for another, and
    /// part of its bond is forfeit, unless its notice has passed. Once dry for the resume window, by either: reason unfunded, no slash, the group pauses.
    /// A job that has come to its end, by anyone: reason finished, what it did not earn returns, the group pauses.
    EndLease { lease_id: u64 },
    /// Ends the lease of a provider that fell silent, with exact pay and a penalty of which the caller gets a share; the runner-up may
    /// then claim, after that the order is Dutch up to the maximum. Anyone may call; during a maintenance of the provider only the
    /// tenant, and without a penalty. A job that has come to its end ends as finished.
    Failover { lease_id: u64 },
    /// Notes the penalty of a winner that let its claim window pass, or frees a leader when too few bid; refused when neither is due.
    /// Every other touch of the order does it too. With a `provider`: takes back that provider's commitment as its own `withdraw_bid`
    /// would. Anyone may call, and gets a share of a penalty.
    Expire {
        order_id: u64,
        provider: Option<String>,
    },
    /// Carries out a penalty once `penalty_delay` has passed since the fault, and frees the rest of the bond. Nothing is taken when the
    /// registry finds that many fell silent together. Anyone may call; recipients are fixed.
    Slash { order_id: u64, number: u32 },
    /// Removes what [`RETENTION`] has passed over: the order's leases that ended, oldest first, and once it is closed for that long its bids; at
    /// most [`PRUNE_LIMIT`] of them. The order itself goes with the last of them, when its deployment is closed for good
    /// and no commitment and no penalty waits. Refused when there is nothing to remove. Anyone may call.
    Prune { order_id: u64 },
    /// Replaces all parameters; running auctions keep their times. Governance only.
    UpdateParams { params: Params },
    /// Until then nothing begins: no order is opened, bid on, committed to, claimed or accepted, no offer posted or taken. All else goes
    /// on. At most [`MAX_PAUSE`] ahead, a later time is cut to it; one that has passed ends a pause. Nobody is punished for a claim
    /// window that began before the end of a pause. Governance only.
    Pause { until: u64 },
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
    /// Bids on an open-mode order, by provider, void ones included; on an order that needs several bidders, the first bid of each.
    #[returns(BidsResponse)]
    Bids {
        order_id: u64,
        start_after: Option<String>,
        limit: Option<u32>,
    },
    /// Commitments to a sealed order that are not revealed, by provider, those of earlier rounds included.
    #[returns(CommitmentsResponse)]
    Commitments {
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
    /// One standing offer, expired or not.
    #[returns(OfferResponse)]
    Offer { id: u64 },
    /// Standing offers in one denom, by id, of providers that are active and alive; none that has expired. For a group, those that sell
    /// what it asks for at no more than its maximum, each with its price and whether it can be taken now. `limit` counts the offers that
    /// are looked at: go on with `next` until it is absent.
    #[returns(OffersResponse)]
    Offers {
        denom: Denom,
        /// What is asked, as for a create.
        group: Option<GroupSpec>,
        /// How the group's provider may leave.
        exit: Option<Exit>,
        start_after: Option<u64>,
        limit: Option<u32>,
    },
    /// All offers of one provider, expired ones included, at most 16.
    #[returns(OffersResponse)]
    ProviderOffers { provider: String },
    /// What a provider's bids, leases and penalties lock in one denom, and what became of them: its reputation. Of a tenant, its own.
    #[returns(Lock)]
    Locked { provider: String, denom: Denom },
    /// Penalties that wait to be carried out, by order and number.
    #[returns(PenaltiesResponse)]
    Penalties {
        start_after: Option<(u64, u32)>,
        limit: Option<u32>,
    },
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
    /// Takes bids; a sealed order, commitments; a Dutch order, claims.
    Bidding,
    /// A sealed order: takes reveals.
    Revealing,
    /// A reservation that is decided, or looks for a provider at its start: nobody may claim before it.
    Reserved,
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
            Phase::Revealing => OrderPhase::Revealing,
            Phase::Reserved => OrderPhase::Reserved,
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
    /// What the best has locked, whole units; absent when it is not bound.
    pub bond: Option<Uint128>,
    /// Start of the bidding, or of a Dutch price's rise: in the future while a runner-up may claim first. Of a sealed auction in which all
    /// have revealed, the last reveal. 0 when no auction runs.
    pub opened_at: u64,
    /// Of a reservation that nobody has claimed yet: block time before which nobody may.
    pub starts_at: Option<u64>,
    /// When the present phase ends by itself, if it does.
    pub phase_ends_at: Option<u64>,
    pub round: u32,
    pub attempts: u32,
    /// Providers that may not serve it for now.
    pub excluded: Vec<ExclusionResponse>,
    /// Distinct bidders so far, where the mode counts them; of a sealed order, those that revealed.
    pub bidders: u32,
    /// Of a sealed order: how many have committed.
    pub commitments: u32,
    pub lease_id: Option<u64>,
    pub exit: Option<Exit>,
    /// Of a job: seconds that its next lease may last.
    pub duration: Option<u64>,
}

#[cw_serde]
pub struct ExclusionResponse {
    pub provider: Addr,
    /// Block time, seconds.
    pub until: u64,
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
pub struct CommitmentResponse {
    pub provider: Addr,
    pub commitment: Binary,
    /// Whole units, locked until it is revealed or taken back.
    pub bond: Uint128,
    /// The order's round it was made for.
    pub round: u32,
}

#[cw_serde]
pub struct CommitmentsResponse {
    pub commitments: Vec<CommitmentResponse>,
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
    /// The standing offer that it took.
    pub offer_id: Option<u64>,
    /// Its provider has given notice: block time from which it may leave without a penalty.
    pub leaves_at: Option<u64>,
    /// Of a job: block time at which it is over.
    pub until: Option<u64>,
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

#[cw_serde]
pub struct PenaltyResponse {
    pub order_id: u64,
    pub number: u32,
    pub provider: Addr,
    pub denom: Denom,
    /// Whole units, locked until then.
    pub bond: Uint128,
    /// Part of the bond that is forfeit, basis points. Twice as much, and twice again, for each fault within the 30 days before.
    pub bps: u32,
    pub reason: PenaltyReason,
    /// Who gets the caller's share.
    pub caller: Option<Addr>,
    /// Block time from which `slash` carries it out.
    pub due_at: u64,
}

#[cw_serde]
pub struct PenaltiesResponse {
    pub penalties: Vec<PenaltyResponse>,
}
