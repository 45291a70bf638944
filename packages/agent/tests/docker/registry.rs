//! A registry of container images on loopback: the pulling half of the distribution protocol.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{header, HeaderMap, Response, StatusCode};
use axum::routing::get;
use axum::Router;
use base64::prelude::{Engine as _, BASE64_STANDARD};
use sha2::{Digest, Sha256};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// Who may have what lies under `private/`: a name, which is its password too.
pub const LOGINS: [&str; 2] = ["ann", "ben"];

#[derive(Clone)]
pub struct Registry {
    /// As it stands in names of images.
    pub host: String,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Default)]
struct Kept {
    blobs: HashMap<String, Vec<u8>>,
    /// Digests of manifests, by repository and tag.
    tags: HashMap<(String, String), String>,
    is_away: bool,
    is_silent: bool,
    /// For manifests.
    requests: usize,
}

impl Registry {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = listener.await.unwrap();
        let registry = Self {
            host: listener.local_addr().unwrap().to_string(),
            kept: Arc::default(),
        };
        let routes = Router::new()
            .route("/v2/", get(async || unauthorized()))
            .route("/v2/{*path}", get(serve))
            .with_state(registry.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        registry
    }

    /// Puts an image of one layer under a tag, and tells the digest of its manifest. What is marked the same is the same image.
    pub fn put(&self, repository: &str, tag: &str, layer: &[u8], mark: &str) -> String {
        let mut kept = self.kept.lock().unwrap();
        let (layer, size) = (kept.put(layer), layer.len());
        let arch = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        let config = serde_json::json!({
            "os": "linux",
            "architecture": arch,
            "config": { "Env": ["PATH=/bin"], "Labels": { "mark": format!("{} {mark}", self.host) } },
            "rootfs": { "type": "layers", "diff_ids": [layer] },
        });
        let config = config.to_string();
        let manifest = serde_json::json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": { "mediaType": CONFIG, "size": config.len(), "digest": kept.put(config.as_bytes()) },
            "layers": [{ "mediaType": LAYER, "size": size, "digest": layer }],
        });
        let digest = kept.put(manifest.to_string().as_bytes());
        kept.tags
            .insert((repository.to_owned(), tag.to_owned()), digest.clone());
        digest
    }

    pub fn go_away(&self) {
        self.kept.lock().unwrap().is_away = true;
    }

    /// Whether it never ends its answers.
    pub fn be_silent(&self, is_silent: bool) {
        self.kept.lock().unwrap().is_silent = is_silent;
    }

    /// How often a manifest has been asked for.
    pub fn requests(&self) -> usize {
        self.kept.lock().unwrap().requests
    }
}

impl Kept {
    fn put(&mut self, blob: &[u8]) -> String {
        let digest = format!("sha256:{}", hex::encode(Sha256::digest(blob)));
        self.blobs.insert(digest.clone(), blob.to_owned());
        digest
    }

    fn is_silent_on(&mut self, path: &str) -> bool {
        self.requests += usize::from(path.contains("/manifests/"));
        self.is_silent
    }

    fn answer(&self, path: &str, headers: &HeaderMap) -> Response<Body> {
        let status = |status| {
            let answer = Response::builder().status(status);
            answer.body(Body::empty()).unwrap()
        };
        if self.is_away {
            return status(StatusCode::SERVICE_UNAVAILABLE);
        }
        if path.starts_with("private/") && !has_login(headers) {
            return unauthorized();
        }
        let split = path.split_once("/manifests/");
        let Some((repository, wanted)) = split.or_else(|| path.split_once("/blobs/")) else {
            return status(StatusCode::NOT_FOUND);
        };
        let tag = self.tags.get(&(repository.to_owned(), wanted.to_owned()));
        let digest = tag.map_or(wanted, String::as_str);
        let Some(blob) = self.blobs.get(digest) else {
            return status(StatusCode::NOT_FOUND);
        };
        let kind = match path.contains("/manifests/") {
            true => MANIFEST,
            false => "application/octet-stream",
        };
        let answer = Response::builder()
            .header(header::CONTENT_TYPE, kind)
            .header("docker-content-digest", digest);
        answer.body(Body::from(blob.clone())).unwrap()
    }
}

/// The entry of the protocol asks for credentials, though public images are given without: clients send theirs only where asked.
fn unauthorized() -> Response<Body> {
    let answer = Response::builder()
        .status(StatusCode::UNAUTHORIZED)
        .header(header::WWW_AUTHENTICATE, r#"Basic realm="test""#);
    answer.body(Body::empty()).unwrap()
}

async fn serve(
    State(registry): State<Registry>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    if registry.kept.lock().unwrap().is_silent_on(&path) {
        std::future::pending::<()>().await;
    }
    let kept = registry.kept.lock().unwrap();
    kept.answer(&path, &headers)
}

fn has_login(headers: &HeaderMap) -> bool {
    let given = headers.get(header::AUTHORIZATION);
    LOGINS.iter().any(|login| {
        let basic = BASE64_STANDARD.encode(format!("{login}:{login}"));
        given.is_some_and(|given| given.as_bytes() == format!("Basic {basic}").as_bytes())
    })
}
