//! The running devchain: the block timer and the HTTP server around the chain's thread.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::{interval_at, Instant, MissedTickBehavior};

use crate::config::DevchainConfig;
use crate::http;
use crate::node::{Node, NodeError};

/// A running development chain. Dropping it stops the block timer and the server.
pub struct Devchain {
    address: SocketAddr,
    node: Node,
    tasks: JoinSet<()>,
}

impl Devchain {
    /// Starts the chain, makes block 1, and serves its RPC. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// A setting out of range, an invalid mnemonic, or a listen address that cannot be bound.
    pub fn start(config: DevchainConfig) -> anyhow::Result<Self> {
        config.validate()?;
        let listener = std::net::TcpListener::bind(config.listen)
            .with_context(|| format!("listening on {}", config.listen))?;
        listener.set_nonblocking(true).context("listener")?;
        let listener = TcpListener::from_std(listener).context("listener")?;
        let address = listener.local_addr().context("listener")?;
        let block_time = config.block_time;
        let node = Node::start(config)?;
        let mut tasks = JoinSet::new();
        tasks.spawn(make_blocks(node.clone(), block_time));
        tasks.spawn(serve(listener, node.clone()));
        tracing::info!(%address, "devchain is up; it meters no gas");
        Ok(Self {
            address,
            node,
            tasks,
        })
    }

    /// `http://127.0.0.1:26657`, or whatever port was taken.
    pub fn rpc_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes the next block's time `seconds` later than it would be: the same as the RPC method `dev_advance`.
    ///
    /// # Errors
    /// Chain time would pass the year 2262.
    pub async fn advance(&self, seconds: u64) -> anyhow::Result<()> {
        self.node
            .run(move |chain| chain.advance(seconds))
            .await?
            .map_err(anyhow::Error::msg)?;
        Ok(())
    }

    /// Waits until `count` more blocks exist.
    ///
    /// # Errors
    /// The chain stops before.
    pub async fn wait_blocks(&self, count: u64) -> anyhow::Result<()> {
        let mut height = self.node.height();
        let target = *height.borrow() + count;
        height
            .wait_for(|h| *h >= target)
            .await
            .context("the devchain has stopped")?;
        Ok(())
    }

    /// Stops the block timer and the server and closes open connections.
    pub async fn shutdown(mut self) {
        self.tasks.shutdown().await;
    }
}

async fn make_blocks(node: Node, block_time: Duration) {
    let mut timer = interval_at(Instant::now() + block_time, block_time);
    // A stalled machine delays blocks; it must not produce a burst of them, which would skip chain time ahead of clients.
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        timer.tick().await;
        match node.run(|chain| chain.produce_block()).await {
            Ok(()) => {}
            Err(error @ NodeError::Panicked(_)) => tracing::error!(%error, "a block failed"),
            Err(NodeError::Stopped) => return,
        }
    }
}

async fn serve(listener: TcpListener, node: Node) {
    if let Err(error) = axum::serve(listener, http::router(node)).await {
        tracing::error!(%error, "the RPC server stopped");
    }
}
