//! Many orders, bids and leases at once on the chain of scripts/localnet.sh, with real agents among scripted wallets; what that takes
//! goes to `load.json` and `load.md` in the folder that is named. Settings: see `settings.rs`.

mod agents;
mod blocks;
mod clock;
mod contest;
mod crowd;
mod delegate;
mod flat;
mod ground;
mod phase;
mod probe;
mod process;
mod report;
mod section;
mod settings;
mod spread;
mod state;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::Order;
use leasehold_api::{escrow, market};
use leasehold_test_localnet::setting;
use leasehold_testing::snapshot::Snapshot;
use leasehold_testing::{invariants, node};

use blocks::{waits, Block};
use clock::{Clock, Lap};
use crowd::Crowd;
use flat::Flat;
use ground::{Ground, Tenant};
use probe::{probe, settle_in};
use process::processors;
use report::Report;
use settings::Settings;
use spread::Spread;
use state::State;

#[tokio::main]
async fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1);
    let folder = PathBuf::from(folder.context("the folder for the report")?);
    let settings = Settings::from_env()?;
    let report = run(settings).await?;
    report.write(&folder)?;
    report.check()
}

async fn run(settings: Settings) -> Result<Report> {
    let home = setting("CHAIN_HOME")?;
    let ground = Ground::new("load", &settings.genesis(), &settings).await?;
    let first = ground.client.status().await?.height;
    let agents = agents::start(&ground, settings.agents).await?;
    let mut clock = Clock::new(&ground, &home, &agents)?;
    settle_in(&ground, &ground.providers[1..2]).await?;
    let at_first = probe(&ground).await?;
    let before = State::now(&ground, &home).await?;

    let mut crowd = Crowd {
        ground: &ground,
        settings: &settings,
        confirmed: Spread::new()?,
        repeated: 0,
    };
    let start = clock.start().await?;
    let mut orders = crowd.order().await?;
    clock.lap("orders", start).await?;
    let start = clock.start().await?;
    crowd.undercut(&orders).await?;
    clock.lap("bids", start).await?;
    let start = clock.start().await?;
    crowd.claim(&orders).await?;
    clock.lap("claims", start).await?;
    let after_auctions = State::now(&ground, &home).await?;

    let left = settings.leases - settings.orders;
    let start = clock.start().await?;
    crowd.take(&[&ground.crowd], left / 2).await?;
    clock.lap("takes by one, first half", start).await?;
    let among_some = probe(&ground).await?;
    let start = clock.start().await?;
    crowd.take(&[&ground.crowd], left - left / 2).await?;
    clock.lap("takes by one, second half", start).await?;
    let everybody: Vec<&Tenant> = ground.tenants.iter().chain([&ground.crowd]).collect();
    let start = clock.start().await?;
    let each = 2 * settings.orders / everybody.len();
    crowd.take(&everybody, each).await?;
    clock.lap("takes by all tenants", start).await?;
    let among_many = probe(&ground).await?;

    let processes = clock.watch.now();
    let Clock { laps, .. } = clock;
    let by_agent: BTreeSet<String> = agents.iter().map(|agent| agent.address.clone()).collect();
    for agent in agents {
        agent.stop().await?;
    }
    let snapshot = node::snapshot(&ground.client, &ground.suite).await?;
    let violations = invariants::check(&snapshot)?;
    ensure!(violations.is_empty(), "{violations:#?}");

    let blocks = blocks::read(
        &ground.client,
        &ground.suite.market,
        first..=snapshot.height,
    )
    .await?;
    orders.sort_unstable();
    let (all, all_from_close) = waits(&blocks, &orders, |_| true)?;
    let (own, own_from_close) = waits(&blocks, &orders, |who| by_agent.contains(who))?;
    let phase = |lap: Lap| lap.phase(&blocks, settings.block_gas);
    let bids = blocks.iter().flat_map(|block| &block.bids);
    let bids_of_agents = bids.filter(|bid| by_agent.contains(bid.provider.as_str()));
    Ok(Report {
        optimised: !cfg!(debug_assertions),
        processors: processors()?,
        phases: laps.into_iter().map(phase).collect::<Result<_>>()?,
        most_open: most_open(&blocks),
        active_leases: active_leases(&snapshot)?,
        crowd_streams: crowd_streams(&snapshot, ground.crowd.account)?,
        bids_of_agents: u64::try_from(bids_of_agents.count())?,
        leases_of_agents: own.percentiles().count,
        waits: vec![
            ("order to lease", all.percentiles()),
            ("end of the auction to lease", all_from_close.percentiles()),
            ("order to an agent's lease", own.percentiles()),
            (
                "end of the auction to an agent's lease",
                own_from_close.percentiles(),
            ),
            (
                "the crowd's transaction to its block",
                crowd.confirmed.percentiles(),
            ),
        ],
        repeated: crowd.repeated,
        processes,
        before,
        after_auctions,
        after: State::of(&snapshot, &home)?,
        flat: Flat::of([&at_first, &among_some, &among_many])?,
        contest: contest::hold(&settings, &home).await?,
        settings,
    })
}

/// At the end of any block.
fn most_open(blocks: &[Block]) -> usize {
    let mut open = BTreeSet::new();
    let mut most = 0;
    for block in blocks {
        open.extend(block.opened.iter().map(|order| order.order_id));
        for lease in &block.leases {
            open.remove(&lease.order_id);
        }
        most = most.max(open.len());
    }
    most
}

fn active_leases(snapshot: &Snapshot) -> Result<usize> {
    let market = &snapshot.storages.market;
    let active = market::ACTIVE.keys(market, None, None, Order::Ascending);
    let active = active.collect::<Result<Vec<_>, _>>()?;
    Ok(active.len())
}

fn crowd_streams(snapshot: &Snapshot, account: u64) -> Result<u32> {
    let account = escrow::ACCOUNTS.load(&snapshot.storages.escrow, account)?;
    Ok(account.streams)
}

impl Report {
    /// That the run was as large as it should be, and flat.
    fn check(&self) -> Result<()> {
        let bids: u64 = self.phases.iter().map(|phase| phase.blocks.bids).sum();
        let Settings {
            orders,
            bids: wanted,
            leases,
            ..
        } = self.settings;
        ensure!(
            self.most_open >= orders,
            "{} orders at once",
            self.most_open
        );
        ensure!(bids >= u64::try_from(wanted)?, "{bids} bids");
        ensure!(
            self.active_leases >= leases,
            "{} leases",
            self.active_leases
        );
        flat::check(&self.flat)?;
        self.contest.check()
    }
}
