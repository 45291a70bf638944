//! Asking the demo's app the way a browser would.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};

/// Status and body. Names under `localhost` go to the loopback address, as browsers have it, whatever the resolver says.
pub async fn get(url: &str) -> Result<(u16, String)> {
    let parsed = reqwest::Url::parse(url).with_context(|| format!("the provider's URL {url}"))?;
    let mut client = reqwest::Client::builder().no_proxy();
    if let Some(host) = parsed.host_str().filter(|host| host.ends_with("localhost")) {
        let port = parsed
            .port_or_known_default()
            .context("HTTP has a default port")?;
        client = client.resolve(host, SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    let answer = client
        .build()?
        .get(parsed)
        .send()
        .await
        .with_context(|| format!("GET {url}"))?;
    Ok((answer.status().as_u16(), answer.text().await?))
}
