//! What the providers run, and its manifest.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};

use leasehold_agent::gateway::client::GatewayClient;
use leasehold_sdl::Sdl;

use crate::web::web;

/// Not a test: this binary is also the app that the providers run.
#[test]
#[ignore = "the app that the story runs"]
fn app() {
    let env = |name| std::env::var(name).unwrap_or_default();
    let Ok(port) = env("PORT").parse::<u16>() else {
        return;
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    println!("serving lease {}", env("LEASEHOLD_LEASE_ID"));
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut request = [0; 4096];
        let read = stream.read(&mut request).unwrap();
        let host = String::from_utf8_lossy(&request[..read])
            .lines()
            .find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("host").then(|| value.to_owned())
            });
        let body = format!("{} {}", env("LEASEHOLD_PROVIDER"), host.unwrap_or_default());
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
    }
}

pub fn sdl() -> Sdl {
    let this = std::env::current_exe().unwrap();
    let command = format!(r#"[{this:?}, "--ignored", "--exact", "app::app", "--nocapture"]"#);
    let expose = "[{ port: 8080, as: 80, to: [{ global: true }] }]";
    web(&format!("command: {command}, expose: {expose}"), 1)
}

/// What the app answers at the lease's own name.
pub async fn visit(gateway: &GatewayClient, lease: u64) -> Option<String> {
    let status = gateway.status(lease).await.ok()?;
    let uri: reqwest::Url = status.services.first()?.uris.first()?.parse().unwrap();
    // Names under localhost need no resolver this way.
    let address = (Ipv4Addr::LOCALHOST, uri.port().unwrap());
    let http = reqwest::Client::builder()
        .no_proxy()
        .resolve(uri.host_str().unwrap(), address.into());
    let answer = http.build().unwrap().get(uri).send().await.ok()?;
    (answer.status() == 200).then_some(())?;
    answer.text().await.ok()
}
