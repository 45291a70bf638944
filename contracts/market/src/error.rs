use cosmwasm_std::{Addr, StdError, Uint128};
use leasehold_api::RuleError;
use thiserror::Error;

#[derive(Error, Debug, PartialEq)]
pub enum ContractError {
    #[error(transparent)]
    Std(#[from] StdError),

    #[error(transparent)]
    Rule(#[from] RuleError),

    #[error("{sender} may not do this, only {allowed} may")]
    Unauthorized { sender: Addr, allowed: String },

    #[error("this message takes no funds, {denom} was sent")]
    FundsNotAllowed { denom: String },

    #[error("the market is paused until {until}: until then nothing begins")]
    Paused { until: u64 },

    #[error("order {id} does not exist")]
    OrderNotFound { id: u64 },

    #[error("order {id} is {status}, it must be {allowed}")]
    WrongStatus {
        id: u64,
        status: &'static str,
        allowed: &'static str,
    },

    #[error(
        "order {id} has had {leases} leases and cannot be opened again: create a new deployment"
    )]
    LeasesUsedUp { id: u64, leases: u32 },

    #[error("lease {id} does not exist")]
    LeaseNotFound { id: u64 },

    #[error("lease {id} ended already, reason {reason}")]
    LeaseEnded { id: u64, reason: &'static str },

    #[error("notice of lease {id} was given: it may be ended from {leaves_at} on")]
    NoticeGiven { id: u64, leaves_at: u64 },

    #[error("order {order} has no live bid of {provider}")]
    NoBid { order: u64, provider: Addr },

    #[error("offer {id} does not exist")]
    OfferNotFound { id: u64 },

    #[error("offer {id} expired at {expires_at}")]
    OfferExpired { id: u64, expires_at: u64 },

    #[error("offer {id} is in {offered}, the group is to be paid in {denom}")]
    OfferDenom {
        id: u64,
        offered: String,
        denom: String,
    },

    #[error("offer {id} concedes a notice of {notice} s and {compensation_bps} basis points of the bond, the group asks for more")]
    OfferExit {
        id: u64,
        notice: u64,
        compensation_bps: u32,
    },

    #[error(
        "offer {id} asks {rate} (scaled, per second) for the group, at most {most} is allowed"
    )]
    OfferTooDear {
        id: u64,
        rate: Uint128,
        most: Uint128,
    },

    #[error(
        "{provider} has {most} offers that have not expired, no more are allowed: withdraw one"
    )]
    TooManyOffers { provider: Addr, most: usize },

    #[error("order {order} has no commitment of {provider} that waits for its reveal")]
    NoCommitment { order: u64, provider: Addr },

    #[error("account {account} does not exist")]
    AccountNotFound { account: u64 },

    #[error("account {account} cannot pay {rate} (scaled, per second) more")]
    CannotPay { account: u64, rate: Uint128 },

    #[error("a bond of {needed} {denom} is required, {free} of the collateral is free")]
    InsufficientCollateral {
        denom: String,
        needed: Uint128,
        free: Uint128,
    },

    #[error("{provider} is not down: alive until {live_until}, last heartbeat at height {height}, no verdict of watchers against it")]
    NotDown {
        provider: Addr,
        live_until: u64,
        height: u64,
    },

    #[error("order {id} has no penalty {number} that waits to be carried out")]
    NoPenalty { id: u64, number: u32 },

    #[error("penalty {number} of order {id} may be carried out from {due_at} on")]
    NotDue { id: u64, number: u32, due_at: u64 },

    #[error("no winner of order {id} has let its claim window pass, and no leader is to be freed")]
    NothingDue { id: u64 },

    #[error("nothing of order {id} may be removed yet")]
    NothingToPrune { id: u64 },
}
