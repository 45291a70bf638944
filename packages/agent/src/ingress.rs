//! Plain HTTP by host name, passed on to the workload that owns the name.
//!
//! - A lease has its [share](Shares) of the requests in progress, whatever names and services it has: a busy app, or one that never answers,
//!   leaves room for the others.
//! - What a client says about itself in `Forwarded`, `X-Forwarded-*` and `X-Real-IP` is replaced by what is known: the peer's address. Behind a
//!   proxy that is the proxy's.
//! - `Upgrade` is not passed on: no websockets. `CONNECT` is refused.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{header, uri, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::Router;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::IngressConfig;
use crate::gateway::GatewayError;
use crate::serve::shares::{Share, Shares};
use crate::serve::{self, Limits};
use crate::view::{self, Target, View};

/// Files for each connection: its own, the one to the workload, and as many for the rest of the agent.
pub const SHARE: u64 = 4;
pub const MAX_CONNECTIONS: usize = 4_096;
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Headers of one connection, not of the message (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

pub struct Bound {
    listener: TcpListener,
    pub address: SocketAddr,
}

/// How tenants reach the ingress.
#[derive(Debug, Clone)]
pub struct PublicIngress {
    pub domain: String,
    pub port: u16,
}

impl PublicIngress {
    pub fn uri(&self, host: &str) -> String {
        match self.port {
            80 => format!("http://{host}"),
            port => format!("http://{host}:{port}"),
        }
    }
}

impl Bound {
    pub fn public(&self, config: &IngressConfig) -> PublicIngress {
        PublicIngress {
            domain: config.domain.clone(),
            port: config.public_port.unwrap_or(self.address.port()),
        }
    }
}

/// # Errors
/// [`GatewayError::Bind`].
pub async fn bind(config: &IngressConfig) -> Result<Bound, GatewayError> {
    let bound = async {
        let listener = serve::listen(config.listen).await?;
        let address = listener.local_addr()?;
        Ok(Bound { listener, address })
    };
    let failed = |source: io::Error| GatewayError::Bind {
        what: "ingress",
        address: config.listen,
        source,
    };
    bound.await.map_err(failed)
}

#[derive(Clone)]
struct Proxy {
    client: Client<HttpConnector, Limited<Body>>,
    view: watch::Receiver<Arc<View>>,
    /// Of the requests in progress, by lease.
    shares: Arc<Shares<u64>>,
}

/// Why a request is not passed on.
type Refusal = (StatusCode, String);

/// Serves until `stopped` turns true.
pub async fn serve(
    bound: Bound,
    view: watch::Receiver<Arc<View>>,
    limits: Limits,
    stopped: watch::Receiver<bool>,
) {
    let proxy = Proxy {
        client: client(),
        view,
        shares: Shares::of(limits.connections),
    };
    let app = Router::new().fallback(answer).with_state(proxy);
    serve::serve(bound.listener, app, limits, stopped).await;
}

/// Keeps no connection for a next request: they would be files that nobody counts, as many for each lease as it ever had requests at a time.
fn client() -> Client<HttpConnector, Limited<Body>> {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT_LIMIT));
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .http1_max_buf_size(serve::MAX_BUFFER)
        .build(connector)
}

async fn answer(
    State(proxy): State<Proxy>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let target = match proxy.target(&request) {
        Ok(target) => target,
        Err(refusal) => return refuse(refusal),
    };
    let Some(share) = proxy.shares.take(target.lease) else {
        return busy(target.lease);
    };
    match forward(&proxy.client, &target, peer, request).await {
        Ok(answer) => answer.map(|body| until_passed_on(body, share)),
        Err(refusal) => refuse(refusal),
    }
}

impl Proxy {
    fn target(&self, request: &Request) -> Result<Target, Refusal> {
        if request.method() == Method::CONNECT {
            return Err((StatusCode::NOT_IMPLEMENTED, "no tunnels".to_owned()));
        }
        let mut codings = request.headers().get_all(header::TRANSFER_ENCODING).iter();
        if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
            let reason = "no transfer coding but chunked".to_owned();
            return Err((StatusCode::NOT_IMPLEMENTED, reason));
        }
        let name = host(request)?;
        let target = view::name(name).and_then(|name| self.view.borrow().route(&name).cloned());
        let unknown = || {
            let reason = format!("no lease serves {name} here");
            (StatusCode::NOT_FOUND, reason)
        };
        let target = target.ok_or_else(unknown)?;
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length: Option<usize> = length.and_then(|v| v.to_str().ok()?.parse().ok());
        match length.is_some_and(|length| length > target.max_body) {
            true => Err(too_large(&target)),
            false => Ok(target),
        }
    }
}

/// The one that the target of the request names, else the `Host` header (RFC 9112, 3.2).
fn host(request: &Request) -> Result<&str, Refusal> {
    let refusal = |reason: &str| (StatusCode::BAD_REQUEST, reason.to_owned());
    let mut lines = request.headers().get_all(header::HOST).iter();
    let line = lines.next();
    if lines.next().is_some() {
        return Err(refusal("the request names several hosts"));
    }
    let named = request.uri().authority().map(uri::Authority::as_str);
    named
        .or_else(|| line?.to_str().ok())
        .ok_or_else(|| refusal("the request names no host"))
}

async fn forward(
    client: &Client<HttpConnector, Limited<Body>>,
    target: &Target,
    peer: SocketAddr,
    request: Request,
) -> Result<Response, Refusal> {
    let lease = target.lease;
    let bad_gateway = |reason: &str| {
        let reason = format!("lease {lease}: {reason}");
        (StatusCode::BAD_GATEWAY, reason)
    };
    let address = pick(&target.addresses).ok_or_else(|| {
        let reason = format!("lease {lease} has no running replica of this service");
        (StatusCode::SERVICE_UNAVAILABLE, reason)
    })?;
    let sent = client.request(passed_on(request, target, address, peer)?);
    let answer = tokio::time::timeout(target.read_timeout, sent)
        .await
        .map_err(|_| {
            let reason = format!("lease {lease} does not answer");
            (StatusCode::GATEWAY_TIMEOUT, reason)
        })?
        .map_err(|e| match is_length(&e) {
            true => too_large(target),
            false => bad_gateway(&e.to_string()),
        })?;
    let (head, body) = answer.into_parts();
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(bad_gateway(
            "it changes to a protocol that nobody asked for",
        ));
    }
    let mut response = Response::new(Body::new(body));
    *response.status_mut() = head.status;
    *response.headers_mut() = of_the_message(head.headers);
    Ok(response)
}

/// The request as the app gets it: the same target, to the letter.
fn passed_on(
    request: Request,
    target: &Target,
    address: SocketAddr,
    peer: SocketAddr,
) -> Result<axum::http::Request<Limited<Body>>, Refusal> {
    let host = HeaderValue::from_str(host(&request)?).map_err(bad_request)?;
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let uri = Uri::builder()
        .scheme(uri::Scheme::HTTP)
        .authority(address.to_string())
        .path_and_query(path);
    let mut passed = axum::http::Request::new(Limited::new(body, target.max_body));
    *passed.method_mut() = head.method;
    *passed.uri_mut() = uri.build().map_err(bad_request)?;
    let is_chunked = head.headers.contains_key(header::TRANSFER_ENCODING);
    let mut headers = without_claims(of_the_message(head.headers));
    let peer = HeaderValue::from_str(&peer.ip().to_canonical().to_string()).map_err(bad_request)?;
    // Else a GET would lose its body.
    if is_chunked {
        let chunked = HeaderValue::from_static("chunked");
        headers.insert(header::TRANSFER_ENCODING, chunked);
    }
    headers.insert(header::HOST, host.clone());
    headers.insert("x-forwarded-for", peer);
    headers.insert("x-forwarded-host", host);
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    *passed.headers_mut() = headers;
    Ok(passed)
}

/// Holds the lease's share until the body has been passed on whole or is given up.
fn until_passed_on(body: Body, share: Share<u64>) -> Body {
    Body::new(body.map_frame(move |frame| {
        let _held = &share;
        frame
    }))
}

fn pick(addresses: &[SocketAddr]) -> Option<SocketAddr> {
    let at = rand::random::<usize>().checked_rem(addresses.len())?;
    addresses.get(at).copied()
}

/// Without what belongs to the connection, the names that `Connection` lists included.
fn of_the_message(mut headers: HeaderMap) -> HeaderMap {
    let listed: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&listed) {
        headers.remove(name);
    }
    headers
}

/// Without what a client says of its address and of the host it asked. Some apps read `_` as `-`.
fn without_claims(mut headers: HeaderMap) -> HeaderMap {
    let is_claim = |name: &&HeaderName| {
        let name = name.as_str().replace('_', "-");
        name == "forwarded" || name == "x-real-ip" || name.starts_with("x-forwarded-")
    };
    let claims: Vec<HeaderName> = headers.keys().filter(is_claim).cloned().collect();
    for name in claims {
        headers.remove(name);
    }
    headers
}

/// The client sent more than the app takes, without having said so.
fn is_length(error: &(dyn Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    causes.any(|cause| cause.is::<LengthLimitError>())
}

fn too_large(target: &Target) -> Refusal {
    let reason = format!("at most {} bytes", target.max_body);
    (StatusCode::PAYLOAD_TOO_LARGE, reason)
}

fn bad_request(error: impl ToString) -> Refusal {
    (StatusCode::BAD_REQUEST, error.to_string())
}

/// Closes the connection: others may want it.
fn busy(lease: u64) -> Response {
    let head = [(header::RETRY_AFTER, "1"), (header::CONNECTION, "close")];
    let reason =
        format!("lease {lease} has as many requests in progress as this provider lets it have\n");
    (StatusCode::SERVICE_UNAVAILABLE, head, reason).into_response()
}

fn refuse((status, reason): Refusal) -> Response {
    (status, format!("{reason}\n")).into_response()
}

#[cfg(test)]
mod tests;
