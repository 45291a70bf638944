//! How a slashed bond is divided.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use crate::error::{overflow, RuleError};
use crate::money::{share, BPS};

/// Shares of a slash in basis points; the insurance fund takes the rest, rounding included.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct SlashShares {
    pub tenant_bps: u32,
    pub caller_bps: u32,
}

impl SlashShares {
    /// # Errors
    /// [`RuleError::OutOfRange`] when the shares exceed the whole.
    pub fn validate(&self) -> Result<(), RuleError> {
        require_whole(&[self.tenant_bps, self.caller_bps])
    }
}

/// Divides a slash by basis points: each part rounded down, and what is left of it. They sum to the slash exactly.
///
/// # Errors
/// [`RuleError::OutOfRange`] when the parts exceed the whole; [`RuleError::Overflow`] when a product needs more than 128 bits.
pub fn divide(amount: Uint128, parts: &[u32]) -> Result<(Vec<Uint128>, Uint128), RuleError> {
    require_whole(parts)?;
    let mut rest = amount;
    let mut divided = vec![];
    // As many parts as the caller names.
    for bps in parts {
        let part = share(amount, *bps)?;
        rest = rest.checked_sub(part).map_err(|_| overflow("slash"))?;
        divided.push(part);
    }
    Ok((divided, rest))
}

fn require_whole(parts: &[u32]) -> Result<(), RuleError> {
    let sum = parts
        .iter()
        .fold(0_u128, |sum, bps| sum.saturating_add(u128::from(*bps)));
    if sum > BPS {
        return Err(RuleError::range(
            "slash shares",
            sum,
            "at most 10000 basis points together",
        ));
    }
    Ok(())
}

/// A fault within a month of the one before costs twice as much as that one, up to the whole bond: `min(base · 2^earlier, bond)`.
pub fn escalate(base: Uint128, bond: Uint128, earlier: u32) -> Uint128 {
    // What does not fit is more than any bond.
    let factor = 1_u128.checked_shl(earlier).unwrap_or(u128::MAX);
    Uint128::new(base.u128().saturating_mul(factor)).min(bond)
}

/// Faults of a provider that count towards its next penalty.
#[cw_serde]
#[derive(Copy, Default, Eq)]
#[serde(from = "(u32, u64)", into = "(u32, u64)")]
pub struct Record {
    /// Faults, each less than [`MEMORY`] after the one before.
    pub faults: u32,
    /// Block time of the latest, seconds.
    pub last: u64,
}

/// Seconds after which a fault is forgotten: 30 days.
pub const MEMORY: u64 = 2_592_000;

impl From<(u32, u64)> for Record {
    fn from((faults, last): (u32, u64)) -> Self {
        Record { faults, last }
    }
}

impl From<Record> for (u32, u64) {
    fn from(record: Record) -> Self {
        (record.faults, record.last)
    }
}

impl Record {
    /// Faults that a fault at `at` comes on top of.
    pub fn earlier(&self, at: u64) -> u32 {
        match at < self.last.saturating_add(MEMORY) {
            true => self.faults,
            false => 0,
        }
    }

    /// The record with one more fault at `at`. Faults may be carried out in another order than they happened in.
    pub fn with(&self, at: u64) -> Self {
        Record {
            faults: self.earlier(at).saturating_add(1),
            last: self.last.max(at),
        }
    }
}

/// Collateral that fell silent together, of all that stood behind it, in one denom.
#[cw_serde]
#[derive(Copy, Default, Eq)]
#[serde(from = "(Uint128, Uint128)", into = "(Uint128, Uint128)")]
pub struct Outage {
    pub lapsed: Uint128,
    /// All collateral when the first of it fell silent.
    pub bonded: Uint128,
}

impl From<(Uint128, Uint128)> for Outage {
    fn from((lapsed, bonded): (Uint128, Uint128)) -> Self {
        Outage { lapsed, bonded }
    }
}

impl From<Outage> for (Uint128, Uint128) {
    fn from(outage: Outage) -> Self {
        (outage.lapsed, outage.bonded)
    }
}

impl Outage {
    /// Whether so much fell silent that the chain or the network is to blame: of the collateral of all *other* providers, more than
    /// `bps`. A provider's own collateral neither protects nor convicts it.
    ///
    /// # Errors
    /// [`RuleError::Overflow`] when a product needs more than 128 bits.
    pub fn is_common(&self, own: Uint128, bps: u32) -> Result<bool, RuleError> {
        let lapsed = self.lapsed.saturating_sub(own);
        let allowed = share(self.bonded.saturating_sub(own), bps)?;
        Ok(lapsed > allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_sum_to_the_slash(amount: u64, tenant_bps in 0..=10_000_u32, rest in 0..=10_000_u32) {
            let amount = Uint128::from(amount);
            let (parts, insurance) = divide(amount, &[tenant_bps, rest.min(10_000 - tenant_bps)]).unwrap();
            prop_assert_eq!(parts[0] + parts[1] + insurance, amount);
        }
    }

    #[test]
    fn more_than_the_whole_is_refused() {
        let shares = SlashShares {
            tenant_bps: 9_000,
            caller_bps: 1_001,
        };
        assert!(shares.validate().is_err());
        assert!(divide(Uint128::one(), &[9_000, 1_001]).is_err());
    }

    #[test]
    fn each_fault_within_a_month_costs_twice_the_one_before() {
        let (base, bond) = (Uint128::new(10), Uint128::new(65));
        let costs = [0, 1, 2, 3, 40, 200].map(|earlier| escalate(base, bond, earlier).u128());
        assert_eq!(costs, [10, 20, 40, 65, 65, 65]);
    }

    #[test]
    fn a_fault_is_forgotten_after_a_month() {
        let once = Record::default().with(1_000);
        assert_eq!(once.earlier(1_000 + MEMORY - 1), 1);
        assert_eq!(once.earlier(1_000 + MEMORY), 0);
        let twice = once.with(2_000);
        assert_eq!((twice.faults, twice.last), (2, 2_000));
        // An older one, carried out late, counts and does not turn the clock back.
        assert_eq!(
            twice.with(1_500),
            Record {
                faults: 3,
                last: 2_000
            }
        );
    }

    #[test]
    fn an_outage_is_common_by_what_the_others_hold() {
        let outage = |lapsed: u128, bonded: u128| Outage {
            lapsed: Uint128::new(lapsed),
            bonded: Uint128::new(bonded),
        };
        let own = Uint128::new(100);
        // One of three alone, however large; two of three; 30 % of the others exactly, and more.
        assert_eq!(outage(100, 300).is_common(own, 3_000), Ok(false));
        assert_eq!(outage(200, 300).is_common(own, 3_000), Ok(true));
        assert_eq!(outage(400, 1_100).is_common(own, 3_000), Ok(false));
        assert_eq!(outage(401, 1_100).is_common(own, 3_000), Ok(true));
        assert_eq!(outage(100, 100).is_common(own, 0), Ok(false));
    }
}
