//! The `profiles:` section: what services need, and where and at what price they may run.

use std::collections::BTreeMap;

use crate::error::shown;
use crate::model::{Compute, Gpu, GpuModel, Placement, Price, Volume, VolumeAttributes};
use crate::quantity;
use crate::reader::{Cursor, Fields, Unknown};

const TIB_IN_MIB: u64 = 1 << 20;
/// Go sorts lists up to this length by insertion, which [`sort_as_akash`] relies on.
const MAX_VOLUMES: usize = 20;
const GIB: u64 = 1 << 30;

pub(crate) fn compute_profiles(section: &Cursor) -> BTreeMap<String, Compute> {
    let entries = section.entries().into_iter();
    entries
        .map(|(name, cursor)| {
            let fields = cursor.fields(&["resources"], Unknown::Warn);
            let resources = fields.required("resources", "cpu, memory, storage");
            (name.to_owned(), resources.map(compute).unwrap_or_default())
        })
        .collect()
}

fn compute(cursor: &Cursor) -> Compute {
    let fields = cursor.fields(&["cpu", "memory", "storage", "gpu"], Unknown::Warn);
    let (cpu, arch) = fields.required("cpu", "units").map(cpu).unwrap_or_default();
    Compute {
        cpu,
        arch,
        memory: fields
            .required("memory", "size")
            .map(memory)
            .unwrap_or_default(),
        volumes: fields
            .required("storage", "a volume or a list of volumes")
            .map(volumes)
            .unwrap_or_default(),
        gpu: fields.get("gpu").map(gpu).unwrap_or_default(),
    }
}

fn cpu(cursor: &Cursor) -> (u32, Option<String>) {
    let fields = cursor.fields(&["units", "attributes"], Unknown::Refuse);
    let units = fields
        .required("units", "number of cores such as 0.5 or 500m")
        .map(|c| c.parsed(quantity::cpu));
    let arch = fields.get("attributes").and_then(|attributes| {
        let fields = attributes.fields(&["arch"], Unknown::Refuse);
        fields.get("arch").map(Cursor::string)
    });
    (units.unwrap_or_default(), arch)
}

fn memory(cursor: &Cursor) -> u64 {
    let fields = cursor.fields(&["size", "attributes"], Unknown::Refuse);
    if let Some(attributes) = fields.get("attributes") {
        attributes.fields(&[], Unknown::Refuse);
    }
    size(&fields, 1, 2 * TIB_IN_MIB)
}

fn size(fields: &Fields, min: u64, max: u64) -> u64 {
    let Some(cursor) = fields.required("size", "a size such as 512Mi") else {
        return 0;
    };
    let size = cursor.parsed(|text| quantity::bytes_within(text, min, max));
    if quantity::is_loose_size(cursor.text()) {
        cursor.warn(format!(
            "read as {size} bytes; Akash's command line refuses it"
        ));
    }
    size
}

fn volumes(cursor: &Cursor) -> Vec<Volume> {
    if !cursor.is_list() {
        return vec![volume(cursor)];
    }
    let items = cursor.items();
    if items.is_empty() || items.len() > MAX_VOLUMES {
        let count = items.len();
        cursor.error(format!("{count} volumes, allowed: 1 to {MAX_VOLUMES}"));
    }
    let mut volumes: Vec<Volume> = Vec::new();
    for item in items {
        let volume = volume(&item);
        if volumes.iter().any(|other| other.name == volume.name) {
            item.error(format!("a second volume named {}", shown(&volume.name)));
        }
        volumes.push(volume);
    }
    sort_as_akash(&mut volumes);
    volumes
}

fn volume(cursor: &Cursor) -> Volume {
    let fields = cursor.fields(&["name", "size", "attributes"], Unknown::Warn);
    let name = fields.get("name").map(Cursor::string).unwrap_or_default();
    Volume {
        name: if name.is_empty() {
            "default".into()
        } else {
            name
        },
        bytes: size(&fields, 5, 32 * TIB_IN_MIB),
        attributes: fields.get("attributes").map(volume_attributes),
    }
}

fn volume_attributes(cursor: &Cursor) -> VolumeAttributes {
    const CLASSES: [&str; 5] = ["default", "beta1", "beta2", "beta3", "ram"];
    let fields = cursor.fields(&["class", "persistent"], Unknown::Refuse);
    let persistent = fields.get("persistent").is_some_and(Cursor::flag);
    let class = fields
        .get("class")
        .and_then(|c| c.choice(&CLASSES.map(|class| (class, class))));
    match class {
        Some("ram") if persistent => cursor.error("class ram cannot be persistent"),
        Some("ram") | None => (),
        Some(class) if persistent => {
            return VolumeAttributes {
                class: Some(class.into()),
                persistent,
            }
        }
        Some(class) => cursor.error(format!("class {class} requires `persistent: true`")),
    }
    VolumeAttributes {
        class: class.or(persistent.then_some("default")).map(str::to_owned),
        persistent,
    }
}

/// Akash's order of volumes, which the hash depends on. Its comparison is not an order (two ephemeral volumes of one size each come before
/// the other), so the result is that of the insertion sort that Go runs on short lists: later ones move ahead.
fn sort_as_akash(volumes: &mut [Volume]) {
    for end in 1..volumes.len() {
        let mut at = end;
        while at > 0 && before(&volumes[at], &volumes[at - 1]) {
            volumes.swap(at, at - 1);
            at -= 1;
        }
    }
}

fn before(a: &Volume, b: &Volume) -> bool {
    let persistent = |volume: &Volume| volume.attributes.as_ref().map(|given| given.persistent);
    match (persistent(a), persistent(b)) {
        _ if a.bytes != b.bytes => a.bytes < b.bytes,
        (None, Some(_)) | (Some(false), Some(true)) => true,
        (Some(_), None) => false,
        (None | Some(false), _) => true,
        (Some(true), Some(false)) => false,
        (Some(true), Some(true)) => a.name < b.name,
    }
}

fn gpu(cursor: &Cursor) -> Gpu {
    let fields = cursor.fields(&["units", "attributes"], Unknown::Refuse);
    let units = fields.get("units").map_or(0, |c| c.integer(0..=1000));
    let attributes = fields.get("attributes");
    match (units, attributes) {
        (1.., None) => cursor.error("`units` above 0 requires `attributes.vendor.nvidia`"),
        (0, Some(attributes)) => attributes.error("not allowed with 0 units"),
        _ => (),
    }
    Gpu {
        units,
        models: attributes.map(gpu_models).unwrap_or_default(),
    }
}

fn gpu_models(cursor: &Cursor) -> Vec<GpuModel> {
    let fields = cursor.fields(&["vendor"], Unknown::Refuse);
    let Some(vendor) = fields.required("vendor", "nvidia") else {
        return Vec::new();
    };
    let vendors = vendor.fields(&["nvidia"], Unknown::Refuse);
    if vendors.is_empty() {
        vendor.error("empty, required: nvidia");
    }
    let mut models: Vec<GpuModel> = Vec::new();
    for item in vendors.get("nvidia").map(Cursor::items).unwrap_or_default() {
        let model = gpu_model(&item);
        if models.contains(&model) {
            item.error(format!("model {} is given twice", shown(&model.model)));
        }
        models.push(model);
    }
    models
}

fn gpu_model(cursor: &Cursor) -> GpuModel {
    const INTERFACES: [(&str, &str); 2] = [("pcie", "pcie"), ("sxm", "sxm")];
    let fields = cursor.fields(&["model", "ram", "interface"], Unknown::Warn);
    GpuModel {
        model: fields
            .required("model", "name of a model, or * for any")
            .map(Cursor::string)
            .unwrap_or_default(),
        ram_gib: fields.get("ram").map(|c| c.parsed(gpu_ram)),
        interface: fields.get("interface").and_then(|c| c.choice(&INTERFACES)),
    }
}

/// Whole GiB, cut as Akash cuts them.
fn gpu_ram(text: &str) -> Result<u32, String> {
    const ALLOWED: &str = "a size such as 80Gi, 1Gi to 1024Gi";
    let gib = quantity::bytes(text).map_err(|_| ALLOWED)? / GIB;
    u32::try_from(gib)
        .ok()
        .filter(|gib| (1..=1024).contains(gib))
        .ok_or_else(|| ALLOWED.to_owned())
}

pub(crate) fn placements(section: &Cursor) -> BTreeMap<String, Placement> {
    let entries = section.entries().into_iter();
    entries
        .map(|(name, cursor)| (name.to_owned(), placement(&cursor)))
        .collect()
}

fn placement(cursor: &Cursor) -> Placement {
    let fields = cursor.fields(&["attributes", "signedBy", "pricing"], Unknown::Warn);
    let signed_by = fields
        .get("signedBy")
        .map(|c| c.fields(&["allOf", "anyOf"], Unknown::Warn));
    let signers = |name| Some(signed_by.as_ref()?.get(name)?.strings());
    Placement {
        attributes: fields.get("attributes").map(text_map).unwrap_or_default(),
        all_of: signers("allOf"),
        any_of: signers("anyOf"),
        pricing: fields
            .required("pricing", "a price for each compute profile")
            .map(pricing)
            .unwrap_or_default(),
    }
}

fn text_map(cursor: &Cursor) -> BTreeMap<String, String> {
    let entries = cursor.entries().into_iter();
    entries
        .map(|(key, value)| (key.to_owned(), value.string()))
        .collect()
}

fn pricing(cursor: &Cursor) -> BTreeMap<String, Price> {
    let entries = cursor.entries().into_iter();
    entries
        .map(|(profile, cursor)| (profile.to_owned(), price(&cursor)))
        .collect()
}

fn price(cursor: &Cursor) -> Price {
    let fields = cursor.fields(&["denom", "amount"], Unknown::Warn);
    Price {
        denom: fields
            .required("denom", "a denom such as uakt")
            .map(denom)
            .unwrap_or_default(),
        atoms: fields
            .required("amount", "a number above 0")
            .map(|c| c.parsed(quantity::price))
            .unwrap_or_default(),
    }
}

fn denom(cursor: &Cursor) -> String {
    let text = cursor.text();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/:._-".contains(c);
    let valid = (3..=128).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(allowed);
    if !valid {
        cursor.error(format!(
            "denom {} is not allowed: 3 to 128 letters, digits and / : . _ -, from a letter",
            shown(text)
        ));
    }
    text.to_owned()
}
