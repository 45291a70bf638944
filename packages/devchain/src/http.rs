//! JSON-RPC 2.0 over HTTP as CometBFT serves it: POST / with one request or a batch, and GET /method?param=value.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{json, Value};

use crate::node::Node;
use crate::params::Params;
use crate::rpc::{call, RpcError};

/// CometBFT's default `max_body_bytes`.
const MAX_BODY: usize = 1_000_000;
const MAX_BATCH: usize = 10;

pub(crate) fn router(node: Node) -> Router {
    Router::new()
        .route("/", post(json_rpc).get(index))
        .route("/{method}", get(uri))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(node)
}

async fn index() -> &'static str {
    "Leasehold devchain: CometBFT RPC by POST to this address, or GET /status, /block?height=1, …\n"
}

async fn json_rpc(State(node): State<Node>, body: Bytes) -> Response {
    let request: Value = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => {
            let answer = failure(Value::Null, RpcError::parse(error));
            return (StatusCode::INTERNAL_SERVER_ERROR, Json(answer)).into_response();
        }
    };
    match request {
        Value::Array(batch) if batch.len() > MAX_BATCH => {
            let text = format!(
                "batch of {} requests, at most {MAX_BATCH} allowed",
                batch.len()
            );
            Json(failure(Value::Null, RpcError::invalid_request(text))).into_response()
        }
        Value::Array(batch) => {
            let mut answers = vec![];
            for request in batch {
                answers.extend(answer(&node, request).await);
            }
            Json(answers).into_response()
        }
        request => match answer(&node, request).await {
            Some(answer) => Json(answer).into_response(),
            None => StatusCode::OK.into_response(),
        },
    }
}

async fn uri(
    State(node): State<Node>,
    Path(method): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let id = json!(-1);
    let result = match Params::from_uri(query.as_deref().unwrap_or_default()) {
        Ok(params) => call(&node, &method, params).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(result) => Json(success(id, result)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, Json(failure(id, error))).into_response(),
    }
}

/// The answer to one request; none to a notification, which has no id.
async fn answer(node: &Node, mut request: Value) -> Option<Value> {
    let Some(object) = request.as_object_mut() else {
        let error = RpcError::invalid_request("a request must be a JSON object");
        return Some(failure(Value::Null, error));
    };
    let id = object.remove("id")?;
    if !(id.is_null() || id.is_string() || id.is_number()) {
        let error = RpcError::invalid_request("id must be a string or a number");
        return Some(failure(Value::Null, error));
    }
    let params = object.remove("params").unwrap_or(Value::Null);
    let result = match object.get("method").and_then(Value::as_str) {
        Some(method) => match Params::from_json(params) {
            Ok(params) => call(node, method, params).await,
            Err(error) => Err(error),
        },
        None => Err(RpcError::invalid_request("method must be a string")),
    };
    Some(match result {
        Ok(result) => success(id, result),
        Err(error) => failure(id, error),
    })
}

fn success(id: Value, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

fn failure(id: Value, error: RpcError) -> Value {
    json!({
        "jsonrpc": "2.0",
        "id": id,
        "error": { "code": error.code, "message": error.message, "data": error.data },
    })
}
