//! Money from another chain, by ICS-20 transfers that call escrow back: what chains, relayers and the contract make of it together.

mod relay;
mod route;
mod story;

use anyhow::Result;
use leasehold_client::ChainClient;
use leasehold_test_localnet::{connect, setting};

use relay::Relay;
use route::{End, Route};
use story::Story;

/// A channel from the chain to itself, and every packet carried by the test.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_chain_that_pays_itself() -> Result<()> {
    let route = relay::loopback(&connect().await?).await?;
    Story::begin(route).await?.run().await
}

/// A channel between two chains, and every packet carried by a relayer.
#[tokio::test]
#[ignore = "needs two chains and a relayer: scripts/test-ibc.sh"]
async fn a_chain_that_pays_another() -> Result<()> {
    let route = Route {
        far: End {
            client: ChainClient::connect(&setting("FAR_NODE")?).await?,
            channel: setting("FAR_CHANNEL")?,
        },
        home: End {
            client: connect().await?,
            channel: setting("HOME_CHANNEL")?,
        },
        relay: Relay::Other,
    };
    let story = Story::begin(route).await?;
    story.too_late().await?;
    story.run().await
}
