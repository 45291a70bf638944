//! Does a manifest use exactly what its group pays for? A provider asks before it runs a tenant's manifest.

use leasehold_rules::resources::{Endpoint, GroupSpec, ResourceUnit, Volume};

use crate::groups::endpoints;
use crate::manifest::{ManifestGroup, ManifestService};
use crate::onchain;
use crate::resources::Storage;
use crate::services::{is_host_name, is_service_name};

/// How a manifest departs from its group on chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    #[error("the manifest's group is {manifest:?}, the one on chain {chain:?}")]
    GroupName { manifest: String, chain: String },

    #[error("service {service:?}: {field} is {value:?}, allowed: {allowed}")]
    Invalid {
        service: String,
        field: &'static str,
        value: String,
        allowed: String,
    },

    #[error("service {service:?}: {field} is {manifest}, unit {unit} on chain has {chain}")]
    Resources {
        service: String,
        unit: u32,
        field: &'static str,
        manifest: String,
        chain: String,
    },

    #[error("unit {unit}: the manifest's services use {field} {manifest}, the chain has {chain}")]
    Total {
        unit: usize,
        field: &'static str,
        manifest: String,
        chain: String,
    },
}

impl ManifestGroup {
    /// Checks names, resources of every service, and the replicas and endpoints of every unit against the group on chain.
    /// Which GPU models are accepted is read from the chain alone, never from the manifest.
    ///
    /// # Errors
    /// [`ManifestError`] for the first difference.
    pub fn check_against(&self, spec: &GroupSpec) -> Result<(), ManifestError> {
        if self.name != spec.name {
            return Err(ManifestError::GroupName {
                manifest: self.name.clone(),
                chain: spec.name.clone(),
            });
        }
        for service in &self.services {
            service.check_names()?;
            service.check_resources(service.unit(spec)?)?;
        }
        for (number, unit) in (1..).zip(&spec.resources) {
            self.check_totals(number, unit)?;
        }
        Ok(())
    }

    fn check_totals(&self, number: usize, unit: &ResourceUnit) -> Result<(), ManifestError> {
        let services = || {
            let all = self.services.iter();
            all.filter(move |service| service.resources.id as usize == number)
        };
        let total = |field, manifest: String, chain: String| {
            if manifest == chain {
                return Ok(());
            }
            Err(ManifestError::Total {
                unit: number,
                field,
                manifest,
                chain,
            })
        };
        let replicas: u64 = services().map(|service| u64::from(service.count)).sum();
        total("replicas", replicas.to_string(), unit.count.to_string())?;
        let used = services()
            .flat_map(|service| &service.expose)
            .flat_map(endpoints)
            .map(|e| onchain::endpoint(e.kind));
        total(
            "endpoints",
            endpoint_counts(used),
            endpoint_counts(unit.endpoints.iter().copied()),
        )
    }
}

impl ManifestService {
    fn unit<'a>(&self, spec: &'a GroupSpec) -> Result<&'a ResourceUnit, ManifestError> {
        let id = self.resources.id;
        let index = (id as usize).checked_sub(1);
        index
            .and_then(|index| spec.resources.get(index))
            .ok_or_else(|| {
                let allowed = format!("1 to {}", spec.resources.len());
                self.invalid("resource id", &id.to_string(), allowed)
            })
    }

    fn check_names(&self) -> Result<(), ManifestError> {
        if !is_service_name(&self.name) {
            return Err(self.invalid("name", &self.name, "a-z, 0-9 and -".into()));
        }
        if self.image.is_empty() {
            return Err(self.invalid("image", "", "name of a container image".into()));
        }
        let hosts = self.expose.iter().flat_map(|e| e.hosts.iter().flatten());
        for host in hosts {
            if !is_host_name(host) {
                return Err(self.invalid("host", host, "lower-case DNS names".into()));
            }
        }
        let mounts = self.params.iter().flat_map(|p| p.storage.iter().flatten());
        for mount in mounts {
            let volumes = &self.resources.storage;
            if !volumes.iter().any(|volume| volume.name == mount.name) {
                let allowed = "a volume of the service".into();
                return Err(self.invalid("mounted volume", &mount.name, allowed));
            }
            if !mount.mount.starts_with('/') {
                return Err(self.invalid("mount", &mount.mount, "an absolute path".into()));
            }
        }
        Ok(())
    }

    fn check_resources(&self, unit: &ResourceUnit) -> Result<(), ManifestError> {
        let used = &self.resources;
        let volumes: Vec<_> = used.storage.iter().map(volume).collect();
        let cards = unit.gpu.as_ref().map_or(0, |gpu| gpu.count);
        self.same("cpu", used.cpu.units.0, unit.cpu.into())?;
        self.same("memory", used.memory.size.0, unit.memory)?;
        self.same("gpu", used.gpu.units.0, cards.into())?;
        if volumes != unit.storage {
            return Err(self.differs(
                "storage",
                format!("{volumes:?}"),
                format!("{:?}", unit.storage),
            ));
        }
        Ok(())
    }

    fn same(&self, field: &'static str, manifest: u64, chain: u64) -> Result<(), ManifestError> {
        if manifest == chain {
            return Ok(());
        }
        Err(self.differs(field, manifest.to_string(), chain.to_string()))
    }

    fn differs(&self, field: &'static str, manifest: String, chain: String) -> ManifestError {
        ManifestError::Resources {
            service: self.name.clone(),
            unit: self.resources.id,
            field,
            manifest,
            chain,
        }
    }

    fn invalid(&self, field: &'static str, value: &str, allowed: String) -> ManifestError {
        ManifestError::Invalid {
            service: self.name.clone(),
            field,
            value: value.to_owned(),
            allowed,
        }
    }
}

fn volume(storage: &Storage) -> Volume {
    let attribute = |key: &str| {
        let mut attributes = storage.attributes.iter();
        let found = attributes.find(|attribute| attribute.key == key)?;
        Some(found.value.as_str())
    };
    Volume {
        name: storage.name.clone(),
        bytes: storage.size.0,
        class: onchain::class(attribute("class")),
        persistent: attribute("persistent") == Some("true"),
    }
}

/// Such as `1 http, 2 port, 0 ip`.
fn endpoint_counts(endpoints: impl Iterator<Item = Endpoint>) -> String {
    let endpoints: Vec<_> = endpoints.collect();
    let count = |kind| endpoints.iter().filter(|e| **e == kind).count();
    let [http, port, ip] = [
        Endpoint::SharedHttp,
        Endpoint::RandomPort,
        Endpoint::LeasedIp,
    ]
    .map(count);
    format!("{http} http, {port} port, {ip} ip")
}
