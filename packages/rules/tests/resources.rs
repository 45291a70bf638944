//! Every cap of the design: held at its edge, refused one beyond.

use cosmwasm_std::Uint128;
use leasehold_rules::resources::*;
use leasehold_rules::RuleError;

const MIB: u64 = 1 << 20;
const TIB: u64 = 1 << 40;

fn unit() -> ResourceUnit {
    ResourceUnit {
        cpu: 1_000,
        memory: 512 * MIB,
        storage: vec![],
        gpu: None,
        endpoints: vec![],
        count: 1,
        rate: Uint128::new(7),
    }
}

fn group(name: &str) -> GroupSpec {
    GroupSpec {
        name: name.into(),
        requirements: Requirements::default(),
        resources: vec![unit()],
    }
}

fn attributes(count: usize) -> Vec<Attribute> {
    (0..count)
        .map(|i| attribute(&format!("key{i}"), "true"))
        .collect()
}

fn attribute(key: &str, value: &str) -> Attribute {
    Attribute {
        key: key.into(),
        value: value.into(),
    }
}

fn volume(bytes: u64) -> Volume {
    Volume {
        name: "data".into(),
        bytes,
        class: None,
        persistent: false,
    }
}

fn gpu(count: u32, models: usize) -> GpuRequirement {
    GpuRequirement {
        count,
        models: vec![model("nvidia"); models],
    }
}

fn model(vendor: &str) -> GpuModel {
    GpuModel {
        vendor: vendor.into(),
        ..GpuModel::default()
    }
}

fn inventory(count: u32) -> GpuInventory {
    GpuInventory {
        vendor: "nvidia".into(),
        model: "h100".into(),
        vram_mib: 81_920,
        interface: "sxm".into(),
        count,
    }
}

fn long(bytes: usize) -> String {
    "x".repeat(bytes)
}

/// The field that was refused, or nothing.
fn refused(result: Result<(), RuleError>) -> Option<String> {
    match result {
        Ok(()) => None,
        Err(RuleError::OutOfRange { field, .. }) => Some(field),
        Err(other) => panic!("{other}"),
    }
}

/// Each good value passes, each bad one is refused with the field's name.
fn bounds<T>(field: &str, good: Vec<T>, bad: Vec<T>, check: impl Fn(T) -> Result<(), RuleError>) {
    for (i, value) in good.into_iter().enumerate() {
        assert_eq!(refused(check(value)), None, "{field}: good value {i}");
    }
    for (i, value) in bad.into_iter().enumerate() {
        let refused = refused(check(value));
        assert_eq!(refused.as_deref(), Some(field), "{field}: bad value {i}");
    }
}

fn with_unit(change: impl Fn(&mut ResourceUnit)) -> Result<(), RuleError> {
    let mut spec = group("web");
    change(&mut spec.resources[0]);
    spec.validate()
}

fn with_requirements(change: impl Fn(&mut Requirements)) -> Result<(), RuleError> {
    let mut spec = group("web");
    change(&mut spec.requirements);
    spec.validate()
}

fn with_capability(change: impl Fn(&mut Capability)) -> Result<(), RuleError> {
    let mut capability = Capability::default();
    change(&mut capability);
    capability.validate()
}

#[test]
fn the_caps_are_those_of_the_design() {
    assert_eq!(
        (MAX_GROUPS, MAX_UNITS, MAX_REQUIRED_ATTRIBUTES),
        (8, 16, 24)
    );
    assert_eq!(
        (MAX_AUDITORS, MAX_VOLUMES, MAX_PROVIDER_ATTRIBUTES),
        (4, 4, 32)
    );
}

#[test]
fn groups_of_a_deployment() {
    let groups = |count: usize| {
        (0..count)
            .map(|i| group(&format!("g{i}")))
            .collect::<Vec<_>>()
    };
    bounds(
        "groups",
        vec![groups(1), groups(8)],
        vec![groups(0), groups(9)],
        |list| validate_groups(&list),
    );
    bounds(
        "group name",
        vec![vec![group("a"), group("b")], vec![group("a"), group("A")]],
        vec![
            vec![group("a"), group("b"), group("a")],
            vec![group("")],
            vec![group(&long(MAX_TEXT + 1))],
        ],
        |list| validate_groups(&list),
    );
    assert_eq!(group(&long(MAX_TEXT)).validate(), Ok(()));
}

#[test]
fn units_of_a_group() {
    bounds("resource units", vec![1, 16], vec![0, 17], |count| {
        let mut spec = group("web");
        spec.resources = vec![unit(); count];
        spec.validate()
    });
    bounds("count", vec![1, 50], vec![0, 51], |count| {
        with_unit(|u| u.count = count)
    });
    bounds("cpu", vec![10, 384_000], vec![9, 384_001], |cpu| {
        with_unit(|u| u.cpu = cpu)
    });
    bounds(
        "memory",
        vec![MIB, 2 * TIB],
        vec![MIB - 1, 2 * TIB + 1],
        |memory| with_unit(|u| u.memory = memory),
    );
    bounds("endpoints", vec![0, 16], vec![17], |count| {
        with_unit(|u| u.endpoints = vec![Endpoint::SharedHttp; count])
    });
}

#[test]
fn volumes_of_a_unit() {
    bounds("volumes", vec![0, 4], vec![5], |count| {
        with_unit(|u| u.storage = vec![volume(5 * MIB); count])
    });
    bounds(
        "volume size",
        vec![5 * MIB, 32 * TIB],
        vec![5 * MIB - 1, 32 * TIB + 1],
        |bytes| with_unit(|u| u.storage = vec![volume(bytes)]),
    );
    bounds(
        "volume name",
        vec![long(MAX_TEXT)],
        vec![long(0), long(MAX_TEXT + 1)],
        |name| {
            with_unit(|u| {
                let name = name.clone();
                u.storage = vec![Volume {
                    name,
                    ..volume(TIB)
                }];
            })
        },
    );
    bounds(
        "storage class",
        vec![long(MAX_TEXT)],
        vec![long(0), long(MAX_TEXT + 1)],
        |class| {
            with_unit(|u| {
                let class = Some(class.clone());
                u.storage = vec![Volume {
                    class,
                    ..volume(TIB)
                }];
            })
        },
    );
}

#[test]
fn gpus_of_a_unit() {
    bounds("gpu count", vec![1, 24], vec![0, 25], |count| {
        with_unit(|u| u.gpu = Some(gpu(count, 0)))
    });
    bounds("gpu models", vec![0, 8], vec![9], |models| {
        with_unit(|u| u.gpu = Some(gpu(1, models)))
    });
    let with_model = |model: GpuModel| {
        with_unit(|u| {
            let models = vec![model.clone()];
            u.gpu = Some(GpuRequirement { count: 1, models });
        })
    };
    bounds(
        "gpu vendor",
        vec![long(MAX_TEXT)],
        vec![long(0), long(MAX_TEXT + 1)],
        |vendor| with_model(model(&vendor)),
    );
    let texts = || (vec![long(MAX_TEXT)], vec![long(0), long(MAX_TEXT + 1)]);
    let (good, bad) = texts();
    bounds("gpu model", good, bad, |text| {
        let model = GpuModel {
            model: Some(text),
            ..model("nvidia")
        };
        with_model(model)
    });
    let (good, bad) = texts();
    bounds("gpu interface", good, bad, |text| {
        let model = GpuModel {
            interface: Some(text),
            ..model("nvidia")
        };
        with_model(model)
    });
}

#[test]
fn requirements_of_a_group() {
    bounds("required attributes", vec![0, 24], vec![25], |count| {
        with_requirements(|r| r.attributes = attributes(count))
    });
    bounds("all_of auditors", vec![0, 4], vec![5], |count| {
        with_requirements(|r| r.all_of = vec!["auditor".into(); count])
    });
    bounds("any_of auditors", vec![0, 4], vec![5], |count| {
        with_requirements(|r| r.any_of = vec!["auditor".into(); count])
    });
    bounds(
        "auditor",
        vec![long(MAX_TEXT)],
        vec![long(0), long(MAX_TEXT + 1)],
        |auditor| with_requirements(|r| r.any_of = vec![auditor.clone()]),
    );
    bounds(
        "attribute key",
        vec![vec![attribute(&long(MAX_TEXT), "v")]],
        vec![
            vec![attribute("", "v")],
            vec![attribute(&long(MAX_TEXT + 1), "v")],
            vec![attribute("k", "v"), attribute("k", "w")],
        ],
        |list| with_requirements(|r| r.attributes = list.clone()),
    );
    bounds(
        "attribute value",
        vec![long(MAX_TEXT)],
        vec![long(0), long(MAX_TEXT + 1)],
        |value| with_requirements(|r| r.attributes = vec![attribute("k", &value)]),
    );
}

#[test]
fn rates_of_a_group() {
    bounds(
        "rate of the group",
        vec![1, MAX_RATE],
        vec![0, MAX_RATE + 1],
        |rate| with_unit(|u| u.rate = Uint128::new(rate)),
    );
    let mut spec = group("web");
    spec.resources = vec![unit(), unit()];
    spec.resources[1].count = 3;
    assert_eq!(spec.max_rate(), Ok(Uint128::new(7 + 3 * 7)));
    // The sum counts, not each part.
    spec.resources[0].rate = Uint128::new(MAX_RATE);
    assert_eq!(
        refused(spec.validate()).as_deref(),
        Some("rate of the group")
    );
    // More than 128 bits, in the product and in the sum.
    let overflow = RuleError::Overflow {
        what: "rate of the group",
    };
    spec.resources[1].rate = Uint128::MAX;
    assert_eq!(spec.max_rate(), Err(overflow.clone()));
    spec.resources[1].count = 1;
    assert_eq!(spec.validate(), Err(overflow));
}

#[test]
fn capability_of_a_provider() {
    bounds("provider attributes", vec![0, 32], vec![33], |count| {
        with_capability(|c| c.attributes = attributes(count))
    });
    bounds("attribute key", vec!["k"], vec![""], |key| {
        with_capability(|c| c.attributes = vec![attribute(key, "v")])
    });
    bounds("gpu kinds", vec![0, 8], vec![9], |count| {
        with_capability(|c| c.gpus = vec![inventory(1); count])
    });
    bounds("gpu count", vec![1, 100_000], vec![0, 100_001], |count| {
        with_capability(|c| c.gpus = vec![inventory(count)])
    });
    for field in ["gpu vendor", "gpu model", "gpu interface"] {
        bounds(
            field,
            vec![long(MAX_TEXT)],
            vec![long(0), long(MAX_TEXT + 1)],
            |text| {
                with_capability(|c| {
                    let mut gpu = inventory(1);
                    *(match field {
                        "gpu vendor" => &mut gpu.vendor,
                        "gpu model" => &mut gpu.model,
                        _ => &mut gpu.interface,
                    }) = text.clone();
                    c.gpus = vec![gpu];
                })
            },
        );
    }
}

/// The largest group that passes every cap is a few kilobytes as stored: what a bid reads stays small.
#[test]
fn a_group_within_all_caps_has_a_bounded_record() {
    let mut spec = group(&long(MAX_TEXT));
    spec.requirements.attributes = (0..MAX_REQUIRED_ATTRIBUTES)
        .map(|i| attribute(&format!("{i:0>128}"), &long(MAX_TEXT)))
        .collect();
    assert_eq!(spec.validate(), Ok(()));
    let size = cosmwasm_std::to_json_vec(&spec).unwrap().len();
    assert!(size < 8_192, "{size} bytes");
}
