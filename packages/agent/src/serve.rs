//! HTTP with limits: strangers who only hold connections open take neither the memory nor the file descriptors without which the agent sends
//! no heartbeat.

use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustix::process::{getrlimit, Resource};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::debug;

/// How long the head of a request may take; as long a connection may wait for its next request.
const HEAD_LIMIT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At a time. Others wait in the listener's queue.
    pub connections: usize,
    pub head: Duration,
}

impl Limits {
    /// One connection for each `share` files that this process may open, `most` at the most.
    pub fn of_this_host(share: u64, most: usize) -> Self {
        let files = getrlimit(Resource::Nofile).current;
        let connections = files.and_then(|files| usize::try_from(files / share).ok());
        Self {
            connections: connections.map_or(most, |connections| connections.clamp(1, most)),
            head: HEAD_LIMIT,
        }
    }
}

/// Serves until `stopped` turns true and what is being answered then is answered.
pub async fn serve<L: Listener<Addr = SocketAddr>>(
    mut listener: L,
    app: Router,
    limits: Limits,
    stopped: watch::Receiver<bool>,
) {
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let next = async {
            while open.len() >= limits.connections {
                open.join_next().await;
            }
            listener.accept().await
        };
        let (io, peer) = tokio::select! {
            connection = next => connection,
            () = until(stopped.clone()) => break,
        };
        let app = app.clone().layer(Extension(ConnectInfo(peer)));
        open.spawn(connection(io, peer, app, limits.head, stopped.clone()));
    }
    // The listener is closed first: nobody waits in its queue in vain.
    drop(listener);
    while open.join_next().await.is_some() {}
}

async fn connection(
    io: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    app: Router,
    head: Duration,
    stopped: watch::Receiver<bool>,
) {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(head);
    let served = builder.serve_connection(TokioIo::new(io), TowerToHyperService::new(app));
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = until(stopped) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        debug!(%peer, %error, "a connection broke off");
    }
}

/// Ends when the flag turns true or its owner is gone.
async fn until(mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow_and_update() {
        if stopped.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
