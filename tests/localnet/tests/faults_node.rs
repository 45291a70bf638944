//! A node that dies, refuses, hangs or lags under a running agent and its tenants: what they began is finished, once.

use std::time::Duration;

use anyhow::{ensure, Result};
use cosmwasm_std::coin;
use leasehold_api::escrow;
use leasehold_api::event::{Deposited, OrderOpened, TypedEvent};
use leasehold_client::{ChainClient, EventCursor};
use leasehold_test_localnet::laggard::{Answers, Laggard};
use leasehold_test_localnet::proxy::{Fault, Proxy};
use leasehold_test_localnet::scene::{Scene, PRICE};
use leasehold_test_localnet::{
    connect, dev_key, eventually, nodes, pass, setting, suite, wallet, FREE,
};

const DENOM: &str = "uakt";
/// Each way: to another continent and back.
const LAG: Duration = Duration::from_millis(50);

/// The only node is killed while a tenant waits for the auction to end, and comes back without its mempool.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn the_node_is_killed_under_agent_and_tenant() -> Result<()> {
    let url = setting("LEASEHOLD_NODE")?;
    let scene = Scene::new(&[("provider0", &url, PRICE)]).await?;
    let restart = async {
        scene.bid_on().await?;
        scene.rests(&scene.providers[0]).await?;
        nodes::kill(&[0]).await?;
        nodes::revive(&[0]).await?;
        let back = scene.height().await?;
        Ok((back, scene.beat_after(back).await?))
    };
    let ((id, lease), (back, beat)) = tokio::try_join!(scene.field.deploy(&url), restart)?;
    println!(
        "the first heartbeat came {} blocks after the node",
        beat - back
    );
    scene.paid_after(lease, beat).await?;
    scene.end(&[id]).await
}

/// The way to the node lags and refuses while a tenant deploys, and hangs while a tenant pays in.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn the_way_to_the_node_fails_in_every_way() -> Result<()> {
    const MORE: u128 = 1_234_567;
    let proxy = Proxy::start(&setting("LEASEHOLD_NODE")?).await?;
    let url = proxy.url();
    let scene = Scene::new(&[("provider1", &url, PRICE)]).await?;
    proxy.set(Fault::Lag(LAG)).await;
    let seen = scene.height().await?;
    let beat = scene.beat_after(seen).await?;
    println!("lag: a heartbeat within {} blocks", beat - seen);
    let refuse = async {
        let ordered = || async {
            let orders = scene.history().await?.all::<OrderOpened>()?;
            Ok((!orders.is_empty()).then_some(()))
        };
        eventually("the order", ordered).await?;
        fail_for_a_while(&proxy, &scene, Fault::Refuse).await
    };
    let ((id, lease), _) = tokio::try_join!(scene.field.deploy(&url), refuse)?;

    let far = ChainClient::connect(&url).await?;
    let bob = wallet(&far, dev_key("bob")?, FREE)?;
    let hang = fail_for_a_while(&proxy, &scene, Fault::Hang);
    let denom = DENOM.into();
    let open = escrow::ExecuteMsg::Open { owner: None, denom };
    let funds = [coin(MORE, DENOM)];
    let opened = async { Ok(bob.execute(&scene.suite.escrow, &open, &funds).await?) };
    let (hung, _) = tokio::try_join!(hang, opened)?;
    scene.paid_after(lease, hung).await?;
    let deposits = scene.history().await?.all::<Deposited>()?;
    let mut more = deposits.iter().filter(|(_, d)| d.amount.u128() == MORE);
    ensure!(
        more.next().is_some() && more.next().is_none(),
        "{deposits:?}"
    );
    scene.end(&[id]).await
}

/// Three seconds of a fault; answers the block by which the agent is back.
async fn fail_for_a_while(proxy: &Proxy, scene: &Scene, fault: Fault) -> Result<u64> {
    proxy.set(fault).await;
    pass(&scene.client, 3).await?;
    proxy.set(Fault::None).await;
    let back = scene.height().await?;
    let beat = scene.beat_after(back).await?;
    println!(
        "{fault:?}: a heartbeat {} blocks after it ended",
        beat - back
    );
    Ok(beat)
}

/// A node 25 blocks behind, that an agent and a tenant's second program ask; then one address behind which one of three is, for a whole
/// deployment.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn a_node_that_answers_from_the_past_misleads_nobody() -> Result<()> {
    let node = setting("LEASEHOLD_NODE")?;
    let laggard = Laggard::start(&node).await?;
    let providers = [
        ("provider0", laggard.url(), PRICE),
        ("provider1", &node, PRICE / 10 * 11),
    ];
    let scene = Scene::with(&Scene::patient(), &providers).await?;
    let open = escrow::ExecuteMsg::Open {
        owner: None,
        denom: DENOM.into(),
    };
    let pay = async |url: &str, units: u128| {
        let bob = wallet(&ChainClient::connect(url).await?, dev_key("bob")?, FREE)?;
        let funds = [coin(units, DENOM)];
        Ok::<_, anyhow::Error>(bob.execute(&scene.suite.escrow, &open, &funds).await?)
    };
    laggard.set(Answers::Past);
    pay(&node, 7).await?;
    // It is told the sequence of the payment before.
    pay(laggard.url(), 8).await?;
    let (first, lease) = scene.field.deploy(&node).await?;
    let seen = scene.height().await?;
    let beat = scene.beat_after(seen).await?;
    scene.paid_after(lease, beat).await?;
    laggard.set(Answers::Mixed);
    let (second, lease) = scene.field.deploy(laggard.url()).await?;
    let seen = scene.height().await?;
    let beat = scene.beat_after(seen).await?;
    println!("mixed: a heartbeat within {} blocks", beat - seen);
    scene.paid_after(lease, beat).await?;
    let deposits = scene.history().await?.all::<Deposited>()?;
    let paid = |units| {
        let mut own = deposits.iter().filter(|(_, d)| d.amount.u128() == units);
        own.next().is_some() && own.next().is_none()
    };
    ensure!(paid(7) && paid(8), "{deposits:?}");
    scene.end(&[first, second]).await
}

/// No client of ours subscribes to anything: a cursor over blocks is what they follow events with.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn a_cursor_over_a_broken_connection_gets_every_event_once() -> Result<()> {
    const DEPOSITS: u64 = 8;
    let proxy = Proxy::start(&setting("LEASEHOLD_NODE")?).await?;
    let client = connect().await?;
    let suite = suite(&client).await?;
    let bob = wallet(&client, dev_key("bob")?, FREE)?;
    let first = client.status().await?.height + 1;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("cursor");
    let far = ChainClient::connect(&proxy.url()).await?;
    let deposits = async {
        for amount in 1..=DEPOSITS {
            let denom = DENOM.into();
            let open = escrow::ExecuteMsg::Open { owner: None, denom };
            let funds = [coin(1_000 + u128::from(amount), DENOM)];
            bob.execute(&suite.escrow, &open, &funds).await?;
            proxy.set(Fault::Refuse).await;
            proxy.set(Fault::None).await;
        }
        Ok::<_, anyhow::Error>(())
    };
    let follow = async {
        let mut cursor = EventCursor::open(&path, [&suite.escrow], first)?;
        let mut amounts = Vec::new();
        while amounts.len() < usize::try_from(DEPOSITS)? {
            let Some(batch) = cursor.next_batch(&far).await? else {
                continue;
            };
            cursor.commit(&batch)?;
            for event in &batch.events {
                amounts.extend(Deposited::from_event(&event.event)?.map(|d| d.amount.u128()));
            }
            // As a process that ends after each batch.
            cursor = EventCursor::open(&path, [&suite.escrow], first)?;
        }
        Ok::<_, anyhow::Error>(amounts)
    };
    let ((), followed) = tokio::try_join!(deposits, follow)?;
    let expected: Vec<u128> = (1..=DEPOSITS).map(|n| 1_000 + u128::from(n)).collect();
    ensure!(followed == expected, "{followed:?}");
    Ok(())
}
