//! From a sealed manifest to what a runtime is told to start.

use age::x25519::{Identity, Recipient};
use leasehold_api::GroupSpec;
use leasehold_sdl::{Manifest, ManifestGroup, ManifestService, Protocol, ServiceExpose};

use crate::capacity::Resources;

/// Largest manifest that is taken, bytes, sealed.
pub const MAX_MANIFEST: usize = 1 << 20;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    #[error("`{recipient}` is not an age recipient: {reason}")]
    Recipient { recipient: String, reason: String },
    #[error("the manifest cannot be encrypted: {0}")]
    Seal(String),
    #[error("the manifest is not encrypted to this provider's age recipient: {0}")]
    Open(String),
    #[error("the manifest is not JSON of the known form: {0}")]
    Json(String),
    #[error("the manifest's SHA-256 is {actual}, the deployment on chain says {expected}")]
    Hash { actual: String, expected: String },
    #[error("the manifest has no group `{0}`, which the deployment has on chain")]
    NoGroup(String),
    #[error(transparent)]
    Group(#[from] leasehold_sdl::ManifestError),
    #[error("service {service}: port {port} is not allowed, 1 to 65535")]
    Port { service: String, port: u32 },
}

/// Encrypts a manifest to a provider, as the gateway takes it.
///
/// # Errors
/// [`ManifestError::Recipient`]; [`ManifestError::Seal`].
pub fn seal(manifest: &Manifest, recipient: &str) -> Result<Vec<u8>, ManifestError> {
    let to: Recipient = recipient
        .parse()
        .map_err(|reason: &str| ManifestError::Recipient {
            recipient: recipient.to_owned(),
            reason: reason.to_owned(),
        })?;
    age::encrypt(&to, manifest.canonical_json().as_bytes())
        .map_err(|e| ManifestError::Seal(e.to_string()))
}

/// Decrypts a manifest and checks that it is the one that the chain names.
///
/// # Errors
/// [`ManifestError::Open`]; [`ManifestError::Json`]; [`ManifestError::Hash`].
pub fn open(sealed: &[u8], identity: &Identity, hash: &[u8]) -> Result<Manifest, ManifestError> {
    let manifest = decrypt(sealed, identity)?;
    let actual = manifest.hash();
    if actual != hash {
        return Err(ManifestError::Hash {
            actual: hex::encode(actual),
            expected: hex::encode(hash),
        });
    }
    Ok(manifest)
}

/// Decrypts a manifest, whether or not it is the one that the chain names now.
///
/// # Errors
/// [`ManifestError::Open`]; [`ManifestError::Json`].
pub fn decrypt(sealed: &[u8], identity: &Identity) -> Result<Manifest, ManifestError> {
    let text = age::decrypt(identity, sealed).map_err(|e| ManifestError::Open(e.to_string()))?;
    serde_json::from_slice(&text).map_err(|e| ManifestError::Json(e.to_string()))
}

/// What all replicas of these services take.
pub fn resources(services: &[ManifestService]) -> Resources {
    let each = services.iter().map(|service| {
        let used = &service.resources;
        let disk = used.storage.iter().map(|volume| u128::from(volume.size.0));
        Resources {
            cpu: used.cpu.units.0.into(),
            memory: used.memory.size.0.into(),
            storage: disk.sum(),
            gpus: used.gpu.units.0.into(),
        }
        .times(service.count)
    });
    each.fold(Resources::default(), Resources::plus)
}

/// What a runtime starts for one lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadSpec {
    pub lease: u64,
    pub deployment: u64,
    pub provider: String,
    /// Hex of the manifest's hash: a new one replaces the workload.
    pub revision: String,
    /// All replicas together.
    pub replicas: usize,
    pub services: Vec<ManifestService>,
}

impl WorkloadSpec {
    /// Takes the lease's group out of the manifest and checks that it fits what the tenant pays for.
    ///
    /// # Errors
    /// [`ManifestError::NoGroup`]; [`ManifestError::Group`]; [`ManifestError::Port`].
    pub fn new(
        lease: u64,
        deployment: u64,
        provider: &str,
        manifest: &Manifest,
        paid: &GroupSpec,
    ) -> Result<Self, ManifestError> {
        let group = manifest.0.iter().find(|group| group.name == paid.name);
        let group = group.ok_or_else(|| ManifestError::NoGroup(paid.name.clone()))?;
        group.check_against(paid)?;
        check_ports(group)?;
        Ok(Self {
            lease,
            deployment,
            provider: provider.to_owned(),
            revision: hex::encode(manifest.hash()),
            replicas: group
                .services
                .iter()
                .map(|service| service.count as usize)
                .sum(),
            services: group.services.clone(),
        })
    }

    /// Environment of every replica: the tenant's, then what the agent adds.
    pub fn env(&self, service: &ManifestService) -> Vec<String> {
        let own = [
            format!("LEASEHOLD_LEASE_ID={}", self.lease),
            format!("LEASEHOLD_DEPLOYMENT_ID={}", self.deployment),
            format!("LEASEHOLD_PROVIDER={}", self.provider),
        ];
        service.env.iter().flatten().cloned().chain(own).collect()
    }

    /// Every replica with its service.
    pub fn each_replica(&self) -> impl Iterator<Item = (&ManifestService, u32)> {
        let services = self.services.iter();
        services.flat_map(|service| (0..service.count).map(move |index| (service, index)))
    }
}

/// The ports that a service listens on, each once.
pub fn ports(service: &ManifestService) -> Vec<(u16, Protocol)> {
    let mut ports: Vec<_> = service.expose.iter().filter_map(port).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// Those that the outside world reaches by a port of its own: global, but not by host name.
pub fn is_public(service: &ManifestService, port: u16) -> bool {
    let this = |e: &&ServiceExpose| e.port == u32::from(port) && e.global;
    service.expose.iter().filter(this).any(|e| !e.is_ingress())
}

fn port(expose: &ServiceExpose) -> Option<(u16, Protocol)> {
    let port = u16::try_from(expose.port).ok().filter(|port| *port > 0)?;
    Some((port, expose.proto))
}

fn check_ports(group: &ManifestGroup) -> Result<(), ManifestError> {
    let all = group
        .services
        .iter()
        .flat_map(|s| s.expose.iter().map(move |e| (s, e)));
    for (service, expose) in all {
        if port(expose).is_none() {
            return Err(ManifestError::Port {
                service: service.name.clone(),
                port: expose.port,
            });
        }
    }
    Ok(())
}
