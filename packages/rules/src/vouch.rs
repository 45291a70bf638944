//! What auditors vouch for, in the form that every bid reads: relative to what the provider declares.

use cosmwasm_schema::cw_serde;
use serde::{Deserialize, Serialize, Serializer};

use crate::matching::Audit;
use crate::resources::{Attribute, Capability, GpuInventory};

/// How an auditor came to know what it vouches for. Each level includes those before it.
#[cw_serde]
#[derive(Copy, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It saw the hardware listed by the machine's own tools.
    Inventory,
    /// It measured what the hardware does.
    Benchmarked,
    /// It verified evidence signed by the hardware itself (TEE, confidential computing) off chain.
    Attested,
}

impl Level {
    /// As commands, deployment files and events name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Inventory => "inventory",
            Level::Benchmarked => "benchmarked",
            Level::Attested => "attested",
        }
    }

    fn number(self) -> u8 {
        match self {
            Level::Inventory => 1,
            Level::Benchmarked => 2,
            Level::Attested => 3,
        }
    }

    fn of_number(number: u8) -> Self {
        match number {
            0 | 1 => Level::Inventory,
            2 => Level::Benchmarked,
            _ => Level::Attested,
        }
    }
}

/// One auditor's word on one provider, as a part of what the provider declares: nothing beyond that can be asked for.
#[cw_serde]
#[serde(from = "Stored", into = "Stored")]
pub struct Vouch {
    pub auditor: String,
    pub level: Level,
    /// Block time from which it is void, seconds.
    pub expires_at: u64,
    /// Block time before which a challenge makes it count for nothing, seconds.
    pub suspended_until: u64,
    /// Bit i: the declared attribute i holds.
    pub attributes: u32,
    /// How many cards of each declared kind there are; kinds after the last have none.
    pub gpus: Vec<u32>,
}

/// What is stored, as every bid reads it: without names.
#[derive(Deserialize)]
struct Stored(String, u8, u64, u64, u32, Vec<u32>);

impl Serialize for Stored {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Stored(auditor, level, expires_at, suspended_until, attributes, gpus) = self;
        (
            auditor,
            level,
            expires_at,
            suspended_until,
            attributes,
            gpus,
        )
            .serialize(to)
    }
}

impl From<Stored> for Vouch {
    fn from(Stored(auditor, level, expires_at, suspended_until, attributes, gpus): Stored) -> Self {
        Vouch {
            auditor,
            level: Level::of_number(level),
            expires_at,
            suspended_until,
            attributes,
            gpus,
        }
    }
}

impl From<Vouch> for Stored {
    fn from(vouch: Vouch) -> Self {
        let Vouch {
            auditor,
            level,
            expires_at,
            suspended_until,
            attributes,
            gpus,
        } = vouch;
        let level = level.number();
        Stored(
            auditor,
            level,
            expires_at,
            suspended_until,
            attributes,
            gpus,
        )
    }
}

impl Vouch {
    /// Reduces what an auditor found to what the provider declares. A kind of card counts when it was found with the declared vendor,
    /// model and interface and no less memory. At most 32 · 32 comparisons of attributes and 8 · 8 of cards.
    pub fn covering(
        mut self,
        attributes: &[Attribute],
        found: &[GpuInventory],
        declared: &Capability,
    ) -> Self {
        let bits = declared.attributes.iter().zip(0_u32..).take(32);
        self.attributes = bits
            .filter(|(attribute, _)| attributes.contains(attribute))
            .fold(0, |bits, (_, i)| bits | 1_u32.checked_shl(i).unwrap_or(0));
        let count = |kind: &GpuInventory| {
            let same = found.iter().filter(|card| same_kind(card, kind));
            let counts = same.map(|card| card.count);
            counts.fold(0_u32, u32::saturating_add).min(kind.count)
        };
        self.gpus = declared.gpus.iter().map(count).collect();
        self
    }

    /// Whether it counts now.
    pub fn is_live(&self, now: u64) -> bool {
        self.suspended_until <= now && now < self.expires_at
    }

    /// Written out again. At most 32 attributes and 8 kinds of card.
    pub fn audit(&self, declared: &Capability) -> Audit {
        let holds = |i: u32| {
            self.attributes
                .checked_shr(i)
                .is_some_and(|bits| bits & 1 == 1)
        };
        let attributes = declared.attributes.iter().zip(0_u32..);
        let gpus = declared.gpus.iter().zip(&self.gpus);
        Audit {
            auditor: self.auditor.clone(),
            level: self.level,
            attributes: attributes
                .filter(|(_, i)| holds(*i))
                .map(|(attribute, _)| attribute.clone())
                .collect(),
            gpus: gpus
                .filter(|(_, count)| **count > 0)
                .map(|(kind, count)| GpuInventory {
                    count: *count,
                    ..kind.clone()
                })
                .collect(),
            expires_at: self.expires_at,
        }
    }
}

fn same_kind(found: &GpuInventory, declared: &GpuInventory) -> bool {
    found.vendor == declared.vendor
        && found.model == declared.model
        && found.interface == declared.interface
        && found.vram_mib >= declared.vram_mib
}
