//! Allowances: an owner lets somebody spend from an account that draws on another of the owner's, within limits.
//!
//! The drawn account is an ordinary [`Account`]. Because it runs dry, the most that it ever drew is also the most that was ever spent.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Uint128};

use super::Account;
use crate::error::{overflow, RuleError};
use crate::money::SCALE;

/// Who may spend from a drawn account, what feeds it, and how far.
#[cw_serde]
#[serde(from = "StoredAllowance", into = "StoredAllowance")]
pub struct Allowance {
    /// Account that feeds the drawn one.
    pub source: u64,
    pub spender: Addr,
    pub limits: Limits,
    /// Whole units drawn so far, at most `limits.max_total`.
    pub drawn: Uint128,
}

/// How much an allowance lets out.
#[cw_serde]
pub struct Limits {
    /// Scaled per second: what all streams of the drawn account may cost together when the spender opens one. Zero: it opens none.
    pub max_rate: Uint128,
    /// Whole units that may ever move from the source to the drawn account.
    pub max_total: Uint128,
    /// Block time from which nothing is drawn and the spender opens no stream. Open streams go on. Absent: never.
    pub expires: Option<u64>,
    /// When anyone may top the drawn account up. Absent: only the spender draws.
    pub refill: Option<Refill>,
}

/// Automatic top-up, in seconds of the drawn account's rent.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct Refill {
    /// A top-up is due while less than this is left. At least 1.
    pub below: u64,
    /// What a top-up fills up to. More than `below`.
    pub to: u64,
}

/// The fields in their order, without names: source, spender, drawn, maximum rate and total, expiry, refill below and to.
type StoredAllowance = (
    u64,
    Addr,
    Uint128,
    Uint128,
    Uint128,
    Option<u64>,
    Option<(u64, u64)>,
);

impl From<StoredAllowance> for Allowance {
    fn from(stored: StoredAllowance) -> Self {
        let (source, spender, drawn, max_rate, max_total, expires, refill) = stored;
        Allowance {
            source,
            spender,
            drawn,
            limits: Limits {
                max_rate,
                max_total,
                expires,
                refill: refill.map(|(below, to)| Refill { below, to }),
            },
        }
    }
}

impl From<Allowance> for StoredAllowance {
    fn from(allowance: Allowance) -> Self {
        let limits = allowance.limits;
        (
            allowance.source,
            allowance.spender,
            allowance.drawn,
            limits.max_rate,
            limits.max_total,
            limits.expires,
            limits.refill.map(|refill| (refill.below, refill.to)),
        )
    }
}

impl Limits {
    /// Refuses limits that could never be used, or that lie under what has been `drawn` already.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`].
    pub fn check(&self, drawn: Uint128, now: u64) -> Result<(), RuleError> {
        if self.max_total < drawn {
            let allowed = format!("at least the {drawn} drawn already");
            return Err(RuleError::range("max_total", self.max_total, allowed));
        }
        if let Some(expires) = self.expires.filter(|expires| *expires <= now) {
            return Err(RuleError::range("expires", expires, format!("after {now}")));
        }
        match self.refill {
            Some(Refill { below: 0, .. }) => {
                Err(RuleError::range("refill.below", 0, "at least 1 second"))
            }
            Some(Refill { below, to }) if to <= below => {
                let allowed = format!("more than refill.below, {below} s");
                Err(RuleError::range("refill.to", to, allowed))
            }
            _ => Ok(()),
        }
    }
}

impl Allowance {
    /// Whether `spender` may open a stream at `now` that brings the drawn account to `total` (scaled per second).
    ///
    /// # Errors
    /// [`RuleError::WrongParty`]; [`RuleError::OutOfRange`] when the allowance has expired or `total` is above its rate.
    pub fn permit(&self, spender: &Addr, total: Uint128, now: u64) -> Result<(), RuleError> {
        if *spender != self.spender {
            return Err(RuleError::WrongParty {
                who: spender.to_string(),
                action: "spend from the account",
                allowed: format!("its allowance is for {}", self.spender),
            });
        }
        self.require_valid(now)?;
        if total > self.limits.max_rate {
            let allowed = format!("at most {}, scaled per second", self.limits.max_rate);
            return Err(RuleError::range(
                "rate of the drawn account",
                total,
                allowed,
            ));
        }
        Ok(())
    }

    /// Moves `amount` whole units from `source` to the drawn account. The source keeps `min_runway` seconds of its own rent. Settles
    /// both.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] when the allowance has expired or `amount` is zero or more than may be drawn;
    /// [`RuleError::WrongParty`] when the accounts no longer have one owner; time and overflow errors.
    pub fn draw(
        &mut self,
        source: &mut Account,
        account: &mut Account,
        amount: Uint128,
        min_runway: u64,
        now: u64,
    ) -> Result<(), RuleError> {
        let most = self.prepare(source, account, min_runway, now)?;
        if amount.is_zero() || amount > most {
            return Err(RuleError::range(
                "amount drawn",
                amount,
                format!("1 to {most} units"),
            ));
        }
        self.feed(source, account, amount)
    }

    /// Fills the drawn account up to `refill.to` seconds of its rent when less than `refill.below` are left, or as far as it may be
    /// drawn. Settles both. Answers with the whole units moved.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] when none is due or nothing may be drawn; otherwise as [`Allowance::draw`].
    pub fn top_up(
        &mut self,
        source: &mut Account,
        account: &mut Account,
        min_runway: u64,
        now: u64,
    ) -> Result<Uint128, RuleError> {
        let most = self.prepare(source, account, min_runway, now)?;
        let Some(refill) = self.limits.refill else {
            return Err(RuleError::range("refill", "absent", "one, to be topped up"));
        };
        match account.runway() {
            Some(runway) if runway < refill.below => {}
            runway => {
                let runway = runway.map_or("without end".into(), |seconds| format!("{seconds} s"));
                let allowed = format!("less than {} s, to be topped up", refill.below);
                return Err(RuleError::range("runway", runway, allowed));
            }
        }
        // A target beyond 128 bits is more than any source holds.
        let target = account.rate.u128().saturating_mul(u128::from(refill.to));
        let missing = target
            .saturating_sub(account.balance.u128())
            .div_ceil(SCALE);
        let amount = most.min(Uint128::new(missing));
        if amount.is_zero() {
            return Err(RuleError::range(
                "amount that may be drawn",
                0,
                "at least 1",
            ));
        }
        self.feed(source, account, amount)?;
        Ok(amount)
    }

    /// Whole units that may be drawn now, both accounts settled: what is left of the limit, as far as the source can spare it. Zero
    /// for an allowance that has expired or whose accounts no longer have one owner.
    pub fn drawable(
        &self,
        source: &Account,
        account: &Account,
        min_runway: u64,
        now: u64,
    ) -> Uint128 {
        match self.require_live(source, account, now) {
            Ok(()) => self.most(source, min_runway),
            Err(_) => Uint128::zero(),
        }
    }

    /// Settles both accounts and answers with the whole units that may be drawn now.
    fn prepare(
        &self,
        source: &mut Account,
        account: &mut Account,
        min_runway: u64,
        now: u64,
    ) -> Result<Uint128, RuleError> {
        self.require_live(source, account, now)?;
        source.settle(now)?;
        account.settle(now)?;
        Ok(self.most(source, min_runway))
    }

    fn most(&self, source: &Account, min_runway: u64) -> Uint128 {
        let left = self.limits.max_total.saturating_sub(self.drawn);
        left.min(source.withdrawable(min_runway))
    }

    fn require_live(&self, source: &Account, account: &Account, now: u64) -> Result<(), RuleError> {
        self.require_valid(now)?;
        if source.owner == account.owner {
            return Ok(());
        }
        Err(RuleError::WrongParty {
            who: source.owner.to_string(),
            action: "feed the drawn account",
            allowed: format!("it belongs to {}", account.owner),
        })
    }

    fn feed(
        &mut self,
        source: &mut Account,
        account: &mut Account,
        amount: Uint128,
    ) -> Result<(), RuleError> {
        source.debit(amount)?;
        account.deposit(amount)?;
        self.drawn = self
            .drawn
            .checked_add(amount)
            .map_err(|_| overflow("amount drawn"))?;
        Ok(())
    }

    fn require_valid(&self, now: u64) -> Result<(), RuleError> {
        match self.limits.expires {
            Some(expires) if expires <= now => {
                let allowed = format!("before {expires}, when the allowance expires");
                Err(RuleError::range("time", now, allowed))
            }
            _ => Ok(()),
        }
    }
}
