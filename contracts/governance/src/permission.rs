use cosmwasm_std::{Env, MessageInfo, StdResult, Storage};
use leasehold_api::governance::ExecuteMsg;

use crate::state::{CONFIG, PARAMS};
use crate::ContractError;

/// Who may send a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Any account; it acts for itself only.
    Anyone,
    /// Who had power at the start of the proposal's block: checked with the snapshot in hand.
    Voter,
    Guardian,
    /// Escrow, with the fees that it took.
    Escrow,
    /// The contract itself, by a proposal's messages.
    Governance,
}

pub fn permission(msg: &ExecuteMsg) -> Permission {
    match msg {
        ExecuteMsg::Stake {}
        | ExecuteMsg::Unstake { .. }
        | ExecuteMsg::Delegate { .. }
        | ExecuteMsg::Claim {}
        | ExecuteMsg::ClaimRewards { .. }
        | ExecuteMsg::ClaimStream { .. }
        | ExecuteMsg::Receive(_)
        | ExecuteMsg::Execute { .. }
        | ExecuteMsg::Close { .. } => Permission::Anyone,
        ExecuteMsg::Propose { .. } | ExecuteMsg::Vote { .. } => Permission::Voter,
        ExecuteMsg::Veto { .. } | ExecuteMsg::Pause {} => Permission::Guardian,
        ExecuteMsg::AddFees {} => Permission::Escrow,
        ExecuteMsg::Run { .. }
        | ExecuteMsg::UpdateParams { .. }
        | ExecuteMsg::StartStream { .. }
        | ExecuteMsg::StopStream { .. }
        | ExecuteMsg::Require { .. } => Permission::Governance,
    }
}

/// Whether native coins may come with a message.
pub fn takes_funds(msg: &ExecuteMsg) -> bool {
    matches!(
        msg,
        ExecuteMsg::Stake {} | ExecuteMsg::Propose { .. } | ExecuteMsg::AddFees {}
    )
}

/// Refuses a sender that is not the one address which the message asks for, and funds where none belong.
pub(crate) fn ensure(
    msg: &ExecuteMsg,
    info: &MessageInfo,
    env: &Env,
    storage: &dyn Storage,
) -> Result<(), ContractError> {
    let required = match permission(msg) {
        Permission::Anyone | Permission::Voter => None,
        Permission::Guardian => Some(("guardian", guardian(env, storage)?)),
        Permission::Escrow => Some(("escrow", Some(CONFIG.load(storage)?.suite.escrow.into()))),
        Permission::Governance => Some(("governance", Some(env.contract.address.to_string()))),
    };
    match (required, info.funds.first()) {
        (Some((role, address)), _) if address.as_deref() != Some(info.sender.as_str()) => {
            Err(ContractError::Unauthorized {
                sender: info.sender.clone(),
                allowed: format!("{role} {}", address.as_deref().unwrap_or("(there is none)")),
            })
        }
        (_, Some(coin)) if !takes_funds(msg) => Err(ContractError::FundsNotAllowed {
            denom: coin.denom.clone(),
        }),
        _ => Ok(()),
    }
}

/// Who is guardian now: one whose term has ended is none.
fn guardian(env: &Env, storage: &dyn Storage) -> StdResult<Option<String>> {
    let guardian = PARAMS.load(storage)?.guardian;
    let in_office = guardian.filter(|guardian| env.block.time.seconds() < guardian.until);
    Ok(in_office.map(|guardian| guardian.address))
}
