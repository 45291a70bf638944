//! Derived status, pages, settings, instantiation, migration.

use cosmwasm_std::{coin, Empty, StdResult};
use cw_multi_test::{ContractWrapper, Executor};
use leasehold_api::deployment::{
    ConfigResponse, DeploymentResponse, DeploymentsResponse, GroupStatus, InstantiateMsg, QueryMsg,
};
use leasehold_api::market::OrderStatus;
use leasehold_api::{AuctionMode, Suite};
use leasehold_deployment::contract;

use crate::peers::set_order;
use crate::setup::*;

#[test]
fn settings_are_told() {
    let world = world();
    let config: ConfigResponse = world.ask(&QueryMsg::Config {}).unwrap();
    assert_eq!(config.suite, world.suite);
}

#[test]
fn status_is_the_markets_to_say() {
    let mut world = World::deployed();
    let market = world.suite.market.clone();
    let cases = [
        (OrderStatus::Open, None, GroupStatus::Open),
        (OrderStatus::Leased, Some(5), GroupStatus::Leased),
        (OrderStatus::Closed, None, GroupStatus::Paused),
    ];
    for (order, lease, status) in cases {
        set_order(&mut world.app, &market, 8, order, lease);
        let group = &world.deployment(1).groups[0];
        assert_eq!((group.status, group.lease_id), (status, lease));
        assert_eq!(group.auction, AuctionMode::default());
        assert_eq!(group.spec, groups()[0].spec);
        assert_eq!(world.deployment(1).groups[1].status, GroupStatus::Open);
    }
}

#[test]
fn deployments_come_in_pages() {
    let mut world = world();
    for name in ["tenant", "stranger", "tenant", "tenant"] {
        let who = world.app.api().addr_make(name);
        world
            .send(&who, &create(groups(), None), &[coin(1, "uakt")])
            .unwrap();
    }
    let page = |owner: Option<&str>, start_after, limit| {
        let owner = owner.map(|name| world.app.api().addr_make(name).to_string());
        let msg = QueryMsg::Deployments {
            owner,
            start_after,
            limit,
        };
        let page: DeploymentsResponse = world.ask(&msg).unwrap();
        page.deployments.iter().map(|d| d.id).collect::<Vec<_>>()
    };
    assert_eq!(page(None, None, None), [1, 2, 3, 4]);
    assert_eq!(page(None, Some(1), Some(2)), [2, 3]);
    assert_eq!(page(Some("tenant"), None, None), [1, 3, 4]);
    assert_eq!(page(Some("tenant"), Some(1), Some(1)), [3]);
    assert_eq!(page(Some("stranger"), None, None), [2]);
    assert_eq!(page(Some("nobody"), None, None), [0; 0]);
    assert_eq!(page(None, None, Some(0)), [0; 0]);
}

#[test]
fn unknown_and_malformed_ones_are_errors() {
    let world = World::deployed();
    let unknown: StdResult<DeploymentResponse> = world.ask(&QueryMsg::Deployment { id: 2 });
    unknown.unwrap_err();
    let malformed: StdResult<DeploymentsResponse> = world.ask(&QueryMsg::Deployments {
        owner: Some("tenant".into()),
        start_after: None,
        limit: None,
    });
    malformed.unwrap_err();
}

#[test]
fn wrong_beginnings_are_refused() {
    let mut world = world();
    let code = ContractWrapper::new(contract::execute, contract::instantiate, contract::query);
    let code = world.app.store_code(Box::new(code));
    let suite = |escrow: &str| Suite {
        deployment: world.suite.deployment.to_string(),
        market: world.suite.market.to_string(),
        escrow: escrow.into(),
        provider: world.suite.provider.to_string(),
        governance: world.suite.governance.to_string(),
    };
    let good = suite(world.suite.escrow.as_str());
    for (suite, funds) in [(suite("escrow"), vec![]), (good, vec![coin(1, "uakt")])] {
        let stranger = world.stranger.clone();
        let msg = InstantiateMsg { suite };
        world
            .app
            .instantiate_contract(code, stranger, &msg, &funds, "deployment", None)
            .unwrap_err();
    }
}

#[test]
fn migration_is_for_this_contract_and_never_back() {
    let mut world = world();
    let code = world.app.contract_data(&world.address).unwrap().code_id;
    let admin = world.app.api().addr_make("admin");
    let address = world.address.clone();
    let mut version = |name: &str, version: &str| {
        let mut storage = world.app.contract_storage_mut(&address);
        cw2::set_contract_version(storage.as_mut(), name, version).unwrap();
        drop(storage);
        world
            .app
            .migrate_contract(admin.clone(), address.clone(), &Empty {}, code)
    };
    version(contract::NAME, contract::VERSION).unwrap();
    version(contract::NAME, "0.0.1").unwrap();
    version(contract::NAME, "99.0.0").unwrap_err();
    version("leasehold-market", "0.0.1").unwrap_err();
}
