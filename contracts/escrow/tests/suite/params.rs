use cosmwasm_std::{coins, Addr, Empty};
use cw_multi_test::Executor;
use leasehold_api::escrow::{ConfigResponse, ExecuteMsg, InstantiateMsg, Params, QueryMsg};
use leasehold_api::event::ParamsUpdated;
use leasehold_api::RuleError;
use leasehold_escrow::ContractError;

use crate::harness::*;

const BAD: [Params; 4] = [
    Params {
        min_runway: 0,
        fee_bps: 0,
    },
    Params {
        min_runway: 604_801,
        fee_bps: 0,
    },
    Params {
        min_runway: 1,
        fee_bps: 2_001,
    },
    Params {
        min_runway: 1,
        fee_bps: u32::MAX,
    },
];
const EDGES: [Params; 2] = [
    Params {
        min_runway: 1,
        fee_bps: 0,
    },
    Params {
        min_runway: 604_800,
        fee_bps: 2_000,
    },
];

fn instantiate(h: &mut Harness, msg: &InstantiateMsg, funds: u128) -> Result<Addr, ContractError> {
    let code = h.app.store_code(escrow_contract());
    let coins = if funds == 0 {
        vec![]
    } else {
        coins(funds, AKT)
    };
    h.app
        .instantiate_contract(code, h.tenant.clone(), msg, &coins, "escrow", None)
        .map_err(|error| error.downcast().unwrap())
}

#[test]
fn parameters_outside_their_ranges_are_refused_at_both_doors() {
    let mut h = Harness::new();
    let suite = suite_of(&h.registry, &h.governance);
    let governance = h.governance.clone();
    for params in BAD {
        let msg = InstantiateMsg {
            suite: suite.clone(),
            params,
        };
        let error = instantiate(&mut h, &msg, 0).unwrap_err();
        assert!(matches!(
            error,
            ContractError::Rule(RuleError::OutOfRange { .. })
        ));
        let error = h.execute(&governance, &ExecuteMsg::UpdateParams { params }, &[]);
        assert!(matches!(
            error,
            Err(ContractError::Rule(RuleError::OutOfRange { .. }))
        ));
    }
    for params in EDGES {
        instantiate(
            &mut h,
            &InstantiateMsg {
                suite: suite.clone(),
                params,
            },
            0,
        )
        .unwrap();
        let response = h
            .execute(&governance, &ExecuteMsg::UpdateParams { params }, &[])
            .unwrap();
        assert_eq!(
            events::<ParamsUpdated>(&response),
            [ParamsUpdated {
                contract: h.escrow.clone()
            }]
        );
        let config: ConfigResponse = h.query(&QueryMsg::Config {});
        assert_eq!(config.params, params);
        assert_eq!(config.suite.provider, h.registry);
    }
}

#[test]
fn instantiate_takes_five_addresses_and_no_funds() {
    let mut h = Harness::new();
    let good = InstantiateMsg {
        suite: suite_of(&h.registry, &h.governance),
        params: params(),
    };
    let error = instantiate(&mut h, &good, 1).unwrap_err();
    assert!(matches!(error, ContractError::NonPayable { .. }));
    let mut bad = good.clone();
    bad.suite.market = "market".into();
    assert!(matches!(
        instantiate(&mut h, &bad, 0),
        Err(ContractError::Std(_))
    ));
}

#[test]
fn a_new_fee_holds_from_the_next_collect() {
    let mut h = Harness::new();
    let account = h.open(1_000);
    h.stream(1, account, "provider", RATE);
    h.pass(100);
    let params = Params {
        min_runway: 1,
        fee_bps: 2_000,
    };
    h.execute(
        &h.governance.clone(),
        &ExecuteMsg::UpdateParams { params },
        &[],
    )
    .unwrap();
    h.collect(&[1]);
    assert_eq!(h.bank("provider", AKT), 80);
    h.check_books();
}

#[test]
fn migrate_accepts_its_own_storage() {
    let mut h = Harness::new();
    h.open(10);
    let code = h.app.store_code(escrow_contract());
    h.app
        .migrate_contract(addr("admin"), h.escrow.clone(), &Empty {}, code)
        .unwrap();
    assert_eq!(h.account(1).withdrawable.u128(), 10);
}

#[test]
fn migrate_refuses_anothers_storage() {
    let mut h = Harness::new();
    let mut storage = h.app.contract_storage_mut(&h.escrow);
    cw2::set_contract_version(storage.as_mut(), "leasehold-market", "0.1.0").unwrap();
    drop(storage);
    let code = h.app.store_code(escrow_contract());
    h.app
        .migrate_contract(addr("admin"), h.escrow.clone(), &Empty {}, code)
        .unwrap_err();
}
