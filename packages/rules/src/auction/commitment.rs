//! What a sealed bid is committed with.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Binary, Uint128};
use sha2::{Digest, Sha256};
use std::ops::RangeInclusive;

use super::within;
use crate::error::RuleError;

/// Bytes of a salt. Shorter ones could be guessed, and the rate with them.
pub const SALT_LENGTH: RangeInclusive<usize> = 16..=64;

/// A bidder's commitment, as the market keeps it until it is revealed.
#[cw_serde]
pub struct Commitment {
    /// [`Opening::digest`].
    #[serde(rename = "h")]
    pub digest: Binary,
    /// Locked behind it, whole units: the same whatever its rate.
    #[serde(rename = "b")]
    pub bond: Uint128,
    /// The order's round it was made for.
    #[serde(rename = "n")]
    pub round: u32,
    /// Its place among the round's commitments, from 1.
    #[serde(rename = "i")]
    pub place: u32,
}

/// All that a commitment binds: copied to another chain, market, order, round or bidder it cannot be opened.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    pub chain_id: &'a str,
    pub market: &'a str,
    pub order_id: u64,
    pub round: u32,
    pub bidder: &'a str,
    pub rate: Uint128,
    /// Random bytes that the bidder keeps to itself until the reveal: [`SALT_LENGTH`].
    pub salt: &'a [u8],
}

impl Opening<'_> {
    /// SHA-256 over a tag and all fields: numbers in big endian, texts and the salt behind their length, so that no two openings agree in
    /// their bytes. 32 bytes.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] for a salt that is too short or too long.
    pub fn digest(&self) -> Result<Binary, RuleError> {
        within("bytes of salt", self.salt.len(), SALT_LENGTH)?;
        let mut hash = Sha256::new();
        hash.update(b"leasehold/sealed-bid/1");
        for text in [self.chain_id, self.market] {
            update_sized(&mut hash, text.as_bytes());
        }
        hash.update(self.order_id.to_be_bytes());
        hash.update(self.round.to_be_bytes());
        update_sized(&mut hash, self.bidder.as_bytes());
        hash.update(self.rate.to_be_bytes());
        update_sized(&mut hash, self.salt);
        Ok(Binary::from(hash.finalize().as_slice()))
    }
}

fn update_sized(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

impl Commitment {
    /// Refuses what the bidder did not commit to.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] for a salt of the wrong length; [`RuleError::WrongOpening`].
    pub fn verify(&self, opening: &Opening) -> Result<(), RuleError> {
        if opening.digest()? == self.digest {
            return Ok(());
        }
        Err(RuleError::WrongOpening {
            bidder: opening.bidder.into(),
            rate: opening.rate.u128(),
        })
    }
}
