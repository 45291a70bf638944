//! What an auditor signs about a provider, and what the registry keeps of it.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Binary, Uint128};
use cw_storage_plus::Map;
use leasehold_rules::auction::within;
use leasehold_rules::resources::{Attribute, Capability, GpuInventory};
use leasehold_rules::vouch::{Level, Vouch};

use super::trust::validate_hash;
use crate::RuleError;

/// Most live attestations of one provider.
pub const MAX_AUDITS: usize = 8;
/// Most cards in one attestation.
pub const MAX_DEVICES: usize = 64;
/// Longest driver version or compute capability, in bytes.
const MAX_VERSION: usize = 32;

/// The latest attestation by provider and auditor, kept when it has expired or was revoked.
pub const ATTESTATIONS: Map<(&Addr, &Addr), Attested> = Map::new("r");
/// Who has which card, by its commitment.
pub const DEVICES: Map<&[u8], Device> = Map::new("d");

/// An auditor's word on one provider. It counts for what the provider declares, and for nothing beyond that.
#[cw_serde]
pub struct Attestation {
    pub provider: String,
    pub level: Level,
    /// Declared attributes that hold, storage classes among them. At most 32.
    pub attributes: Vec<Attribute>,
    /// At most 8 kinds, of 64 cards together.
    pub gpus: Vec<GpuReport>,
    /// SHA-256 of the report or evidence that it rests on, 32 bytes; the auditor shows it to who asks.
    pub evidence_hash: Binary,
    /// Block time of the measurement, seconds: not in the future, and later than what the auditor found before.
    pub measured_at: u64,
    /// Block time from which it is void, at most `attestation_life` after the measurement.
    pub expires_at: u64,
}

/// Cards of one kind.
#[cw_serde]
pub struct GpuReport {
    /// `nvidia`, `amd`, …, lower case.
    pub vendor: String,
    /// `h100`, `rtx4090`, …, lower case.
    pub model: String,
    /// Of each card.
    pub vram_mib: u32,
    /// `pcie` or `sxm`.
    pub interface: String,
    /// One commitment for each card, `sha256(uuid ‖ salt)`, 32 bytes; the salt is the registry's address. A card has one owner in a registry.
    pub devices: Vec<Binary>,
    /// At most 32 bytes.
    pub driver: String,
    /// Such as `9.0`, at most 32 bytes.
    pub compute_capability: Option<String>,
    /// Required from level `benchmarked` on.
    pub measured: Option<GpuThroughput>,
}

/// What the slowest card of a kind did.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct GpuThroughput {
    /// Single-precision multiply-adds, 10⁹ operations per second.
    pub gflops: u64,
    /// Reads and writes of its own memory, MiB per second.
    pub memory_mib_s: u64,
}

/// What the registry keeps for a provider and an auditor.
#[cw_serde]
pub struct Attested {
    /// Nothing that was measured up to this block time is taken any more.
    pub measured_at: u64,
    /// Absent once revoked.
    pub attestation: Option<Attestation>,
    pub challenge: Option<Challenge>,
}

/// Another auditor's word against an attestation.
#[cw_serde]
pub struct Challenge {
    pub challenger: Addr,
    /// Whole units of the trust denom, in insurance.
    pub deposit: Uint128,
    /// SHA-256 of what speaks against it, 32 bytes.
    pub evidence_hash: Binary,
    /// Block time before which the attestation counts for nothing.
    pub suspended_until: u64,
}

/// A card that auditors found.
#[cw_serde]
pub struct Device {
    #[serde(rename = "p")]
    pub provider: Addr,
    /// Who found it there, and until when that counts. At most 8.
    #[serde(rename = "a")]
    pub found: Vec<(Addr, u64)>,
}

impl Attestation {
    /// Checks every cap and bound that hangs on nothing else.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), RuleError> {
        self.found().validate()?;
        validate_hash("bytes of evidence_hash", &self.evidence_hash)?;
        within("devices", self.devices().count(), 0..=MAX_DEVICES)?;
        // At most MAX_GPU_KINDS kinds.
        for gpu in &self.gpus {
            within("bytes of driver", gpu.driver.len(), 0..=MAX_VERSION)?;
            let capability = gpu.compute_capability.as_ref().map_or(0, String::len);
            within("bytes of compute_capability", capability, 0..=MAX_VERSION)?;
            if self.level >= Level::Benchmarked && gpu.measured.is_none() {
                let allowed = "figures, from level benchmarked on";
                return Err(RuleError::range("gpus.measured", "absent", allowed));
            }
        }
        // At most MAX_DEVICES cards.
        for (i, device) in self.devices().enumerate() {
            validate_hash("bytes of a device", device)?;
            if self.devices().take(i).any(|other| other == device) {
                return Err(RuleError::range("devices", device, "each card once"));
            }
        }
        Ok(())
    }

    pub fn devices(&self) -> impl Iterator<Item = &Binary> {
        self.gpus.iter().flat_map(|gpu| &gpu.devices)
    }

    /// What the auditor found, as a provider declares it.
    pub fn found(&self) -> Capability {
        let cards = |gpu: &GpuReport| GpuInventory {
            vendor: gpu.vendor.clone(),
            model: gpu.model.clone(),
            vram_mib: gpu.vram_mib,
            interface: gpu.interface.clone(),
            count: u32::try_from(gpu.devices.len()).unwrap_or(u32::MAX),
        };
        Capability {
            attributes: self.attributes.clone(),
            gpus: self.gpus.iter().map(cards).collect(),
        }
    }

    /// What it says of what a provider declares.
    pub fn vouch(&self, auditor: &Addr, suspended_until: u64, declared: &Capability) -> Vouch {
        let found = self.found();
        let vouch = Vouch {
            auditor: auditor.to_string(),
            level: self.level,
            expires_at: self.expires_at,
            suspended_until,
            attributes: 0,
            gpus: vec![],
        };
        vouch.covering(&found.attributes, &found.gpus, declared)
    }
}

impl Attested {
    /// What it says of what a provider declares, unless it was revoked.
    pub fn vouch(&self, auditor: &Addr, declared: &Capability) -> Option<Vouch> {
        let suspended_until = self.challenge.as_ref().map_or(0, |c| c.suspended_until);
        let attestation = self.attestation.as_ref()?;
        Some(attestation.vouch(auditor, suspended_until, declared))
    }
}
