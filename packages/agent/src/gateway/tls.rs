use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::server::TlsStream;
use tokio_rustls::TlsAcceptor;
use tracing::debug;

use super::GatewayError;
use crate::identity::Identity;
use crate::serve;
use crate::serve::shares::{origin, Shares};

/// Connections whose handshake may be under way at a time; an address has its share of them.
pub const MAX_HANDSHAKES: usize = 256;
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);

type Connection = (TlsStream<TcpStream>, SocketAddr);

/// Hands out connections after their handshake. Handshakes run beside each other: a slow one keeps nobody waiting.
pub struct TlsListener {
    pub address: SocketAddr,
    ready: mpsc::Receiver<Connection>,
    /// Ends with the listener.
    _accepting: JoinSet<()>,
}

impl TlsListener {
    pub async fn bind(address: SocketAddr, identity: &Identity) -> Result<Self, GatewayError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![identity.certificate.clone()], identity.tls_key())?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let failed = |source| GatewayError::Bind {
            what: "gateway",
            address,
            source,
        };
        let listener = serve::listen(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (sender, ready) = mpsc::channel(1);
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(
            listener,
            TlsAcceptor::from(Arc::new(config)),
            sender,
        ));
        Ok(Self {
            address,
            ready,
            _accepting: accepting,
        })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The accepting task never ends before this listener.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

async fn accept(mut listener: TcpListener, acceptor: TlsAcceptor, ready: mpsc::Sender<Connection>) {
    let mut handshakes = JoinSet::new();
    let shares = Shares::of(MAX_HANDSHAKES);
    loop {
        while handshakes.len() >= MAX_HANDSHAKES {
            handshakes.join_next().await;
        }
        while handshakes.try_join_next().is_some() {}
        // Axum's own accept: logs and retries what is not a connection's fault.
        let (stream, peer) = Listener::accept(&mut listener).await;
        let Some(share) = shares.take(origin(peer.ip())) else {
            continue;
        };
        let (acceptor, ready) = (acceptor.clone(), ready.clone());
        handshakes.spawn(async move {
            let _share = share;
            match tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await {
                // The listener may be gone already: nobody to serve the connection.
                Ok(Ok(stream)) => drop(ready.send((stream, peer)).await),
                Ok(Err(e)) => debug!(%peer, error = %e, "TLS handshake failed"),
                Err(_) => debug!(%peer, "TLS handshake too slow"),
            }
        });
    }
}
