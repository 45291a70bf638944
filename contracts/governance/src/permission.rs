use cosmwasm_std::{Addr, MessageInfo};
use leasehold_api::governance::{ExecuteMsg, Params};

use crate::ContractError;

/// Who may send a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Any account; it acts for itself only.
    Anyone,
    /// Who had power at the start of the proposal's block: checked with the snapshot in hand.
    Voter,
    Guardian,
    /// The contract itself, by a proposal's messages.
    Governance,
}

pub fn permission(msg: &ExecuteMsg) -> Permission {
    match msg {
        ExecuteMsg::Stake {}
        | ExecuteMsg::Unstake { .. }
        | ExecuteMsg::Claim {}
        | ExecuteMsg::Execute { .. }
        | ExecuteMsg::Close { .. } => Permission::Anyone,
        ExecuteMsg::Propose { .. } | ExecuteMsg::Vote { .. } => Permission::Voter,
        ExecuteMsg::Veto { .. } => Permission::Guardian,
        ExecuteMsg::Run { .. } | ExecuteMsg::UpdateParams { .. } | ExecuteMsg::Require { .. } => {
            Permission::Governance
        }
    }
}

/// Whether native coins may come with a message.
pub fn takes_funds(msg: &ExecuteMsg) -> bool {
    matches!(msg, ExecuteMsg::Stake {} | ExecuteMsg::Propose { .. })
}

/// Refuses a sender that is not the one address which the message asks for, and funds where none belong.
pub(crate) fn ensure(
    msg: &ExecuteMsg,
    info: &MessageInfo,
    own: &Addr,
    params: &Params,
) -> Result<(), ContractError> {
    let required = match permission(msg) {
        Permission::Anyone | Permission::Voter => None,
        Permission::Guardian => Some(("guardian", params.guardian.as_deref())),
        Permission::Governance => Some(("governance", Some(own.as_str()))),
    };
    match (required, info.funds.first()) {
        (Some((role, address)), _) if address != Some(info.sender.as_str()) => {
            Err(ContractError::Unauthorized {
                sender: info.sender.clone(),
                allowed: format!("{role} {}", address.unwrap_or("(there is none)")),
            })
        }
        (_, Some(coin)) if !takes_funds(msg) => Err(ContractError::FundsNotAllowed {
            denom: coin.denom.clone(),
        }),
        _ => Ok(()),
    }
}
