//! Validators lost: one of four in the middle of an auction, then all of them past every deadline. Nobody pays for the chain's fault.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{ensure, Context as _, Result};
use leasehold_api::event::{BidPlaced, LeaseEnded, LeaseStarted, OrderOpened};
use leasehold_api::market;
use leasehold_client::ChainClient;
use leasehold_test_localnet::scene::Scene;
use leasehold_test_localnet::{eventually, nodes, pass, setting};

/// The validator that is lost alone; the agents of two providers ask it, the tenant asks another.
const LOST: usize = 3;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn one_of_four_validators_is_lost_in_an_auction() -> Result<()> {
    ensure!(nodes::count()? == 4);
    let (kept, lost) = (setting("LEASEHOLD_NODE")?, nodes::url(LOST)?);
    let scene = Scene::new(&[("provider0", &kept), ("provider1", &lost)]).await?;
    let lose = async {
        scene.bid_on().await?;
        nodes::kill(&[LOST]).await?;
        let lease = || async {
            let leases = scene.history().await?.all::<LeaseStarted>()?;
            Ok(leases.first().map(|(height, _)| *height))
        };
        let decided = eventually("a lease without the fourth validator", lease).await?;
        nodes::revive(&[LOST]).await?;
        let back = scene.height().await?;
        let caught_up = eventually("the lost validator catches up", || async {
            let there = ChainClient::connect(&lost).await?.status().await?;
            let done = !there.catching_up && there.height > back;
            Ok(done.then_some(there.height))
        })
        .await?;
        println!("decided in block {decided}, back at {back}, caught up by {caught_up}");
        scene.beat_after(back).await
    };
    let (deployed, lose) = tokio::join!(scene.field.deploy(&kept), lose);
    let ((id, lease), beat) = (deployed?, lose?);
    scene.paid_after(lease, beat).await?;
    scene.end(&[id]).await
}

/// A lease is served and an order is up for auction when all validators die; they come back after HALT_SECONDS.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn all_validators_stand_still_past_every_deadline() -> Result<()> {
    let halt = Duration::from_secs(setting("HALT_SECONDS")?.parse()?);
    let all: Vec<usize> = (0..nodes::count()?).collect();
    let urls: Vec<String> = all.iter().map(|n| nodes::url(*n)).collect::<Result<_>>()?;
    let names = ["provider0", "provider1", "provider2"];
    let providers: Vec<(&str, &str)> = names
        .into_iter()
        .zip(urls.iter().map(String::as_str))
        .collect();
    let scene = Scene::new(&providers).await?;
    let (first_id, first_lease) = scene.field.deploy(&urls[0]).await?;
    let began = scene.height().await?;

    let stand_still = async {
        let opened = eventually("the second order", || async {
            let orders = scene.history().await?.all::<OrderOpened>()?;
            Ok(orders.into_iter().find(|(height, _)| *height > began))
        })
        .await?;
        nodes::kill(&all).await?;
        let killed = Instant::now();
        tokio::time::sleep(halt).await;
        nodes::revive(&all).await?;
        println!("all stood still for {} s", killed.elapsed().as_secs());
        Ok::<_, anyhow::Error>(opened)
    };
    let (deployed, opened) = tokio::join!(scene.field.deploy(&urls[0]), stand_still);
    let ((second_id, second_lease), (opened_in, order)) = (deployed?, opened?);

    // What a fail-over may have noted is due by then.
    let params: market::ConfigResponse = scene
        .client
        .query_smart(&scene.suite.market, &market::QueryMsg::Config {})
        .await?;
    let back = scene.height().await?;
    pass(&scene.client, params.params.penalty_delay + 2).await?;
    let beat = scene.beat_after(back).await?;
    for lease in [first_lease, second_lease] {
        scene.paid_after(lease, beat).await?;
    }

    let mut times = BTreeMap::new();
    let latest = scene.height().await?;
    for height in opened_in..=latest {
        times.insert(height, scene.client.block(height).await?.time.seconds());
    }
    let mut jumps = times.iter().zip(times.iter().skip(1));
    let jump = jumps.find(|((_, before), (_, after))| **after >= **before + halt.as_secs());
    let ((_, _), (resumed, _)) = jump.context("the chain stood still")?;
    let history = scene.history().await?;
    let started = history.all::<LeaseStarted>()?;
    let decided = started
        .iter()
        .find(|(_, lease)| lease.lease_id == second_lease);
    let (decided, _) = decided.context("the second lease")?;
    println!("opened in block {opened_in}, went on with {resumed}, decided in {decided}");
    ensure!(decided > resumed, "closed in the block that caught up");
    ensure!(*decided >= opened_in + params.params.auction.min_blocks);
    let bids = history.all::<BidPlaced>()?;
    ensure!(bids.iter().any(|(_, bid)| bid.order_id == order.order_id));
    let ended = history.all::<LeaseEnded>()?;
    ensure!(ended.is_empty(), "nobody served less: {ended:?}");
    scene.end(&[first_id, second_id]).await
}
