//! The parameters of governance.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;
use cw_utils::Threshold;

use crate::Denom;

#[cw_serde]
pub struct Params {
    /// What passes: `threshold_quorum` or `absolute_percentage`. Threshold 0.5 to 1 (a tie passes at 0.5), quorum above 0 to 1.
    pub threshold: Threshold,
    /// Seconds for which a proposal takes votes. 1 to 2 592 000.
    pub voting_period: u64,
    /// Seconds before which no proposal passes, whatever its votes. 0 to `voting_period`.
    pub min_voting_period: u64,
    /// Seconds between passing and execution; the guardian may veto within. 0 to 2 592 000.
    pub timelock: u64,
    /// For proposals that are to be decided faster, by a larger majority. Without it there are none.
    pub expedited: Option<Expedited>,
    /// Seconds after the timelock in which a passed proposal may be executed; then it lapses. 10 to 7 776 000.
    pub execution_window: u64,
    /// Seconds between unstaking and payment. 1 to 7 776 000.
    pub unbonding: u64,
    /// Paid with a proposal, in the stake denom. Zero: none.
    pub deposit: Uint128,
    /// Who gets a deposit back. What is not paid back is treasury.
    pub refund: RefundPolicy,
    /// Part of each fee that stakers earn, in basis points, rounded down; the rest is treasury. 0 to 10 000.
    pub staker_bps: u32,
    /// Denoms in which stakers earn; fees in others are treasury. Each once, at most 8 together with those in which they ever earned.
    pub reward_denoms: Vec<Denom>,
    /// Who may veto a passed proposal within its timelock and pause the market, for as long.
    pub guardian: Option<Guardian>,
    /// Seconds for which the guardian pauses the market. 1 to 604 800.
    pub pause_seconds: u64,
    /// Seconds after a pause before which the guardian may not pause again. `pause_seconds` to 31 536 000.
    pub pause_rest: u64,
}

#[cw_serde]
pub struct Expedited {
    /// A share above the usual one, of at least the same quorum; `absolute_percentage` where that is usual.
    pub threshold: Threshold,
    /// Seconds, 1 to the usual. It passes no earlier than after this or the minimum, whichever is shorter.
    pub voting_period: u64,
    /// Seconds, 0 to the usual.
    pub timelock: u64,
}

#[cw_serde]
pub struct Guardian {
    pub address: String,
    /// Block time from which it is none any more; when it is set, at most 31 536 000 s (a year) ahead.
    pub until: u64,
}

#[cw_serde]
#[derive(Copy, Eq)]
pub enum RefundPolicy {
    /// Every proposer.
    Always,
    /// Whose proposal passed the vote and was not vetoed.
    OnlyPassed,
    /// Nobody.
    Never,
}
