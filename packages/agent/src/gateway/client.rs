//! The tenant's half.

mod pin;

use std::time::Duration;

use futures::stream::{try_unfold, BoxStream};
use futures::{AsyncBufReadExt, AsyncReadExt, StreamExt, TryStreamExt};
use leasehold_api::provider::Contact;
use leasehold_client::Key;
use leasehold_sdl::Manifest;
use reqwest::{Method, Response, StatusCode};

use super::auth::{SignedRequest, MAX_LIFE};
use super::{ErrorBody, LeaseHealth, LeaseStatus, ProviderStatus};
use crate::agent::wall_ms;
use crate::runtime::LogLine;
use crate::store::Event;
use crate::workload::{seal, ManifestError};
use pin::pinned_http;
#[cfg(test)]
pub(super) use pin::pinned_tls;

/// For a whole answer; of logs, which may be followed, for its beginning.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);
/// Longest answer, and longest line of a log, bytes: a provider is not trusted to end one.
const MAX_ANSWER: usize = 4 << 20;
/// Longest answer to a probe, bytes.
const MAX_HEALTH: usize = 4_096;

#[derive(Debug, thiserror::Error)]
pub enum GatewayClientError {
    #[error("the provider's gateway {gateway} cannot be used: {reason}")]
    Setup { gateway: String, reason: String },
    /// Also when its key is not the one on chain.
    #[error("the provider's gateway {gateway} does not answer: {reason}")]
    Unreachable { gateway: String, reason: String },
    #[error("the provider refuses: {reason} (HTTP {status})")]
    Refused { status: u16, reason: String },
    #[error("the provider's answer does not decode: {0}")]
    Decode(String),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

impl GatewayClientError {
    /// Whether the same request may succeed later: the provider may still be starting, or not know yet that it was chosen.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => {
                [StatusCode::CONFLICT, StatusCode::NOT_FOUND]
                    .iter()
                    .any(|s| s.as_u16() == *status)
                    || *status >= 500
            }
            Self::Setup { .. } | Self::Decode(_) | Self::Manifest(_) => false,
        }
    }
}

/// One provider's gateway, spoken to with one account's key.
#[derive(Clone)]
pub struct GatewayClient {
    http: reqwest::Client,
    contact: Contact,
    provider: String,
    key: Key,
    /// [`ANSWER_LIMIT`], but in tests.
    pub(super) limit: Duration,
}

impl GatewayClient {
    /// `contact` is what the chain says of `provider`: only that TLS key is believed.
    ///
    /// # Errors
    /// [`GatewayClientError::Setup`].
    pub fn new(provider: &str, contact: Contact, key: Key) -> Result<Self, GatewayClientError> {
        Ok(Self {
            http: pinned_http(&contact)?,
            provider: provider.to_owned(),
            key,
            contact,
            limit: ANSWER_LIMIT,
        })
    }

    /// Encrypts the manifest to the provider and hands it over.
    ///
    /// # Errors
    /// [`GatewayClientError`].
    pub async fn put_manifest(
        &self,
        deployment: u64,
        manifest: &Manifest,
    ) -> Result<(), GatewayClientError> {
        let sealed = seal(manifest, &self.contact.age_recipient)?;
        let path = format!("/deployments/{deployment}/manifest");
        self.whole(Method::PUT, &path, sealed).await.map(drop)
    }

    /// The manifest that the provider holds, encrypted as it was put.
    ///
    /// # Errors
    /// [`GatewayClientError`].
    pub async fn sealed_manifest(&self, deployment: u64) -> Result<Vec<u8>, GatewayClientError> {
        let path = format!("/deployments/{deployment}/manifest");
        self.whole(Method::GET, &path, Vec::new()).await
    }

    /// # Errors
    /// [`GatewayClientError`].
    pub async fn status(&self, lease: u64) -> Result<LeaseStatus, GatewayClientError> {
        self.json(&format!("/leases/{lease}/status")).await
    }

    /// Oldest first.
    ///
    /// # Errors
    /// [`GatewayClientError`].
    pub async fn events(&self, lease: u64) -> Result<Vec<Event>, GatewayClientError> {
        self.json(&format!("/leases/{lease}/events")).await
    }

    /// What the provider tells anyone.
    ///
    /// # Errors
    /// [`GatewayClientError`].
    pub async fn provider_status(&self) -> Result<ProviderStatus, GatewayClientError> {
        self.json("/status").await
    }

    /// Lines as they come; ends when the provider ends it or the stream is dropped. `tail` limits to the last lines of each replica.
    ///
    /// # Errors
    /// [`GatewayClientError`].
    pub async fn logs(
        &self,
        lease: u64,
        follow: bool,
        tail: Option<u32>,
    ) -> Result<BoxStream<'static, Result<LogLine, GatewayClientError>>, GatewayClientError> {
        let tail = tail.map_or(String::new(), |tail| format!("&tail={tail}"));
        let path = format!("/leases/{lease}/logs?follow={follow}{tail}");
        let answer = self.answer(Method::GET, &path, Vec::new()).await?;
        let gateway = self.contact.gateway.clone();
        let bytes = answer.bytes_stream().map_err(std::io::Error::other);
        let lines = try_unfold(bytes.into_async_read(), move |mut reader| {
            let gateway = gateway.clone();
            async move {
                let mut line = Vec::new();
                let mut bounded = (&mut reader).take(MAX_ANSWER as u64);
                let read = bounded.read_until(b'\n', &mut line).await.map_err(|e| {
                    let reason = e.to_string();
                    GatewayClientError::Unreachable { gateway, reason }
                })?;
                if read == MAX_ANSWER {
                    return Err(too_long(MAX_ANSWER));
                }
                let decoded = (read > 0)
                    .then(|| serde_json::from_slice(&line))
                    .transpose();
                let decoded = decoded.map_err(|e| GatewayClientError::Decode(e.to_string()))?;
                Ok(decoded.map(|line| (line, reader)))
            }
        });
        Ok(lines.boxed())
    }

    async fn json<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<T, GatewayClientError> {
        let bytes = self.whole(Method::GET, path, Vec::new()).await?;
        serde_json::from_slice(&bytes).map_err(|e| GatewayClientError::Decode(e.to_string()))
    }

    async fn whole(
        &self,
        method: Method,
        path: &str,
        sent: Vec<u8>,
    ) -> Result<Vec<u8>, GatewayClientError> {
        let read = async {
            let answer = self.answer(method, path, sent).await?;
            body(&self.contact, answer, MAX_ANSWER).await
        };
        let in_time = tokio::time::timeout(self.limit, read).await;
        in_time.map_err(|_| self.late())?
    }

    fn late(&self) -> GatewayClientError {
        GatewayClientError::Unreachable {
            gateway: self.contact.gateway.clone(),
            reason: format!("no answer within {} s", self.limit.as_secs()),
        }
    }

    async fn answer(
        &self,
        method: Method,
        path: &str,
        sent: Vec<u8>,
    ) -> Result<Response, GatewayClientError> {
        let nonce = hex::encode(rand::random::<[u8; 16]>());
        let signed = SignedRequest {
            method: method.as_str(),
            path,
            body: &sent,
            provider: &self.provider,
            nonce: &nonce,
            // Short: a request that is under way for longer has failed.
            expires: wall_ms() / 1000 + MAX_LIFE / 5,
        };
        let headers = signed.sign(&self.key);
        let url = format!("{}{path}", self.contact.gateway);
        let mut request = self.http.request(method.clone(), url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let begun = async {
            let answer = request.body(sent).send().await;
            let answer = answer.map_err(|e| unreachable(&self.contact, &e))?;
            granted(&self.contact, answer, MAX_ANSWER).await
        };
        let in_time = tokio::time::timeout(self.limit, begun).await;
        in_time.map_err(|_| self.late())?
    }
}

/// The answer, unless it is a refusal.
async fn granted(
    contact: &Contact,
    answer: Response,
    most: usize,
) -> Result<Response, GatewayClientError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let text = body(contact, answer, most).await?;
    Err(refusal(status, String::from_utf8_lossy(&text).into_owned()))
}

/// The whole body of an answer, of at most `most` bytes.
async fn body(
    contact: &Contact,
    mut answer: Response,
    most: usize,
) -> Result<Vec<u8>, GatewayClientError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|e| unreachable(contact, &e))? {
        if body.len() + chunk.len() > most {
            return Err(too_long(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn too_long(most: usize) -> GatewayClientError {
    GatewayClientError::Decode(format!("longer than {most} bytes"))
}

/// What anyone may ask one provider's gateway: a watcher's half.
#[derive(Clone)]
pub struct Prober {
    http: reqwest::Client,
    contact: Contact,
}

impl Prober {
    /// `contact` is what the chain says of the provider: only that TLS key is believed.
    ///
    /// # Errors
    /// [`GatewayClientError::Setup`].
    pub fn new(contact: Contact) -> Result<Self, GatewayClientError> {
        let http = pinned_http(&contact)?;
        Ok(Self { http, contact })
    }

    /// That the provider serves the lease, as far as anyone can see.
    ///
    /// # Errors
    /// [`GatewayClientError`], within 20 seconds.
    pub async fn lease(&self, id: u64) -> Result<LeaseHealth, GatewayClientError> {
        let url = format!("{}/health/lease/{id}", self.contact.gateway);
        // Body and all: a probe must not be kept waiting.
        let request = self.http.get(url).timeout(ANSWER_LIMIT);
        let contact = &self.contact;
        let answer = request.send().await.map_err(|e| unreachable(contact, &e))?;
        // Nor fed without end.
        let answer = granted(contact, answer, MAX_HEALTH).await?;
        let body = body(contact, answer, MAX_HEALTH).await?;
        serde_json::from_slice(&body).map_err(|e| GatewayClientError::Decode(e.to_string()))
    }
}

fn refusal(status: StatusCode, text: String) -> GatewayClientError {
    let reason = serde_json::from_str(&text).map_or(text, |body: ErrorBody| body.error);
    GatewayClientError::Refused {
        status: status.as_u16(),
        reason,
    }
}

fn unreachable(contact: &Contact, e: &reqwest::Error) -> GatewayClientError {
    // The cause, such as a wrong key, is the last of the chain.
    let mut cause: &dyn std::error::Error = e;
    while let Some(source) = cause.source() {
        cause = source;
    }
    GatewayClientError::Unreachable {
        gateway: contact.gateway.clone(),
        reason: cause.to_string(),
    }
}
