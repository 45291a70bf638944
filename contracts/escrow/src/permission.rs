//! Who may send what: one row per message, checked before the handler runs.

use cosmwasm_std::{Addr, MessageInfo};
use leasehold_api::escrow::ExecuteMsg;
use leasehold_api::Suite;

use crate::ContractError;

/// Who may send a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    Anyone,
    /// The account's owner; checked by the handler, which has the account.
    Owner,
    /// The spender of the drawn account's allowance; checked by the handler, which has the allowance.
    Spender,
    /// The account's own cw20 token; checked by the handler, which has the account.
    Token,
    Market,
    Deployment,
    Governance,
}

/// A message's row in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub action: &'static str,
    pub permission: Permission,
    /// Whether native coins may come along.
    pub payable: bool,
}

/// The table. Frozen by `tests/permissions.txt`.
pub fn rule(msg: &ExecuteMsg) -> Rule {
    use Permission::*;
    let (action, permission, payable) = match msg {
        ExecuteMsg::Open { .. } => ("open", Anyone, true),
        ExecuteMsg::Deposit { .. } => ("deposit", Anyone, true),
        ExecuteMsg::Receive(_) => ("receive", Token, false),
        ExecuteMsg::Withdraw { .. } => ("withdraw", Owner, false),
        ExecuteMsg::Move { .. } => ("move", Owner, false),
        ExecuteMsg::Allow { .. } => ("allow", Owner, false),
        ExecuteMsg::Adjust { .. } => ("adjust", Owner, false),
        ExecuteMsg::Revoke { .. } => ("revoke", Owner, false),
        ExecuteMsg::Draw { .. } => ("draw", Spender, false),
        ExecuteMsg::TopUp { .. } => ("top_up", Anyone, false),
        ExecuteMsg::Settle { .. } => ("settle", Anyone, false),
        ExecuteMsg::Collect { .. } => ("collect", Anyone, false),
        ExecuteMsg::ClaimUnpaid { .. } => ("claim_unpaid", Anyone, false),
        ExecuteMsg::SweepFees { .. } => ("sweep_fees", Anyone, false),
        ExecuteMsg::OpenStream { .. } => ("open_stream", Market, false),
        ExecuteMsg::RepriceStream { .. } => ("reprice_stream", Market, false),
        ExecuteMsg::CloseStream { .. } => ("close_stream", Market, false),
        ExecuteMsg::TransferAccount { .. } => ("transfer_account", Deployment, false),
        ExecuteMsg::UpdateParams { .. } => ("update_params", Governance, false),
    };
    Rule {
        action,
        permission,
        payable,
    }
}

impl Rule {
    /// Refuses a sender other than the peer that the table names, and funds where none are taken.
    ///
    /// # Errors
    /// [`ContractError::Unauthorized`]; [`ContractError::NonPayable`].
    pub fn check(&self, suite: &Suite<Addr>, info: &MessageInfo) -> Result<(), ContractError> {
        let peer = match self.permission {
            Permission::Anyone | Permission::Owner | Permission::Spender | Permission::Token => {
                None
            }
            Permission::Market => Some(("the market", &suite.market)),
            Permission::Deployment => Some(("the deployment contract", &suite.deployment)),
            Permission::Governance => Some(("governance", &suite.governance)),
        };
        if let Some((name, address)) = peer.filter(|(_, address)| **address != info.sender) {
            return Err(ContractError::Unauthorized {
                sender: info.sender.clone(),
                action: self.action,
                allowed: format!("{name} ({address})"),
            });
        }
        match info.funds.first() {
            Some(coin) if !self.payable => Err(ContractError::NonPayable {
                action: self.action,
                denom: coin.denom.clone(),
                amount: coin.amount,
            }),
            _ => Ok(()),
        }
    }
}
