//! What a group is ordered on, besides what it asks for and the most it may cost.

use cosmwasm_schema::cw_serde;
use leasehold_rules::auction::within;
use leasehold_rules::money::BPS;
use leasehold_rules::resources::MAX_DURATION;

use crate::{AuctionMode, RuleError};

#[cw_serde]
pub struct Terms {
    /// How its provider is found.
    pub auction: AuctionMode,
    /// How its provider may leave. Absent: with the market's default notice, at no cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<Exit>,
    /// Its lease is a job: paid ahead for this long, over by itself after it, seconds. Absent: it runs until somebody ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_duration: Option<u64>,
    /// Makes it a reservation: the winner is found now and bound, and claims from this block time on. Absent, or past: it starts when it is
    /// found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<u64>,
}

impl Terms {
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the field.
    pub fn validate(&self) -> Result<(), RuleError> {
        if let Some(exit) = &self.exit {
            exit.validate()?;
        }
        within(
            "max_duration",
            self.max_duration.unwrap_or(1),
            1..=MAX_DURATION,
        )
    }
}

/// How a provider may leave a lease before its end: first it gives notice, then it serves on until the notice has passed. A long notice
/// is what Akash calls reclamation; a short one with a compensation makes the lease a spot lease. Leaving without notice is a fault.
#[cw_serde]
#[derive(Copy, Eq, PartialOrd, Ord)]
pub struct Exit {
    /// Seconds between the notice and the earliest end, 0 to 2 592 000.
    pub notice: u64,
    /// Part of the bond that the tenant gets when the provider leaves, basis points, 0 to 10 000.
    pub compensation_bps: u32,
}

impl Exit {
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the field.
    pub fn validate(&self) -> Result<(), RuleError> {
        within("notice", self.notice, 0..=2_592_000)?;
        within("compensation", u128::from(self.compensation_bps), 0..=BPS)
    }

    /// Whether it is no better for the tenant than `other`: neither a longer notice nor a higher compensation.
    pub fn is_within(&self, other: &Exit) -> bool {
        self.notice <= other.notice && self.compensation_bps <= other.compensation_bps
    }
}

impl From<AuctionMode> for Terms {
    fn from(auction: AuctionMode) -> Self {
        Terms {
            auction,
            exit: None,
            max_duration: None,
            starts_at: None,
        }
    }
}
