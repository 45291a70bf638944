//! The demo's workload: answers HTTP with the lease and the provider that run it.

use anyhow::{Context as _, Result};
use axum::{routing::get, Json, Router};
use serde_json::{json, Value};

/// Serves on `PORT` (8080 if unset) until ended.
///
/// # Errors
/// A `PORT` that is no number or cannot be listened on.
pub async fn serve() -> Result<()> {
    let port: u16 = match std::env::var("PORT") {
        Ok(port) => port.parse().with_context(|| format!("PORT={port}"))?,
        Err(_) => 8080,
    };
    let who = json!({
        "app": "leasehold demo",
        "lease": std::env::var("LEASEHOLD_LEASE_ID").ok(),
        "provider": std::env::var("LEASEHOLD_PROVIDER").ok(),
    });
    println!("serving on port {port}: {who}");
    let app = Router::new().route("/", get(move || async move { Json::<Value>(who) }));
    let listener = tokio::net::TcpListener::bind(("0.0.0.0", port)).await?;
    Ok(axum::serve(listener, app).await?)
}
