use std::sync::Arc;

use axum::body::{to_bytes, Body, Bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{header, StatusCode};
use axum::middleware::{from_fn_with_state, Next};
use axum::response::Response;
use axum::routing::{get, put};
use axum::{Extension, Json, Router};
use futures::StreamExt;
use leasehold_api::deployment::{order_id, Deployment};
use leasehold_api::market::{order_of, Lease};
use serde::Deserialize;
use tokio::time::timeout;
use tracing::info;

use super::auth::{self, AuthError, Signed};
use super::{health, Gateway, LeaseStatus, ProviderStatus, Refusal, ServiceStatus};
use crate::agent::wall_ms;
use crate::runtime::{LogOptions, Replica, ReplicaState, Workload};
use crate::store::Event;
use crate::view::{ingresses, labels};
use crate::workload::{self, is_public, WorkloadSpec, MAX_MANIFEST};

pub fn router(gateway: Gateway) -> Router {
    let gateway = Arc::new(gateway);
    let signed = Router::new()
        .route(
            "/deployments/{id}/manifest",
            put(put_manifest).get(get_manifest),
        )
        .route("/leases/{id}/status", get(lease_status))
        .route("/leases/{id}/logs", get(logs))
        .route("/leases/{id}/events", get(events))
        .layer(from_fn_with_state(gateway.clone(), authenticate));
    Router::new()
        .route("/status", get(status))
        .route("/health/lease/{id}", get(health::lease_health))
        .merge(signed)
        .with_state(gateway)
}

type App = State<Arc<Gateway>>;

/// Every signed request: reads the body, checks the signature over all of it.
async fn authenticate(
    State(gateway): App,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let body = timeout(gateway.body_limit, to_bytes(body, MAX_MANIFEST))
        .await
        .map_err(|_| Refusal::Slow(gateway.body_limit))?
        .map_err(|e| Refusal::Body(e.to_string()))?;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let signed = auth::verify(
        &parts.headers,
        parts.method.as_str(),
        path,
        &body,
        gateway.me.as_str(),
        wall_ms() / 1000,
    )?;
    let mut request = Request::from_parts(parts, Body::from(body));
    request.extensions_mut().insert(signed);
    Ok(next.run(request).await)
}

impl Gateway {
    /// The deployment, when the signer owns it and has not sent this request before. Only then is the nonce kept, so that strangers
    /// cannot fill the store.
    async fn admit(&self, signed: &Signed, id: u64) -> Result<Deployment, Refusal> {
        let found = self.lookup.deployment(id).await?;
        let deployment = found.ok_or(Refusal::NotFound {
            what: "deployment",
            id,
        })?;
        if deployment.owner.as_str() != signed.signer {
            return Err(Refusal::NotOwner {
                signer: signed.signer.clone(),
                deployment: id,
            });
        }
        let (key, until) = (signed.nonce_key(), signed.remember_until());
        if !self.store.use_nonce(&key, until, wall_ms() / 1000)? {
            return Err(AuthError::Replayed.into());
        }
        Ok(deployment)
    }

    /// A lease of this provider whose tenant signed the request, ended or not.
    async fn admit_to_lease(&self, signed: &Signed, id: u64) -> Result<(Lease, u64), Refusal> {
        let own = self
            .lookup
            .lease(id)
            .await?
            .filter(|lease| lease.provider == self.me);
        let lease = own.ok_or(Refusal::NotFound { what: "lease", id })?;
        let (deployment, _) = leasehold_api::deployment::group_of(order_of(id));
        self.admit(signed, deployment).await?;
        Ok((lease, deployment))
    }

    /// Whether this provider serves, or is next to serve, one of its groups; with the leases it serves.
    async fn chosen(&self, id: u64, deployment: &Deployment) -> Result<Option<Vec<u64>>, Refusal> {
        let mut is_quoted = false;
        let mut leases = Vec::new();
        // At most 8 groups.
        for group in (0..).take(deployment.terms.len()) {
            let Some(order) = order_id(id, group) else {
                continue;
            };
            let Some(order) = self.lookup.order(order).await? else {
                continue;
            };
            let quotes = [&order.auction.best, &order.auction.second];
            is_quoted |= quotes
                .into_iter()
                .flatten()
                .any(|quote| quote.provider == self.me);
            let Some(lease_id) = order.lease else {
                continue;
            };
            let lease = self.lookup.lease(lease_id).await?;
            leases.extend(
                lease
                    .filter(|lease| lease.provider == self.me)
                    .map(|_| lease_id),
            );
        }
        Ok((is_quoted || !leases.is_empty()).then_some(leases))
    }
}

async fn status(State(gateway): App) -> Json<ProviderStatus> {
    let view = gateway.view.borrow().clone();
    Json(ProviderStatus {
        provider: gateway.me.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        runtime: gateway.runtime.name().to_owned(),
        workloads: view.workloads.iter().filter(|w| w.any_running()).count(),
    })
}

async fn put_manifest(
    State(gateway): App,
    Extension(signed): Extension<Signed>,
    Path(id): Path<u64>,
    sealed: Bytes,
) -> Result<StatusCode, Refusal> {
    let deployment = gateway.admit(&signed, id).await?;
    if gateway.lookup.is_closed(id, &deployment).await? {
        return Err(Refusal::Closed(id));
    }
    let chosen = gateway.chosen(id, &deployment).await?;
    let leases = chosen.ok_or(Refusal::NotChosen(id))?;
    workload::open(&sealed, &gateway.identity.age, &deployment.manifest_hash)?;
    gateway.store.put_manifest(id, &sealed)?;
    for lease in &leases {
        let event = Event {
            at_ms: wall_ms(),
            kind: "manifest".to_owned(),
            message: format!(
                "manifest {} received",
                hex::encode(&deployment.manifest_hash)
            ),
        };
        gateway.store.add_event(*lease, event)?;
    }
    info!(deployment = id, ?leases, "manifest received");
    gateway.wake.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

async fn get_manifest(
    State(gateway): App,
    Extension(signed): Extension<Signed>,
    Path(id): Path<u64>,
) -> Result<Vec<u8>, Refusal> {
    gateway.admit(&signed, id).await?;
    let stored = gateway.store.manifest(id)?;
    stored.ok_or(Refusal::NotFound {
        what: "the manifest of deployment",
        id,
    })
}

async fn lease_status(
    State(gateway): App,
    Extension(signed): Extension<Signed>,
    Path(id): Path<u64>,
) -> Result<Json<LeaseStatus>, Refusal> {
    let (_, deployment) = gateway.admit_to_lease(&signed, id).await?;
    let view = gateway.view.borrow().clone();
    let spec = view.specs.get(&id);
    let workload = view.workloads.iter().find(|w| w.lease == id);
    let services = spec.map(|spec| services(&gateway, spec, workload));
    Ok(Json(LeaseStatus {
        lease: id,
        deployment,
        provider: gateway.me.to_string(),
        has_manifest: spec.is_some(),
        services: services.unwrap_or_default(),
    }))
}

fn services(
    gateway: &Gateway,
    spec: &WorkloadSpec,
    workload: Option<&Workload>,
) -> Vec<ServiceStatus> {
    let service = |service: &leasehold_sdl::ManifestService| {
        let replicas = workload.iter().flat_map(|w| &w.replicas);
        let up = |r: &&Replica| r.service == service.name && r.state == ReplicaState::Running;
        let running: Vec<&Replica> = replicas.filter(up).collect();
        let ingress = ingresses(spec).find(|(s, _)| s.name == service.name);
        let names = ingress.iter().flat_map(|(_, expose)| {
            let own = labels(spec, service);
            let own = own
                .into_iter()
                .map(|label| format!("{label}.{}", gateway.ingress.domain));
            own.chain(expose.hosts.iter().flatten().cloned())
        });
        let ports = running.iter().flat_map(|r| &r.ports);
        ServiceStatus {
            name: service.name.clone(),
            replicas: service.count,
            ready: u32::try_from(running.len()).unwrap_or(u32::MAX),
            uris: names.map(|host| gateway.ingress.uri(&host)).collect(),
            ports: ports
                .filter(|p| is_public(service, p.port))
                .cloned()
                .collect(),
        }
    };
    spec.services.iter().map(service).collect()
}

#[derive(Debug, Deserialize)]
struct LogQuery {
    #[serde(default)]
    follow: bool,
    tail: Option<u32>,
}

async fn logs(
    State(gateway): App,
    Extension(signed): Extension<Signed>,
    Path(id): Path<u64>,
    Query(query): Query<LogQuery>,
) -> Result<Response, Refusal> {
    gateway.admit_to_lease(&signed, id).await?;
    let LogQuery { follow, tail } = query;
    let lines = gateway
        .runtime
        .logs(id, LogOptions { follow, tail })
        .await?;
    let encoded = lines.map(
        |line| -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
            Ok(serde_json::to_string(&line?)? + "\n")
        },
    );
    let mut response = Response::new(Body::from_stream(encoded));
    let kind = header::HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

async fn events(
    State(gateway): App,
    Extension(signed): Extension<Signed>,
    Path(id): Path<u64>,
) -> Result<Json<Vec<Event>>, Refusal> {
    gateway.admit_to_lease(&signed, id).await?;
    Ok(Json(gateway.store.events(id)?))
}
