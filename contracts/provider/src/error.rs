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

    #[error("no coins were sent, at least one native coin is required")]
    NoFunds,

    #[error("{provider} is registered already")]
    AlreadyRegistered { provider: Addr },

    #[error("{provider} is not registered")]
    NotRegistered { provider: Addr },

    #[error("neither contact nor capability was given")]
    NothingToUpdate,

    #[error("{provider} is {standing}, {allowed} is required")]
    WrongStanding {
        provider: Addr,
        standing: &'static str,
        allowed: &'static str,
    },

    #[error("{requested} {denom} asked for, {free} are free: {locked} back bids and leases")]
    Locked {
        denom: String,
        requested: Uint128,
        free: Uint128,
        locked: Uint128,
    },

    #[error("{waiting} unbondings wait, at most {max} may: claim first")]
    TooManyUnbondings { waiting: usize, max: usize },

    #[error("{provider} has nothing to claim now, the next at {next:?}")]
    NothingToClaim { provider: Addr, next: Option<u64> },

    #[error("{denoms} denoms of collateral are left, all must be unbonded first")]
    CollateralLeft { denoms: usize },

    #[error("{count} recipients, at most {max} are allowed")]
    TooManyShares { count: usize, max: usize },

    #[error("none of these providers is silent and not counted yet")]
    NothingLapsed,

    #[error("reply {id} is unknown")]
    UnknownReply { id: u64 },
}
