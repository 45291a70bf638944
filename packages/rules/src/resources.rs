//! What a tenant asks for and what a provider declares, with the hard caps of the design.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use crate::error::{overflow, RuleError};
use crate::vouch::Level;

pub const MAX_GROUPS: usize = 8;
pub const MAX_UNITS: usize = 16;
pub const MAX_REQUIRED_ATTRIBUTES: usize = 24;
pub const MAX_AUDITORS: usize = 4;
pub const MAX_VOLUMES: usize = 4;
pub const MAX_PROVIDER_ATTRIBUTES: usize = 32;
pub const MAX_GPU_KINDS: usize = 8;
pub const MAX_GPU_MODELS: usize = 8;
pub const MAX_ENDPOINTS: usize = 16;
/// Longest attribute key or value, group name, volume name or GPU field, in bytes.
pub const MAX_TEXT: usize = 128;
/// Most replicas of one unit.
pub const MAX_COUNT: u32 = 50;
/// Longest job, seconds: a year.
pub const MAX_DURATION: u64 = 31_536_000;
/// Highest rate of a group. Leaves room in 128 bits for ten centuries of rent at this rate.
pub const MAX_RATE: u128 = 10_u128.pow(28);

/// A key and its value, both at most [`MAX_TEXT`] bytes. A required key may end in `*`, which matches any rest.
#[cw_serde]
#[derive(Eq, Hash)]
pub struct Attribute {
    #[serde(rename = "k")]
    pub key: String,
    #[serde(rename = "v")]
    pub value: String,
}

/// Conditions on the provider. All attributes must hold, as declared and as vouched for by the auditors.
#[cw_serde]
#[derive(Default)]
pub struct Requirements {
    /// At most 24. An empty list accepts any provider.
    #[serde(rename = "at", default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Every one of these auditors must vouch. At most 4.
    #[serde(rename = "al", default, skip_serializing_if = "Vec::is_empty")]
    pub all_of: Vec<String>,
    /// At least one of these auditors must vouch, when the list is not empty. At most 4.
    #[serde(rename = "an", default, skip_serializing_if = "Vec::is_empty")]
    pub any_of: Vec<String>,
    /// How the named auditors must have come to know it, at least. Only with an auditor named.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub min_level: Option<Level>,
}

/// One GPU model that would do. An absent field accepts anything.
#[cw_serde]
#[derive(Default, Eq, Hash)]
pub struct GpuModel {
    /// `nvidia`, `amd`, …, lower case.
    #[serde(rename = "v")]
    pub vendor: String,
    /// `h100`, `rtx4090`, …, lower case.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// At least this much memory on each card, in MiB.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub vram_mib: Option<u32>,
    /// `pcie` or `sxm`.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
}

/// GPUs of one unit: `count` cards, each of one of the `models` (any card of any vendor when empty).
#[cw_serde]
pub struct GpuRequirement {
    /// 1 to 24.
    #[serde(rename = "n")]
    pub count: u32,
    /// Alternatives, at most 8.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<GpuModel>,
}

/// A volume of one replica.
#[cw_serde]
pub struct Volume {
    #[serde(rename = "n")]
    pub name: String,
    /// 5 MiB to 32 TiB.
    #[serde(rename = "b")]
    pub bytes: u64,
    /// Class such as `beta3`; the provider must offer it. Absent for ephemeral disk.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Survives a restart of the workload.
    #[serde(rename = "p", default, skip_serializing_if = "std::ops::Not::not")]
    pub persistent: bool,
}

#[cw_serde]
#[derive(Copy, Eq)]
pub enum Endpoint {
    /// HTTP by host name on the provider's shared ingress.
    #[serde(rename = "http")]
    SharedHttp,
    /// A port of the provider's choice.
    #[serde(rename = "port")]
    RandomPort,
    /// A port on a leased address.
    #[serde(rename = "ip")]
    LeasedIp,
}

/// `count` equal replicas. Bounds per replica: cpu 10 to 384 000 milli-cores, memory 1 MiB to 2 TiB.
#[cw_serde]
pub struct ResourceUnit {
    /// Thousandths of a core.
    #[serde(rename = "c")]
    pub cpu: u32,
    /// Bytes.
    #[serde(rename = "m")]
    pub memory: u64,
    /// At most 4.
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<Volume>,
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub gpu: Option<GpuRequirement>,
    /// At most 16.
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    pub endpoints: Vec<Endpoint>,
    /// 1 to 50.
    #[serde(rename = "n")]
    pub count: u32,
    /// The most the tenant pays for one replica, scaled units per second.
    #[serde(rename = "r")]
    pub rate: Uint128,
}

/// What must be placed together on one provider. Short names on the wire: a group is stored once and read at every bid.
#[cw_serde]
pub struct GroupSpec {
    #[serde(rename = "n")]
    pub name: String,
    #[serde(rename = "q", default)]
    pub requirements: Requirements,
    /// 1 to 16.
    #[serde(rename = "u")]
    pub resources: Vec<ResourceUnit>,
}

/// GPUs that a provider declares.
#[cw_serde]
#[derive(Eq, PartialOrd, Ord)]
pub struct GpuInventory {
    #[serde(rename = "v")]
    pub vendor: String,
    #[serde(rename = "m")]
    pub model: String,
    #[serde(rename = "r")]
    pub vram_mib: u32,
    #[serde(rename = "i")]
    pub interface: String,
    #[serde(rename = "n")]
    pub count: u32,
}

/// What a provider declares it can do: read at every bid and claim.
#[cw_serde]
#[derive(Default)]
pub struct Capability {
    /// At most 32. Storage classes are attributes `capabilities/storage/<n>/class`.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// At most 8 kinds of card.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub gpus: Vec<GpuInventory>,
}

/// Checks the groups of one deployment: 1 to [`MAX_GROUPS`], each within its bounds, no name twice.
///
/// # Errors
/// [`RuleError::OutOfRange`] naming the field, its value and what is allowed.
pub fn validate_groups(groups: &[GroupSpec]) -> Result<(), RuleError> {
    between("groups", groups.len(), 1, MAX_GROUPS)?;
    // At most MAX_GROUPS groups.
    for (i, group) in groups.iter().enumerate() {
        group.validate()?;
        if groups.iter().take(i).any(|g| g.name == group.name) {
            return Err(RuleError::range(
                "group name",
                &group.name,
                "each name once",
            ));
        }
    }
    Ok(())
}

impl GroupSpec {
    /// The most the tenant pays for the whole group: Σ rate · count over its units (at most 16).
    ///
    /// # Errors
    /// [`RuleError::Overflow`] when the sum needs more than 128 bits.
    pub fn max_rate(&self) -> Result<Uint128, RuleError> {
        self.resources
            .iter()
            .try_fold(0_u128, |sum, unit| {
                let rate = unit.rate.u128().checked_mul(u128::from(unit.count))?;
                sum.checked_add(rate)
            })
            .map(Uint128::new)
            .ok_or(overflow("rate of the group"))
    }

    /// Checks every cap and bound.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), RuleError> {
        text("group name", &self.name)?;
        self.requirements.validate()?;
        between("resource units", self.resources.len(), 1, MAX_UNITS)?;
        // At most MAX_UNITS units.
        for unit in &self.resources {
            unit.validate()?;
        }
        between("rate of the group", self.max_rate()?.u128(), 1, MAX_RATE)
    }
}

impl Requirements {
    /// Whether this auditor's word is asked for.
    pub fn names(&self, auditor: &str) -> bool {
        // At most MAX_AUDITORS names in each list.
        let mut named = self.all_of.iter().chain(&self.any_of);
        named.any(|name| name == auditor)
    }

    fn validate(&self) -> Result<(), RuleError> {
        at_most(
            "required attributes",
            self.attributes.len(),
            MAX_REQUIRED_ATTRIBUTES,
        )?;
        at_most("all_of auditors", self.all_of.len(), MAX_AUDITORS)?;
        at_most("any_of auditors", self.any_of.len(), MAX_AUDITORS)?;
        attributes(&self.attributes)?;
        if self.min_level.is_some() && self.all_of.is_empty() && self.any_of.is_empty() {
            return Err(RuleError::range(
                "min_level",
                "set",
                "only with an auditor named",
            ));
        }
        // At most 4 + 4 auditors.
        for auditor in self.all_of.iter().chain(&self.any_of) {
            text("auditor", auditor)?;
        }
        Ok(())
    }
}

impl ResourceUnit {
    fn validate(&self) -> Result<(), RuleError> {
        const MIB: u64 = 1 << 20;
        const TIB: u64 = 1 << 40;
        between("cpu", self.cpu, 10, 384_000)?;
        between("memory", self.memory, MIB, 2 * TIB)?;
        between("count", self.count, 1, MAX_COUNT)?;
        at_most("volumes", self.storage.len(), MAX_VOLUMES)?;
        at_most("endpoints", self.endpoints.len(), MAX_ENDPOINTS)?;
        // At most MAX_VOLUMES volumes.
        for volume in &self.storage {
            text("volume name", &volume.name)?;
            between("volume size", volume.bytes, 5 * MIB, 32 * TIB)?;
            text("storage class", volume.class.as_deref().unwrap_or("any"))?;
        }
        if let Some(gpu) = &self.gpu {
            between("gpu count", gpu.count, 1, 24)?;
            at_most("gpu models", gpu.models.len(), MAX_GPU_MODELS)?;
            // At most MAX_GPU_MODELS models.
            for model in &gpu.models {
                text("gpu vendor", &model.vendor)?;
                text("gpu model", model.model.as_deref().unwrap_or("any"))?;
                text("gpu interface", model.interface.as_deref().unwrap_or("any"))?;
            }
        }
        Ok(())
    }
}

impl Capability {
    /// Checks every cap and bound.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), RuleError> {
        at_most(
            "provider attributes",
            self.attributes.len(),
            MAX_PROVIDER_ATTRIBUTES,
        )?;
        attributes(&self.attributes)?;
        at_most("gpu kinds", self.gpus.len(), MAX_GPU_KINDS)?;
        // At most MAX_GPU_KINDS kinds.
        for gpu in &self.gpus {
            text("gpu vendor", &gpu.vendor)?;
            text("gpu model", &gpu.model)?;
            text("gpu interface", &gpu.interface)?;
            between("gpu count", gpu.count, 1, 100_000)?;
        }
        Ok(())
    }
}

/// Keys and values within [`MAX_TEXT`]; no key twice. The caller has bounded the list.
fn attributes(list: &[Attribute]) -> Result<(), RuleError> {
    for (i, attribute) in list.iter().enumerate() {
        text("attribute key", &attribute.key)?;
        text("attribute value", &attribute.value)?;
        if list.iter().take(i).any(|a| a.key == attribute.key) {
            return Err(RuleError::range(
                "attribute key",
                &attribute.key,
                "each key once",
            ));
        }
    }
    Ok(())
}

pub(crate) fn text(field: &str, value: &str) -> Result<(), RuleError> {
    if value.is_empty() || value.len() > MAX_TEXT {
        return Err(RuleError::range(
            field,
            format!("{} bytes long", value.len()),
            format!("1 to {MAX_TEXT} bytes"),
        ));
    }
    Ok(())
}

pub(crate) fn at_most(field: &str, value: usize, max: usize) -> Result<(), RuleError> {
    between(field, value, 0, max)
}

fn between<T: PartialOrd + std::fmt::Display>(
    field: &str,
    value: T,
    min: T,
    max: T,
) -> Result<(), RuleError> {
    if value < min || value > max {
        return Err(RuleError::range(field, value, format!("{min} to {max}")));
    }
    Ok(())
}
