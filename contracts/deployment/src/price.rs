//! What groups may cost at most: by the second, or ahead when they are jobs.

use cosmwasm_std::Uint128;
use leasehold_api::market::Terms;
use leasehold_api::GroupSpec;
use leasehold_rules::RuleError;

const WHAT: RuleError = RuleError::Overflow {
    what: "price of the groups",
};

/// Of the groups that go to market together, at their maximum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price {
    /// Scaled per second.
    pub rate: Uint128,
    /// The part of `rate` that is not paid ahead.
    by_second: Uint128,
    /// What jobs are paid ahead, scaled.
    ahead: u128,
}

impl Price {
    /// # Errors
    /// [`RuleError::Overflow`].
    pub fn of<'a>(
        groups: impl Iterator<Item = (&'a GroupSpec, &'a Terms)>,
    ) -> Result<Self, RuleError> {
        let mut price = Price::default();
        // At most MAX_GROUPS groups.
        for (spec, terms) in groups {
            price.add(spec.max_rate()?, terms.max_duration)?;
        }
        Ok(price)
    }

    fn add(&mut self, rate: Uint128, duration: Option<u64>) -> Result<(), RuleError> {
        let sum = |to: Uint128| to.checked_add(rate).map_err(|_| WHAT);
        self.rate = sum(self.rate)?;
        let Some(seconds) = duration else {
            self.by_second = sum(self.by_second)?;
            return Ok(());
        };
        let rent = rate.u128().checked_mul(u128::from(seconds));
        self.ahead = rent
            .and_then(|rent| rent.checked_add(self.ahead))
            .ok_or(WHAT)?;
        Ok(())
    }

    /// What an account must hold to go to market with, scaled: who bids can count on being paid.
    ///
    /// # Errors
    /// [`RuleError::Overflow`].
    pub fn needed(&self, min_runway: u64) -> Result<u128, RuleError> {
        self.by_second
            .u128()
            .checked_mul(u128::from(min_runway))
            .and_then(|runway| runway.checked_add(self.ahead))
            .ok_or(WHAT)
    }
}
