//! Pages, settings, instantiation, migration.

use cosmwasm_std::{coin, Empty, StdResult};
use cw_multi_test::{ContractWrapper, Executor};
use leasehold_api::provider::{
    ConfigResponse, ExecuteMsg, InstantiateMsg, InsuranceResponse, Params, ProviderResponse,
    ProvidersResponse, QueryMsg, Share,
};
use leasehold_api::Suite;
use leasehold_provider::contract;

use crate::setup::*;

#[test]
fn settings_are_told() {
    let registry = registry();
    let config: ConfigResponse = registry.ask(&QueryMsg::Config {}).unwrap();
    assert_eq!(config.params, params());
    assert_eq!(config.suite, registry.suite);
}

#[test]
fn providers_come_in_pages() {
    let mut registry = registry();
    for provider in registry.providers.clone() {
        registry.register(&provider, &[]).unwrap();
    }
    let page = |start_after: Option<String>, limit| {
        let msg = QueryMsg::Providers { start_after, limit };
        let page: ProvidersResponse = registry.ask(&msg).unwrap();
        page.providers.into_iter().map(|p| p.address).collect()
    };
    let mut sorted = registry.providers.to_vec();
    sorted.sort();
    let all: Vec<_> = page(None, None);
    assert_eq!(all, sorted);
    let first: Vec<_> = page(None, Some(2));
    assert_eq!(first, sorted[..2]);
    let rest: Vec<_> = page(Some(first[1].to_string()), None);
    assert_eq!(rest, sorted[2..]);
}

#[test]
fn insurance_comes_in_pages() {
    let mut registry = registry();
    let anna = registry.anna();
    registry
        .register(&anna, &NATIVES.map(|denom| coin(9, denom)))
        .unwrap();
    let market = registry.suite.market.clone();
    for denom in NATIVES {
        let msg = ExecuteMsg::Slash {
            provider: anna.to_string(),
            denom: leasehold_api::Denom::Native(denom.into()),
            amount: 9_u128.into(),
            bond: 9_u128.into(),
            at: START,
            recipients: Vec::<Share>::new(),
            reason: "down".into(),
        };
        registry.send(&market, &msg, &[]).unwrap();
    }
    let page = |start_after, limit| {
        let msg = QueryMsg::Insurance { start_after, limit };
        registry.ask::<InsuranceResponse>(&msg).unwrap().insurance
    };
    let first = page(None, Some(1));
    assert_eq!(first.len(), 1);
    let rest = page(Some(first[0].denom.clone()), None);
    assert_eq!(rest, [asset(&uakt(), 9)]);
}

#[test]
fn unknown_and_malformed_addresses_are_errors() {
    let registry = registry();
    for address in ["anna", "", registry.stranger.as_str()] {
        let address = address.to_string();
        let answer: StdResult<ProviderResponse> = registry.ask(&QueryMsg::Provider { address });
        answer.unwrap_err();
    }
    assert_eq!(registry.unbondings(&registry.stranger), []);
}

#[test]
fn wrong_beginnings_are_refused() {
    let mut registry = registry();
    let code = ContractWrapper::new(contract::execute, contract::instantiate, contract::query);
    let code = registry.app.store_code(Box::new(code));
    let suite = |market: &str| Suite {
        deployment: registry.suite.deployment.to_string(),
        market: market.into(),
        escrow: registry.suite.escrow.to_string(),
        provider: registry.suite.provider.to_string(),
        governance: registry.suite.governance.to_string(),
    };
    let good = suite(registry.suite.market.as_str());
    let mute = Params {
        grace: 1,
        ..params()
    };
    for (suite, params, funds) in [
        (suite("market"), params(), vec![]),
        (good.clone(), mute, vec![]),
        (good, params(), vec![coin(1, "uakt")]),
    ] {
        let msg = InstantiateMsg { suite, params };
        let stranger = registry.stranger.clone();
        registry
            .app
            .instantiate_contract(code, stranger, &msg, &funds, "registry", None)
            .unwrap_err();
    }
}

#[test]
fn migration_is_for_this_contract_and_never_back() {
    let mut registry = registry();
    let code = registry
        .app
        .contract_data(&registry.address)
        .unwrap()
        .code_id;
    let admin = registry.app.api().addr_make("admin");
    let address = registry.address.clone();
    let mut version = |name: &str, version: &str| {
        let mut storage = registry.app.contract_storage_mut(&address);
        cw2::set_contract_version(storage.as_mut(), name, version).unwrap();
        drop(storage);
        registry
            .app
            .migrate_contract(admin.clone(), address.clone(), &Empty {}, code)
    };
    version(contract::NAME, contract::VERSION).unwrap();
    version(contract::NAME, "0.0.1").unwrap();
    version(contract::NAME, "99.0.0").unwrap_err();
    version("leasehold-market", "0.0.1").unwrap_err();
}
