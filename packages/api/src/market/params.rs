//! The market's parameters.

use cosmwasm_schema::cw_serde;
use leasehold_rules::auction::{within, AuctionParams};
use leasehold_rules::money::BPS;

use super::Exit;
use crate::{RuleError, SlashShares};

#[cw_serde]
pub struct Params {
    pub auction: AuctionParams,
    /// Rent that a bid and a lease lock as bond, seconds at their rate. 1 to 2 592 000.
    pub bond_seconds: u64,
    /// Part of the bond that a provider loses when it falls silent, basis points. 0 to 10 000.
    pub down_slash_bps: u32,
    /// … when it wins and does not claim.
    pub no_show_slash_bps: u32,
    /// … when it ends a lease itself.
    pub quit_slash_bps: u32,
    /// … of a commitment's bond, when it does not reveal what it committed to.
    pub no_reveal_slash_bps: u32,
    /// How a slash is divided; insurance takes the rest.
    pub slash_shares: SlashShares,
    /// Blocks that must pass without a heartbeat, besides the time, before a provider counts as down. 0 to 10 000. About two thirds of the
    /// blocks in a grace: fewer, and after a halt of the chain who beat in time may be failed over before its next heartbeat; more, and
    /// a dead provider keeps its lease for longer than the grace.
    pub lapse_blocks: u64,
    /// Leases that one round may have before the group pauses. 1 to 8.
    pub max_attempts: u32,
    /// Seconds for which a provider whose lease ended may not serve the order again in that round. 0 to 2 592 000.
    pub exclusion: u64,
    /// Seconds from a fault to its slash, 0 to 604 800: time in which an outage of many shows, for which nobody is slashed. At least
    /// twice the registry's `lapse_window`.
    pub penalty_delay: u64,
    /// Notice that a provider gives on an order that names none, seconds. 0 to 2 592 000.
    pub notice: u64,
    /// Seconds after running dry from which either side may end the lease as unfunded. 0 to 2 592 000.
    pub resume_window: u64,
}

impl Params {
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the parameter, its value and what is allowed.
    pub fn validate(&self) -> Result<(), RuleError> {
        const MONTH: u64 = 2_592_000;
        self.auction.validate()?;
        self.slash_shares.validate()?;
        within("bond_seconds", self.bond_seconds, 1..=MONTH)?;
        within("lapse_blocks", self.lapse_blocks, 0..=10_000)?;
        within("max_attempts", self.max_attempts, 1..=8)?;
        within("exclusion", self.exclusion, 0..=MONTH)?;
        within("resume_window", self.resume_window, 0..=MONTH)?;
        within("notice", self.notice, 0..=MONTH)?;
        within("penalty_delay", self.penalty_delay, 0..=604_800)?;
        let parts = [
            ("down_slash_bps", self.down_slash_bps),
            ("no_show_slash_bps", self.no_show_slash_bps),
            ("quit_slash_bps", self.quit_slash_bps),
            ("no_reveal_slash_bps", self.no_reveal_slash_bps),
        ];
        for (name, bps) in parts {
            within(name, u128::from(bps), 0..=BPS)?;
        }
        Ok(())
    }

    /// The exit that is meant where none is named.
    pub fn exit(&self, named: Option<Exit>) -> Exit {
        named.unwrap_or(Exit {
            notice: self.notice,
            compensation_bps: 0,
        })
    }
}

/// Serde of the stored parameters: their numbers as a list, read with every message and so without names.
pub mod stored_params {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{AuctionParams, Params, SlashShares};

    type Stored = (Times, u64, [u32; 4], [u32; 2], u64, u32, [u64; 4]);
    type Times = (u64, u64, u64, u64, u32, u64, u64, u64, u64);

    pub fn serialize<S: Serializer>(params: &Params, serializer: S) -> Result<S::Ok, S::Error> {
        let a = &params.auction;
        let stored: Stored = (
            (
                a.bidding,
                a.extension,
                a.hard_close,
                a.min_blocks,
                a.min_decrement_bps,
                a.claim_window,
                a.ramp,
                a.commit,
                a.reveal,
            ),
            params.bond_seconds,
            [
                params.down_slash_bps,
                params.no_show_slash_bps,
                params.quit_slash_bps,
                params.no_reveal_slash_bps,
            ],
            [
                params.slash_shares.tenant_bps,
                params.slash_shares.caller_bps,
            ],
            params.lapse_blocks,
            params.max_attempts,
            [
                params.penalty_delay,
                params.notice,
                params.resume_window,
                params.exclusion,
            ],
        );
        stored.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Params, D::Error> {
        let (
            (
                bidding,
                extension,
                hard_close,
                min_blocks,
                min_decrement_bps,
                claim_window,
                ramp,
                commit,
                reveal,
            ),
            bond_seconds,
            [down_slash_bps, no_show_slash_bps, quit_slash_bps, no_reveal_slash_bps],
            [tenant_bps, caller_bps],
            lapse_blocks,
            max_attempts,
            [penalty_delay, notice, resume_window, exclusion],
        ) = Stored::deserialize(deserializer)?;
        Ok(Params {
            auction: AuctionParams {
                bidding,
                extension,
                hard_close,
                min_blocks,
                min_decrement_bps,
                claim_window,
                ramp,
                commit,
                reveal,
            },
            bond_seconds,
            down_slash_bps,
            no_show_slash_bps,
            quit_slash_bps,
            no_reveal_slash_bps,
            slash_shares: SlashShares {
                tenant_bps,
                caller_bps,
            },
            lapse_blocks,
            max_attempts,
            exclusion,
            penalty_delay,
            notice,
            resume_window,
        })
    }
}
