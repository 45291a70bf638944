//! Money set aside for a reservation: the tenant's counterpart to the winner's bond.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use super::Account;
use crate::error::{overflow, RuleError};
use crate::money::{scale, whole};

/// What one order keeps from its account, whole units.
#[cw_serde]
pub struct Hold {
    #[serde(rename = "a")]
    pub account: u64,
    #[serde(rename = "n")]
    pub amount: Uint128,
}

impl Account {
    /// Sets `amount` whole units aside. Settle first; the balance must still pay `min_runway` seconds of the present rate.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] for more than that; [`RuleError::Overflow`].
    pub fn hold(&mut self, amount: Uint128, min_runway: u64) -> Result<(), RuleError> {
        let most = self.withdrawable(min_runway);
        if amount > most {
            let held = whole(self.balance.u128());
            let allowed = format!(
                "at least {}, of which {amount} are set aside for the reservation",
                held.saturating_sub(most).saturating_add(amount)
            );
            return Err(RuleError::range("account balance", held, allowed));
        }
        self.debit(amount)?;
        self.prepaid = self
            .prepaid
            .checked_add(Uint128::new(scale(amount)?))
            .map_err(|_| overflow("money set aside"))?;
        Ok(())
    }

    /// Ends a hold: `paid` whole units, at most all of it, leave the account, the rest returns to the balance. Answers with what leaves.
    ///
    /// # Errors
    /// [`RuleError::Overflow`] when the hold is not one of this account.
    pub fn release(&mut self, hold: &Hold, paid: Uint128) -> Result<Uint128, RuleError> {
        let paid = paid.min(hold.amount);
        self.use_prepaid(scale(hold.amount)?)?;
        self.credit(scale(hold.amount.saturating_sub(paid))?)?;
        Ok(paid)
    }
}
