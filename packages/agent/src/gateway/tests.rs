//! Over real TLS on loopback, against a chain of three records.

mod health;

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
use leasehold_client::{ArbitraryError, Key};
use leasehold_sdl::{Manifest, Sdl};
use reqwest::{Method, RequestBuilder};
use tempfile::TempDir;

use super::auth::{SignedRequest, EXPIRES, MAX_LIFE, NONCE, SIGNATURE, SKEW};
use super::client::{GatewayClient, GatewayClientError};
use super::*;
use crate::agent::wall_ms;
use crate::runtime::process::ProcessRuntime;
use crate::runtime::Runtime;
use crate::workload::{seal, WorkloadSpec};

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
    let text = format!(
        r#"
version: "2.0"
services:
  web:
    image: ignored
    command: ["sh", "-c", "echo {greeting}; sleep 1000"]
    expose:
      - {{ port: 8080, as: 80, accept: ["app.example"], to: [{{ global: true }}] }}
      - {{ port: 9000, to: [{{ global: true }}] }}
profiles:
  compute:
    web: {{ resources: {{ cpu: {{ units: 0.1 }}, memory: {{ size: 16Mi }}, storage: {{ size: 16Mi }} }} }}
  placement:
    here: {{ pricing: {{ web: {{ denom: uakt, amount: 1000 }} }} }}
deployment:
  web: {{ here: {{ profile: web, count: 1 }} }}
"#
    );
    Sdl::parse("test", &text).unwrap()
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

async fn stage(chain: FakeChain) -> Stage {
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
    };
    let listener = bind("127.0.0.1:0".parse().unwrap(), &identity)
        .await
        .unwrap();
    let contact = Contact {
        gateway: format!("https://{}", listener.address),
        tls_pin: identity.tls_pin.into(),
        age_recipient: identity.age_recipient(),
    };
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

impl Stage {
    fn client(&self, key: &Key) -> GatewayClient {
        GatewayClient::new(PROVIDER, self.contact.clone(), key.clone()).unwrap()
    }

    /// A request that a test may spoil.
    fn request(&self, http: &reqwest::Client, signed: SignedRequest, key: &Key) -> RequestBuilder {
        let method: Method = signed.method.parse().unwrap();
        let url = format!("{}{}", self.contact.gateway, signed.path);
        let request = http.request(method, url).body(signed.body.to_vec());
        let headers = signed.sign(key).into_iter();
        headers.fold(request, |request, (name, value)| {
            request.header(name, value)
        })
    }
}

/// Status and error text.
async fn answer(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

fn status_request(nonce: &str, expires: u64) -> SignedRequest<'_> {
    SignedRequest {
        method: "GET",
        path: "/leases/80001/status",
        body: b"",
        provider: PROVIDER,
        nonce,
        expires,
    }
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

#[tokio::test]
async fn only_the_owner_is_served() {
    let (tenant, sdl) = (key(), sdl("hello"));
    let stage = stage(chain(&tenant, sdl.manifest())).await;
    let stranger = stage.client(&key());
    assert_eq!(refused(stranger.status(LEASE).await).0, 403);
    assert_eq!(refused(stranger.events(LEASE).await).0, 403);
    assert_eq!(
        refused(stranger.put_manifest(DEPLOYMENT, sdl.manifest()).await).0,
        403
    );
    assert_eq!(refused(stranger.sealed_manifest(DEPLOYMENT).await).0, 403);
    assert_eq!(
        refused(stranger.logs(LEASE, false, None).await.map(drop)).0,
        403
    );
    assert_eq!(
        refused(stage.client(&tenant).status(LEASE + 1).await).0,
        404
    );
}

#[tokio::test]
async fn a_request_is_bound_to_its_signature_time_and_nonce() {
    let (tenant, sdl) = (key(), sdl("hello"));
    let stage = stage(chain(&tenant, sdl.manifest())).await;
    let http = reqwest::Client::builder()
        .use_preconfigured_tls(pinned(&stage))
        .build()
        .unwrap();
    let now = wall_ms() / 1000;
    let send = |signed: SignedRequest, key: &Key| answer(stage.request(&http, signed, key));

    assert_eq!(send(status_request("n1", now + 60), &tenant).await.0, 200);
    let (code, text) = send(status_request("n1", now + 60), &tenant).await;
    assert_eq!(code, 401);
    assert!(text.contains("nonce was used"), "{text}");
    assert_eq!(
        send(status_request("n2", now - SKEW - 1), &tenant).await.0,
        401
    );
    assert_eq!(
        send(status_request("n3", now + MAX_LIFE + SKEW + 30), &tenant)
            .await
            .0,
        401
    );
    let elsewhere = SignedRequest {
        provider: "wasm1other",
        ..status_request("n4", now + 60)
    };
    assert_eq!(send(elsewhere, &tenant).await.0, 401);

    let spoiled = |header: &'static str, value: String| {
        let signed = status_request("n5", now + 60);
        let mut request = stage.request(&http, signed, &tenant).build().unwrap();
        request.headers_mut().insert(header, value.parse().unwrap());
        answer(RequestBuilder::from_parts(http.clone(), request))
    };
    let other = status_request("n5", now + 60).sign(&key())[2].1.clone();
    assert_eq!(spoiled(SIGNATURE, other).await.0, 401);
    assert_eq!(spoiled(SIGNATURE, "rubbish!".into()).await.0, 401);
    assert_eq!(spoiled(EXPIRES, (now + 61).to_string()).await.0, 401);
    assert_eq!(spoiled(NONCE, "n6".into()).await.0, 401);
    let unsigned = http.get(format!("{}/leases/80001/status", stage.contact.gateway));
    assert_eq!(answer(unsigned).await.0, 401);

    let request = stage.request(&http, status_request("n7", now + 60), &tenant);
    let changed = request.body("another body");
    assert_eq!(answer(changed).await.0, 401);
}

fn pinned(stage: &Stage) -> rustls::ClientConfig {
    super::client::pinned_tls(stage.contact.tls_pin.as_slice().try_into().unwrap()).unwrap()
}

#[tokio::test]
async fn another_tls_key_is_not_spoken_to() {
    let (tenant, sdl) = (key(), sdl("hello"));
    let stage = stage(chain(&tenant, sdl.manifest())).await;
    let mut contact = stage.contact.clone();
    let mut pin = contact.tls_pin.to_vec();
    pin[0] ^= 1;
    contact.tls_pin = pin.into();
    let client = GatewayClient::new(PROVIDER, contact, tenant).unwrap();
    match client.put_manifest(DEPLOYMENT, sdl.manifest()).await {
        Err(GatewayClientError::Unreachable { reason, .. }) => {
            assert!(reason.contains("not the one on chain"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stage.store.manifest(DEPLOYMENT).unwrap(), None);
}

#[tokio::test]
async fn a_manifest_must_be_the_one_on_chain_and_for_this_provider() {
    let (tenant, sdl) = (key(), sdl("hello"));
    let other = stage(chain(&tenant, sdl.manifest())).await;
    let stage = stage(chain(&tenant, sdl.manifest())).await;
    let client = stage.client(&tenant);
    let (code, text) = refused(
        client
            .put_manifest(DEPLOYMENT, self::sdl("changed").manifest())
            .await,
    );
    assert_eq!(code, 422);
    assert!(text.contains("SHA-256"), "{text}");
    // Encrypted to somebody else.
    let mut contact = stage.contact.clone();
    contact.age_recipient = other.contact.age_recipient.clone();
    let client = GatewayClient::new(PROVIDER, contact, tenant).unwrap();
    assert_eq!(
        refused(client.put_manifest(DEPLOYMENT, sdl.manifest()).await).0,
        422
    );
    assert_eq!(stage.store.manifest(DEPLOYMENT).unwrap(), None);
}

#[tokio::test]
async fn manifests_are_taken_from_bidders_in_line_only() {
    let (tenant, sdl) = (key(), sdl("hello"));
    let mut strange = chain(&tenant, sdl.manifest());
    strange.lease.provider = Addr::unchecked("wasm1other");
    let put = |chain: FakeChain| {
        let (tenant, sdl) = (tenant.clone(), sdl.clone());
        async move {
            let stage = stage(chain).await;
            stage
                .client(&tenant)
                .put_manifest(DEPLOYMENT, sdl.manifest())
                .await
        }
    };
    assert_eq!(refused(put(strange.clone()).await).0, 409);
    let mut runner_up = strange.clone();
    runner_up.order.auction.second = Some(Quote {
        provider: Addr::unchecked(PROVIDER),
        rate: Uint128::new(2),
    });
    put(runner_up).await.unwrap();
    let mut closed = chain(&tenant, sdl.manifest());
    closed.closed = true;
    assert_eq!(refused(put(closed).await).0, 409);
}

#[test]
fn a_signature_of_another_key_is_named() {
    let (signer, other) = (key(), key());
    let request = status_request("n", 1_000);
    let mut headers = axum::http::HeaderMap::new();
    for (name, value) in request.sign(&signer) {
        headers.insert(name, value.parse().unwrap());
    }
    let verify = |headers: &axum::http::HeaderMap| {
        auth::verify(headers, "GET", "/leases/80001/status", b"", PROVIDER, 990)
    };
    assert_eq!(verify(&headers).unwrap().signer, signer.address());
    headers.insert(auth::SIGNER, other.address().parse().unwrap());
    let wrong = verify(&headers);
    assert!(
        matches!(
            wrong,
            Err(AuthError::Signature(ArbitraryError::WrongAddress { .. }))
        ),
        "{wrong:?}"
    );
}

#[test]
fn a_sealed_manifest_opens_for_its_recipient_only() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mine, theirs) = (
        Identity::load(home.path()).unwrap(),
        Identity::load(other.path()).unwrap(),
    );
    let sdl = sdl("hello");
    let sealed = seal(sdl.manifest(), &mine.age_recipient()).unwrap();
    let hash = sdl.manifest().hash();
    assert_eq!(
        crate::workload::open(&sealed, &mine.age, &hash).unwrap(),
        *sdl.manifest()
    );
    assert!(matches!(
        crate::workload::open(&sealed, &theirs.age, &hash),
        Err(ManifestError::Open(_))
    ));
    assert!(matches!(
        crate::workload::open(&sealed, &mine.age, &[0; 32]),
        Err(ManifestError::Hash { .. })
    ));
}
