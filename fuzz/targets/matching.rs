//! Any group and any provider: who is eligible declares all that is asked, and its cards can be dealt out, which trying every deal shows.

#![no_main]

use cosmwasm_std::Uint128;
use leasehold_api::{
    Attribute, Capability, GpuInventory, GpuModel, GpuRequirement, Requirements, ResourceUnit,
};
use leasehold_rules::matching::eligible;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

type Unit = (u8, u8, Vec<(u8, Option<u8>)>);

#[derive(Arbitrary, Debug)]
struct Input {
    required: Vec<(u8, u8)>,
    declared: Vec<(u8, u8)>,
    /// Cards on each replica, replicas, models that would do.
    units: Vec<Unit>,
    /// Model, memory, number.
    cards: Vec<(u8, u8, u8)>,
}

const KEYS: [&str; 4] = ["region", "region/*", "region/eu", "tier*"];
const VALUES: [&str; 2] = ["a", "b"];
const MODELS: [&str; 3] = ["h100", "a100", "t4"];

fuzz_target!(|input: Input| {
    let requirements = Requirements {
        attributes: attributes(&input.required),
        ..Requirements::default()
    };
    let resources: Vec<ResourceUnit> = input.units.iter().take(3).map(unit).collect();
    let capability = Capability {
        attributes: attributes(&input.declared),
        gpus: input.cards.iter().take(3).map(cards).collect(),
    };
    let suits = eligible(&requirements, &resources, &capability, &[], 1).is_ok();
    let declares = requirements.attributes.iter().all(|wanted| {
        let declared = &mut capability.attributes.iter();
        declared.any(|own| holds(wanted, own))
    });
    if suits {
        assert!(declares, "not declared");
        assert!(
            can_deal(&replicas(&resources), &mut stock(&capability)),
            "cannot be placed"
        );
    }
    if !declares {
        assert!(!suits);
    }
});

fn attributes(pairs: &[(u8, u8)]) -> Vec<Attribute> {
    let pick = |(key, value): &(u8, u8)| Attribute {
        key: KEYS[usize::from(*key) % KEYS.len()].into(),
        value: VALUES[usize::from(*value) % VALUES.len()].into(),
    };
    pairs.iter().take(4).map(pick).collect()
}

fn unit((count, replicas, models): &Unit) -> ResourceUnit {
    let model = |(model, vram): &(u8, Option<u8>)| GpuModel {
        vendor: "nvidia".into(),
        model: Some(MODELS[usize::from(*model) % MODELS.len()].into()),
        vram_mib: vram.map(u32::from),
        interface: None,
    };
    ResourceUnit {
        cpu: 100,
        memory: 1 << 26,
        storage: vec![],
        gpu: Some(GpuRequirement {
            count: u32::from(count % 3) + 1,
            models: models.iter().take(2).map(model).collect(),
        }),
        endpoints: vec![],
        count: u32::from(replicas % 2) + 1,
        rate: Uint128::one(),
    }
}

fn cards((model, vram, count): &(u8, u8, u8)) -> GpuInventory {
    GpuInventory {
        vendor: "nvidia".into(),
        model: MODELS[usize::from(*model) % MODELS.len()].into(),
        vram_mib: u32::from(*vram),
        interface: "sxm".into(),
        count: u32::from(count % 6),
    }
}

fn holds(wanted: &Attribute, own: &Attribute) -> bool {
    let key = match wanted.key.strip_suffix('*') {
        Some(start) => own.key.starts_with(start),
        None => own.key == wanted.key,
    };
    key && own.value == wanted.value
}

fn replicas(resources: &[ResourceUnit]) -> Vec<&GpuRequirement> {
    resources
        .iter()
        .flat_map(|unit| unit.gpu.iter().cycle().take(unit.count as usize))
        .collect()
}

fn stock(capability: &Capability) -> Vec<GpuInventory> {
    capability.gpus.clone()
}

/// Whether some choice of a kind for each replica leaves no kind short.
fn can_deal(replicas: &[&GpuRequirement], stock: &mut Vec<GpuInventory>) -> bool {
    let Some((first, rest)) = replicas.split_first() else {
        return true;
    };
    for kind in 0..stock.len() {
        if stock[kind].count < first.count || !would_do(first, &stock[kind]) {
            continue;
        }
        stock[kind].count -= first.count;
        let dealt = can_deal(rest, stock);
        stock[kind].count += first.count;
        if dealt {
            return true;
        }
    }
    false
}

fn would_do(wanted: &GpuRequirement, kind: &GpuInventory) -> bool {
    wanted.models.is_empty()
        || wanted.models.iter().any(|model| {
            model.model.as_ref().is_none_or(|name| *name == kind.model)
                && model.vram_mib.is_none_or(|vram| kind.vram_mib >= vram)
        })
}
