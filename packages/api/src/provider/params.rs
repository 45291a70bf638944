//! The registry's parameters.

use cosmwasm_schema::cw_serde;
use cw_storage_plus::Item;

use leasehold_rules::auction::within;
use leasehold_rules::money::BPS;
use serde::{Deserialize, Serialize};

use super::Trust;
use crate::RuleError;

#[cw_serde]
pub struct Params {
    /// Seconds for which a heartbeat is good. 2 to 86 400.
    pub grace: u64,
    /// Seconds between unbonding and payment. 1 to 7 776 000.
    pub unbonding: u64,
    /// Silences that begin in the same or the next stretch of this many seconds count as one outage. 1 to 86 400.
    pub lapse_window: u64,
    /// Part of the other providers' collateral in a denom that must fall silent in an outage for nobody to be slashed, basis points. 0 to
    /// 10 000, which turns it off.
    pub breaker_bps: u32,
    /// Seconds that a maintenance must be announced ahead. 0 to 2 592 000.
    pub maintenance_notice: u64,
    /// Longest maintenance, seconds. 0 (none is excused) to 604 800.
    pub maintenance_longest: u64,
    /// Seconds from the end of one maintenance to the start of the next. 0 to 7 776 000.
    pub maintenance_rest: u64,
    /// Auditors and watchers.
    pub trust: Trust,
}

impl Params {
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the parameter.
    pub fn validate(&self) -> Result<(), RuleError> {
        within("grace", self.grace, 2..=86_400)?;
        within("unbonding", self.unbonding, 1..=7_776_000)?;
        within("lapse_window", self.lapse_window, 1..=86_400)?;
        within("breaker_bps", u128::from(self.breaker_bps), 0..=BPS)?;
        within("maintenance_notice", self.maintenance_notice, 0..=2_592_000)?;
        within("maintenance_longest", self.maintenance_longest, 0..=604_800)?;
        within("maintenance_rest", self.maintenance_rest, 0..=7_776_000)?;
        self.trust.validate()
    }
}

/// The registry's parameters as it keeps them.
pub const PARAMS: Item<StoredParams> = Item::new("p");

#[derive(Serialize, Deserialize)]
pub struct StoredParams(#[serde(with = "stored_params")] pub Params);

/// Serde of the stored parameters: their numbers as a list, without names.
pub mod stored_params {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Params, Trust};

    type Stored = (u64, u64, u64, u32, u64, u64, u64, Trust);

    pub fn serialize<S: Serializer>(params: &Params, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = (
            params.grace,
            params.unbonding,
            params.lapse_window,
            params.breaker_bps,
            params.maintenance_notice,
            params.maintenance_longest,
            params.maintenance_rest,
            &params.trust,
        );
        stored.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Params, D::Error> {
        let (
            grace,
            unbonding,
            lapse_window,
            breaker_bps,
            maintenance_notice,
            maintenance_longest,
            maintenance_rest,
            trust,
        ) = Stored::deserialize(deserializer)?;
        Ok(Params {
            grace,
            unbonding,
            lapse_window,
            breaker_bps,
            maintenance_notice,
            maintenance_longest,
            maintenance_rest,
            trust,
        })
    }
}
