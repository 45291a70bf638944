//! Validators lost: one of four in the middle of an auction, then all of them past every deadline. Nobody pays for the chain's fault.

use std::time::Duration;

use anyhow::{ensure, Context as _, Result};
use leasehold_api::event::{
    BidPlaced, Heartbeat, LapseCounted, LeaseEnded, LeaseStarted, OrderOpened, SlashWaived, Slashed,
};
use leasehold_api::genesis::Genesis;
use leasehold_api::market::{ExecuteMsg, PenaltyReason};
use leasehold_api::{market, provider};
use leasehold_client::{ChainClient, TxOutcome, READ_PATIENCE};
use leasehold_test_localnet::history::History;
use leasehold_test_localnet::proxy::{Fault, Proxy};
use leasehold_test_localnet::scene::{Scene, GRACE, PRICE};
use leasehold_test_localnet::{
    connect, eventually, nodes, pass, posted, reach, refused, setting, Town,
};

/// The validator that is lost alone; a tenant and the agent of one provider ask it.
const LOST: usize = 3;
/// How many blocks after a halt one provider is still away: more than a lapse takes, less than a third of the grace.
const LATE: u64 = 8;
/// Two thirds of what a grace has of blocks of 300 ms, as in production's profile.
const ENOUGH: u64 = 53;
/// Of a suite without agents.
const PROVIDERS: usize = 3;
/// Rent at a posted price, whole units a second.
const UNITS: u128 = 10;

/// The node is away for longer than a request is asked again: the agent's own loop, and the tenant's, have to go on. Its agent asks more
/// than the other one's first bid: who serves does not hang on when in the auction it was lost.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn one_of_four_validators_is_lost_in_an_auction() -> Result<()> {
    ensure!(nodes::count()? == 4);
    let (kept, lost) = (setting("LEASEHOLD_NODE")?, nodes::url(LOST)?);
    let providers = [
        ("provider0", kept.as_str(), PRICE),
        ("provider1", lost.as_str(), 2 * PRICE),
    ];
    let scene = Scene::with(&Scene::long_bidding(), &providers).await?;
    let lose = async {
        scene.bid_on().await?;
        scene.rests(&scene.providers[1]).await?;
        nodes::kill(&[LOST]).await?;
        let until = scene.client.status().await?.time;
        let until = until.plus_seconds(READ_PATIENCE.as_secs() + 10);
        ensure!(scene.leases().await?.is_empty(), "lost after the auction");
        let lease = || async {
            let leases = scene.leases().await?;
            Ok(leases.first().map(|(height, _)| *height))
        };
        let decided = eventually("a lease without the fourth validator", lease).await?;
        reach(&scene.client, until).await?;
        nodes::revive(&[LOST]).await?;
        let back = scene.height().await?;
        let caught_up = eventually("the lost validator catches up", || async {
            let there = ChainClient::connect(&lost).await?.status().await?;
            let done = !there.catching_up && there.height > back;
            Ok(done.then_some(there.height))
        })
        .await?;
        let beat = scene.beat_after(back).await?;
        println!("decided in block {decided}, back at {back}, caught up by {caught_up}, a heartbeat of all by {beat}");
        Ok::<_, anyhow::Error>(beat)
    };
    let (deployed, lose) = tokio::join!(scene.field.deploy(&lost), lose);
    let ((id, lease), beat) = (deployed?, lose?);
    scene.paid_after(lease, beat).await?;
    scene.end(&[id]).await
}

/// A lease is served and an order is up for auction when all validators die. Who serves comes back later than his runners-up, who could
/// fail him over until then: after three blocks the contract would allow it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn all_validators_stand_still_past_every_deadline() -> Result<()> {
    let (mut proxies, mut urls) = (vec![], vec![]);
    for number in 0..3 {
        let proxy = Proxy::start(&nodes::url(number)?).await?;
        urls.push(proxy.url());
        proxies.push(proxy);
    }
    let names = ["provider0", "provider1", "provider2"];
    let prices = (10..).map(|tenths| PRICE / 10 * tenths);
    let agents: Vec<(&str, &str, u64)> = names
        .into_iter()
        .zip(&urls)
        .zip(prices)
        .map(|((name, url), price)| (name, url.as_str(), price))
        .collect();
    let scene = Scene::with(&Scene::patient(), &agents).await?;
    let tenants = nodes::url(LOST)?;
    let (first_id, first_lease) = scene.field.deploy(&tenants).await?;
    let began = scene.height().await?;
    let started = scene.leases().await?;
    let (_, served) = started.first().context("a lease")?;
    let mut who = scene.providers.iter().zip(&proxies);
    let (serves, late) = who
        .find(|(provider, _)| served.provider.as_str() == *provider)
        .context("one of them")?;

    let halt = async {
        late.set(Fault::Refuse).await;
        let opened = eventually("the second order", || async {
            let orders = scene.history().await?.all::<OrderOpened>()?;
            Ok(orders.into_iter().find(|(height, _)| *height > began))
        })
        .await?;
        let resumed = stand_still(&scene.client).await?;
        eventually("blocks enough for a lapse", || async {
            Ok((scene.height().await? >= resumed + LATE).then_some(()))
        })
        .await?;
        late.set(Fault::None).await;
        Ok::<_, anyhow::Error>((opened, resumed))
    };
    let (deployed, halt) = tokio::join!(scene.field.deploy(&tenants), halt);
    let ((second_id, second_lease), ((opened_in, order), resumed)) = (deployed?, halt?);

    let params: market::ConfigResponse = scene
        .client
        .query_smart(&scene.suite.market, &market::QueryMsg::Config {})
        .await?;
    let params = params.params;
    // What a fail-over may have noted is due by then.
    pass(&scene.client, params.penalty_delay + 2).await?;
    let ended = scene.history().await?.all::<LeaseEnded>()?;
    ensure!(ended.is_empty(), "nobody served less: {ended:?}");
    let beat = scene.beat_after(resumed + LATE).await?;
    for lease in [first_lease, second_lease] {
        scene.paid_after(lease, beat).await?;
    }
    let history = scene.history().await?;
    let beats = history.all::<Heartbeat>()?;
    let mut late_beats = beats
        .iter()
        .filter(|(height, beat)| *height >= resumed && beat.provider.as_str() == *serves);
    let (late_beat, _) = late_beats.next().context("a heartbeat after the halt")?;
    ensure!(*late_beat > resumed + LATE, "not late");
    let started = history.all::<LeaseStarted>()?;
    let mut second = started
        .iter()
        .filter(|(_, lease)| lease.lease_id == second_lease);
    let (decided, _) = second.next().context("the second lease")?;
    println!("opened in block {opened_in}, went on with {resumed}, decided in {decided}, the late one beat in {late_beat}");
    ensure!(*decided > resumed, "closed in the block that caught up");
    let bidding = params.auction.bidding * params.auction.min_blocks / 60;
    ensure!(*decided >= opened_in + bidding);
    let bids = history.all::<BidPlaced>()?;
    ensure!(bids.iter().any(|(_, bid)| bid.order_id == order.order_id));
    scene.end(&[first_id, second_id]).await
}

/// With blocks enough to a lapse a stranger cannot move a lease after a halt; with the development profile's three he can, and nobody is
/// slashed for it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a chain: scripts/test-faults.sh"]
async fn a_stranger_after_a_halt_finds_nobody_at_fault() -> Result<()> {
    let (guarded, open) = tokio::try_join!(Rented::start(ENOUGH), Rented::start(3))?;
    guarded.beat().await?;
    let beat = open.beat().await?;
    let client = &open.town.client;
    stand_still(client).await?;
    eventually("three blocks without a heartbeat", || async {
        Ok((client.status().await?.height > beat + 3).then_some(()))
    })
    .await?;
    refused(guarded.failover().await, "is not down")?;
    open.failover().await?;
    guarded.goes_on().await?;
    open.is_forgiven().await
}

/// All validators die and come back after HALT_SECONDS. Answers the first block of the new time.
async fn stand_still(client: &ChainClient) -> Result<u64> {
    let halt = Duration::from_secs(setting("HALT_SECONDS")?.parse()?);
    let all: Vec<usize> = (0..nodes::count()?).collect();
    let before = client.status().await?;
    nodes::kill(&all).await?;
    tokio::time::sleep(halt).await;
    nodes::revive(&all).await?;
    let then = before.time.plus_seconds(halt.as_secs());
    eventually("the chain goes on", || async {
        Ok((client.status().await?.time >= then).then_some(()))
    })
    .await?;
    let (mut resumed, mut last) = (before.height, before.time);
    loop {
        let block = client.block(resumed).await?;
        if block.time >= then {
            let stood = block.time.seconds() - last.seconds();
            println!("stood still for {stood} s before block {resumed}");
            return Ok(resumed);
        }
        (resumed, last) = (resumed + 1, block.time);
    }
}

/// A lease of the first of three providers, none of which has an agent.
struct Rented {
    town: Town,
    deployment: u64,
    lease: u64,
    account: u64,
    /// The block after which it began.
    first: u64,
}

impl Rented {
    async fn start(lapse_blocks: u64) -> Result<Self> {
        let usual = Town::genesis();
        let genesis = Genesis {
            provider: provider::Params {
                grace: GRACE,
                ..usual.provider
            },
            market: market::Params {
                lapse_blocks,
                ..usual.market
            },
            ..usual
        };
        let first = connect().await?.status().await?.height;
        let town = Town::new(PROVIDERS, &genesis).await?;
        let account = town.open_account(&town.tenant, 1_000_000).await?;
        let posted = posted(UNITS);
        let (deployment, order) = town.create(&town.tenant, posted, account).await?;
        town.claim(&town.providers[0], order).await?;
        let lease = town.lease_of(order).await?.id;
        Ok(Self {
            town,
            deployment,
            lease,
            account,
            first,
        })
    }

    /// Every heart once; answers the block of the last.
    async fn beat(&self) -> Result<u64> {
        let mut height = 0;
        for provider in &self.town.providers {
            height = self.town.heartbeat(provider).await?.height;
        }
        Ok(height)
    }

    async fn failover(&self) -> Result<TxOutcome> {
        let lease_id = self.lease;
        let failover = ExecuteMsg::Failover { lease_id };
        self.town.market(&self.town.stranger, &failover).await
    }

    /// Its provider beats again and goes on being paid until the tenant closes.
    async fn goes_on(&self) -> Result<()> {
        let town = &self.town;
        let back = self.beat().await?;
        town.pass(2).await?;
        town.end(self.deployment, self.account).await?;
        let history = History::read(&town.client, &town.suite, self.first).await?;
        let ended = history.all::<LeaseEnded>()?;
        ensure!(
            matches!(&ended[..], [(height, _)] if *height > back),
            "{ended:?}"
        );
        history.check_once()?;
        town.invariants().await
    }

    /// The lease has moved on, and when the penalty is due it is waived: the heartbeats of the others show that they were silent too.
    async fn is_forgiven(&self) -> Result<()> {
        let town = &self.town;
        let penalty = town.penalty().await?;
        ensure!(penalty.reason == PenaltyReason::Down, "{penalty:?}");
        self.beat().await?;
        town.pass_to(penalty.due_at).await?;
        let slash = ExecuteMsg::Slash {
            order_id: penalty.order_id,
            number: penalty.number,
        };
        town.market(&town.stranger, &slash).await?;
        let history = History::read(&town.client, &town.suite, self.first).await?;
        let silent = history.all::<LapseCounted>()?.len();
        ensure!(silent == PROVIDERS, "{silent} counted as silent");
        let waived = history.all::<SlashWaived>()?;
        let slashed = history.all::<Slashed>()?;
        ensure!(
            waived.len() == 1 && slashed.is_empty(),
            "{waived:?} {slashed:?}"
        );
        town.end(self.deployment, self.account).await?;
        town.invariants().await
    }
}
