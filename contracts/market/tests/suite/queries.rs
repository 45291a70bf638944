use cosmwasm_std::{from_json, to_json_binary, Empty};
use cw_multi_test::Executor;
use leasehold_api::deployment::order_id;
use leasehold_api::market::{
    lease_id, ConfigResponse, EndReason, ExecuteMsg, LeaseResponse, LeasesResponse, Lock, Order,
    OrderPhase, OrderResponse, OrdersResponse, QueryMsg,
};
use leasehold_api::Suite;

use crate::harness::*;

fn open_groups(world: &mut World) {
    let deployment = world.suite.deployment.clone();
    for group in 0..3 {
        let msg = ExecuteMsg::OpenOrder {
            order_id: order_id(DEPLOYMENT, group).unwrap(),
            account: ACCOUNT,
            denom: denom(),
            terms: (dutch(10)).into(),
            max_rate: rate(100),
            offer: None,
        };
        world.send(&deployment, &msg, &[]).unwrap();
    }
}

fn claim(world: &mut World, name: &str, group: u32) {
    let order_id = order_id(DEPLOYMENT, group).unwrap();
    world.by(name, ExecuteMsg::Claim { order_id }).unwrap();
}

fn open_orders(world: &World, start_after: Option<u64>, limit: Option<u32>) -> Vec<u64> {
    let response: OrdersResponse = world.query(&QueryMsg::OpenOrders { start_after, limit });
    response.orders.into_iter().map(|order| order.id).collect()
}

#[test]
fn open_orders_are_paged_by_id() {
    let mut world = World::new();
    open_groups(&mut world);
    let ids: Vec<_> = (0..3).map(|g| order_id(DEPLOYMENT, g).unwrap()).collect();
    assert_eq!(open_orders(&world, None, None), ids);
    assert_eq!(open_orders(&world, Some(ids[0]), Some(1)), ids[1..2]);
    claim(&mut world, "alice", 1);
    assert_eq!(open_orders(&world, None, None), [ids[0], ids[2]]);
}

fn leases(world: &World, provider: Option<&str>, start_after: Option<u64>) -> Vec<u64> {
    let response: LeasesResponse = world.query(&QueryMsg::Leases {
        provider: provider.map(|name| world.addr(name).to_string()),
        start_after,
        limit: None,
    });
    response.leases.into_iter().map(|lease| lease.id).collect()
}

#[test]
fn leases_are_listed_by_provider_or_all() {
    let mut world = World::new();
    open_groups(&mut world);
    claim(&mut world, "alice", 0);
    claim(&mut world, "bob", 1);
    claim(&mut world, "alice", 2);
    let [first, second, third] =
        [0, 1, 2].map(|group| lease_id(order_id(DEPLOYMENT, group).unwrap(), 1).unwrap());
    assert_eq!(leases(&world, None, None), [first, second, third]);
    assert_eq!(leases(&world, Some("alice"), None), [first, third]);
    assert_eq!(leases(&world, Some("alice"), Some(first)), [third]);
    world.end("tenant", 1).unwrap();
    assert_eq!(leases(&world, Some("alice"), None), [third]);
    assert_eq!(leases(&world, None, Some(second)), [third]);
    let lease: LeaseResponse = world.query(&QueryMsg::Lease { id: first });
    assert_eq!((lease.deployment_id, lease.group), (DEPLOYMENT, 0));
    assert_eq!((lease.account, lease.denom), (ACCOUNT, denom()));
    assert_eq!(lease.ended.unwrap().reason, EndReason::Tenant);
    let lock: Lock = world.query(&QueryMsg::Locked {
        provider: world.addr("alice").to_string(),
        denom: denom(),
    });
    assert_eq!((lock.amount.u128(), lock.uses), (10_000, 1));
}

#[test]
fn an_order_is_told_as_of_the_querys_time() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    let mut phase_after = |seconds| {
        world.wait(seconds);
        let seen = world.seen();
        (seen.phase, seen.phase_ends_at)
    };
    assert_eq!(phase_after(0), (OrderPhase::Bidding, Some(START + 60)));
    assert_eq!(phase_after(60), (OrderPhase::AwardBest, Some(START + 90)));
    assert_eq!(
        phase_after(30),
        (OrderPhase::AwardSecond, Some(START + 120))
    );
    assert_eq!(phase_after(30), (OrderPhase::Lapsed, None));
}

#[test]
fn what_does_not_exist_is_not_found() {
    let world = World::new();
    for msg in [QueryMsg::Order { id: 3 }, QueryMsg::Lease { id: 3 }] {
        let error = world
            .app
            .wrap()
            .query_wasm_smart::<OrderResponse>(&world.suite.market, &msg)
            .unwrap_err();
        assert!(error.to_string().contains("3 not found"), "{error}");
    }
}

#[test]
fn the_configuration_is_told() {
    let world = World::new();
    let config: ConfigResponse = world.query(&QueryMsg::Config {});
    // The harness names the tenant as the market, whose address it cannot know before.
    let suite = Suite {
        market: world.tenant.clone(),
        ..world.suite.clone()
    };
    assert_eq!((config.suite, config.params), (suite, params()));
}

/// Peers and clients read these bytes raw.
#[test]
fn the_stored_order_is_small_and_stable() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    let bytes = to_json_binary(&world.record()).unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let expected = format!(
        r#"{{"a":5,"d":"nucredit","s":"o","r":1,"n":0,"q":{{"x":"100000000000000","t":1000000,"h":1000,"c":1000060,"z":1000090,"w":30,"g":6,"b":{{"p":"{}","r":"50000000000000"}},"k":"50000"}}}}"#,
        world.addr("alice")
    );
    assert_eq!(text, expected);
    assert_eq!(from_json::<Order>(&bytes).unwrap(), world.record());
}

#[test]
fn only_this_contract_migrates_here() {
    let mut world = World::new();
    let code = world.app.store_code(market_code());
    let (admin, market) = (world.suite.governance.clone(), world.suite.market.clone());
    world
        .app
        .migrate_contract(admin.clone(), market, &Empty {}, code)
        .unwrap();
    let stranger = world.addr("stranger");
    let market = world.suite.market.clone();
    assert!(world
        .app
        .migrate_contract(stranger, market.clone(), &Empty {}, code)
        .is_err());
    let mut storage = world.app.contract_storage_mut(&market);
    cw2::set_contract_version(&mut *storage, "leasehold-escrow", "0.0.1").unwrap();
    drop(storage);
    assert!(world
        .app
        .migrate_contract(admin, market, &Empty {}, code)
        .is_err());
}
