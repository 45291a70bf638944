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
    Market,
    Governance,
}

pub fn permission(msg: &ExecuteMsg) -> Permission {
    match msg {
        ExecuteMsg::Register { .. } | ExecuteMsg::Claim {} | ExecuteMsg::CountLapses { .. } => {
            Permission::Anyone
        }
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
        ExecuteMsg::UpdateParams { .. } | ExecuteMsg::PayInsurance { .. } => Permission::Governance,
    }
}

/// Whether native coins may come with a message.
pub fn takes_funds(msg: &ExecuteMsg) -> bool {
    matches!(msg, ExecuteMsg::Register { .. } | ExecuteMsg::Bond {})
}

/// Refuses a sender that is not the fixed address which `permission` asks for.
pub(crate) fn ensure(
    permission: Permission,
    storage: &dyn Storage,
    sender: &Addr,
) -> Result<(), ContractError> {
    let (name, peer): (_, fn(Suite<Addr>) -> Addr) = match permission {
        Permission::Anyone | Permission::Provider | Permission::Token => return Ok(()),
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
