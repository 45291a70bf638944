//! What is known of a proposal beyond cw3.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use super::RefundPolicy;

/// Derived from the votes and block time; never scheduled. cw3's status is coarser: see [`ProposalPhase::cw3`].
#[cw_serde]
#[derive(Copy, Eq)]
pub enum ProposalPhase {
    /// Takes votes and is undecided, or within the minimum voting period.
    Open,
    /// Did not pass; may be closed.
    Rejected,
    /// Passed; the guardian may veto.
    Timelocked,
    /// Passed; anyone may execute.
    Executable,
    /// Passed and was not executed in time; may be closed.
    Lapsed,
    Executed,
    Vetoed,
    Closed,
}

impl ProposalPhase {
    pub fn as_str(&self) -> &'static str {
        match self {
            ProposalPhase::Open => "open",
            ProposalPhase::Rejected => "rejected",
            ProposalPhase::Timelocked => "timelocked",
            ProposalPhase::Executable => "executable",
            ProposalPhase::Lapsed => "lapsed",
            ProposalPhase::Executed => "executed",
            ProposalPhase::Vetoed => "vetoed",
            ProposalPhase::Closed => "closed",
        }
    }

    /// The status that a cw3 client sees.
    pub fn cw3(&self) -> cw3::Status {
        match self {
            ProposalPhase::Open => cw3::Status::Open,
            ProposalPhase::Timelocked | ProposalPhase::Executable => cw3::Status::Passed,
            ProposalPhase::Executed => cw3::Status::Executed,
            ProposalPhase::Rejected
            | ProposalPhase::Lapsed
            | ProposalPhase::Vetoed
            | ProposalPhase::Closed => cw3::Status::Rejected,
        }
    }
}

/// Votes as stake.
#[cw_serde]
#[derive(Default, Copy, Eq)]
pub struct Tally {
    pub yes: Uint128,
    pub no: Uint128,
    pub abstain: Uint128,
    pub veto: Uint128,
}

/// The latest execution that failed; nothing of it was kept.
#[cw_serde]
pub struct Failure {
    pub at: u64,
    /// What the chain told; on a live chain a code only.
    pub error: String,
}

#[cw_serde]
pub struct ProposalStatusResponse {
    pub proposal_id: u64,
    pub phase: ProposalPhase,
    pub tally: Tally,
    /// Block whose start fixes everybody's power.
    pub start_height: u64,
    pub total_power: Uint128,
    pub opened_at: u64,
    /// Block time before which it cannot pass.
    pub passes_from: u64,
    /// Block time at which voting ends.
    pub expires_at: u64,
    /// Block time at which it passed, as far as votes and time tell now.
    pub passed_at: Option<u64>,
    /// End of the timelock.
    pub executable_from: Option<u64>,
    /// Block time from which it can no longer be executed.
    pub lapses_at: Option<u64>,
    pub deposit: Uint128,
    pub refund: RefundPolicy,
    pub failure: Option<Failure>,
}
