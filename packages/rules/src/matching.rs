//! Does a provider meet a group's requirements? The agent, the CLI and the contract call this same function.

use cosmwasm_schema::cw_serde;

use crate::error::RuleError;
use crate::resources::{
    Attribute, Capability, GpuInventory, GpuModel, GpuRequirement, Requirements, ResourceUnit,
};
use crate::vouch::Level;

/// What an auditor vouches for about one provider, until it expires.
#[cw_serde]
pub struct Audit {
    pub auditor: String,
    pub level: Level,
    pub attributes: Vec<Attribute>,
    pub gpus: Vec<GpuInventory>,
    /// Block time from which it is void, seconds.
    pub expires_at: u64,
}

/// Whether a provider may serve a group: it declares every required attribute, storage class and GPU, and so do, in a live audit of
/// their own and of at least `min_level`, all auditors of `all_of` and one of `any_of`. Pass the audits in good standing of the auditors that the
/// group names, at most 8.
///
/// # Errors
/// [`RuleError::NotEligible`] with the first requirement that it does not declare to meet, [`RuleError::NotVouched`] when auditors are missing.
pub fn eligible(
    requirements: &Requirements,
    resources: &[ResourceUnit],
    capability: &Capability,
    audits: &[Audit],
    now: u64,
) -> Result<(), RuleError> {
    let meets = |attributes: &[Attribute], gpus: &[GpuInventory]| {
        missing(requirements, resources, attributes, gpus).map_or(Ok(()), Err)
    };
    let vouches = |auditor: &String| {
        audits
            .iter()
            .filter(|audit| audit.auditor == *auditor && now < audit.expires_at)
            .filter(|audit| {
                requirements
                    .min_level
                    .is_none_or(|least| least <= audit.level)
            })
            .any(|audit| meets(&audit.attributes, &audit.gpus).is_ok())
    };
    meets(&capability.attributes, &capability.gpus).map_err(not_eligible)?;
    // At most MAX_AUDITORS names in each list.
    if let Some(auditor) = requirements.all_of.iter().find(|a| !vouches(a)) {
        let reason = format!("auditor {auditor} does not vouch for it");
        return Err(RuleError::NotVouched { reason });
    }
    if !requirements.any_of.is_empty() && !requirements.any_of.iter().any(vouches) {
        let names = requirements.any_of.join(", ");
        let reason = format!("none of the auditors {names} vouches for it");
        return Err(RuleError::NotVouched { reason });
    }
    Ok(())
}

fn not_eligible(reason: String) -> RuleError {
    RuleError::NotEligible { reason }
}

/// The first requirement that these attributes and GPUs do not meet. At most 24 + 64 requirements against 32 attributes, and 16 units
/// against 8 kinds of card.
fn missing(
    requirements: &Requirements,
    resources: &[ResourceUnit],
    attributes: &[Attribute],
    gpus: &[GpuInventory],
) -> Option<String> {
    let attribute = requirements
        .attributes
        .iter()
        .find(|required| !attributes.iter().any(|offered| matches(required, offered)))
        .map(|required| format!("attribute {} = {} is missing", required.key, required.value));
    let class = || {
        resources
            .iter()
            .flat_map(|unit| &unit.storage)
            .filter_map(|volume| volume.class.as_deref())
            .find(|class| !attributes.iter().any(|offered| offers(offered, class)))
            .map(|class| format!("storage class {class} is not offered"))
    };
    attribute
        .or_else(class)
        .or_else(|| missing_gpus(resources, gpus))
}

/// Same value, and the same key or, when the required key ends in `*`, the same beginning.
fn matches(required: &Attribute, offered: &Attribute) -> bool {
    required.value == offered.value
        && match required.key.strip_suffix('*') {
            Some(prefix) => offered.key.starts_with(prefix),
            None => offered.key == required.key,
        }
}

/// `capabilities/storage/<n>/class` with this value.
fn offers(offered: &Attribute, class: &str) -> bool {
    offered.value == class
        && offered
            .key
            .strip_prefix("capabilities/storage/")
            .and_then(|rest| rest.strip_suffix("/class"))
            .is_some_and(|n| !n.is_empty() && !n.contains('/'))
}

/// Deals the cards out greedily: the cards of a replica are all of one kind, and the unit with the fewest suitable kinds chooses
/// first. Sound (what it accepts can be placed), and bounded by units · kinds.
fn missing_gpus(resources: &[ResourceUnit], gpus: &[GpuInventory]) -> Option<String> {
    let mut wanted: Vec<_> = resources
        .iter()
        .filter_map(|unit| Some((unit.gpu.as_ref()?, unit.count)))
        .collect();
    wanted.sort_by_key(|(required, _)| gpus.iter().filter(|gpu| suits(required, gpu)).count());
    let mut left: Vec<u32> = gpus.iter().map(|gpu| gpu.count).collect();
    wanted
        .into_iter()
        .find_map(|(required, replicas)| short_of(required, replicas, gpus, &mut left))
}

/// Takes the cards of one unit; says what is missing.
fn short_of(
    required: &GpuRequirement,
    replicas: u32,
    gpus: &[GpuInventory],
    left: &mut [u32],
) -> Option<String> {
    let mut open = replicas;
    for (_, left) in gpus
        .iter()
        .zip(left.iter_mut())
        .filter(|(gpu, _)| suits(required, gpu))
    {
        let served = left.checked_div(required.count).unwrap_or(0).min(open);
        open = open.saturating_sub(served);
        *left = left.saturating_sub(served.saturating_mul(required.count));
    }
    (open > 0).then(|| {
        format!(
            "{open} of {replicas} replicas find no {} GPUs: {}",
            required.count,
            required.names()
        )
    })
}

/// Whether one of the wanted models is this kind of card.
pub(crate) fn suits(required: &GpuRequirement, gpu: &GpuInventory) -> bool {
    let agrees = |wanted: &Option<String>, has: &String| wanted.as_ref().is_none_or(|w| w == has);
    required.models.is_empty()
        || required.models.iter().any(|model| {
            model.vendor == gpu.vendor
                && agrees(&model.model, &gpu.model)
                && agrees(&model.interface, &gpu.interface)
                && model.vram_mib.is_none_or(|vram| gpu.vram_mib >= vram)
        })
}

impl GpuRequirement {
    /// The models that would do, for an error.
    pub(crate) fn names(&self) -> String {
        match self.models.as_slice() {
            [] => "of any model".to_string(),
            models => models.iter().map(name).collect::<Vec<_>>().join(" or "),
        }
    }
}

fn name(model: &GpuModel) -> String {
    let vram = model.vram_mib.map(|vram| format!("{vram}MiB"));
    [
        Some(model.vendor.clone()),
        model.model.clone(),
        vram,
        model.interface.clone(),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("/")
}
