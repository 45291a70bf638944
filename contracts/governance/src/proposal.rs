//! A proposal's life as a pure function of its votes and block time.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, CosmosMsg, Uint128};
use cw_utils::Threshold;
use leasehold_api::governance::{ProposalPhase, RefundPolicy, Tally};
use leasehold_api::RuleError;

use crate::ballot::decide;

/// What a proposal says. Written once, apart from [`Proposal`], so that a vote does not rewrite it.
#[cw_serde]
pub struct Content {
    pub title: String,
    pub description: String,
    pub msgs: Vec<CosmosMsg>,
}

/// What becomes of a proposal. The terms are those of the moment when it was opened.
#[cw_serde]
pub struct Proposal {
    pub proposer: Addr,
    pub start_height: u64,
    pub total_power: Uint128,
    pub opened_at: u64,
    pub passes_from: u64,
    pub expires_at: u64,
    pub timelock: u64,
    pub execution_window: u64,
    pub threshold: Threshold,
    pub tally: Tally,
    /// Time of the vote after which no other could stop it.
    pub decided_at: Option<u64>,
    pub deposit: Uint128,
    pub refund: RefundPolicy,
    pub ended: Option<Ended>,
}

#[cw_serde]
#[derive(Copy, Eq)]
pub enum Ended {
    Executed,
    Vetoed,
    Closed,
}

/// What the votes say at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Open,
    Rejected,
    PassedAt(u64),
}

impl Proposal {
    pub fn phase(&self, now: u64) -> Result<ProposalPhase, RuleError> {
        Ok(match (self.ended, self.verdict(now)?) {
            (Some(Ended::Executed), _) => ProposalPhase::Executed,
            (Some(Ended::Vetoed), _) => ProposalPhase::Vetoed,
            (Some(Ended::Closed), _) => ProposalPhase::Closed,
            (None, Verdict::Open) => ProposalPhase::Open,
            (None, Verdict::Rejected) => ProposalPhase::Rejected,
            (None, Verdict::PassedAt(at)) if now < self.unlocks_at(at) => ProposalPhase::Timelocked,
            (None, Verdict::PassedAt(at)) if now < self.lapses_at(at) => ProposalPhase::Executable,
            (None, Verdict::PassedAt(_)) => ProposalPhase::Lapsed,
        })
    }

    /// Block time at which it passed, if it did by `now`.
    pub fn passed_at(&self, now: u64) -> Result<Option<u64>, RuleError> {
        Ok(match self.verdict(now)? {
            Verdict::PassedAt(at) => Some(at),
            Verdict::Open | Verdict::Rejected => None,
        })
    }

    /// First second after the timelock of a proposal that passed at `passed_at`.
    pub fn unlocks_at(&self, passed_at: u64) -> u64 {
        passed_at.saturating_add(self.timelock)
    }

    /// First second after its execution window.
    pub fn lapses_at(&self, passed_at: u64) -> u64 {
        self.unlocks_at(passed_at)
            .saturating_add(self.execution_window)
    }

    /// Whether the proposer gets the deposit back, once the proposal ended.
    pub fn refunds(&self, now: u64) -> Result<bool, RuleError> {
        Ok(match self.refund {
            RefundPolicy::Always => true,
            RefundPolicy::Never => false,
            RefundPolicy::OnlyPassed => {
                self.ended != Some(Ended::Vetoed) && self.passed_at(now)?.is_some()
            }
        })
    }

    fn verdict(&self, now: u64) -> Result<Verdict, RuleError> {
        let closed = now >= self.expires_at;
        let passed_at = self
            .decided_at
            .map_or(self.expires_at, |at| at.max(self.passes_from));
        Ok(
            match decide(&self.tally, self.total_power, &self.threshold, closed)? {
                Some(true) if now >= passed_at => Verdict::PassedAt(passed_at),
                Some(false) => Verdict::Rejected,
                Some(true) | None => Verdict::Open,
            },
        )
    }
}

#[cfg(test)]
mod tests;
