//! Providers that fall silent, alone and all at once.

use super::*;

#[test]
fn a_silent_provider_stops_earning_and_the_runner_up_steps_in() {
    let mut world = world();
    registered(&mut world, 3);
    let tenant = world.tenants[0].clone();
    let [first, second, third] = [0, 1, 2].map(|i| world.providers[i].clone());
    let id = world
        .create(&tenant, &[(20, DESCENDING)], 10_000, None)
        .unwrap();
    let order = id * 8;
    world.bid(&second, order, 12).unwrap();
    world.bid(&first, order, 10).unwrap();
    world.pass(8);
    world.heartbeat(&first).unwrap();
    world.claim(&first, order).unwrap();
    let lease = world.order(order).unwrap().lease_id.unwrap();

    // Grace is 10 s: the next 20 s pay for 10.
    for seconds in [9, 9, 2] {
        world.pass(seconds);
        world.heartbeat(&second).unwrap();
        world.heartbeat(&third).unwrap();
    }
    let stranger = world.stranger.clone();
    world.failover(&stranger, lease).unwrap();
    world.check();
    world.claim(&third, order).unwrap_err();
    world.claim(&first, order).unwrap_err();
    world.claim(&second, order).unwrap();
    world.slash_all(&tenant).unwrap();
    world.check();
    let rent = world.rent_denom();
    let bond = world.lease(lease).unwrap().bond.u128();
    assert_eq!(
        world.lease(lease).unwrap().ended.unwrap().reason,
        EndReason::Down
    );
    assert_eq!(
        world.balance(&first, &rent).u128(),
        FORTUNE - 1_000_000 + 100
    );
    assert_eq!(
        world.balance(&tenant, &rent).u128(),
        FORTUNE - 10_000 + bond * 70 / 100
    );
    assert_eq!(
        world.balance(&stranger, &rent).u128(),
        FORTUNE + bond * 15 / 100
    );

    let again = world.order(order).unwrap().lease_id.unwrap();
    assert_eq!(
        world.lease(again).unwrap().rate,
        leasehold_testing::verbs::rate(12)
    );
    world.check();
}

/// When all fall silent it is the chain or the network: leases move on, pay stops, nobody is slashed.
#[test]
fn in_an_outage_of_all_pay_stops_and_nobody_is_slashed() {
    let mut world = world();
    registered(&mut world, 3);
    let tenant = world.tenants[0].clone();
    let id = world
        .create(&tenant, &[(20, DESCENDING)], 10_000, None)
        .unwrap();
    let lease = lease(&mut world, id, 0, 0, 10);
    for provider in [0, 1, 2].map(|i| world.providers[i].clone()) {
        world.heartbeat(&provider).unwrap();
    }
    world.pass(20);
    // The one with the lease stays away.
    for provider in [1, 2].map(|i| world.providers[i].clone()) {
        world.heartbeat(&provider).unwrap();
    }
    world.failover(&tenant, lease).unwrap();
    world.slash_all(&tenant).unwrap();
    world.check();
    let rent = world.rent_denom();
    let held = world.balance(&world.providers[0].clone(), &rent).u128();
    assert_eq!(held, FORTUNE - 1_000_000 + 100, "ten seconds of pay");
    let record: leasehold_api::provider::ProviderResponse = world
        .query(
            &world.suite.provider,
            &leasehold_api::provider::QueryMsg::Provider {
                address: world.providers[0].to_string(),
            },
        )
        .unwrap();
    assert_eq!(record.collateral[0].amount.u128(), 1_000_000);
}

#[test]
fn without_a_runner_up_the_order_reopens_dutch() {
    let mut world = world();
    registered(&mut world, 2);
    let tenant = world.tenants[0].clone();
    let id = world
        .create(&tenant, &[(20, DESCENDING)], 10_000, None)
        .unwrap();
    let lease = lease(&mut world, id, 0, 0, 10);
    world.pass(20);
    let second = world.providers[1].clone();
    world.heartbeat(&second).unwrap();
    world
        .market_call(&second, &MarketMsg::Failover { lease_id: lease })
        .unwrap();
    world.pass(5);
    world.claim(&second, id * 8).unwrap();
    let again = world.order(id * 8).unwrap().lease_id.unwrap();
    assert_eq!(
        world.lease(again).unwrap().rate,
        leasehold_testing::verbs::rate(15)
    );
    world.check();
}
