//! What stands between a client and its node, and fails on demand.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

const CHUNK: usize = 64 << 10;
const LOOK_EVERY: Duration = Duration::from_millis(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Nothing listens, and what was connected is cut.
    Refuse,
    /// Connections are taken and never answered, those that are open too, not even later.
    Hang,
    /// Everything comes this much later, in both directions.
    Lag(Duration),
}

/// Relays TCP on loopback until it is dropped.
pub struct Proxy {
    address: SocketAddr,
    fault: watch::Sender<Fault>,
    _server: JoinSet<Result<()>>,
}

impl Proxy {
    /// In front of the node at `url`, without a fault.
    pub async fn start(url: &str) -> Result<Self> {
        let upstream = address_of(url)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (fault, seen) = watch::channel(Fault::None);
        let mut server = JoinSet::new();
        server.spawn(serve(listener, upstream, seen));
        Ok(Self {
            address,
            fault,
            _server: server,
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, for all connections: returns when it has taken effect.
    pub async fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
        let refuses = fault == Fault::Refuse;
        while TcpStream::connect(self.address).await.is_err() != refuses {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn address_of(url: &str) -> Result<SocketAddr> {
    let address = url.strip_prefix("http://").unwrap_or(url);
    address.parse().with_context(|| url.to_owned())
}

async fn serve(
    mut listener: TcpListener,
    upstream: SocketAddr,
    fault: watch::Receiver<Fault>,
) -> Result<()> {
    let address = listener.local_addr()?;
    let mut connections = JoinSet::new();
    let mut changes = fault.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                connections.spawn(relay(accepted?.0, upstream, fault.clone()));
            }
            Some(_) = connections.join_next() => {}
            refusing = until(&mut changes, |fault| *fault == Fault::Refuse) => {
                refusing?;
                drop(listener);
                connections.shutdown().await;
                until(&mut changes, |fault| *fault != Fault::Refuse).await?;
                listener = TcpListener::bind(address).await?;
            }
        }
    }
}

async fn until(changes: &mut watch::Receiver<Fault>, is: impl FnMut(&Fault) -> bool) -> Result<()> {
    drop(changes.wait_for(is).await?);
    Ok(())
}

/// One connection, with the fault with which it began: a change cuts it, or leaves it hanging.
async fn relay(
    mut client: TcpStream,
    upstream: SocketAddr,
    mut fault: watch::Receiver<Fault>,
) -> Result<()> {
    let began = *fault.borrow_and_update();
    let delay = match began {
        Fault::Refuse => return Ok(()),
        Fault::Hang => return hold(client).await,
        Fault::Lag(delay) => delay,
        Fault::None => Duration::ZERO,
    };
    let mut server = TcpStream::connect(upstream).await?;
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::select! {
        ended = pump(from_client, to_server, delay) => return ended,
        ended = pump(from_server, to_client, delay) => return ended,
        changed = until(&mut fault, |now| *now != began) => changed?,
    }
    match *fault.borrow() {
        Fault::Hang => {}
        Fault::None | Fault::Refuse | Fault::Lag(_) => return Ok(()),
    }
    hold(client).await
}

async fn pump(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, delay: Duration) -> Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = from.read(&mut chunk).await?;
        if read == 0 {
            return Ok(());
        }
        tokio::time::sleep(delay).await;
        to.write_all(&chunk[..read]).await?;
    }
}

/// Swallows what comes until the client gives up.
async fn hold(mut client: TcpStream) -> Result<()> {
    let mut chunk = vec![0; CHUNK];
    while client.read(&mut chunk).await? > 0 {}
    Ok(())
}
