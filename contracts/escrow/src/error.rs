use cosmwasm_std::{Addr, StdError, Uint128};
use leasehold_api::{Denom, RuleError};
use thiserror::Error;

/// Why escrow refused a message. Nothing has been written when one of these is returned.
#[derive(Error, Debug, PartialEq)]
pub enum ContractError {
    #[error(transparent)]
    Std(#[from] StdError),

    #[error(transparent)]
    Rule(#[from] RuleError),

    #[error("{sender} may not {action}: only {allowed} may")]
    Unauthorized {
        sender: Addr,
        action: &'static str,
        allowed: String,
    },

    #[error("{action} takes no funds, but {amount} {denom} came along")]
    NonPayable {
        action: &'static str,
        denom: String,
        amount: Uint128,
    },

    #[error("a deposit of nothing: exactly one coin above zero is expected")]
    NoFunds,

    #[error("{count} denoms came along, exactly one is expected")]
    ManyDenoms { count: usize },

    #[error("the account holds {expected}, not {sent}")]
    WrongDenom { expected: Denom, sent: Denom },

    #[error(
        "{denom:?} is no bank denom: a letter, then 2 to 127 letters, digits or any of / : . _ -"
    )]
    MalformedDenom { denom: String },

    #[error("account {id} does not exist")]
    AccountNotFound { id: u64 },

    #[error("account {id} belongs to {owner}, not to {claimed}")]
    NotTheOwner { id: u64, owner: Addr, claimed: Addr },

    #[error("account {account} draws on no allowance")]
    AllowanceNotFound { account: u64 },

    #[error("money cannot move from account {id} to itself")]
    SameAccount { id: u64 },

    #[error("stream {id} does not exist")]
    StreamNotFound { id: u64 },

    #[error("stream {id} is open already")]
    StreamExists { id: u64 },

    #[error("order {order} holds nothing of an account")]
    HoldNotFound { order: u64 },

    #[error("order {order} holds money of an account already")]
    HoldExists { order: u64 },

    #[error("{payee} is not a registered provider")]
    PayeeNotRegistered { payee: Addr },

    #[error("withdrawal of {amount}, allowed: 1 to {withdrawable}, so that the minimum runway stays in the account")]
    Withdrawal {
        amount: Uint128,
        withdrawable: Uint128,
    },

    #[error("the packet came to port {port}, not to the transfer module")]
    NotATransfer { port: String },

    #[error("the transfer failed: {error}")]
    TransferFailed { error: String },

    #[error("the transfer went to {receiver}, not to escrow")]
    WrongReceiver { receiver: String },

    #[error("the transfer's {what} is malformed: {reason}")]
    MalformedTransfer { what: &'static str, reason: String },

    #[error("{count} streams in one collect, allowed: 1 to {max}")]
    CollectSize { count: usize, max: usize },

    #[error("stream {id} is named twice in one collect")]
    CollectTwice { id: u64 },

    #[error("no payment of {denom} waits for {payee}")]
    NothingUnpaid { payee: Addr, denom: Denom },

    #[error("no submessage of escrow answers under id {id}")]
    UnknownReply { id: u64 },

    #[error("no fees of {denom} to sweep")]
    NoFees { denom: Denom },
}
