//! Escrow: one balance, any number of streams, exact to the second (design, section 4).
//!
//! An account counts the seconds that were paid for (`funded`); a stream earns the funded seconds in which its payee was alive. So
//! settling costs the same for one stream or ten thousand, and every payee of a dry account is paid up to the same second.
//!
//! A prepaid stream has its whole rent set aside when it opens and ends by itself: every second until then is funded, whatever becomes
//! of the balance.

mod account;
pub mod allowance;
mod stored;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Uint128};

use crate::alive::Liveness;
use crate::error::{overflow, RuleError};
use crate::money::{whole, Denom, SCALE};
use stored::{StoredAccount, StoredStream};

/// One owner's money in one denom. Scaled amounts; seconds.
#[cw_serde]
#[serde(try_from = "StoredAccount", into = "StoredAccount")]
pub struct Account {
    pub owner: Addr,
    pub denom: Denom,
    /// Scaled.
    pub balance: Uint128,
    /// Σ of the open streams' rates, scaled per second. Prepaid streams are not in it.
    pub rate: Uint128,
    /// Block time up to which `balance` is exact.
    pub settled_at: u64,
    /// Cumulative seconds with a rate that were paid for.
    pub funded: u64,
    /// Number of open streams.
    pub streams: u32,
    /// Block time at which the balance last ran out; means nothing while the balance pays for at least a second.
    pub dry_at: Option<u64>,
    /// Set aside for prepaid streams and not reconciled yet, scaled.
    pub prepaid: Uint128,
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
    /// Block time at which a prepaid stream ends; absent: when it is closed.
    pub until: Option<u64>,
}

impl Stream {
    /// A stream that runs from `now` until it is closed; `payee_alive` is the payee's live seconds at `now`. It pays once it is opened.
    pub fn new(account: u64, payee: Addr, rate: Uint128, payee_alive: u64, now: u64) -> Self {
        Stream {
            account,
            payee,
            rate,
            at: now,
            funded_at: 0,
            alive_at: payee_alive,
            unclaimed: Uint128::zero(),
            until: None,
        }
    }

    /// The same, prepaid until it ends by itself.
    #[must_use]
    pub fn ending(self, until: Option<u64>) -> Self {
        Stream { until, ..self }
    }

    /// The payee's live seconds and the moment at which they tell most about this stream: now, or, of a prepaid stream that is over, its
    /// end or the last heartbeat since. Live seconds are known only in sum, so silence between end and heartbeat counts against the
    /// payee, and silence after both does not. A payee without a record (`None`) has not lived since the last reconcile.
    ///
    /// # Errors
    /// [`RuleError::TimeWentBack`]; [`RuleError::Overflow`].
    pub fn witness(&self, live: Option<&Liveness>, now: u64) -> Result<(u64, u64), RuleError> {
        let Some(live) = live else {
            return Ok((self.alive_at, now));
        };
        let over = |until: u64| until.max(live.last);
        let moment = self.until.map_or(now, |until| now.min(over(until)));
        Ok((live.alive_at(moment)?.max(self.alive_at), moment))
    }

    /// Moves the funded seconds since the last reconcile to the payee, less those in which it was silent; the silent part returns to
    /// the account. `payee_alive` is the payee's live seconds at `moment`, both by [`Stream::witness`]. Settle the account to now first.
    ///
    /// # Errors
    /// [`RuleError::TimeWentBack`]; [`RuleError::Overflow`].
    pub fn reconcile(
        &mut self,
        account: &mut Account,
        payee_alive: u64,
        moment: u64,
    ) -> Result<(), RuleError> {
        let elapsed = moment.checked_sub(self.at).ok_or(RuleError::TimeWentBack {
            now: moment,
            last: self.at,
        })?;
        let paid = self.paid(account, moment)?;
        let alive = payee_alive
            .checked_sub(self.alive_at)
            .ok_or(overflow("live seconds"))?;
        let dead = elapsed
            .checked_sub(alive)
            .ok_or(overflow("silent seconds"))?;
        let earned = paid.saturating_sub(dead);
        let returned = paid.saturating_sub(earned);
        let unclaimed = self
            .unclaimed
            .u128()
            .checked_add(self.rent(earned)?)
            .ok_or(overflow("rent"))?;
        if self.until.is_some() {
            account.use_prepaid(self.rent(paid)?)?;
        }
        account.credit(self.rent(returned)?)?;
        self.unclaimed = Uint128::new(unclaimed);
        self.at = moment;
        self.funded_at = account.funded;
        self.alive_at = payee_alive;
        Ok(())
    }

    /// Seconds since the last reconcile that were paid for.
    fn paid(&self, account: &Account, moment: u64) -> Result<u64, RuleError> {
        match self.until {
            Some(until) => Ok(until.min(moment).saturating_sub(self.at)),
            None => account
                .funded
                .checked_sub(self.funded_at)
                .ok_or(overflow("funded seconds")),
        }
    }

    fn rent(&self, seconds: u64) -> Result<u128, RuleError> {
        self.rate
            .u128()
            .checked_mul(u128::from(seconds))
            .ok_or(overflow("rent"))
    }

    /// What a prepaid stream can still come to earn from its last reconcile on, scaled; `None` for one that runs until it is closed.
    pub(super) fn prepaid(&self) -> Result<Option<u128>, RuleError> {
        self.until
            .map(|until| self.rent(until.saturating_sub(self.at)))
            .transpose()
    }

    /// Takes the whole units earned so far; the fraction stays. Reconcile first.
    pub fn take_earned(&mut self) -> Uint128 {
        let units = whole(self.unclaimed.u128());
        let rest = self.unclaimed.u128().checked_rem(SCALE).unwrap_or(0);
        self.unclaimed = Uint128::new(rest);
        units
    }

    /// Scaled amount that left the account's balance and still belongs to this stream or back to the account: `unclaimed` plus the
    /// rate for each funded second not yet reconciled, `account` settled; of a prepaid stream, for each second until its end. The term
    /// of invariant 1.
    ///
    /// # Errors
    /// [`RuleError::Overflow`].
    pub fn owed(&self, account: &Account) -> Result<u128, RuleError> {
        let due = match self.prepaid()? {
            Some(ahead) => ahead,
            None => self.rent(self.paid(account, self.at)?)?,
        };
        due.checked_add(self.unclaimed.u128())
            .ok_or(overflow("owed rent"))
    }
}
