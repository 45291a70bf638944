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

/// The parts of a slash. They sum to the slash exactly.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub struct SlashParts {
    pub tenant: Uint128,
    pub caller: Uint128,
    pub insurance: Uint128,
}

impl SlashShares {
    /// # Errors
    /// [`RuleError::OutOfRange`] when the shares exceed the whole.
    pub fn validate(&self) -> Result<(), RuleError> {
        let sum = u128::from(self.tenant_bps).saturating_add(u128::from(self.caller_bps));
        if sum > BPS {
            return Err(RuleError::range(
                "slash shares",
                sum,
                "at most 10000 basis points together",
            ));
        }
        Ok(())
    }

    /// Divides `amount`: floors for tenant and caller, the rest to insurance.
    ///
    /// # Errors
    /// [`RuleError::Overflow`] when a product needs more than 128 bits.
    pub fn split(&self, amount: Uint128) -> Result<SlashParts, RuleError> {
        self.validate()?;
        let tenant = share(amount, self.tenant_bps)?;
        let caller = share(amount, self.caller_bps)?;
        let insurance = amount
            .checked_sub(tenant)
            .and_then(|rest| rest.checked_sub(caller))
            .map_err(|_| overflow("slash"))?;
        Ok(SlashParts {
            tenant,
            caller,
            insurance,
        })
    }
}

/// One part of a slash of `amount` of which only `taken` was there: `floor(part · taken / amount)`.
///
/// # Errors
/// [`RuleError::OutOfRange`] for a part above `amount` or a take above `amount`.
pub fn prorate(part: Uint128, taken: Uint128, amount: Uint128) -> Result<Uint128, RuleError> {
    if part > amount || taken > amount {
        let allowed = format!("at most the slash of {amount}");
        return Err(RuleError::range(
            "part of a slash",
            part.max(taken),
            allowed,
        ));
    }
    if amount.is_zero() {
        return Ok(Uint128::zero());
    }
    part.checked_multiply_ratio(taken, amount)
        .map_err(|_| overflow("part of a slash"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_sum_to_the_slash(amount: u64, tenant_bps in 0..=10_000_u32, rest in 0..=10_000_u32) {
            let shares = SlashShares { tenant_bps, caller_bps: rest.min(10_000 - tenant_bps) };
            let amount = Uint128::from(amount);
            let parts = shares.split(amount).unwrap();
            prop_assert_eq!(parts.tenant + parts.caller + parts.insurance, amount);
        }
    }

    #[test]
    fn more_than_the_whole_is_refused() {
        let shares = SlashShares {
            tenant_bps: 9_000,
            caller_bps: 1_001,
        };
        assert!(shares.validate().is_err());
    }
}
