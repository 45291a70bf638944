//! HTTP with limits: strangers who only hold connections open take neither the memory nor the file descriptors without which the agent sends
//! no heartbeat, and no address takes all that there is. An address that has its [share](Shares) is hung up on. When all connections are taken,
//! those that wait for a next request are closed for one that comes.

pub mod shares;
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
use rustix::net::sockopt;
use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::debug;

use shares::{origin, Shares};
use stall::Impatient;

/// How long a peer may keep a connection waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes of a request's head, and of what is buffered to read or write.
pub const MAX_BUFFER: usize = 1 << 16;

/// How many times, over a further [`PATIENCE`], a peer is asked whether it is still there.
const PROBES: u32 = 3;

/// A new connection has this long for its first request, however many wait.
const SETTLED: Duration = Duration::from_secs(1);

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

/// Peers that vanish without a word are noticed, also while an app has nothing to send them.
pub async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
    // Connections have this of their listener.
    sockopt::set_socket_keepalive(&listener, true)?;
    sockopt::set_tcp_keepidle(&listener, PATIENCE)?;
    sockopt::set_tcp_keepintvl(&listener, PATIENCE / PROBES)?;
    sockopt::set_tcp_keepcnt(&listener, PROBES)?;
    Ok(listener)
}

/// Serves until `stopped` turns true and what is being answered then is answered.
pub async fn serve<L: Listener<Addr = SocketAddr>>(
    mut listener: L,
    app: Router,
    limits: Limits,
    stopped: watch::Receiver<bool>,
) {
    let mut open = JoinSet::new();
    let shares = Shares::of(limits.connections);
    let (crowd, crowded) = watch::channel(false);
    loop {
        while open.try_join_next().is_some() {}
        let next = async {
            let (io, peer) = listener.accept().await;
            let share = shares.take(origin(peer.ip()))?;
            crowd.send_replace(open.len() >= limits.connections);
            while open.len() >= limits.connections {
                open.join_next().await;
            }
            crowd.send_replace(false);
            Some((io, peer, share))
        };
        let next = tokio::select! {
            next = next => next,
            () = until(stopped.clone()) => break,
        };
        let Some((io, peer, share)) = next else {
            continue;
        };
        let app = app.clone().layer(Extension(ConnectInfo(peer)));
        let ends = Ends {
            stopped: stopped.clone(),
            crowded: crowded.clone(),
        };
        open.spawn(async move {
            connection(io, peer, app, limits.patience, ends).await;
            drop(share);
        });
    }
    // The listener is closed first: nobody waits in its queue in vain.
    drop(listener);
    while open.join_next().await.is_some() {}
}

/// Why a connection takes no further request.
struct Ends {
    stopped: watch::Receiver<bool>,
    crowded: watch::Receiver<bool>,
}

impl Ends {
    async fn any(self) {
        let crowded = async {
            sleep(SETTLED).await;
            until(self.crowded).await;
        };
        tokio::select! {
            () = until(self.stopped) => {}
            () = crowded => {}
        }
    }
}

async fn connection(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    app: Router,
    patience: Duration,
    ends: Ends,
) {
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .max_buf_size(MAX_BUFFER)
        .header_read_timeout(patience);
    let served = {
        let io = TokioIo::new(Impatient::new(io, patience));
        builder.serve_connection(io, TowerToHyperService::new(app))
    };
    let mut served = pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = ends.any() => {
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
pub mod tests;
