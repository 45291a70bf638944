//! Between an agent and its node: counts what is asked.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Requests in their order: the method, and the data of a query, hex.
type Asked = Arc<Mutex<Vec<(String, String)>>>;

pub struct Proxy {
    pub url: String,
    asked: Asked,
    /// Ends with the proxy.
    _server: JoinSet<()>,
}

impl Proxy {
    pub async fn start(node: String) -> Self {
        let asked = Asked::default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let app = Router::new()
            .route("/", post(pass_on))
            .with_state((asked.clone(), http, node));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            url,
            asked,
            _server: server,
        }
    }

    /// Forgets what was asked so far.
    pub fn clear(&self) {
        self.asked.lock().unwrap().clear();
    }

    pub fn count(&self, method: &str) -> usize {
        self.count_queries(method, b"")
    }

    /// Requests whose data holds these bytes.
    pub fn count_queries(&self, method: &str, bytes: &[u8]) -> usize {
        let part = hex::encode(bytes);
        let asked = self.asked.lock().unwrap();
        let is_meant =
            |(called, data): &&(String, String)| called == method && data.contains(&part);
        asked.iter().filter(is_meant).count()
    }
}

async fn pass_on(
    State((asked, http, node)): State<(Asked, reqwest::Client, String)>,
    Json(request): Json<Value>,
) -> Vec<u8> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_ascii_lowercase();
    let call = (text(&request["method"]), text(&request["params"]["data"]));
    asked.lock().unwrap().push(call);
    let answer = http.post(node).json(&request).send().await.unwrap();
    answer.bytes().await.unwrap().to_vec()
}
