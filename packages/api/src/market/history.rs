//! What has become of leases and promises: counters, which anyone may score. The chain never ranks by them.

use cosmwasm_schema::schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an address did in one denom, as counters that only rise: a list in the order of [`Mark`], without the zeros at its end.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq, Eq)]
#[serde(transparent)]
#[schemars(crate = "cosmwasm_schema::schemars")]
pub struct History(pub Vec<u64>);

/// A counter of a [`History`], by its place in the list. Those of a provider first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A lease ended, for whatever reason.
    Ended = 0,
    /// Seconds from a lease's start to its end, or to its provider's silence.
    Seconds = 1,
    /// It fell silent with a lease, outside an announced maintenance.
    Down = 2,
    /// It ended a lease without notice.
    Quit = 3,
    /// It did not claim what it had won, or not reveal what it had committed to.
    Refused = 4,
    /// A penalty was carried out; the registry may have waived it.
    Slashed = 5,
    /// A tenant ended a lease and had the group served by another.
    Dismissed = 6,
    /// A tenant's lease ended because its account stayed dry.
    Unfunded = 7,
    /// A tenant let a reservation's winner down.
    Withdrawn = 8,
}

impl History {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn of(&self, mark: Mark) -> u64 {
        self.0.get(mark as usize).copied().unwrap_or(0)
    }

    /// A counter that is full stays full.
    pub fn add(&mut self, mark: Mark, amount: u64) {
        let place = mark as usize;
        while self.0.len() <= place {
            self.0.push(0);
        }
        if let Some(counter) = self.0.get_mut(place) {
            *counter = counter.saturating_add(amount);
        }
    }
}

/// A [`History`] by name, for people and programs off chain.
#[derive(Serialize, Clone, Debug, PartialEq, Eq)]
pub struct Reputation {
    /// Leases of a provider that ended, for whatever reason. With its active ones: all that it ever won.
    pub ended: u64,
    /// Of these, from their start to their end, or to the provider's silence.
    pub seconds: u64,
    /// Of these, ended because it fell silent, outside an announced maintenance.
    pub down: u64,
    /// Of these, ended by it without notice.
    pub quit: u64,
    /// What it won and did not claim, and commitments that it did not reveal.
    pub refused: u64,
    /// Penalties that were carried out; the registry waives those of a common outage.
    pub slashed: u64,
    /// Leases that a tenant ended to have the group served by another. An ordinary close is not counted.
    pub dismissed: u64,
    /// Leases that ended because a tenant's account stayed dry past the resume window.
    pub unfunded: u64,
    /// Reservations whose winner a tenant let down.
    pub withdrawn: u64,
}

impl From<&History> for Reputation {
    fn from(history: &History) -> Self {
        Reputation {
            ended: history.of(Mark::Ended),
            seconds: history.of(Mark::Seconds),
            down: history.of(Mark::Down),
            quit: history.of(Mark::Quit),
            refused: history.of(Mark::Refused),
            slashed: history.of(Mark::Slashed),
            dismissed: history.of(Mark::Dismissed),
            unfunded: history.of(Mark::Unfunded),
            withdrawn: history.of(Mark::Withdrawn),
        }
    }
}
