//! Auditors and watchers: bonded accounts whose signed word counts.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{to_json_vec, Addr, Binary, Empty, QuerierWrapper, StdResult, Uint128};
use cw_storage_plus::Map;
use leasehold_rules::auction::within;
use leasehold_rules::matching::Audit;
use leasehold_rules::vouch::Vouch;
use serde::Serialize;

use super::{HASH_LENGTH, VOUCHES};
use crate::{Capability, Requirements, RuleError};

/// Auditors by account.
pub const AUDITORS: Map<&Addr, Member> = Map::new("a");
/// The auditors in good standing; read by the market for the ones that a group names.
pub const TRUSTED: Map<&Addr, Empty> = Map::new("y");
/// Watchers by account.
pub const WATCHERS: Map<&Addr, Member> = Map::new("w");

/// Smallest panel, and fewest signatures under a verdict.
pub const MIN_PANEL: u32 = 3;
/// Largest panel.
pub const MAX_PANEL: u32 = 15;

/// What auditors and watchers must put up, and by which rules they work.
#[cw_serde]
pub struct Trust {
    /// Bank denom of their bonds, of deposits and of watch fees. Not empty; cannot change.
    pub denom: String,
    /// Least bond of an auditor. At least 1.
    pub auditor_bond: Uint128,
    /// Least bond of a watcher. At least 1.
    pub watcher_bond: Uint128,
    /// Longest life of an attestation from its measurement on, seconds. 60 to 2 592 000.
    pub attestation_life: u64,
    /// Paid by who challenges an attestation; back if governance upholds it. At least 1.
    pub challenge_deposit: Uint128,
    /// Seconds for which a challenged attestation counts for nothing. 1 to 2 592 000.
    pub challenge_period: u64,
    /// Length of a round of watching, seconds. 10 to 86 400; cannot change.
    pub watch_round: u64,
    /// Watchers drawn for a lease and a round. 3 to 15; fewer watch where there are not as many.
    pub panel: u32,
    /// Paid to each signer of a round's verdict, whatever it says. At least 1.
    pub watch_fee: Uint128,
}

impl Trust {
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the parameter.
    pub fn validate(&self) -> Result<(), RuleError> {
        let some = Uint128::one()..=Uint128::MAX;
        within("trust.denom", self.denom.len(), 1..=128)?;
        within("trust.auditor_bond", self.auditor_bond, some.clone())?;
        within("trust.watcher_bond", self.watcher_bond, some.clone())?;
        within(
            "trust.attestation_life",
            self.attestation_life,
            60..=2_592_000,
        )?;
        within(
            "trust.challenge_deposit",
            self.challenge_deposit,
            some.clone(),
        )?;
        within(
            "trust.challenge_period",
            self.challenge_period,
            1..=2_592_000,
        )?;
        within("trust.watch_round", self.watch_round, 10..=86_400)?;
        within("trust.panel", self.panel, MIN_PANEL..=MAX_PANEL)?;
        within("trust.watch_fee", self.watch_fee, some)
    }

    /// Least bond in a role, whole units.
    pub fn bond(&self, role: Role) -> Uint128 {
        match role {
            Role::Auditor => self.auditor_bond,
            Role::Watcher => self.watcher_bond,
        }
    }
}

#[cw_serde]
#[derive(Copy, Eq)]
pub enum Role {
    /// Vouches for hardware.
    Auditor,
    /// Tells whether leases are served.
    Watcher,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Auditor => "auditor",
            Role::Watcher => "watcher",
        }
    }

    pub fn members(self) -> Map<&'static Addr, Member> {
        match self {
            Role::Auditor => AUDITORS,
            Role::Watcher => WATCHERS,
        }
    }
}

/// A public key that signs for a member; it need not be the account's.
#[cw_serde]
#[derive(Eq)]
pub enum Key {
    /// Compressed, 33 bytes. Signatures are 64 bytes over the SHA-256 of what is signed.
    #[serde(rename = "secp256k1")]
    Secp256k1(Binary),
    /// 32 bytes. Signatures are 64 bytes over what is signed.
    #[serde(rename = "ed25519")]
    Ed25519(Binary),
}

impl Key {
    /// # Errors
    /// [`RuleError::OutOfRange`] for a key of the wrong length.
    pub fn validate(&self) -> Result<(), RuleError> {
        match self {
            Key::Secp256k1(key) => within("bytes of a secp256k1 key", key.len(), 33..=33),
            Key::Ed25519(key) => within("bytes of an ed25519 key", key.len(), 32..=32),
        }
    }
}

/// An auditor or a watcher.
#[cw_serde]
pub struct Member {
    #[serde(rename = "k")]
    pub key: Key,
    /// Whole units. What a slash leaves may be less than the least.
    #[serde(rename = "b")]
    pub bond: Uint128,
    /// Its word counts for nothing until governance reinstates it.
    #[serde(rename = "j", default, skip_serializing_if = "std::ops::Not::not")]
    pub jailed: bool,
    /// It is leaving and its word counts for nothing: block time from which it may have its bond back. Until then it can be slashed.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub leaves_at: Option<u64>,
    /// Watch fees that wait for `claim_fees`.
    #[serde(rename = "f", default, skip_serializing_if = "Uint128::is_zero")]
    pub fees: Uint128,
    /// Its place among the watchers from which panels are drawn.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
}

impl Member {
    /// Whether its word counts.
    pub fn is_in_good_standing(&self) -> bool {
        !self.jailed && self.leaves_at.is_none()
    }
}

/// What is signed: for one purpose, one chain and one registry, so that it means nothing anywhere else.
///
/// # Errors
/// A value that does not serialise.
pub fn sign_bytes(
    purpose: &str,
    chain_id: &str,
    registry: &Addr,
    body: &impl Serialize,
) -> StdResult<Vec<u8>> {
    let mut bytes = format!("leasehold {purpose}\n{chain_id}\n{registry}\n").into_bytes();
    bytes.extend(to_json_vec(body)?);
    Ok(bytes)
}

/// Refuses what is no SHA-256 hash.
///
/// # Errors
/// [`RuleError::OutOfRange`] naming the field.
pub fn validate_hash(field: &'static str, bytes: &Binary) -> Result<(), RuleError> {
    within(field, bytes.len(), HASH_LENGTH..=HASH_LENGTH)
}

/// The audits of a provider that a group asks for, by auditors in good standing: a read, and one more for each, at most 8. None where no
/// auditor is named.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn audits(
    querier: &QuerierWrapper,
    registry: &Addr,
    provider: (&Addr, &Capability),
    requirements: &Requirements,
    now: u64,
) -> StdResult<Vec<Audit>> {
    if requirements.all_of.is_empty() && requirements.any_of.is_empty() {
        return Ok(vec![]);
    }
    let (address, declared) = provider;
    let vouches = VOUCHES.query(querier, registry.clone(), address)?;
    counted(vouches, declared, now, |auditor| {
        let named = requirements.names(auditor.as_str());
        Ok(named && TRUSTED.query(querier, registry.clone(), auditor)?.is_some())
    })
}

/// The audits that the live ones of a provider's vouches come to, by the auditors that count.
///
/// # Errors
/// When it cannot be told whether an auditor counts.
pub fn counted(
    vouches: Option<Vec<Vouch>>,
    declared: &Capability,
    now: u64,
    counts: impl Fn(&Addr) -> StdResult<bool>,
) -> StdResult<Vec<Audit>> {
    let mut audits = vec![];
    // At most MAX_AUDITS vouches.
    for vouch in vouches.iter().flatten() {
        if vouch.is_live(now) && counts(&Addr::unchecked(&vouch.auditor))? {
            audits.push(vouch.audit(declared));
        }
    }
    Ok(audits)
}
