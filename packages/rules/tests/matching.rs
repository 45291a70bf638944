use cosmwasm_std::Uint128;
use leasehold_rules::matching::{eligible, Audit};
use leasehold_rules::resources::{
    Attribute, Capability, GpuInventory, GpuModel, GpuRequirement, Requirements, ResourceUnit,
    Volume,
};
use leasehold_rules::vouch::Level;
use leasehold_rules::RuleError;
use proptest::prelude::*;

const NOW: u64 = 100;

fn attribute(key: &str, value: &str) -> Attribute {
    Attribute {
        key: key.into(),
        value: value.into(),
    }
}

fn unit(count: u32) -> ResourceUnit {
    ResourceUnit {
        cpu: 1_000,
        memory: 1 << 30,
        storage: vec![],
        gpu: None,
        endpoints: vec![],
        count,
        rate: Uint128::one(),
    }
}

fn cards(model: &str, vram_mib: u32, count: u32) -> GpuInventory {
    GpuInventory {
        vendor: "nvidia".into(),
        model: model.into(),
        vram_mib,
        interface: "pcie".into(),
        count,
    }
}

fn model(model: Option<&str>, vram_mib: Option<u32>, interface: Option<&str>) -> GpuModel {
    GpuModel {
        vendor: "nvidia".into(),
        model: model.map(Into::into),
        vram_mib,
        interface: interface.map(Into::into),
    }
}

fn gpu_unit(cards: u32, replicas: u32, models: Vec<GpuModel>) -> ResourceUnit {
    ResourceUnit {
        gpu: Some(GpuRequirement {
            count: cards,
            models,
        }),
        ..unit(replicas)
    }
}

fn reason(
    requirements: &Requirements,
    resources: &[ResourceUnit],
    capability: &Capability,
    audits: &[Audit],
) -> Option<String> {
    match eligible(requirements, resources, capability, audits, NOW) {
        Ok(()) => None,
        Err(RuleError::NotEligible { reason } | RuleError::NotVouched { reason }) => Some(reason),
        Err(other) => panic!("{other}"),
    }
}

fn needs(attributes: &[(&str, &str)]) -> Requirements {
    Requirements {
        attributes: attributes.iter().map(|(k, v)| attribute(k, v)).collect(),
        ..Requirements::default()
    }
}

fn has(attributes: &[(&str, &str)], gpus: Vec<GpuInventory>) -> Capability {
    Capability {
        attributes: attributes.iter().map(|(k, v)| attribute(k, v)).collect(),
        gpus,
    }
}

#[test]
fn attributes_match_by_key_or_beginning_and_value() {
    let offered = has(&[("region", "eu-west"), ("net/up", "1000")], vec![]);
    let verdict = |key, value| reason(&needs(&[(key, value)]), &[unit(1)], &offered, &[]);
    for (key, value) in [("region", "eu-west"), ("net/*", "1000"), ("*", "1000")] {
        assert_eq!(verdict(key, value), None, "{key}");
    }
    // The star is a wild card only at the end, and only in the required key.
    for (key, value) in [
        ("region", "eu"),
        ("regio", "eu-west"),
        ("net/*", "100"),
        ("n*t/up", "1000"),
    ] {
        let expected = format!("attribute {key} = {value} is missing");
        assert_eq!(verdict(key, value), Some(expected));
    }
    assert_eq!(
        reason(&needs(&[]), &[unit(1)], &has(&[], vec![]), &[]),
        None
    );
    let both = needs(&[("region", "eu-west"), ("tier", "gold")]);
    assert!(reason(&both, &[unit(1)], &offered, &[])
        .unwrap()
        .contains("tier"));
}

#[test]
fn a_storage_class_must_be_offered_under_its_own_key() {
    let volume = |class: Option<&str>| ResourceUnit {
        storage: vec![Volume {
            name: "data".into(),
            bytes: 1 << 30,
            class: class.map(Into::into),
            persistent: class.is_some(),
        }],
        ..unit(1)
    };
    let verdict = |key| {
        let offered = has(&[(key, "beta3")], vec![]);
        reason(
            &needs(&[]),
            &[unit(1), volume(Some("beta3"))],
            &offered,
            &[],
        )
    };
    assert_eq!(verdict("capabilities/storage/2/class"), None);
    for key in [
        "capabilities/storage/class",
        "capabilities/storage//class",
        "capabilities/storage/1/2/class",
        "capabilities/storage/1/persistent",
    ] {
        let expected = "storage class beta3 is not offered".to_string();
        assert_eq!(verdict(key), Some(expected), "{key}");
    }
    let ephemeral = reason(&needs(&[]), &[volume(None)], &has(&[], vec![]), &[]);
    assert_eq!(ephemeral, None);
}

#[test]
fn gpus_match_by_vendor_model_memory_and_interface() {
    let offered = has(&[], vec![cards("a100", 40_960, 2)]);
    let verdict = |wanted| reason(&needs(&[]), &[gpu_unit(1, 1, wanted)], &offered, &[]);
    assert_eq!(verdict(vec![]), None);
    assert_eq!(verdict(vec![model(None, None, None)]), None);
    assert_eq!(
        verdict(vec![model(Some("a100"), Some(40_960), Some("pcie"))]),
        None
    );
    let either = vec![
        model(Some("h100"), None, None),
        model(Some("a100"), None, None),
    ];
    assert_eq!(verdict(either), None);
    for wanted in [
        model(Some("h100"), None, None),
        model(None, Some(40_961), None),
        model(None, None, Some("sxm")),
        GpuModel {
            vendor: "amd".into(),
            ..GpuModel::default()
        },
    ] {
        assert!(verdict(vec![wanted]).is_some());
    }
}

#[test]
fn gpus_are_counted_over_units_and_replicas() {
    let offered = has(&[], vec![cards("a100", 40_960, 4), cards("t4", 16_384, 3)]);
    let verdict = |units: &[ResourceUnit]| reason(&needs(&[]), units, &offered, &[]);
    let a100 = || vec![model(Some("a100"), None, None)];
    assert_eq!(verdict(&[gpu_unit(2, 2, a100())]), None);
    assert!(verdict(&[gpu_unit(2, 3, a100())]).is_some());
    // The unit that takes anything leaves the A100s to the one that needs them, whatever the order.
    assert_eq!(
        verdict(&[gpu_unit(1, 3, vec![]), gpu_unit(4, 1, a100())]),
        None
    );
    assert!(verdict(&[gpu_unit(1, 4, vec![]), gpu_unit(4, 1, a100())]).is_some());
    // The cards of a replica are all of one kind: seven cards do not make room for five.
    let why = verdict(&[gpu_unit(5, 1, vec![])]).unwrap();
    assert_eq!(why, "1 of 1 replicas find no 5 GPUs: of any model");
    assert!(reason(
        &needs(&[]),
        &[gpu_unit(1, 1, a100())],
        &has(&[], vec![]),
        &[]
    )
    .unwrap()
    .ends_with("nvidia/a100"));
}

fn audit(auditor: &str, attributes: &[(&str, &str)], gpus: Vec<GpuInventory>) -> Audit {
    Audit {
        auditor: auditor.into(),
        level: Level::Inventory,
        attributes: has(attributes, vec![]).attributes,
        gpus,
        expires_at: NOW + 1,
    }
}

#[test]
fn a_named_auditor_must_vouch_for_attributes_and_gpus() {
    let offered = has(&[("tier", "gold")], vec![cards("t4", 16_384, 2)]);
    let units = [gpu_unit(1, 2, vec![])];
    let signed = |all_of: &[&str], any_of: &[&str]| Requirements {
        all_of: all_of.iter().map(|a| a.to_string()).collect(),
        any_of: any_of.iter().map(|a| a.to_string()).collect(),
        ..needs(&[("tier", "gold")])
    };
    let full = |auditor| audit(auditor, &[("tier", "gold")], vec![cards("t4", 16_384, 2)]);
    let no_gpus = audit("x", &[("tier", "gold")], vec![]);
    let fewer = audit("x", &[("tier", "gold")], vec![cards("t4", 16_384, 1)]);
    let no_tier = audit("x", &[], vec![cards("t4", 16_384, 2)]);
    let expired = Audit {
        expires_at: NOW,
        ..full("x")
    };
    let all = |audits: &[Audit]| reason(&signed(&["x", "y"], &[]), &units, &offered, audits);
    assert_eq!(all(&[full("x"), full("y")]), None);
    assert_eq!(all(&[]).unwrap(), "auditor x does not vouch for it");
    assert_eq!(
        all(&[full("x")]).unwrap(),
        "auditor y does not vouch for it"
    );
    for weak in [no_gpus, fewer, no_tier, expired] {
        assert!(all(&[weak.clone(), full("y")]).is_some(), "{weak:?}");
    }
    let any = |audits: &[Audit]| reason(&signed(&[], &["x", "y"]), &units, &offered, audits);
    assert_eq!(any(&[full("y")]), None);
    assert_eq!(
        any(&[full("z")]).unwrap(),
        "none of the auditors x, y vouches for it"
    );
    let both = signed(&["x"], &["y", "z"]);
    assert_eq!(
        reason(&both, &units, &offered, &[full("x"), full("z")]),
        None
    );
    assert!(reason(&both, &units, &offered, &[full("x")]).is_some());
    // An audit does not replace the provider's own declaration.
    assert!(reason(&both, &units, &has(&[], vec![]), &[full("x"), full("y")]).is_some());
}

/// Whether the replicas can be placed at all, by trying every way.
fn placeable(replicas: &[(u32, Vec<usize>)], left: &mut Vec<u32>) -> bool {
    let Some(((cards, kinds), rest)) = replicas.split_first() else {
        return true;
    };
    kinds.iter().any(|&kind| {
        if left[kind] < *cards {
            return false;
        }
        left[kind] -= cards;
        let fits = placeable(rest, left);
        left[kind] += cards;
        fits
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Sound: what is accepted can be placed. Exact when one unit asks for GPUs, or all ask for one kind each.
    #[test]
    fn gpus_that_are_accepted_can_be_placed(
        kinds in prop::collection::vec(1..6_u32, 1..4),
        units in prop::collection::vec((1..4_u32, 1..4_u32, prop::collection::btree_set(0..4_usize, 0..3)), 1..4),
    ) {
        let gpus = kinds.iter().enumerate().map(|(i, count)| cards(&format!("m{i}"), 1, *count));
        let offered = has(&[], gpus.collect());
        let wanted: Vec<_> = units
            .iter()
            .map(|(cards, replicas, set)| {
                let models = set.iter().map(|i| model(Some(&format!("m{i}")), None, None));
                gpu_unit(*cards, *replicas, models.collect())
            })
            .collect();
        let replicas: Vec<_> = units
            .iter()
            .flat_map(|(cards, replicas, set)| {
                let suits: Vec<_> = (0..kinds.len())
                    .filter(|i| set.is_empty() || set.contains(i))
                    .collect();
                vec![(*cards, suits); *replicas as usize]
            })
            .collect();
        let possible = placeable(&replicas, &mut kinds.clone());
        let accepted = reason(&needs(&[]), &wanted, &offered, &[]).is_none();
        prop_assert!(possible || !accepted);
        if units.len() == 1 || units.iter().all(|(_, _, set)| set.len() == 1) {
            prop_assert_eq!(possible, accepted);
        }
    }
}
