//! A parsed file, before its services are placed into groups.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::extensions::Extensions;
use crate::manifest::{HttpOptions, ImageCredentials, Protocol, ServicePermissions, StorageParams};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Version {
    #[default]
    V2_0,
    V2_1,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    pub version: Version,
    pub services: BTreeMap<String, Service>,
    pub compute: BTreeMap<String, Compute>,
    pub placement: BTreeMap<String, Placement>,
    /// Service → placement → what to run there.
    pub deployment: BTreeMap<String, BTreeMap<String, Placed>>,
    /// Names of leased addresses.
    pub endpoints: BTreeSet<String>,
    pub reclamation: Option<Duration>,
    pub extensions: Extensions,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Service {
    pub image: String,
    pub command: Option<Vec<String>>,
    pub args: Option<Vec<String>>,
    pub env: Option<Vec<String>>,
    pub expose: Vec<Expose>,
    pub params: Option<Params>,
    pub credentials: Option<ImageCredentials>,
}

#[derive(Debug, Clone)]
pub(crate) struct Expose {
    pub port: u32,
    /// 0 when the external port is the container's.
    pub external: u32,
    pub proto: Protocol,
    pub to: Vec<ExposeTo>,
    pub hosts: Option<Vec<String>>,
    pub http: HttpOptions,
}

impl Expose {
    pub fn external_port(&self) -> u32 {
        match self.external {
            0 => self.port,
            port => port,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct ExposeTo {
    pub service: String,
    pub global: bool,
    pub ip: String,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Params {
    /// Sorted by volume name; absent when the file has none.
    pub storage: Option<Vec<StorageParams>>,
    pub permissions: Option<ServicePermissions>,
    pub tee: Option<Tee>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tee {
    Cpu,
    CpuGpu,
}

impl Tee {
    pub fn name(self) -> &'static str {
        match self {
            Tee::Cpu => "cpu",
            Tee::CpuGpu => "cpu-gpu",
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Compute {
    /// Thousandths of a core.
    pub cpu: u32,
    pub arch: Option<String>,
    /// Bytes.
    pub memory: u64,
    /// In Akash's order.
    pub volumes: Vec<Volume>,
    pub gpu: Gpu,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Volume {
    pub name: String,
    pub bytes: u64,
    /// Absent when the file gives the volume no attributes.
    pub attributes: Option<VolumeAttributes>,
}

impl Volume {
    pub fn is_persistent(&self) -> bool {
        self.attributes.as_ref().is_some_and(|a| a.persistent)
    }

    pub fn class(&self) -> Option<&str> {
        self.attributes.as_ref().and_then(|a| a.class.as_deref())
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct VolumeAttributes {
    pub class: Option<String>,
    pub persistent: bool,
}

/// No models with units above zero means any NVIDIA card.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gpu {
    pub units: u32,
    pub models: Vec<GpuModel>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GpuModel {
    pub model: String,
    /// Whole GiB, at most 1024.
    pub ram_gib: Option<u32>,
    pub interface: Option<&'static str>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Placement {
    pub attributes: BTreeMap<String, String>,
    pub all_of: Option<Vec<String>>,
    pub any_of: Option<Vec<String>>,
    pub pricing: BTreeMap<String, Price>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Price {
    pub denom: String,
    /// In 10⁻¹⁸ of the denom's smallest unit.
    pub atoms: u128,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Placed {
    pub profile: String,
    pub count: u32,
}
