use leasehold_api::deployment::ExecuteMsg;

/// Who may send a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Any account; it acts for itself only.
    Anyone,
    /// The deployment's owner: checked by `state::owned`, with the record in hand.
    Owner,
    /// The lease's provider: checked by the market, which keeps the lease.
    Holder,
}

pub fn permission(msg: &ExecuteMsg) -> Permission {
    match msg {
        ExecuteMsg::Create { .. } | ExecuteMsg::Prune { .. } => Permission::Anyone,
        ExecuteMsg::Update { .. }
        | ExecuteMsg::Close { .. }
        | ExecuteMsg::PauseGroup { .. }
        | ExecuteMsg::StartGroup { .. }
        | ExecuteMsg::ProposeChange { .. }
        | ExecuteMsg::WithdrawChange { .. }
        | ExecuteMsg::Transfer { .. } => Permission::Owner,
        ExecuteMsg::AcceptChange { .. } => Permission::Holder,
    }
}

/// Whether native coins may come with a message.
pub fn takes_funds(msg: &ExecuteMsg) -> bool {
    matches!(msg, ExecuteMsg::Create { .. })
}
