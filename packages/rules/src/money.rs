//! Units. Amounts inside escrow and all rates are integers in 10⁻¹² of a denom's smallest unit ([`SCALE`]); rates are per second.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use crate::error::{overflow, RuleError};

/// Parts into which the smallest unit of a denom is divided inside escrow.
pub const SCALE: u128 = 1_000_000_000_000;

/// Basis points in a whole.
pub const BPS: u128 = 10_000;

/// The money of a lease: one denom for its whole life. Nothing converts between denoms.
#[cw_serde]
#[derive(Eq, Hash, PartialOrd, Ord)]
pub enum Denom {
    /// A bank denom, `ibc/…` and `factory/…` included.
    #[serde(rename = "native")]
    Native(String),
    /// A cw20 token, by its contract address.
    #[serde(rename = "cw20")]
    Cw20(String),
}

impl Denom {
    /// Storage key. Prefixed, so that no bank denom can pass for a cw20 token.
    pub fn key(&self) -> String {
        match self {
            Denom::Native(denom) => format!("n{denom}"),
            Denom::Cw20(address) => format!("c{address}"),
        }
    }

    /// The denom of a storage key; `None` for text that is no [`Denom::key`].
    pub fn from_key(key: &str) -> Option<Self> {
        let native = key.strip_prefix('n').map(|d| Denom::Native(d.into()));
        native.or_else(|| key.strip_prefix('c').map(|a| Denom::Cw20(a.into())))
    }
}

/// Serde of a stored denom: its key, since every byte of a record costs gas at each write.
pub mod stored_denom {
    use serde::{de::Error, Deserialize, Deserializer, Serializer};

    use super::Denom;

    pub fn serialize<S: Serializer>(denom: &Denom, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&denom.key())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Denom, D::Error> {
        read(&String::deserialize(deserializer)?)
    }

    pub(super) fn read<E: Error>(key: &str) -> Result<Denom, E> {
        Denom::from_key(key).ok_or_else(|| E::custom(format!("{key:?} is no denom key")))
    }
}

/// A stored list of assets: each the amount and the denom's key in one text, as a coin is written.
pub mod stored_assets {
    use cosmwasm_std::Uint128;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer};

    use super::{stored_denom, Asset};

    pub fn write(assets: &[Asset]) -> Vec<String> {
        let coin = |asset: &Asset| format!("{}{}", asset.amount, asset.denom.key());
        assets.iter().map(coin).collect()
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Asset>, D::Error> {
        Vec::<String>::deserialize(deserializer)?
            .iter()
            .map(|coin| {
                let digits = coin.chars().take_while(char::is_ascii_digit).count();
                let (amount, key) = coin.split_at(digits);
                Ok(Asset {
                    denom: stored_denom::read(key)?,
                    amount: amount.parse().map(Uint128::new).map_err(D::Error::custom)?,
                })
            })
            .collect()
    }
}

/// A bank denom, or a token by `cw20:` and its address: what [`Denom`] displays as.
impl From<&str> for Denom {
    fn from(text: &str) -> Self {
        match text.strip_prefix("cw20:") {
            Some(token) => Denom::Cw20(token.into()),
            None => Denom::Native(text.into()),
        }
    }
}

impl std::fmt::Display for Denom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Denom::Native(denom) => f.write_str(denom),
            Denom::Cw20(address) => write!(f, "cw20:{address}"),
        }
    }
}

/// An amount of one denom, in its smallest unit.
#[cw_serde]
pub struct Asset {
    pub denom: Denom,
    pub amount: Uint128,
}

/// Adds `asset` to a list that holds each denom once and no zero amount, at most `most` denoms.
///
/// # Errors
/// [`RuleError::OutOfRange`] for a zero amount or one denom too many; [`RuleError::Overflow`].
pub fn credit(assets: &mut Vec<Asset>, asset: &Asset, most: usize) -> Result<(), RuleError> {
    if asset.amount.is_zero() {
        return Err(RuleError::range(
            format!("amount of {}", asset.denom),
            0,
            "at least 1",
        ));
    }
    let full = assets.len() >= most;
    // At most `most` entries.
    match assets.iter_mut().find(|held| held.denom == asset.denom) {
        Some(held) => {
            held.amount = held
                .amount
                .checked_add(asset.amount)
                .map_err(|_| overflow("sum of one denom"))?;
        }
        None if full => {
            let allowed = format!("one of the {most} denoms already held");
            return Err(RuleError::range("denom", &asset.denom, allowed));
        }
        None => assets.push(asset.clone()),
    }
    Ok(())
}

/// Takes `asset` out of such a list; a denom that reaches zero leaves it.
///
/// # Errors
/// [`RuleError::OutOfRange`] for more than is held.
pub fn debit(assets: &mut Vec<Asset>, asset: &Asset) -> Result<(), RuleError> {
    let refused = |held: Uint128| {
        let field = format!("amount of {}", asset.denom);
        RuleError::range(field, asset.amount, format!("at most {held}"))
    };
    let Some(held) = assets.iter_mut().find(|held| held.denom == asset.denom) else {
        return Err(refused(Uint128::zero()));
    };
    held.amount = held
        .amount
        .checked_sub(asset.amount)
        .map_err(|_| refused(held.amount))?;
    assets.retain(|held| !held.amount.is_zero());
    Ok(())
}

/// `amount` whole units as a scaled amount.
///
/// # Errors
/// [`RuleError::Overflow`] above 3.4·10²⁶ units.
pub fn scale(amount: Uint128) -> Result<u128, RuleError> {
    amount
        .u128()
        .checked_mul(SCALE)
        .ok_or(overflow("scaled amount"))
}

/// Whole units in a scaled amount, rounded down.
pub fn whole(scaled: u128) -> Uint128 {
    Uint128::new(scaled.checked_div(SCALE).unwrap_or(0))
}

/// `floor(amount · bps / 10 000)`; `bps` up to 10 000.
///
/// # Errors
/// [`RuleError::Overflow`] when the product needs more than 128 bits.
pub fn share(amount: Uint128, bps: u32) -> Result<Uint128, RuleError> {
    amount
        .checked_multiply_ratio(bps, BPS)
        .map_err(|_| overflow("share of an amount"))
}

/// Bond behind a bid or a lease: the rent of `seconds` at `rate`, rounded up, at least one unit (so that every lease locks something).
///
/// # Errors
/// [`RuleError::Overflow`] when the product needs more than 128 bits.
pub fn bond(rate: Uint128, seconds: u64) -> Result<Uint128, RuleError> {
    let scaled = rate
        .u128()
        .checked_mul(u128::from(seconds))
        .ok_or(overflow("bond"))?;
    Ok(Uint128::new(scaled.div_ceil(SCALE).max(1)))
}
