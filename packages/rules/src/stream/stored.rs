//! What is stored: the fields in their order, the denom by its key. Both records are written often, so without names, and without what
//! only prepaid streams need.

use cosmwasm_std::{Addr, Uint128};
use serde::{Deserialize, Serialize, Serializer};

use super::{Account, Stream};
use crate::error::RuleError;
use crate::money::Denom;

#[derive(Deserialize)]
pub struct StoredAccount(
    Addr,
    String,
    Uint128,
    Uint128,
    u64,
    u64,
    u32,
    Option<u64>,
    #[serde(default)] Uint128,
);

#[derive(Deserialize)]
pub struct StoredStream(
    u64,
    Addr,
    Uint128,
    u64,
    u64,
    u64,
    Uint128,
    #[serde(default)] Option<u64>,
);

impl Serialize for StoredAccount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let StoredAccount(owner, key, balance, rate, at, funded, streams, dry_at, prepaid) = self;
        if prepaid.is_zero() {
            return (owner, key, balance, rate, at, funded, streams, dry_at).serialize(to);
        }
        let all = (
            owner, key, balance, rate, at, funded, streams, dry_at, prepaid,
        );
        all.serialize(to)
    }
}

impl Serialize for StoredStream {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let StoredStream(account, payee, rate, at, funded, alive, unclaimed, until) = self;
        let Some(until) = until else {
            return (account, payee, rate, at, funded, alive, unclaimed).serialize(to);
        };
        let all = (account, payee, rate, at, funded, alive, unclaimed, until);
        all.serialize(to)
    }
}

impl TryFrom<StoredAccount> for Account {
    type Error = RuleError;

    fn try_from(stored: StoredAccount) -> Result<Self, RuleError> {
        let StoredAccount(owner, key, balance, rate, settled_at, funded, streams, dry_at, prepaid) =
            stored;
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
            prepaid,
        })
    }
}

impl From<Account> for StoredAccount {
    fn from(a: Account) -> Self {
        let key = a.denom.key();
        StoredAccount(
            a.owner,
            key,
            a.balance,
            a.rate,
            a.settled_at,
            a.funded,
            a.streams,
            a.dry_at,
            a.prepaid,
        )
    }
}

impl From<StoredStream> for Stream {
    fn from(stored: StoredStream) -> Self {
        let StoredStream(account, payee, rate, at, funded_at, alive_at, unclaimed, until) = stored;
        Stream {
            account,
            payee,
            rate,
            at,
            funded_at,
            alive_at,
            unclaimed,
            until,
        }
    }
}

impl From<Stream> for StoredStream {
    fn from(s: Stream) -> Self {
        StoredStream(
            s.account,
            s.payee,
            s.rate,
            s.at,
            s.funded_at,
            s.alive_at,
            s.unclaimed,
            s.until,
        )
    }
}
