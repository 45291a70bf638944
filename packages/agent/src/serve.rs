//! HTTP with limits: strangers who only hold connections open take neither the memory nor the file descriptors without which the agent sends
//! no heartbeat.

mod stall;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::debug;

use stall::Impatient;

/// How long a peer may keep a connection waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// As many open files as the system lets this process have: the usual limit of 1024 is for programs that count on small numbers.
pub fn allow_files() -> io::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let current = maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current, maximum })?)
}

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At a time. Others wait in the listener's queue.
    pub connections: usize,
    /// For the head of a request, for the next request, and for the peer to take more of an answer.
    pub patience: Duration,
}

impl Limits {
    /// One connection for each `share` files that this process may open, `most` at the most.
    pub fn of_this_host(share: u64, most: usize) -> Self {
        let files = getrlimit(Resource::Nofile).current;
        let connections = files.and_then(|files| usize::try_from(files / share).ok());
        Self {
            connections: connections.map_or(most, |connections| connections.clamp(1, most)),
            patience: PATIENCE,
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
        open.spawn(connection(io, peer, app, limits.patience, stopped.clone()));
    }
    // The listener is closed first: nobody waits in its queue in vain.
    drop(listener);
    while open.join_next().await.is_some() {}
}

async fn connection(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    app: Router,
    patience: Duration,
    stopped: watch::Receiver<bool>,
) {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(patience);
    let served = {
        let io = TokioIo::new(Impatient::new(io, patience));
        builder.serve_connection(io, TowerToHyperService::new(app))
    };
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
