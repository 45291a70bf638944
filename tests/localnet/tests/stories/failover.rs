//! A provider that falls silent.

use anyhow::{ensure, Result};
use leasehold_api::genesis::Genesis;
use leasehold_api::market::{EndReason, ExecuteMsg, OrderPhase, PenaltyReason};
use leasehold_api::provider::{self, ProviderResponse, QueryMsg};
use leasehold_api::AuctionMode;
use leasehold_test_localnet::{refused, Town, COLLATERAL, FORTUNE};
use leasehold_testing::verbs::rate;

/// Seconds that a heartbeat is good for.
const GRACE: u64 = 20;

/// It is paid up to the end of its last heartbeat's grace and not a second more, the runner-up goes on, the bond is divided.
#[tokio::test]
#[ignore = "needs a chain: scripts/test-localnet.sh"]
async fn a_silent_provider_is_replaced_and_slashed() -> Result<()> {
    let usual = Town::genesis();
    let genesis = Genesis {
        provider: provider::Params {
            grace: GRACE,
            ..usual.provider
        },
        ..usual
    };
    let town = Town::new(3, &genesis).await?;
    let descending = AuctionMode::Descending { min_bidders: None };
    let (id, order, account) = town.ask(20, descending).await?;
    let [silent, next] = [0, 1].map(|i| &town.providers[i]);
    town.bid(next, order, 12).await?;
    town.bid(silent, order, 10).await?;
    town.until(order, OrderPhase::AwardBest).await?;
    let last = town.heartbeat(silent).await?;
    town.claim(silent, order).await?;
    let lease = town.lease_of(order).await?;
    let failover = ExecuteMsg::Failover { lease_id: lease.id };
    let live_until = town.time_of(last.height).await? + GRACE;
    refused(town.market(&town.stranger, &failover).await, "alive")?;

    while town.now().await? <= live_until + 1 {
        for provider in &town.providers[1..] {
            town.heartbeat(provider).await?;
        }
    }
    town.market(&town.stranger, &failover).await?;
    let ended = town.lease(lease.id).await?.ended;
    ensure!(ended.is_some_and(|e| e.reason == EndReason::Down));
    let earned = rate(10).u128() / leasehold_api::SCALE * u128::from(live_until - lease.started_at);
    let owns = town.pocket(silent.address()).await?;
    ensure!(
        owns + COLLATERAL == FORTUNE + earned,
        "{owns}, not {earned}"
    );

    refused(town.claim(&town.providers[2], order).await, "may now")?;
    town.claim(next, order).await?;
    ensure!(town.lease_of(order).await?.rate == rate(12));
    let compensation = town.slash(PenaltyReason::Down).await?;
    ensure!(compensation == lease.bond.u128() * 70 / 100);
    let query = QueryMsg::Provider {
        address: silent.address().into(),
    };
    let record: ProviderResponse = town.query(&town.suite.provider, &query).await?;
    ensure!(record.faults == 1, "{record:?}");
    town.end(id, account).await?;
    town.invariants().await
}
