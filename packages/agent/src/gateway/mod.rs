//! The tenant's door: HTTPS with the key that the chain names, every request signed by the tenant's account.
//!
//! | method, path | who | |
//! |---|---|---|
//! | `GET /status` | anyone | [`ProviderStatus`] |
//! | `GET /health/lease/{id}` | anyone | [`LeaseHealth`]; 404 for no active lease of this provider, 503 while its runtime does not answer |
//! | `PUT /deployments/{id}/manifest` | owner | age-encrypted manifest; 204 |
//! | `GET /deployments/{id}/manifest` | owner | the ciphertext as it was put |
//! | `GET /leases/{id}/status` | owner | [`LeaseStatus`] |
//! | `GET /leases/{id}/logs?follow=&tail=` | owner | one [`LogLine`](crate::runtime::LogLine) per line of JSON, as they come |
//! | `GET /leases/{id}/events` | owner | list of [`Event`](crate::store::Event) |

pub mod auth;
pub mod client;
mod handlers;
mod health;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::Json;
use cosmwasm_std::Addr;
use leasehold_client::ClientError;
use serde::{Deserialize, Serialize};
use tokio::sync::{watch, Notify};

use crate::chain::Lookup;
use crate::identity::Identity;
use crate::ingress::PublicIngress;
use crate::runtime::{Port, Runtime, RuntimeError};
use crate::serve::{self, Limits};
use crate::store::{Store, StoreError};
use crate::view::View;
use crate::workload::ManifestError;
use auth::AuthError;
use health::Pulse;

pub use health::LeaseHealth;

/// Files that this process may open for each connection: handshakes under way, the ingress and the agent's own work need most.
pub const SHARE: u64 = 8;
/// Each may hold a manifest in memory before it is known who sends it.
pub const MAX_CONNECTIONS: usize = 512;
pub const BODY_LIMIT: Duration = Duration::from_secs(30);

#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error("the {what} cannot listen on {address}: {source}")]
    Bind {
        what: &'static str,
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// What the handlers work with.
#[derive(Clone)]
pub struct Gateway {
    pub me: Addr,
    pub lookup: Arc<dyn Lookup>,
    pub store: Arc<Store>,
    pub identity: Arc<Identity>,
    pub runtime: Arc<dyn Runtime>,
    pub ingress: PublicIngress,
    pub view: watch::Receiver<Arc<View>>,
    pub pulse: Arc<Pulse>,
    /// Told when a manifest has come.
    pub wake: Arc<Notify>,
    pub limits: Limits,
    /// For the body of a request.
    pub body_limit: Duration,
}

/// Public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderStatus {
    pub provider: String,
    pub version: String,
    pub runtime: String,
    /// Leases with something running.
    pub workloads: usize,
}

/// As of the last block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseStatus {
    pub lease: u64,
    pub deployment: u64,
    pub provider: String,
    /// A manifest is at hand; until it comes nothing runs.
    pub has_manifest: bool,
    pub services: Vec<ServiceStatus>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceStatus {
    pub name: String,
    /// As the manifest wants.
    pub replicas: u32,
    /// That run.
    pub ready: u32,
    /// Through the HTTP ingress.
    pub uris: Vec<String>,
    /// Ports of its own.
    pub ports: Vec<Port>,
}

/// Why a request is refused; its text is the answer's `error`.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error("{signer} does not own deployment {deployment}")]
    NotOwner { signer: String, deployment: u64 },
    #[error("{what} {id} does not exist here")]
    NotFound { what: &'static str, id: u64 },
    #[error("this provider holds no lease of deployment {0} and is neither winner nor runner-up of its orders")]
    NotChosen(u64),
    #[error("deployment {0} is closed")]
    Closed(u64),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error("the request's body cannot be read: {0}")]
    Body(String),
    #[error("the request's body did not come within {} s", .0.as_secs())]
    Slow(Duration),
    /// The cause names the operator's node, which may be nobody else's to use.
    #[error("the chain cannot be asked now")]
    Chain(#[from] ClientError),
    #[error("the provider's store failed")]
    Store(#[from] StoreError),
    #[error("the provider's runtime failed: {0}")]
    Runtime(#[from] RuntimeError),
    #[error("the provider's runtime does not answer")]
    Unwell,
}

/// Body of a refusal.
#[derive(Debug, Serialize, Deserialize)]
pub struct ErrorBody {
    pub error: String,
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Auth(_) => StatusCode::UNAUTHORIZED,
            Self::NotOwner { .. } => StatusCode::FORBIDDEN,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::NotChosen(_) | Self::Closed(_) => StatusCode::CONFLICT,
            Self::Manifest(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Body(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Chain(_) | Self::Unwell => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Runtime(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match &self {
            Self::Store(e) => tracing::error!(error = %e, "the store failed"),
            Self::Chain(e) => tracing::warn!(error = %e, "the chain cannot be asked"),
            _ => {}
        }
        let error = self.to_string();
        (self.status(), Json(ErrorBody { error })).into_response()
    }
}

/// # Errors
/// [`GatewayError`].
pub async fn bind(
    address: SocketAddr,
    identity: &Identity,
) -> Result<tls::TlsListener, GatewayError> {
    tls::TlsListener::bind(address, identity).await
}

/// Serves until `stopped` turns true.
pub async fn serve(listener: tls::TlsListener, gateway: Gateway, stopped: watch::Receiver<bool>) {
    let limits = gateway.limits;
    serve::serve(listener, handlers::router(gateway), limits, stopped).await;
}

#[cfg(test)]
mod tests;
