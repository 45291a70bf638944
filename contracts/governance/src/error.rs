use cosmwasm_std::{Addr, OverflowError, StdError, Uint128};
use leasehold_api::{Denom, RuleError};
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

    #[error("exactly one coin, of {expected}, must be sent; sent: {sent}")]
    WrongFunds { expected: String, sent: String },

    #[error("suite.governance is {given}, but this contract is {own}")]
    NotInSuite { given: Addr, own: Addr },

    #[error("{requested} asked for, {staked} is staked")]
    InsufficientStake { requested: Uint128, staked: Uint128 },

    #[error("{waiting} unstakings wait, at most {max} may: claim first")]
    TooManyUnstakings { waiting: usize, max: usize },

    #[error("{staker} has earned nothing that could be claimed")]
    NoRewards { staker: Addr },

    #[error("there is no stream {id} of the treasury that is not all paid")]
    NoSuchStream { id: u64 },

    #[error("stream {id} has earned nothing that is not paid")]
    NothingEarned { id: u64 },

    #[error("there are no expedited proposals: the parameters have no terms for them")]
    NotExpedited,

    #[error("{staker} has nothing to claim now, the next at {next:?}")]
    NothingToClaim { staker: Addr, next: Option<u64> },

    #[error(
        "`earliest` is not supported: voting starts at once and the timelock delays execution"
    )]
    EarliestNotSupported,

    #[error("message {index} is neither a bank nor a wasm message, or allows others to take tokens: it could commit what is owed beyond this transaction")]
    MessageNotAllowed { index: usize },

    #[error("there is no proposal {proposal_id}")]
    NoSuchProposal { proposal_id: u64 },

    #[error("proposal {proposal_id} is {phase}, {allowed} is required")]
    WrongPhase {
        proposal_id: u64,
        phase: &'static str,
        allowed: &'static str,
    },

    #[error("proposal {proposal_id} takes no votes any more")]
    VotingEnded { proposal_id: u64 },

    #[error("{voter} has voted on proposal {proposal_id} already")]
    AlreadyVoted { proposal_id: u64, voter: Addr },

    #[error("the messages leave {balance} of {denom}, but stakers and proposers are owed {owed}")]
    Insolvent {
        denom: Denom,
        balance: Uint128,
        owed: Uint128,
    },

    #[error(
        "what was agreed to has changed: to {query} the contract {contract} now answers {answer}"
    )]
    AnswerChanged {
        contract: String,
        query: String,
        answer: String,
    },

    #[error("height {asked} lies in the future, power is known up to {height}")]
    FutureHeight { asked: u64, height: u64 },

    #[error("the guardian has paused the market, and may again from {from} on")]
    PauseRests { from: u64 },

    #[error("reply {id} is unknown")]
    UnknownReply { id: u64 },
}

impl From<OverflowError> for ContractError {
    fn from(error: OverflowError) -> Self {
        ContractError::Std(error.into())
    }
}
