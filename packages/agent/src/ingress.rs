//! Plain HTTP by host name, passed on to the workload that owns the name.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{header, HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{RequestExt, Router};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::IngressConfig;
use crate::gateway::GatewayError;
use crate::serve::{self, Limits};
use crate::view::{Target, View};

/// Files for each connection: its own, the one to the workload, and as many for the rest of the agent.
pub const SHARE: u64 = 4;
pub const MAX_CONNECTIONS: usize = 4_096;
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Headers of one connection, not of the message (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
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
        let listener = TcpListener::bind(config.listen).await?;
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
    client: reqwest::Client,
    view: watch::Receiver<Arc<View>>,
}

/// Serves until `stopped` turns true.
pub async fn serve(
    bound: Bound,
    view: watch::Receiver<Arc<View>>,
    limits: Limits,
    stopped: watch::Receiver<bool>,
) {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_LIMIT)
        .build();
    let client = match client {
        Ok(client) => client,
        Err(e) => return tracing::error!(error = %e, "no ingress"),
    };
    let app = Router::new()
        .fallback(pass_on)
        .with_state(Proxy { client, view });
    serve::serve(bound.listener, app, limits, stopped).await;
}

async fn pass_on(
    State(proxy): State<Proxy>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let Some(host) = host
        .map(str::to_owned)
        .or_else(|| request.uri().host().map(str::to_owned))
    else {
        return refuse(StatusCode::BAD_REQUEST, "the request names no host");
    };
    let target = proxy.view.borrow().route(&host).cloned();
    let Some(target) = target else {
        return refuse(
            StatusCode::NOT_FOUND,
            &format!("no lease serves {host} here"),
        );
    };
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok());
    if length
        .and_then(|text| text.parse::<usize>().ok())
        .is_some_and(|length| length > target.max_body)
    {
        return refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!("at most {} bytes", target.max_body),
        );
    }
    match forward(&proxy.client, &target, peer, &host, request).await {
        Ok(response) => response,
        Err((status, reason)) => refuse(status, &reason),
    }
}

async fn forward(
    client: &reqwest::Client,
    target: &Target,
    peer: SocketAddr,
    host: &str,
    mut request: Request,
) -> Result<Response, (StatusCode, String)> {
    let unavailable = |reason: String| {
        (
            StatusCode::BAD_GATEWAY,
            format!("lease {}: {reason}", target.lease),
        )
    };
    let address = pick(&target.addresses).ok_or_else(|| {
        let reason = format!(
            "lease {} has no running replica of this service",
            target.lease
        );
        (StatusCode::SERVICE_UNAVAILABLE, reason)
    })?;
    DefaultBodyLimit::max(target.max_body).apply(&mut request);
    let (parts, body) = request.with_limited_body().into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut headers = passed(parts.headers);
    headers.insert(header::HOST, header_value(host)?);
    headers.insert("x-forwarded-for", header_value(&peer.ip().to_string())?);
    headers.insert("x-forwarded-host", header_value(host)?);
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    let sent = client
        .request(parts.method, format!("http://{address}{path}"))
        .headers(headers)
        .body(reqwest::Body::wrap_stream(body.into_data_stream()))
        .send();
    let answer = tokio::time::timeout(target.read_timeout, sent)
        .await
        .map_err(|_| {
            (
                StatusCode::GATEWAY_TIMEOUT,
                format!("lease {} does not answer", target.lease),
            )
        })?
        .map_err(|e| unavailable(e.without_url().to_string()))?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = passed(answer.headers().clone());
    *response.body_mut() = Body::from_stream(answer.bytes_stream());
    Ok(response)
}

fn pick(addresses: &[SocketAddr]) -> Option<SocketAddr> {
    let at = rand::random::<usize>().checked_rem(addresses.len())?;
    addresses.get(at).copied()
}

fn header_value(text: &str) -> Result<HeaderValue, (StatusCode, String)> {
    HeaderValue::from_str(text).map_err(|e| (StatusCode::BAD_REQUEST, e.to_string()))
}

/// Without what belongs to the connection, the names that `Connection` lists included.
fn passed(mut headers: HeaderMap) -> HeaderMap {
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

fn refuse(status: StatusCode, reason: &str) -> Response {
    (status, format!("{reason}\n")).into_response()
}
