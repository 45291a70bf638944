//! What an account does with its balance.

use cosmwasm_std::{Addr, Uint128};

use super::{Account, Stream};
use crate::error::{overflow, RuleError};
use crate::money::{scale, whole, Denom, SCALE};

impl Account {
    pub fn new(owner: Addr, denom: Denom, now: u64) -> Self {
        Account {
            owner,
            denom,
            balance: Uint128::zero(),
            rate: Uint128::zero(),
            settled_at: now,
            funded: 0,
            streams: 0,
            dry_at: None,
            prepaid: Uint128::zero(),
        }
    }

    /// Pays for the seconds since the last settle, as far as the balance goes. Exact: no rounding, any number of streams.
    ///
    /// # Errors
    /// [`RuleError::TimeWentBack`]; [`RuleError::Overflow`].
    pub fn settle(&mut self, now: u64) -> Result<(), RuleError> {
        let elapsed = now
            .checked_sub(self.settled_at)
            .ok_or(RuleError::TimeWentBack {
                now,
                last: self.settled_at,
            })?;
        let paid = match self.runway() {
            None => {
                self.dry_at = None;
                0
            }
            Some(0) => {
                self.dry_at.get_or_insert(self.settled_at);
                0
            }
            Some(runway) if runway > elapsed => {
                self.dry_at = None;
                elapsed
            }
            Some(runway) => {
                self.dry_at = self.settled_at.checked_add(runway);
                runway
            }
        };
        self.funded = self
            .funded
            .checked_add(paid)
            .ok_or(overflow("funded seconds"))?;
        self.balance = self
            .rate
            .u128()
            .checked_mul(u128::from(paid))
            .and_then(|due| self.balance.u128().checked_sub(due))
            .map(Uint128::new)
            .ok_or(overflow("settlement"))?;
        self.settled_at = now;
        Ok(())
    }

    /// When the balance runs out at the present rate, `settled_at + balance / rate`; on a dry account, when it did. `None` when
    /// nothing is being spent or the moment lies beyond 64 bits. Unchanged by a settle, so nobody can postpone it without paying.
    pub fn depletes_at(&self) -> Option<u64> {
        match self.runway()? {
            0 => Some(self.dry_at.unwrap_or(self.settled_at)),
            runway => self.settled_at.checked_add(runway),
        }
    }

    /// Whole seconds that the balance pays for, at most 2⁶⁴ − 1. `None` without a rate.
    pub fn runway(&self) -> Option<u64> {
        let seconds = self.balance.u128().checked_div(self.rate.u128())?;
        Some(u64::try_from(seconds).unwrap_or(u64::MAX))
    }

    /// Adds `amount` whole units from outside. Refused when all that the account can come to hold, its open streams' rent included,
    /// might not fit: `balance + rate · funded + prepaid + one unit per stream`. So no later refund to the balance can overflow.
    ///
    /// # Errors
    /// [`RuleError::Overflow`].
    pub fn deposit(&mut self, amount: Uint128) -> Result<(), RuleError> {
        let scaled = scale(amount)?;
        self.rate
            .u128()
            .checked_mul(u128::from(self.funded))
            .and_then(|rent| rent.checked_add(u128::from(self.streams).checked_mul(SCALE)?))
            .and_then(|owed| owed.checked_add(self.prepaid.u128()))
            .and_then(|owed| owed.checked_add(self.balance.u128())?.checked_add(scaled))
            .ok_or(overflow("account balance with the rent still in it"))?;
        self.credit(scaled)
    }

    /// Returns a scaled amount to the balance. Money from outside comes by [`Account::deposit`].
    ///
    /// # Errors
    /// [`RuleError::Overflow`].
    pub fn credit(&mut self, scaled: u128) -> Result<(), RuleError> {
        self.balance = self
            .balance
            .u128()
            .checked_add(scaled)
            .map(Uint128::new)
            .ok_or(overflow("account balance"))?;
        Ok(())
    }

    /// What the owner may take out now, in whole units: everything above `min_runway` seconds of the present rate. Settle first.
    pub fn withdrawable(&self, min_runway: u64) -> Uint128 {
        // A reserve beyond 128 bits is more than any balance.
        let kept = self.rate.u128().saturating_mul(u128::from(min_runway));
        whole(self.balance.u128().saturating_sub(kept))
    }

    /// Takes out `amount` whole units; the caller has compared it with [`Account::withdrawable`].
    ///
    /// # Errors
    /// [`RuleError::Overflow`] when the balance is smaller.
    pub fn debit(&mut self, amount: Uint128) -> Result<(), RuleError> {
        self.balance = amount
            .u128()
            .checked_mul(SCALE)
            .and_then(|scaled| self.balance.u128().checked_sub(scaled))
            .map(Uint128::new)
            .ok_or(overflow("withdrawal"))?;
        Ok(())
    }

    /// Opens a stream as of its own time, settling first. The balance must hold `min_runway` seconds of all streams' new rate, and what
    /// is paid ahead on top.
    ///
    /// # Errors
    /// [`RuleError::ZeroRate`]; [`RuleError::OutOfRange`] when the balance is too small; time and overflow errors.
    pub fn open_stream(
        &mut self,
        mut stream: Stream,
        min_runway: u64,
    ) -> Result<Stream, RuleError> {
        self.settle(stream.at)?;
        self.attach(&stream, min_runway)?;
        self.streams = self
            .streams
            .checked_add(1)
            .ok_or(overflow("number of streams"))?;
        stream.funded_at = self.funded;
        Ok(stream)
    }

    /// Gives a stream that has just been reconciled another rate from this second on. No other stream's pay changes: the balance must
    /// hold `min_runway` seconds of all streams' new rate, as if it were opened now.
    ///
    /// # Errors
    /// As [`Account::open_stream`].
    pub fn reprice(
        &mut self,
        stream: &mut Stream,
        rate: Uint128,
        min_runway: u64,
    ) -> Result<(), RuleError> {
        let (mut account, mut repriced) = (self.clone(), stream.clone());
        account.detach(stream)?;
        repriced.rate = rate;
        account.attach(&repriced, min_runway)?;
        (*self, *stream) = (account, repriced);
        Ok(())
    }

    /// Ends a stream that has just been reconciled: its rate or its prepaid rest goes, and the unpaid fraction, back to the account.
    ///
    /// # Errors
    /// [`RuleError::Overflow`] when the stream is not one of this account.
    pub fn close_stream(&mut self, stream: Stream) -> Result<(), RuleError> {
        self.detach(&stream)?;
        self.streams = self
            .streams
            .checked_sub(1)
            .ok_or(overflow("number of streams"))?;
        self.credit(stream.unclaimed.u128())
    }

    /// Starts paying a reconciled stream: by the second, or all that it can come to earn at once.
    fn attach(&mut self, stream: &Stream, min_runway: u64) -> Result<(), RuleError> {
        if stream.rate.is_zero() {
            return Err(RuleError::ZeroRate);
        }
        let (added, ahead) = match stream.prepaid()? {
            None => (stream.rate, 0),
            Some(ahead) => (Uint128::zero(), ahead),
        };
        let rate = self
            .rate
            .checked_add(added)
            .map_err(|_| overflow("account rate"))?;
        let needed = rate
            .u128()
            .checked_mul(u128::from(min_runway))
            .and_then(|runway| runway.checked_add(ahead))
            .ok_or(overflow("runway"))?;
        if self.balance.u128() < needed {
            let allowed = format!(
                "at least {} units, {min_runway} s of rent{}",
                needed.div_ceil(SCALE),
                if ahead > 0 {
                    " and what is paid ahead"
                } else {
                    ""
                }
            );
            let held = whole(self.balance.u128());
            return Err(RuleError::range("account balance", held, allowed));
        }
        let ahead = Uint128::new(ahead);
        self.prepaid = self
            .prepaid
            .checked_add(ahead)
            .map_err(|_| overflow("prepaid rent"))?;
        self.balance = self.balance.saturating_sub(ahead);
        self.rate = rate;
        Ok(())
    }

    /// Stops paying a reconciled stream; what was paid ahead returns.
    fn detach(&mut self, stream: &Stream) -> Result<(), RuleError> {
        let Some(ahead) = stream.prepaid()? else {
            self.rate = self
                .rate
                .checked_sub(stream.rate)
                .map_err(|_| overflow("account rate"))?;
            return Ok(());
        };
        self.use_prepaid(ahead)?;
        self.credit(ahead)
    }

    /// Takes a scaled amount out of what is set aside.
    pub(super) fn use_prepaid(&mut self, scaled: u128) -> Result<(), RuleError> {
        self.prepaid = self
            .prepaid
            .checked_sub(Uint128::new(scaled))
            .map_err(|_| overflow("prepaid rent"))?;
        Ok(())
    }
}
