//! What stakers earn in one denom: an index over all stake, in 10⁻¹² of a unit ([`SCALE`]). Pure arithmetic that loses nothing: what
//! does not divide is carried.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{StdError, StdResult, Uint128, Uint256};
use leasehold_api::rules::money::stored_denom;
use leasehold_api::{Denom, SCALE};

#[cw_serde]
pub struct Pool {
    #[serde(with = "stored_denom")]
    #[schemars(with = "String")]
    pub denom: Denom,
    /// Scaled units that one unit of stake has earned since the beginning.
    pub index: Uint256,
    /// Scaled units that did not divide among the stake, below it: part of the next division.
    pub remainder: Uint128,
}

/// One staker's part of a [`Pool`].
#[cw_serde]
#[derive(Default)]
pub struct Earned {
    /// The index up to which it is counted.
    pub index: Uint256,
    /// Scaled units earned and not paid.
    pub scaled: Uint256,
}

impl Pool {
    pub fn new(denom: Denom) -> Self {
        Pool {
            denom,
            index: Uint256::zero(),
            remainder: Uint128::zero(),
        }
    }

    /// Divides `amount` among all stake, which is not zero.
    pub fn divide(&mut self, amount: Uint128, stake: Uint128) -> StdResult<()> {
        let stake = Uint256::from(stake);
        let scaled = amount.full_mul(SCALE).checked_add(self.remainder.into())?;
        self.index = self.index.checked_add(scaled.checked_div(stake)?)?;
        self.remainder = scaled.checked_rem(stake)?.try_into()?;
        Ok(())
    }
}

impl Earned {
    /// Counts what `stake`, unchanged since the last count, has earned.
    pub fn settle(&mut self, pool: &Pool, stake: Uint128) -> StdResult<()> {
        let per_unit = pool.index.checked_sub(self.index)?;
        let earned = per_unit.checked_mul(stake.into())?;
        self.scaled = self.scaled.checked_add(earned)?;
        self.index = pool.index;
        Ok(())
    }

    /// Whole units that may be paid.
    pub fn whole(&self) -> StdResult<Uint128> {
        let whole = self.scaled.checked_div(SCALE.into())?;
        whole.try_into().map_err(StdError::from)
    }

    /// Takes whole units out; a fraction stays.
    pub fn take(&mut self) -> StdResult<Uint128> {
        let whole = self.whole()?;
        self.scaled = self.scaled.checked_sub(whole.full_mul(SCALE))?;
        Ok(whole)
    }

    /// Puts back what could not be paid.
    pub fn put_back(&mut self, amount: Uint128) -> StdResult<()> {
        self.scaled = self.scaled.checked_add(amount.full_mul(SCALE))?;
        Ok(())
    }
}
