use cosmwasm_std::Addr;
use leasehold_api::market::ExecuteMsg;
use leasehold_api::Suite;

use crate::ContractError;

/// Who may send a message. None takes funds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    Anyone,
    /// A registered provider, for itself: checked with its record in hand.
    Provider,
    /// The provider that made the bid or the commitment: checked with it in hand.
    Bidder,
    /// The provider that posted the offer: checked with the offer in hand.
    Seller,
    /// The deployment's present owner: checked with its record in hand.
    Tenant,
    /// The lease's provider or the deployment's present owner, and anyone once a job is over: checked with the lease in hand.
    Party,
    /// The lease's provider: checked with the lease in hand.
    Holder,
    Deployment,
    Governance,
}

pub fn permission(msg: &ExecuteMsg) -> Permission {
    match msg {
        ExecuteMsg::OpenOrder { .. }
        | ExecuteMsg::CloseOrder { .. }
        | ExecuteMsg::ChangeLease { .. } => Permission::Deployment,
        ExecuteMsg::Bid { .. }
        | ExecuteMsg::Commit { .. }
        | ExecuteMsg::Claim { .. }
        | ExecuteMsg::PostOffer { .. } => Permission::Provider,
        ExecuteMsg::Reveal { .. } | ExecuteMsg::WithdrawBid { .. } => Permission::Bidder,
        ExecuteMsg::UpdateOffer { .. } | ExecuteMsg::WithdrawOffer { .. } => Permission::Seller,
        ExecuteMsg::Accept { .. } => Permission::Tenant,
        ExecuteMsg::EndLease { .. } => Permission::Party,
        ExecuteMsg::GiveNotice { .. } => Permission::Holder,
        ExecuteMsg::Failover { .. }
        | ExecuteMsg::Expire { .. }
        | ExecuteMsg::Slash { .. }
        | ExecuteMsg::Prune { .. } => Permission::Anyone,
        ExecuteMsg::UpdateParams { .. } | ExecuteMsg::Pause { .. } => Permission::Governance,
    }
}

/// Refuses a sender that is not the fixed address which `permission` asks for.
pub(crate) fn ensure(
    permission: Permission,
    suite: &Suite<Addr>,
    sender: &Addr,
) -> Result<(), ContractError> {
    let (name, address) = match permission {
        Permission::Anyone
        | Permission::Provider
        | Permission::Bidder
        | Permission::Seller
        | Permission::Tenant
        | Permission::Party
        | Permission::Holder => return Ok(()),
        Permission::Deployment => ("deployment", &suite.deployment),
        Permission::Governance => ("governance", &suite.governance),
    };
    if sender == address {
        return Ok(());
    }
    Err(unauthorized(sender, format!("{name} {address}")))
}

pub(crate) fn unauthorized(sender: &Addr, allowed: impl Into<String>) -> ContractError {
    ContractError::Unauthorized {
        sender: sender.clone(),
        allowed: allowed.into(),
    }
}
