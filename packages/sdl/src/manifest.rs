//! Akash's manifest: what a provider runs. Only its hash goes on chain.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::canonical::canonical;
use crate::resources::Resources;

/// The services of a deployment, by placement group. Its JSON is the one that Akash providers take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Manifest(pub Vec<ManifestGroup>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestGroup {
    /// Name of the placement.
    pub name: String,
    /// Sorted by name.
    pub services: Vec<ManifestService>,
}

/// `None` in a list is JSON's `null`, which the hash tells from an empty list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestService {
    pub name: String,
    pub image: String,
    pub command: Option<Vec<String>>,
    pub args: Option<Vec<String>>,
    /// `NAME` or `NAME=value`.
    pub env: Option<Vec<String>>,
    pub resources: Resources,
    /// Replicas.
    pub count: u32,
    /// Sorted by service, port, protocol, global first.
    pub expose: Vec<ServiceExpose>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<ServiceParams>,
    pub credentials: Option<ImageCredentials>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceExpose {
    /// Port that the container listens on.
    pub port: u32,
    /// 0 when it is the container's.
    pub external_port: u32,
    pub proto: Protocol,
    /// Service that may connect; empty for global ones.
    pub service: String,
    /// Reachable from outside.
    pub global: bool,
    /// Host names to answer to.
    pub hosts: Option<Vec<String>>,
    pub http_options: HttpOptions,
    /// Name of a leased address, or empty.
    pub ip: String,
    pub endpoint_sequence_number: u32,
}

impl ServiceExpose {
    /// Port seen from outside.
    #[must_use]
    pub fn public_port(&self) -> u32 {
        match self.external_port {
            0 => self.port,
            port => port,
        }
    }

    /// Served by host name on the provider's shared HTTP ingress.
    #[must_use]
    pub fn is_ingress(&self) -> bool {
        self.global && self.proto == Protocol::Tcp && self.public_port() == 80
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    Tcp,
    Udp,
}

/// How the ingress treats HTTP. Sizes in bytes, times in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpOptions {
    pub max_body_size: u32,
    pub read_timeout: u32,
    pub send_timeout: u32,
    pub next_tries: u32,
    /// 0 for no limit.
    pub next_timeout: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next_cases: Vec<String>,
    /// 0 for the ingress's own default.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub proxy_buffer_size: u32,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            max_body_size: 1_048_576,
            read_timeout: 60_000,
            send_timeout: 60_000,
            next_tries: 3,
            next_timeout: 0,
            next_cases: vec!["error".into(), "timeout".into()],
            proxy_buffer_size: 0,
        }
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceParams {
    pub storage: Option<Vec<StorageParams>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<ServicePermissions>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tee: Option<TeeParams>,
}

/// Where a volume of the compute profile is mounted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StorageParams {
    pub name: String,
    /// Absolute path.
    pub mount: String,
    pub read_only: bool,
}

/// What the service may read of its own deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePermissions {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<String>,
}

/// Confidential computing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeeParams {
    /// `cpu` or `cpu-gpu`.
    #[serde(rename = "type")]
    pub kind: String,
    pub attestation: bool,
}

/// How to log in to the image's registry.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageCredentials {
    pub host: String,
    /// Empty when not given.
    pub email: String,
    pub username: String,
    pub password: String,
}

impl std::fmt::Debug for ImageCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImageCredentials")
            .field("host", &self.host)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

impl Manifest {
    /// The text that is hashed: sorted keys, no white space, Go's HTML escapes.
    #[must_use]
    pub fn canonical_json(&self) -> String {
        let value = serde_json::to_value(self);
        canonical(&value.unwrap_or_else(|e| unreachable!("plain data always serialises: {e}")))
    }

    /// SHA-256 of [`Manifest::canonical_json`]: the deployment's hash on chain, equal to Akash's "version".
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.canonical_json()).into()
    }
}
