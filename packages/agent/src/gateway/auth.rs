//! Requests signed by an account key, ADR-36: any Cosmos wallet can make one.
//!
//! What is signed, one item per line: `leasehold-gateway-v1`, method, path with query, SHA-256 of the body in hex, provider address, nonce, expiry.

use axum::http::HeaderMap;
use base64::{engine::general_purpose::STANDARD, Engine};
use leasehold_client::{verify_arbitrary, ArbitraryError, Key};
use sha2::{Digest, Sha256};

/// Longest life of a signature, seconds of wall-clock time.
pub const MAX_LIFE: u64 = 15 * 60;
/// By how much the two clocks may differ, seconds.
pub const SKEW: u64 = 60;
const MAX_NONCE: usize = 64;

pub const SIGNER: &str = "x-leasehold-signer";
pub const PUBLIC_KEY: &str = "x-leasehold-public-key";
pub const SIGNATURE: &str = "x-leasehold-signature";
pub const NONCE: &str = "x-leasehold-nonce";
pub const EXPIRES: &str = "x-leasehold-expires";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("header {0} is missing or not text")]
    Header(&'static str),
    #[error("header {header} is `{value}`, allowed: {allowed}")]
    Malformed {
        header: &'static str,
        value: String,
        allowed: &'static str,
    },
    #[error("the signature expired at {expires}, it is {now} here (seconds since 1970)")]
    Expired { expires: u64, now: u64 },
    #[error("the signature expires at {expires}, it is {now} here: at most {MAX_LIFE} s ahead")]
    TooFarAhead { expires: u64, now: u64 },
    #[error(transparent)]
    Signature(#[from] ArbitraryError),
    #[error("this nonce was used before")]
    Replayed,
}

/// What a request is signed over.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// Upper case.
    pub method: &'a str,
    /// With the query.
    pub path: &'a str,
    pub body: &'a [u8],
    pub provider: &'a str,
    pub nonce: &'a str,
    /// Seconds since 1970.
    pub expires: u64,
}

impl SignedRequest<'_> {
    fn text(&self) -> String {
        let Self {
            method,
            path,
            body,
            provider,
            nonce,
            expires,
        } = self;
        let body = hex::encode(Sha256::digest(body));
        format!("leasehold-gateway-v1\n{method}\n{path}\n{body}\n{provider}\n{nonce}\n{expires}")
    }

    /// The headers to send.
    pub fn sign(&self, key: &Key) -> [(&'static str, String); 5] {
        [
            (SIGNER, key.address().to_owned()),
            (PUBLIC_KEY, STANDARD.encode(key.public_key())),
            (
                SIGNATURE,
                STANDARD.encode(key.sign_arbitrary(self.text().as_bytes())),
            ),
            (NONCE, self.nonce.to_owned()),
            (EXPIRES, self.expires.to_string()),
        ]
    }
}

/// Who signed a request. Whether the nonce is fresh is still to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub signer: String,
    pub nonce: String,
    pub expires: u64,
}

impl Signed {
    /// The name under which the nonce is remembered: every signer has its own.
    pub fn nonce_key(&self) -> String {
        format!("{}/{}", self.signer, self.nonce)
    }

    /// How long it must be remembered.
    pub fn remember_until(&self) -> u64 {
        self.expires.saturating_add(SKEW)
    }
}

/// Checks the headers of a request against its content.
///
/// # Errors
/// [`AuthError`], all but [`AuthError::Replayed`].
pub fn verify(
    headers: &HeaderMap,
    method: &str,
    path: &str,
    body: &[u8],
    provider: &str,
    now: u64,
) -> Result<Signed, AuthError> {
    let signer = text(headers, SIGNER)?;
    let nonce = text(headers, NONCE)?;
    if nonce.is_empty() || nonce.len() > MAX_NONCE {
        return Err(malformed(NONCE, nonce, "1 to 64 characters"));
    }
    let expires = text(headers, EXPIRES)?;
    let expires: u64 = expires
        .parse()
        .map_err(|_| malformed(EXPIRES, expires, "seconds since 1970"))?;
    if expires.saturating_add(SKEW) <= now {
        return Err(AuthError::Expired { expires, now });
    }
    if expires > now.saturating_add(MAX_LIFE + SKEW) {
        return Err(AuthError::TooFarAhead { expires, now });
    }
    let request = SignedRequest {
        method,
        path,
        body,
        provider,
        nonce,
        expires,
    };
    verify_arbitrary(
        &bytes(headers, PUBLIC_KEY)?,
        signer,
        request.text().as_bytes(),
        &bytes(headers, SIGNATURE)?,
    )?;
    Ok(Signed {
        signer: signer.to_owned(),
        nonce: nonce.to_owned(),
        expires,
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, AuthError> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.ok_or(AuthError::Header(name))
}

fn bytes(headers: &HeaderMap, name: &'static str) -> Result<Vec<u8>, AuthError> {
    let value = text(headers, name)?;
    STANDARD
        .decode(value)
        .map_err(|_| malformed(name, value, "base64"))
}

fn malformed(header: &'static str, value: &str, allowed: &'static str) -> AuthError {
    AuthError::Malformed {
        header,
        value: value.to_owned(),
        allowed,
    }
}
