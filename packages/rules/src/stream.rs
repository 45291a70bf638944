//! Escrow: one balance, any number of streams, exact to the second (design, section 4).
//!
//! An account counts the seconds that were paid for (`funded`); a stream earns the funded seconds in which its payee was alive. So
//! settling costs the same for one stream or ten thousand, and every payee of a dry account is paid up to the same second.

pub mod allowance;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Uint128};

use crate::error::{overflow, RuleError};
use crate::money::{scale, whole, Denom, SCALE};

/// One owner's money in one denom. Scaled amounts; seconds.
#[cw_serde]
#[serde(try_from = "StoredAccount", into = "StoredAccount")]
pub struct Account {
    pub owner: Addr,
    pub denom: Denom,
    /// Scaled.
    pub balance: Uint128,
    /// Σ of the open streams' rates, scaled per second.
    pub rate: Uint128,
    /// Block time up to which `balance` is exact.
    pub settled_at: u64,
    /// Cumulative seconds with a rate that were paid for.
    pub funded: u64,
    /// Number of open streams.
    pub streams: u32,
    /// Block time at which the balance last ran out; means nothing while the balance pays for at least a second.
    pub dry_at: Option<u64>,
}

/// One lease's claim on an account. Scaled amounts; seconds.
#[cw_serde]
#[serde(from = "StoredStream", into = "StoredStream")]
pub struct Stream {
    pub account: u64,
    pub payee: Addr,
    pub rate: Uint128,
    /// Block time of the last reconcile.
    pub at: u64,
    /// `account.funded` at the last reconcile.
    pub funded_at: u64,
    /// The payee's live seconds at the last reconcile.
    pub alive_at: u64,
    /// Earned and not yet paid, scaled.
    pub unclaimed: Uint128,
}

/// The fields in their order, the denom by its key: both records are written often, so without names.
type StoredAccount = (Addr, String, Uint128, Uint128, u64, u64, u32, Option<u64>);
type StoredStream = (u64, Addr, Uint128, u64, u64, u64, Uint128);

impl TryFrom<StoredAccount> for Account {
    type Error = RuleError;

    fn try_from(stored: StoredAccount) -> Result<Self, RuleError> {
        let (owner, key, balance, rate, settled_at, funded, streams, dry_at) = stored;
        let denom = Denom::from_key(&key).ok_or_else(|| {
            RuleError::range("denom key", &key, "n and a denom, or c and an address")
        })?;
        Ok(Account {
            owner,
            denom,
            balance,
            rate,
            settled_at,
            funded,
            streams,
            dry_at,
        })
    }
}

impl From<Account> for StoredAccount {
    fn from(a: Account) -> Self {
        let key = a.denom.key();
        (
            a.owner,
            key,
            a.balance,
            a.rate,
            a.settled_at,
            a.funded,
            a.streams,
            a.dry_at,
        )
    }
}

impl From<StoredStream> for Stream {
    fn from(stored: StoredStream) -> Self {
        let (account, payee, rate, at, funded_at, alive_at, unclaimed) = stored;
        Stream {
            account,
            payee,
            rate,
            at,
            funded_at,
            alive_at,
            unclaimed,
        }
    }
}

impl From<Stream> for StoredStream {
    fn from(s: Stream) -> Self {
        (
            s.account,
            s.payee,
            s.rate,
            s.at,
            s.funded_at,
            s.alive_at,
            s.unclaimed,
        )
    }
}

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

    /// Whole seconds that the balance pays for from `settled_at` on, at most 2⁶⁴ − 1. `None` without a rate.
    pub fn runway(&self) -> Option<u64> {
        let seconds = self.balance.u128().checked_div(self.rate.u128())?;
        Some(u64::try_from(seconds).unwrap_or(u64::MAX))
    }

    /// Adds `amount` whole units from outside. Refused when all that the account can come to hold, its open streams' rent included,
    /// might not fit: `balance + rate · funded + one unit per stream`. So no later refund to the balance can overflow.
    ///
    /// # Errors
    /// [`RuleError::Overflow`].
    pub fn deposit(&mut self, amount: Uint128) -> Result<(), RuleError> {
        let scaled = scale(amount)?;
        self.rate
            .u128()
            .checked_mul(u128::from(self.funded))
            .and_then(|rent| rent.checked_add(u128::from(self.streams).checked_mul(SCALE)?))
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

    /// Opens a stream at `now`, leaving at least `min_runway` seconds at the new total rate. Settles first.
    ///
    /// # Errors
    /// [`RuleError::ZeroRate`]; [`RuleError::OutOfRange`] when the balance is too small; time and overflow errors.
    pub fn open_stream(
        &mut self,
        account: u64,
        payee: Addr,
        rate: Uint128,
        payee_alive: u64,
        now: u64,
        min_runway: u64,
    ) -> Result<Stream, RuleError> {
        if rate.is_zero() {
            return Err(RuleError::ZeroRate);
        }
        self.settle(now)?;
        let total = self
            .rate
            .checked_add(rate)
            .map_err(|_| overflow("account rate"))?;
        let needed = total
            .u128()
            .checked_mul(u128::from(min_runway))
            .ok_or(overflow("runway"))?;
        if self.balance.u128() < needed {
            return Err(RuleError::range(
                "account balance",
                whole(self.balance.u128()),
                format!(
                    "at least {} units, {min_runway} s of rent",
                    needed.div_ceil(SCALE)
                ),
            ));
        }
        self.rate = total;
        self.streams = self
            .streams
            .checked_add(1)
            .ok_or(overflow("number of streams"))?;
        Ok(Stream {
            account,
            payee,
            rate,
            at: now,
            funded_at: self.funded,
            alive_at: payee_alive,
            unclaimed: Uint128::zero(),
        })
    }

    /// Ends a stream that has just been reconciled: its rate goes, and so does the unpaid fraction, back to the account.
    ///
    /// # Errors
    /// [`RuleError::Overflow`] when the stream is not one of this account.
    pub fn close_stream(&mut self, stream: Stream) -> Result<(), RuleError> {
        self.rate = self
            .rate
            .checked_sub(stream.rate)
            .map_err(|_| overflow("account rate"))?;
        self.streams = self
            .streams
            .checked_sub(1)
            .ok_or(overflow("number of streams"))?;
        self.credit(stream.unclaimed.u128())
    }
}

impl Stream {
    /// Moves the funded seconds since the last reconcile to the payee, less those in which it was silent; the silent part returns to
    /// the account. `payee_alive` is the payee's live seconds at `now`. Settle the account to `now` first.
    ///
    /// # Errors
    /// [`RuleError::TimeWentBack`]; [`RuleError::Overflow`].
    pub fn reconcile(
        &mut self,
        account: &mut Account,
        payee_alive: u64,
        now: u64,
    ) -> Result<(), RuleError> {
        let elapsed = now
            .checked_sub(self.at)
            .ok_or(RuleError::TimeWentBack { now, last: self.at })?;
        let paid = account
            .funded
            .checked_sub(self.funded_at)
            .ok_or(overflow("funded seconds"))?;
        let alive = payee_alive
            .checked_sub(self.alive_at)
            .ok_or(overflow("live seconds"))?;
        let dead = elapsed
            .checked_sub(alive)
            .ok_or(overflow("silent seconds"))?;
        let earned = paid.saturating_sub(dead);
        let returned = paid.saturating_sub(earned);
        let amount = |seconds: u64| {
            self.rate
                .u128()
                .checked_mul(u128::from(seconds))
                .ok_or(overflow("rent"))
        };
        let unclaimed = self
            .unclaimed
            .u128()
            .checked_add(amount(earned)?)
            .ok_or(overflow("rent"))?;
        account.credit(amount(returned)?)?;
        self.unclaimed = Uint128::new(unclaimed);
        self.at = now;
        self.funded_at = account.funded;
        self.alive_at = payee_alive;
        Ok(())
    }

    /// Takes the whole units earned so far; the fraction stays. Reconcile first.
    pub fn take_earned(&mut self) -> Uint128 {
        let units = whole(self.unclaimed.u128());
        let rest = self.unclaimed.u128().checked_rem(SCALE).unwrap_or(0);
        self.unclaimed = Uint128::new(rest);
        units
    }

    /// Scaled amount that left the account's balance and still belongs to this stream or back to the account: `unclaimed` plus the
    /// rate for each funded second not yet reconciled, `account` settled. The term of invariant 1.
    ///
    /// # Errors
    /// [`RuleError::Overflow`].
    pub fn owed(&self, account: &Account) -> Result<u128, RuleError> {
        account
            .funded
            .checked_sub(self.funded_at)
            .and_then(|paid| self.rate.u128().checked_mul(u128::from(paid)))
            .and_then(|due| due.checked_add(self.unclaimed.u128()))
            .ok_or(overflow("owed rent"))
    }
}
