use cosmwasm_std::{Addr, Storage};
use leasehold_api::provider::ExecuteMsg;
use leasehold_api::Suite;

use crate::state::SUITE;
use crate::ContractError;

/// Who may send a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Any account; it acts for itself only.
    Anyone,
    /// A registered provider, for itself: checked with its record in hand.
    Provider,
    /// A cw20 token that the provider has allowed: checked with the transfer in hand.
    Token,
    /// An auditor, for itself: checked with its record in hand.
    Auditor,
    /// A watcher, for itself: checked with its record in hand.
    Watcher,
    /// An auditor or a watcher, for itself: checked with its record in hand.
    Member,
    /// The deployment's present owner: checked with its record in hand.
    Tenant,
    /// Who pays for a watch, and anyone once its lease has ended: checked with both in hand.
    Payer,
    Market,
    Governance,
}

pub fn permission(msg: &ExecuteMsg) -> Permission {
    match msg {
        ExecuteMsg::Register { .. }
        | ExecuteMsg::Claim {}
        | ExecuteMsg::CountLapses { .. }
        | ExecuteMsg::Enrol { .. }
        | ExecuteMsg::Attest { .. }
        | ExecuteMsg::SubmitVerdict { .. }
        | ExecuteMsg::AccuseWatcher { .. } => Permission::Anyone,
        ExecuteMsg::RevokeAttestation { .. } | ExecuteMsg::ChallengeAttestation { .. } => {
            Permission::Auditor
        }
        ExecuteMsg::ClaimFees {} => Permission::Watcher,
        ExecuteMsg::AddToBond { .. }
        | ExecuteMsg::Retire { .. }
        | ExecuteMsg::WithdrawBond { .. } => Permission::Member,
        ExecuteMsg::WatchLease { .. } => Permission::Tenant,
        ExecuteMsg::UnwatchLease { .. } => Permission::Payer,
        ExecuteMsg::Update { .. }
        | ExecuteMsg::Heartbeat {}
        | ExecuteMsg::Bond {}
        | ExecuteMsg::AllowToken { .. }
        | ExecuteMsg::Unbond { .. }
        | ExecuteMsg::AnnounceMaintenance { .. }
        | ExecuteMsg::Drain {}
        | ExecuteMsg::Resume {}
        | ExecuteMsg::Leave {} => Permission::Provider,
        ExecuteMsg::Receive(_) => Permission::Token,
        ExecuteMsg::Slash { .. } | ExecuteMsg::Compensate { .. } => Permission::Market,
        ExecuteMsg::UpdateParams { .. }
        | ExecuteMsg::PayInsurance { .. }
        | ExecuteMsg::Judge { .. }
        | ExecuteMsg::UpholdChallenge { .. } => Permission::Governance,
    }
}

/// Whether native coins may come with a message.
pub fn takes_funds(msg: &ExecuteMsg) -> bool {
    matches!(
        msg,
        ExecuteMsg::Register { .. }
            | ExecuteMsg::Bond {}
            | ExecuteMsg::Enrol { .. }
            | ExecuteMsg::AddToBond { .. }
            | ExecuteMsg::ChallengeAttestation { .. }
            | ExecuteMsg::WatchLease { .. }
    )
}

/// Refuses a sender that is not the fixed address which `permission` asks for.
pub(crate) fn ensure(
    permission: Permission,
    storage: &dyn Storage,
    sender: &Addr,
) -> Result<(), ContractError> {
    let (name, peer): (_, fn(Suite<Addr>) -> Addr) = match permission {
        Permission::Anyone
        | Permission::Provider
        | Permission::Token
        | Permission::Auditor
        | Permission::Watcher
        | Permission::Member
        | Permission::Tenant
        | Permission::Payer => return Ok(()),
        Permission::Market => ("market", |suite| suite.market),
        Permission::Governance => ("governance", |suite| suite.governance),
    };
    let address = peer(SUITE.load(storage)?);
    if *sender == address {
        return Ok(());
    }
    Err(ContractError::Unauthorized {
        sender: sender.clone(),
        allowed: format!("{name} {address}"),
    })
}
