//! Two providers on a devchain, with the contracts' own code, real TLS and real processes: the whole life of a lease.

mod app;
#[path = "../common/chain.rs"]
mod chain;
mod machine;
#[path = "../common/web.rs"]
mod web;
mod world;

use cosmwasm_std::{coin, Uint128};
use leasehold_agent::gateway::client::GatewayClient;
use leasehold_api::{deployment, escrow, SCALE};

use app::{sdl, visit};
use machine::Machine;
use world::{eventually, World, GRACE};

#[tokio::test(flavor = "multi_thread")]
async fn an_app_outlives_its_agent_and_its_provider() {
    let world = World::new().await;
    let mut cheap = Machine::new(&world, "provider0", 500);
    let mut dear = Machine::new(&world, "provider1", 600);
    for machine in [&cheap, &dear] {
        let provider = &machine.address;
        eventually("both providers register", || async {
            world.provider(provider).await.ok()
        })
        .await;
    }

    let sdl = sdl();
    let id = world.create(&sdl, coin(1_000_000, "uakt")).await;
    let lease = eventually("the auction ends in a lease", || world.active()).await;
    assert_eq!(
        lease.provider.as_str(),
        cheap.address,
        "the lower price wins"
    );
    assert!(
        lease.rate <= Uint128::new(60 * SCALE),
        "it was bid down from 150: {}",
        lease.rate
    );
    let gateways = [
        world.gateway(&cheap.address).await,
        world.gateway(&dear.address).await,
    ];
    for gateway in &gateways {
        eventually("winner and runner-up take the manifest", || async {
            gateway.put_manifest(id, sdl.manifest()).await.ok()
        })
        .await;
    }
    let [first, second] = &gateways;
    let answer = eventually("the app answers", || visit(first, lease.id)).await;
    assert!(
        answer.starts_with(&format!("{} lease-{}.localhost", lease.provider, lease.id)),
        "{answer}"
    );

    // The agent dies and comes back: the same process goes on, nothing is bid or leased twice.
    let pids = cheap.pids(lease.id);
    assert_eq!(pids.len(), 1);
    cheap.kill();
    cheap.start();
    let first_again = eventually("the agent is back", || async {
        let gateway = world.gateway(&cheap.address).await;
        visit(&gateway, lease.id).await.map(|_| gateway)
    })
    .await;
    world.chain.wait_blocks(3).await.unwrap();
    assert_eq!(cheap.pids(lease.id), pids);
    assert_eq!(world.leases().await.len(), 1);

    // Dry: suspended, and resumed by a top-up.
    let account = lease.account;
    let query = escrow::QueryMsg::Account { id: account };
    let state: escrow::AccountResponse = world
        .client
        .query_smart(&world.suite.escrow, &query)
        .await
        .unwrap();
    // Blocks that may come before the withdrawal.
    let margin = Uint128::new(20 * 60);
    let withdraw = escrow::ExecuteMsg::Withdraw {
        account,
        amount: Some(state.withdrawable - margin),
    };
    world
        .tenant
        .execute(&world.suite.escrow, &withdraw, &[])
        .await
        .unwrap();
    let ready = |gateway: GatewayClient| async move {
        Some(gateway.status(lease.id).await.ok()?.services.first()?.ready)
    };
    eventually("suspended when dry", || async {
        ready(first_again.clone()).await.filter(|n| *n == 0)
    })
    .await;
    let deposit = escrow::ExecuteMsg::Deposit { account };
    world
        .tenant
        .execute(&world.suite.escrow, &deposit, &[coin(1_000_000, "uakt")])
        .await
        .unwrap();
    eventually("resumed after a top-up", || visit(&first_again, lease.id)).await;
    let kinds: Vec<String> = first_again
        .events(lease.id)
        .await
        .unwrap()
        .into_iter()
        .map(|e| e.kind)
        .collect();
    assert!(
        kinds.contains(&"suspended".to_owned()) && kinds.contains(&"collected".to_owned()),
        "{kinds:?}"
    );

    // The whole machine dies: the runner-up fails it over and serves, with the tenant away.
    cheap.destroy().await;
    world.chain.advance(GRACE + 5).await.unwrap();
    let next = eventually("the runner-up takes over", || async {
        world.active().await.filter(|next| next.id != lease.id)
    })
    .await;
    assert_eq!(next.provider.as_str(), dear.address);
    let answer = eventually("the app answers from the runner-up", || {
        visit(second, next.id)
    })
    .await;
    assert!(answer.starts_with(next.provider.as_str()), "{answer}");

    // Closed: nothing runs any more.
    let close = deployment::ExecuteMsg::Close { deployment_id: id };
    world
        .tenant
        .execute(&world.suite.deployment, &close, &[])
        .await
        .unwrap();
    eventually("the workload is removed", || async {
        dear.pids(next.id).is_empty().then_some(())
    })
    .await;
    dear.destroy().await;
}
