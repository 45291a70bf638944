//! A node that lags behind, at the address of one that does not: as behind a load balancer, or alone.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{json, Value};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How many blocks the node that lags is behind: 5 s at 200 ms.
const BEHIND: u64 = 25;

/// Where answers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// All from the node as it is.
    Now,
    /// All from the one that lags.
    Past,
    /// Every third from the one that lags.
    Mixed,
}

/// Relays JSON-RPC on loopback until it is dropped. State, status, blocks and transactions are those of the past; what is broadcast
/// goes on to the node as it is, and so do simulations, which the SDK runs on its newest state only.
pub struct Laggard {
    url: String,
    relay: Arc<Relay>,
    _server: JoinSet<std::io::Result<()>>,
}

struct Relay {
    upstream: String,
    http: reqwest::Client,
    answers: watch::Sender<Answers>,
    count: AtomicU64,
}

impl Laggard {
    /// In front of the node at `url`, as it is.
    pub async fn start(url: &str) -> Result<Self> {
        let relay = Arc::new(Relay {
            upstream: url.to_owned(),
            http: reqwest::Client::new(),
            answers: watch::Sender::new(Answers::Now),
            count: AtomicU64::new(0),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let app = Router::new()
            .route("/", post(answer))
            .with_state(relay.clone());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, app).await });
        Ok(Self {
            url,
            relay,
            _server: server,
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn set(&self, answers: Answers) {
        self.relay.answers.send_replace(answers);
    }
}

async fn answer(
    State(relay): State<Arc<Relay>>,
    Json(request): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    let answered = match relay.is_past() {
        true => relay.past(request).await,
        false => relay.ask(&request).await,
    };
    answered.map(Json).map_err(|_| StatusCode::BAD_GATEWAY)
}

impl Relay {
    fn is_past(&self) -> bool {
        match *self.answers.borrow() {
            Answers::Now => false,
            Answers::Past => true,
            Answers::Mixed => self.count.fetch_add(1, Ordering::Relaxed).is_multiple_of(3),
        }
    }

    async fn ask(&self, request: &Value) -> Result<Value> {
        let sent = self.http.post(&self.upstream).json(request).send().await?;
        Ok(sent.error_for_status()?.json().await?)
    }

    async fn call(&self, method: &str, params: Value) -> Result<Value> {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let mut answer = self.ask(&request).await?;
        Ok(answer["result"].take())
    }

    async fn past(&self, mut request: Value) -> Result<Value> {
        let status = self.call("status", json!({})).await?;
        let latest = number(&status["sync_info"]["latest_block_height"]).context("a height")?;
        let past = latest.saturating_sub(BEHIND).max(1);
        let id = request["id"].clone();
        let is_to_come = |height: &Value| number(height).is_some_and(|height| height > past);
        let asked = is_to_come(&request["params"]["height"]);
        match request["method"].as_str() {
            Some("status") => Ok(result(id, self.aged(status, past).await?)),
            Some("abci_query") if asked => Ok(result(id, height_to_come())),
            Some("abci_query") => {
                request["params"]["height"] = json!(past.to_string());
                self.ask(&request).await
            }
            Some("block" | "block_results") if asked => Ok(error(id, "height is to come")),
            Some("tx") => {
                let found = self.ask(&request).await?;
                Ok(match is_to_come(&found["result"]["height"]) {
                    true => error(id, "tx not found"),
                    false => found,
                })
            }
            _ => self.ask(&request).await,
        }
    }

    /// The status of the time of the block `past`.
    async fn aged(&self, mut status: Value, past: u64) -> Result<Value> {
        let height = json!(past.to_string());
        let block = self.call("block", json!({ "height": height })).await?;
        status["sync_info"]["latest_block_time"] = block["block"]["header"]["time"].clone();
        status["sync_info"]["latest_block_height"] = height;
        Ok(status)
    }
}

/// Heights are strings in JSON-RPC.
fn number(height: &Value) -> Option<u64> {
    height.as_str()?.parse().ok()
}

fn result(id: Value, result: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

fn error(id: Value, reason: &str) -> Value {
    let error = json!({"code": -32603, "message": "Internal error", "data": reason});
    json!({"jsonrpc": "2.0", "id": id, "error": error})
}

/// As the SDK says it.
fn height_to_come() -> Value {
    json!({ "response": {
        "code": 26, "codespace": "sdk", "log": "cannot query with height in the future; please provide a valid height",
        "info": "", "index": "0", "key": null, "value": null, "proofOps": null, "height": "0",
    }})
}
