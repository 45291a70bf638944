//! Who is served, and who is spoken to.

use leasehold_client::ArbitraryError;
use reqwest::{Method, RequestBuilder};

use super::super::auth::{self, SignedRequest, EXPIRES, MAX_LIFE, NONCE, SIGNATURE, SKEW};
use super::*;
use crate::agent::wall_ms;

impl Stage {
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
    let http = http(&stage);
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
