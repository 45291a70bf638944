//! Over real TLS on loopback, against a chain of three records.

mod auth;
mod health;
mod limits;
mod manifest;

use std::collections::HashMap;
use std::path::PathBuf;

use async_trait::async_trait;
use cosmwasm_std::{Binary, Uint128};
use futures::StreamExt;
use leasehold_api::deployment::Deployment;
use leasehold_api::market::{Lease, Order, OrderStatus};
use leasehold_api::provider::Contact;
use leasehold_api::rules::auction::{Auction, AuctionParams};
use leasehold_api::{AuctionMode, Denom, Quote};
use leasehold_client::Key;
use leasehold_sdl::{Manifest, Sdl};
use tempfile::TempDir;

use super::client::{GatewayClient, GatewayClientError};
use super::*;
use crate::runtime::process::ProcessRuntime;
use crate::runtime::Runtime;
use crate::web::web;
use crate::workload::WorkloadSpec;

const PROVIDER: &str = "wasm1provider";
/// Order 8 is group 0 of deployment 1.
const DEPLOYMENT: u64 = 1;
const LEASE: u64 = 80_001;

#[derive(Clone)]
struct FakeChain {
    deployment: Deployment,
    order: Order,
    lease: Lease,
    closed: bool,
}

#[async_trait]
impl Lookup for FakeChain {
    async fn deployment(&self, id: u64) -> Result<Option<Deployment>, ClientError> {
        Ok((id == DEPLOYMENT).then(|| self.deployment.clone()))
    }
    async fn is_closed(&self, _: u64, _: &Deployment) -> Result<bool, ClientError> {
        Ok(self.closed)
    }
    async fn order(&self, id: u64) -> Result<Option<Order>, ClientError> {
        Ok((id == DEPLOYMENT * 8).then(|| self.order.clone()))
    }
    async fn lease(&self, id: u64) -> Result<Option<Lease>, ClientError> {
        Ok((id == LEASE).then(|| self.lease.clone()))
    }
}

fn key() -> Key {
    Key::random("wasm").unwrap()
}

fn sdl(greeting: &str) -> Sdl {
    let command = format!(r#"["sh", "-c", "echo {greeting}; sleep 1000"]"#);
    let named = r#"{ port: 8080, as: 80, accept: ["app.example"], to: [{ global: true }] }"#;
    let open = "{ port: 9000, to: [{ global: true }] }";
    web(&format!("command: {command}, expose: [{named}, {open}]"), 1)
}

fn chain(owner: &Key, manifest: &Manifest) -> FakeChain {
    let params = AuctionParams {
        bidding: 60,
        extension: 15,
        hard_close: 180,
        min_blocks: 0,
        min_decrement_bps: 0,
        claim_window: 60,
        ramp: 60,
        commit: 120,
        reveal: 120,
    };
    let mode = AuctionMode::default();
    let auction = Auction::open(mode, Uint128::new(1_000), &params, 0, 0).unwrap();
    FakeChain {
        deployment: Deployment {
            owner: Addr::unchecked(owner.address()),
            account: 1,
            manifest_hash: Binary::from(manifest.hash()),
            terms: vec![mode.into()],
            created_at: 0,
        },
        order: Order {
            account: 1,
            denom: Denom::Native("uakt".into()),
            status: OrderStatus::Leased,
            round: 1,
            attempts: 0,
            auction,
            excluded: vec![],
            lease: Some(LEASE),
            leases: 1,
            penalties: 0,
            closed_at: None,
            exit: None,
            leaves_at: None,
            duration: None,
        },
        lease: Lease {
            provider: Addr::unchecked(PROVIDER),
            rate: Uint128::new(1),
            bond: Uint128::new(1),
            started_at: 0,
            taken: None,
            until: None,
        },
        closed: false,
    }
}

/// A gateway with its client side.
struct Stage {
    contact: Contact,
    runtime: Arc<ProcessRuntime>,
    store: Arc<Store>,
    view: watch::Sender<Arc<View>>,
    /// Stops the server when dropped.
    _stop: watch::Sender<bool>,
    _home: TempDir,
}

async fn stage(chain: impl Lookup + 'static) -> Stage {
    let limits = Limits {
        connections: 64,
        patience: BODY_LIMIT,
    };
    stage_within(chain, limits, BODY_LIMIT).await
}

async fn stage_within(chain: impl Lookup + 'static, limits: Limits, body_limit: Duration) -> Stage {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| -> PathBuf { home.path().join(name) };
    let identity = Arc::new(Identity::load(home.path()).unwrap());
    let store = Arc::new(Store::open(&path("db"), "m").unwrap());
    let runtime = Arc::new(ProcessRuntime::new(path("process")).unwrap());
    let (view, viewed) = watch::channel(Arc::default());
    let (stop, stopped) = watch::channel(false);
    let gateway = Gateway {
        me: Addr::unchecked(PROVIDER),
        lookup: Arc::new(chain),
        store: store.clone(),
        identity: identity.clone(),
        runtime: runtime.clone(),
        ingress: PublicIngress {
            domain: "localhost".into(),
            port: 8000,
        },
        view: viewed,
        pulse: Arc::default(),
        wake: Arc::default(),
        limits,
        body_limit,
    };
    let listener = bind("127.0.0.1:0".parse().unwrap(), &identity)
        .await
        .unwrap();
    let contact = contact(listener.address, &identity);
    tokio::spawn(serve(listener, gateway, stopped));
    Stage {
        contact,
        runtime,
        store,
        view,
        _stop: stop,
        _home: home,
    }
}

/// What the chain says of a provider with this identity.
fn contact(address: SocketAddr, identity: &Identity) -> Contact {
    Contact {
        gateway: format!("https://{address}"),
        tls_pin: identity.tls_pin.into(),
        age_recipient: identity.age_recipient(),
    }
}

impl Stage {
    fn client(&self, key: &Key) -> GatewayClient {
        GatewayClient::new(PROVIDER, self.contact.clone(), key.clone()).unwrap()
    }
}

fn http(stage: &Stage) -> reqwest::Client {
    http_from(stage, [127, 0, 0, 1])
}

fn http_from(stage: &Stage, from: [u8; 4]) -> reqwest::Client {
    let pin = stage.contact.tls_pin.as_slice().try_into().unwrap();
    let tls = super::client::pinned_tls(pin).unwrap();
    let client = reqwest::Client::builder()
        .use_preconfigured_tls(tls)
        .local_address(std::net::IpAddr::from(from));
    client.build().unwrap()
}

fn refused(result: Result<impl std::fmt::Debug, GatewayClientError>) -> (u16, String) {
    match result {
        Err(GatewayClientError::Refused { status, reason }) => (status, reason),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn the_tenant_puts_its_manifest_and_sees_its_lease() {
    let (tenant, sdl) = (key(), sdl("hello"));
    let stage = stage(chain(&tenant, sdl.manifest())).await;
    let client = stage.client(&tenant);
    let empty = client.status(LEASE).await.unwrap();
    assert!(!empty.has_manifest && empty.services.is_empty());
    client
        .put_manifest(DEPLOYMENT, sdl.manifest())
        .await
        .unwrap();
    let sealed = stage.store.manifest(DEPLOYMENT).unwrap().unwrap();
    assert_eq!(client.sealed_manifest(DEPLOYMENT).await.unwrap(), sealed);
    assert!(
        !String::from_utf8_lossy(&sealed).contains("hello"),
        "kept as ciphertext"
    );
    assert_eq!(client.events(LEASE).await.unwrap()[0].kind, "manifest");

    let group = &sdl.groups().unwrap()[0];
    let spec = WorkloadSpec::new(LEASE, DEPLOYMENT, PROVIDER, sdl.manifest(), group).unwrap();
    stage.runtime.start(&spec).await.unwrap();
    let specs = HashMap::from([(LEASE, spec)]);
    let workloads = stage.runtime.list().await.unwrap();
    stage
        .view
        .send_replace(Arc::new(View::new("localhost", specs, workloads)));
    let status = client.status(LEASE).await.unwrap();
    let service = &status.services[0];
    assert_eq!((service.replicas, service.ready), (1, 1));
    let uris = [
        "http://lease-80001.localhost:8000",
        "http://web-80001.localhost:8000",
        "http://app.example:8000",
    ];
    assert_eq!(service.uris, uris);
    let ports: Vec<u16> = service.ports.iter().map(|p| p.port).collect();
    assert_eq!(ports, [9000], "the HTTP port is reached by name");
    let mut lines = client.logs(LEASE, true, Some(1)).await.unwrap();
    assert_eq!(lines.next().await.unwrap().unwrap().line, "hello");
    assert_eq!(client.provider_status().await.unwrap().workloads, 1);
    stage.runtime.remove(LEASE).await.unwrap();
}
