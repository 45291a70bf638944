use cosmwasm_std::{Addr, Binary, OverflowError, StdError, Uint128};
use leasehold_api::RuleError;
use thiserror::Error;

#[derive(Error, Debug, PartialEq)]
pub enum ContractError {
    #[error(transparent)]
    Std(#[from] StdError),

    #[error(transparent)]
    Rule(#[from] RuleError),

    #[error(transparent)]
    Overflow(#[from] OverflowError),

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

    #[error("one coin of {expected} is required, {coins} coins were sent")]
    WrongFunds { expected: String, coins: usize },

    #[error("{member} is enrolled as {role} already: add to its bond instead")]
    Enrolled { member: Addr, role: &'static str },

    #[error("{member} has retired already, its bond can be withdrawn at {leaves_at}")]
    Retired { member: Addr, leaves_at: u64 },

    #[error("the word of {member} does not count here: it is jailed, retired, or counted already")]
    NotInGoodStanding { member: Addr },

    #[error("this is not a signature by {signer} of this {purpose} for this chain and registry")]
    WrongSignature { signer: Addr, purpose: String },

    #[error("card {commitment} is {provider}'s, as {auditor} found, until {until}")]
    DeviceTaken {
        commitment: Binary,
        provider: Addr,
        auditor: Addr,
        until: u64,
    },

    #[error("{max} attestations count already: only the provider itself may replace one")]
    TooManyAudits { max: usize },

    #[error("there is no live attestation, or no challenge, or one already")]
    NothingToChallenge,

    #[error("lease {lease_id} is not active")]
    NotActive { lease_id: u64 },

    #[error("lease {lease_id} is not watched")]
    NotWatched { lease_id: u64 },

    #[error("{watcher} is not on the panel of lease {lease_id} in round {round}")]
    NotOnPanel {
        watcher: Addr,
        lease_id: u64,
        round: u64,
    },

    #[error("lease {lease_id} has a verdict for round {round}: one a round, in their order")]
    AlreadyDecided { lease_id: u64, round: u64 },

    #[error("{parameter} cannot change once the registry runs")]
    Fixed { parameter: &'static str },

    #[error("reply {id} is unknown")]
    UnknownReply { id: u64 },
}
