use cosmwasm_std::{Addr, Checksum, StdError, Uint128};
use leasehold_api::RuleError;
use thiserror::Error;

#[derive(Error, Debug, PartialEq)]
pub enum ContractError {
    #[error(transparent)]
    Std(#[from] StdError),

    #[error(transparent)]
    Rule(#[from] RuleError),

    #[error("{sender} may not do this, only the owner {owner} may")]
    Unauthorized { sender: Addr, owner: Addr },

    #[error("this message takes no funds, {denom} was sent")]
    FundsNotAllowed { denom: String },

    #[error("[{sent}] was sent, one coin of {denom} is allowed")]
    WrongFunds { sent: String, denom: String },

    #[error("no coin was sent: a new account needs one of {denom}")]
    NoFunds { denom: String },

    #[error("{denom} cannot be sent along: open an account at escrow first and name it")]
    AccountRequired { denom: String },

    #[error("account {account} does not exist")]
    NoSuchAccount { account: u64 },

    #[error("account {account} belongs to {owner}, {sender} cannot hand it over")]
    NotYourAccount {
        account: u64,
        owner: Addr,
        sender: Addr,
    },

    #[error("account {account} holds {held}, the deployment is to be paid in {denom}")]
    WrongDenom {
        account: u64,
        held: String,
        denom: String,
    },

    #[error("account {account} pays for {leases} leases of other deployments: it can be handed over only without them")]
    AccountShared { account: u64, leases: u32 },

    #[error("account {account} holds {balance} and {sent} was sent, {needed} is required: {runway} s at the maximum price, of jobs all of it")]
    Underfunded {
        account: u64,
        balance: Uint128,
        sent: Uint128,
        needed: Uint128,
        runway: u64,
    },

    #[error("the manifest hash has {length} bytes, 32 are required")]
    HashLength { length: usize },

    #[error("deployment {id} has this manifest hash already")]
    SameHash { id: u64 },

    #[error("auditor {auditor:?} is no address: {reason}")]
    Auditor { auditor: String, reason: String },

    #[error("deployment {id} does not exist")]
    NoSuchDeployment { id: u64 },

    #[error("deployment {id} has no group {group}, only 0 to {last}")]
    NoSuchGroup { id: u64, group: u32, last: usize },

    #[error("deployment {id} is closed for good")]
    Closed { id: u64 },

    #[error("deployment {id} is open: what has not ended stays")]
    StillOpen { id: u64 },

    #[error("the market still keeps order {order} of deployment {id}: prune it there first, 30 days after its end")]
    OrderKept { id: u64, order: u64 },

    #[error("group {group} of deployment {id} is paused already")]
    GroupPaused { id: u64, group: u32 },

    #[error("group {group} of deployment {id} is on the market already")]
    GroupRunning { id: u64, group: u32 },

    #[error("group {group} of deployment {id} has no lease to change")]
    NotLeased { id: u64, group: u32 },

    #[error("no change of group {group} of deployment {id} is proposed")]
    NoChange { id: u64, group: u32 },

    #[error("the change proposed now is {proposed}, not {named}: look at it before accepting it")]
    OtherChange { named: Checksum, proposed: Checksum },

    #[error("the proposal expired at {expired_at}")]
    ChangeExpired { expired_at: u64 },

    #[error("{owner} owns deployment {id} already")]
    SameOwner { id: u64, owner: Addr },
}
