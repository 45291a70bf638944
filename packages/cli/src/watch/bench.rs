//! An aggregator's votes: only those of drawn watchers, verified, and each watcher's once.

use std::collections::BTreeMap;

use cosmwasm_std::{Addr, Binary};
use leasehold_api::provider::{sign_bytes, Key, Signed, Vote, VERDICT};
use sha2::{Digest, Sha256};

use super::SignedVote;

/// A lease in a round.
pub type Question = (u64, u64);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VoteError {
    #[error("lease {0} was not watched in round {1}, as far as is known here")]
    Unknown(u64, u64),
    #[error("{0} is not on the panel of that round")]
    NotOnPanel(String),
    #[error("that is not {0}'s signature of this vote")]
    Signature(String),
}

/// What a vote is to those that came before it.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    New,
    Known,
    /// The same watcher voted the contrary before: proof of a fault.
    Contrary(Accusation),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accusation {
    pub watcher: String,
    pub lease_id: u64,
    pub round: u64,
    pub down: Binary,
    pub up: Binary,
}

struct Panel {
    /// With their keys.
    members: BTreeMap<String, Key>,
    quorum: usize,
    /// By watcher.
    votes: BTreeMap<String, (bool, Binary)>,
    /// The chain has a verdict. Votes still come, and a contrary one still convicts.
    decided: bool,
}

pub struct Bench {
    chain_id: String,
    registry: Addr,
    panels: BTreeMap<Question, Panel>,
}

impl Bench {
    pub fn new(chain_id: String, registry: Addr) -> Self {
        Bench {
            chain_id,
            registry,
            panels: BTreeMap::new(),
        }
    }

    /// Opens a question, unless it is open.
    pub fn open(&mut self, question: Question, members: BTreeMap<String, Key>, quorum: u32) {
        self.panels.entry(question).or_insert_with(|| Panel {
            members,
            quorum: usize::try_from(quorum).unwrap_or(usize::MAX),
            votes: BTreeMap::new(),
            decided: false,
        });
    }

    /// Forgets what is too old to be decided.
    pub fn close(&mut self, is_over: impl Fn(Question) -> bool) {
        self.panels.retain(|question, _| !is_over(*question));
    }

    /// Submits no verdict on these any more.
    pub fn decide(&mut self, is_decided: impl Fn(Question) -> bool) {
        for (question, panel) in &mut self.panels {
            panel.decided |= is_decided(*question);
        }
    }

    pub fn is_open(&self, question: Question) -> bool {
        self.panels.contains_key(&question)
    }

    /// # Errors
    /// [`VoteError`]; nothing has changed.
    pub fn take(&mut self, vote: SignedVote) -> Result<Taken, VoteError> {
        let SignedVote {
            watcher,
            lease_id,
            round,
            down,
            signature,
        } = vote;
        let unknown = VoteError::Unknown(lease_id, round);
        let panel = self.panels.get_mut(&(lease_id, round)).ok_or(unknown)?;
        let key = panel
            .members
            .get(&watcher)
            .ok_or_else(|| VoteError::NotOnPanel(watcher.clone()))?;
        let signed = Vote {
            lease_id,
            round,
            down,
        };
        let bytes = sign_bytes(VERDICT, &self.chain_id, &self.registry, &signed);
        // What does not encode is as little signed as what does not fit.
        if !bytes.is_ok_and(|bytes| is_signed(key, &bytes, &signature)) {
            return Err(VoteError::Signature(watcher));
        }
        let Some((before, kept)) = panel.votes.get(&watcher) else {
            panel.votes.insert(watcher, (down, signature));
            return Ok(Taken::New);
        };
        if *before == down {
            return Ok(Taken::Known);
        }
        let (down, up) = match down {
            true => (signature, kept.clone()),
            false => (kept.clone(), signature),
        };
        Ok(Taken::Contrary(Accusation {
            watcher,
            lease_id,
            round,
            down,
            up,
        }))
    }

    /// Drops the votes of watchers that are not in good standing any more: one of them would spoil the verdict of all.
    pub fn dismiss(&mut self, is_good: impl Fn(&str) -> bool) {
        for panel in self.panels.values_mut() {
            panel.votes.retain(|watcher, _| is_good(watcher));
            panel.members.retain(|watcher, _| is_good(watcher));
        }
    }

    /// What can be submitted: a majority of one mind, once all have voted or the round is over, so that no watcher misses its fee for being
    /// second.
    pub fn ready(&self, is_past: impl Fn(u64) -> bool) -> Vec<(Question, bool, Vec<Signed>)> {
        let decided = |(question, panel): (&Question, &Panel)| {
            let is_full = panel.votes.len() == panel.members.len();
            if panel.decided || (!is_full && !is_past(question.1)) {
                return None;
            }
            [true, false].into_iter().find_map(|answer| {
                let signers: Vec<Signed> = panel
                    .votes
                    .iter()
                    .filter(|(_, (down, _))| *down == answer)
                    .map(|(watcher, (_, signature))| Signed {
                        watcher: watcher.clone(),
                        signature: signature.clone(),
                    })
                    .collect();
                (signers.len() >= panel.quorum).then_some((*question, answer, signers))
            })
        };
        self.panels.iter().filter_map(decided).collect()
    }
}

/// As the registry verifies it.
fn is_signed(key: &Key, bytes: &[u8], signature: &[u8]) -> bool {
    let verified = match key {
        Key::Secp256k1(key) => {
            cosmwasm_crypto::secp256k1_verify(&Sha256::digest(bytes), signature, key)
        }
        Key::Ed25519(key) => cosmwasm_crypto::ed25519_verify(bytes, signature, key),
    };
    matches!(verified, Ok(true))
}

#[cfg(test)]
mod tests;
