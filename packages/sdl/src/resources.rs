//! Akash's resource types, in the JSON that its groups and manifests share.

use serde::{Deserialize, Serialize};

use crate::model::{Compute, Gpu, GpuModel, Volume};

/// A whole number, written `{"val":"100"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawValue", into = "RawValue")]
pub struct ResourceValue(pub u64);

#[derive(Serialize, Deserialize)]
struct RawValue {
    val: String,
}

impl From<ResourceValue> for RawValue {
    fn from(value: ResourceValue) -> Self {
        Self {
            val: value.0.to_string(),
        }
    }
}

impl TryFrom<RawValue> for ResourceValue {
    type Error = std::num::ParseIntError;

    fn try_from(raw: RawValue) -> Result<Self, Self::Error> {
        raw.val.parse().map(Self)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    pub key: String,
    pub value: String,
}

impl Attribute {
    pub(crate) fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

/// What one replica of a service uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    /// Number of the resource unit within its group, from 1.
    pub id: u32,
    pub cpu: Cpu,
    pub memory: Memory,
    pub storage: Vec<Storage>,
    pub gpu: GpuUnits,
    pub endpoints: Vec<Endpoint>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cpu {
    /// Thousandths of a core.
    pub units: ResourceValue,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Bytes.
    pub size: ResourceValue,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    pub name: String,
    /// Bytes.
    pub size: ResourceValue,
    /// `class` and `persistent`, when given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuUnits {
    /// Cards.
    pub units: ResourceValue,
    /// Acceptable models: `vendor/nvidia/model/<model>[/ram/<n>Gi][/interface/<pcie|sxm>]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    #[serde(default, skip_serializing_if = "EndpointKind::is_shared_http")]
    pub kind: EndpointKind,
    /// Which leased address, from 1; 0 for the other kinds.
    pub sequence_number: u32,
}

/// Numbered 0, 1, 2 in JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum EndpointKind {
    #[default]
    SharedHttp,
    RandomPort,
    LeasedIp,
}

impl EndpointKind {
    fn is_shared_http(&self) -> bool {
        *self == Self::SharedHttp
    }
}

impl From<EndpointKind> for u8 {
    fn from(kind: EndpointKind) -> Self {
        kind as u8
    }
}

impl TryFrom<u8> for EndpointKind {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        [Self::SharedHttp, Self::RandomPort, Self::LeasedIp]
            .into_iter()
            .find(|kind| u8::from(*kind) == number)
            .ok_or_else(|| format!("endpoint kind {number} is not allowed: 0, 1, 2"))
    }
}

impl Resources {
    pub(crate) fn new(id: u32, compute: &Compute, endpoints: Vec<Endpoint>) -> Self {
        Self {
            id,
            cpu: Cpu {
                units: ResourceValue(compute.cpu.into()),
                attributes: compute
                    .arch
                    .iter()
                    .map(|a| Attribute::new("arch", a))
                    .collect(),
            },
            memory: Memory {
                size: ResourceValue(compute.memory),
                attributes: Vec::new(),
            },
            storage: compute.volumes.iter().map(storage).collect(),
            gpu: GpuUnits {
                units: ResourceValue(compute.gpu.units.into()),
                attributes: gpu_attributes(&compute.gpu),
            },
            endpoints,
        }
    }
}

fn storage(volume: &Volume) -> Storage {
    let persistent = volume.attributes.iter();
    Storage {
        name: volume.name.clone(),
        size: ResourceValue(volume.bytes),
        attributes: volume
            .class()
            .map(|class| Attribute::new("class", class))
            .into_iter()
            .chain(persistent.map(|a| Attribute::new("persistent", a.persistent.to_string())))
            .collect(),
    }
}

fn gpu_attributes(gpu: &Gpu) -> Vec<Attribute> {
    let accepted = |model: String| Attribute::new(format!("vendor/nvidia/model/{model}"), "true");
    match gpu.units {
        0 => Vec::new(),
        _ if gpu.models.is_empty() => vec![accepted("*".into())],
        _ => {
            let mut list: Vec<_> = gpu.models.iter().map(|m| accepted(model_key(m))).collect();
            list.sort_by(|a, b| a.key.cmp(&b.key));
            list
        }
    }
}

fn model_key(gpu: &GpuModel) -> String {
    let ram = gpu.ram_gib.map(|gib| format!("/ram/{gib}Gi"));
    let interface = gpu.interface.map(|name| format!("/interface/{name}"));
    [Some(gpu.model.clone()), ram, interface]
        .into_iter()
        .flatten()
        .collect()
}
