//! Groups as the deployment contract takes them.

use leasehold_rules::resources::{
    Attribute, Endpoint, GpuModel, GpuRequirement, GroupSpec, Requirements, ResourceUnit, Volume,
    MAX_GROUPS, MAX_RATE,
};

use crate::extensions::{Extensions, PricePeriod};
use crate::groups::{Group, Unit};
use crate::model;
use crate::reader::{Path, Report};
use crate::resources::EndpointKind;

/// Every group; the report tells what the chain would refuse.
pub(crate) fn group_specs(
    groups: &[Group],
    extensions: &Extensions,
    report: &Report,
) -> Vec<GroupSpec> {
    if groups.len() > MAX_GROUPS {
        let path = Path::of(&["profiles", "placement"]);
        let count = groups.len();
        report.error(
            &path,
            format!("{count} placements in use, allowed: {MAX_GROUPS}"),
        );
    }
    let specs: Vec<_> = groups
        .iter()
        .map(|group| group_spec(group, extensions, report))
        .collect();
    let leveled = |spec: &GroupSpec| spec.requirements.min_level.is_some();
    if extensions.audit_level.is_some() && !specs.iter().any(leveled) {
        report.error(
            &Path::of(&["leasehold", "audit_level"]),
            "no placement names an auditor under signedBy",
        );
    }
    specs
}

fn group_spec(group: &Group, extensions: &Extensions, report: &Report) -> GroupSpec {
    let path = Path::of(&["profiles", "placement", &group.name]);
    let placement = &group.placement;
    let attributes = placement.attributes.iter().map(|(key, value)| Attribute {
        key: key.clone(),
        value: value.clone(),
    });
    let units = group.units.iter().map(|unit| {
        let amount = path.key("pricing").key(&unit.profile).key("amount");
        let converted = resource_unit(
            unit,
            rate(unit.price.atoms, extensions.per, &amount, report),
        );
        check_unit(&unit.profile, &converted, report);
        converted
    });
    let all_of = placement.all_of.clone().unwrap_or_default();
    let any_of = placement.any_of.clone().unwrap_or_default();
    let spec = GroupSpec {
        name: group.name.clone(),
        resources: units.collect(),
        requirements: Requirements {
            attributes: attributes.collect(),
            min_level: extensions
                .audit_level
                .filter(|_| !(all_of.is_empty() && any_of.is_empty())),
            all_of,
            any_of,
        },
    };
    if !report.has_errors() {
        check(&spec, &path, report);
    }
    spec
}

/// Checks a unit as if it were alone, so that the finding names its compute profile.
fn check_unit(profile: &str, unit: &ResourceUnit, report: &Report) {
    if report.has_errors() {
        return;
    }
    let alone = GroupSpec {
        name: profile.to_owned(),
        requirements: Requirements::default(),
        resources: vec![unit.clone()],
    };
    let path = Path::of(&["profiles", "compute", profile, "resources"]);
    check(&alone, &path, report);
}

fn check(spec: &GroupSpec, path: &Path, report: &Report) {
    if let Err(refused) = spec.validate() {
        report.error(path, refused.to_string());
    }
}

/// Scaled rate per second of `atoms` (10⁻¹⁸ of a unit) per period, rounded down:
/// atoms / 10¹⁸ · 10¹² / (half_seconds / 2) = 2 · atoms / (10⁶ · half_seconds).
fn rate(atoms: u128, per: PricePeriod, path: &Path, report: &Report) -> u128 {
    let rate = atoms
        .checked_mul(2)
        .map(|doubled| doubled / (1_000_000 * per.half_seconds()));
    match rate {
        Some(rate @ 1..=MAX_RATE) => return rate,
        Some(0) => report.error(
            path,
            "too small a price: less than 10^-12 of the smallest unit per second",
        ),
        _ => report.error(
            path,
            "too large a price: more than 10^16 of the smallest unit per second",
        ),
    }
    0
}

fn resource_unit(unit: &Unit, rate: u128) -> ResourceUnit {
    let compute = &unit.compute;
    ResourceUnit {
        cpu: compute.cpu,
        memory: compute.memory,
        storage: compute.volumes.iter().map(volume).collect(),
        gpu: (compute.gpu.units > 0).then(|| gpu(&compute.gpu)),
        endpoints: unit.endpoints.iter().map(|e| endpoint(e.kind)).collect(),
        count: unit.count,
        rate: rate.into(),
    }
}

fn volume(volume: &model::Volume) -> Volume {
    Volume {
        name: volume.name.clone(),
        bytes: volume.bytes,
        class: class(volume.class()),
        persistent: volume.is_persistent(),
    }
}

/// Class `default` is whichever the provider uses, so it asks for none.
pub(crate) fn class(given: Option<&str>) -> Option<String> {
    given.filter(|class| *class != "default").map(str::to_owned)
}

fn gpu(gpu: &model::Gpu) -> GpuRequirement {
    let any = [model::GpuModel {
        model: "*".into(),
        ..Default::default()
    }];
    let models = match gpu.models.as_slice() {
        [] => &any,
        models => models,
    };
    GpuRequirement {
        count: gpu.units,
        models: models.iter().map(gpu_model).collect(),
    }
}

fn gpu_model(gpu: &model::GpuModel) -> GpuModel {
    GpuModel {
        vendor: "nvidia".into(),
        model: Some(gpu.model.to_lowercase()).filter(|model| model != "*"),
        vram_mib: gpu.ram_gib.map(|gib| gib * 1024),
        interface: gpu.interface.map(str::to_owned),
    }
}

pub(crate) fn endpoint(kind: EndpointKind) -> Endpoint {
    match kind {
        EndpointKind::SharedHttp => Endpoint::SharedHttp,
        EndpointKind::RandomPort => Endpoint::RandomPort,
        EndpointKind::LeasedIp => Endpoint::LeasedIp,
    }
}
