use cosmwasm_std::{Addr, StdError};
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

    #[error("account {account} holds {held}, the deployment is to be paid in {denom}")]
    WrongDenom {
        account: u64,
        held: String,
        denom: String,
    },

    #[error("account {account} pays for {deployments} open deployments, it can be handed over only while it pays for one")]
    AccountShared { account: u64, deployments: u32 },

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

    #[error("group {group} of deployment {id} is paused already")]
    GroupPaused { id: u64, group: u32 },

    #[error("group {group} of deployment {id} is on the market already")]
    GroupRunning { id: u64, group: u32 },

    #[error("{owner} owns deployment {id} already")]
    SameOwner { id: u64, owner: Addr },
}
