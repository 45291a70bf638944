//! Registration, heartbeats, standing, leaving.

use cosmwasm_std::{coin, Binary};
use leasehold_api::event::{
    Bonded, Heartbeat, ParamsUpdated, ProviderDraining, ProviderLeft, ProviderRegistered,
    ProviderResumed, ProviderUpdated,
};
use leasehold_api::provider::{hot, Contact, ExecuteMsg, Params, Standing, CONTACT};
use leasehold_api::Capability;
use leasehold_provider::ContractError;

use crate::setup::*;

#[test]
fn registration_records_everything_and_bonds_the_coins() {
    let mut registry = registry();
    let anna = registry.anna();
    let coins = [coin(5, NATIVES[1]), coin(70, "uakt")];
    let response = registry.register(&anna, &coins).unwrap();
    let registered: ProviderRegistered = event(&response).unwrap();
    assert_eq!(registered.gateway, contact().gateway);
    assert!(event::<Bonded>(&response).is_some());

    let provider = registry.provider(&anna);
    assert_eq!(provider.contact, contact());
    assert_eq!(provider.capability, capability());
    assert_eq!(provider.standing, Standing::Active);
    assert_eq!(provider.last_heartbeat, START);
    assert_eq!(provider.live_until, START + GRACE);
    assert_eq!(provider.alive_seconds, 0);
    let mut held = provider.collateral;
    held.sort_by_key(|asset| asset.amount);
    assert_eq!(held[0].amount.u128(), 5);
    assert_eq!(held[1], asset(&uakt(), 70));
    // The published record is the one that peers read.
    let raw = hot(&registry.app.wrap(), &registry.address, &anna).unwrap();
    assert_eq!(raw.collateral_in(&uakt()).u128(), 70);
}

#[test]
fn a_second_registration_is_refused() {
    let (mut registry, anna) = Registry::with_anna(1);
    let refused = refusal(registry.register(&anna, &[]));
    assert_eq!(refused, ContractError::AlreadyRegistered { provider: anna });
}

#[test]
fn gateways_are_https_with_host_and_port_only() {
    let label = "a".repeat(63);
    let good = [
        "https://a".to_string(),
        "https://gpu.example.com".into(),
        "https://10.0.0.1:1".into(),
        "https://[::1]".into(),
        "https://[2001:db8::7]:65535".into(),
        format!("https://{label}.example"),
    ];
    for gateway in good {
        let contact = Contact {
            gateway,
            ..contact()
        };
        assert_eq!(contact.validate(), Ok(()), "{contact:?}");
    }
    let long = format!("https://{}", "a.".repeat(124) + "b");
    assert_eq!(long.len(), 257);
    let bad = [
        "".to_string(),
        "https://".into(),
        "http://a".into(),
        "HTTPS://a".into(),
        "https://a/".into(),
        "https://a/path".into(),
        "https://a?x".into(),
        "https://a#x".into(),
        "https://user@a".into(),
        "https://a:".into(),
        "https://a:0".into(),
        "https://a:65536".into(),
        "https://a:+1".into(),
        "https://a:1:2".into(),
        "https://a b".into(),
        "https://a..b".into(),
        "https://-a".into(),
        "https://a-".into(),
        "https://[::1".into(),
        "https://::1".into(),
        "https://[::g]".into(),
        "https://büro.example".into(),
        format!("https://{label}a.example"),
        long,
    ];
    for gateway in bad {
        let mut registry = registry();
        let anna = registry.anna();
        let contact = Contact {
            gateway,
            ..contact()
        };
        let msg = ExecuteMsg::Register {
            contact: contact.clone(),
            capability: capability(),
        };
        let refused = rule(registry.send(&anna, &msg, &[]));
        assert!(refused.starts_with("gateway is"), "{contact:?}: {refused}");
    }
}

#[test]
fn pins_and_recipients_have_their_form() {
    for length in [0, 31, 33] {
        let tls_pin = Binary::from(vec![1; length]);
        let refused = Contact {
            tls_pin,
            ..contact()
        }
        .validate()
        .unwrap_err();
        assert!(refused.to_string().starts_with("tls_pin is"));
    }
    let recipient = |text: String| {
        let age_recipient = text;
        Contact {
            age_recipient,
            ..contact()
        }
        .validate()
    };
    for length in [58, 124] {
        assert_eq!(recipient(format!("age1{}", "q".repeat(length))), Ok(()));
    }
    for text in [
        format!("age1{}", "q".repeat(57)),
        format!("age1{}", "q".repeat(125)),
        format!("AGE1{}", "Q".repeat(58)),
        format!("age2{}", "q".repeat(58)),
        format!("age1{}", "-".repeat(58)),
    ] {
        let refused = recipient(text).unwrap_err().to_string();
        assert!(refused.starts_with("age_recipient is"));
    }
}

#[test]
fn an_update_replaces_what_is_given_and_nothing_else() {
    let (mut registry, anna) = Registry::with_anna(1);
    let moved = Contact {
        gateway: "https://new.example.com".into(),
        ..contact()
    };
    let update = |contact, capability| ExecuteMsg::Update {
        contact,
        capability,
    };
    let response = registry.send(&anna, &update(Some(moved.clone()), None), &[]);
    assert!(event::<ProviderUpdated>(&response.unwrap()).is_some());
    assert_eq!(registry.provider(&anna).contact, moved);
    assert_eq!(registry.provider(&anna).capability, capability());

    let bare = Capability::default();
    registry
        .send(&anna, &update(None, Some(bare.clone())), &[])
        .unwrap();
    assert_eq!(registry.provider(&anna).contact, moved);
    assert_eq!(registry.provider(&anna).capability, bare);

    let refused = refusal(registry.send(&anna, &update(None, None), &[]));
    assert_eq!(refused, ContractError::NothingToUpdate);
    let wrong = Contact {
        gateway: "http://a".into(),
        ..contact()
    };
    assert!(rule(registry.send(&anna, &update(Some(wrong), None), &[])).contains("gateway"));
    let mut double = capability();
    double.attributes.extend(capability().attributes);
    assert!(rule(registry.send(&anna, &update(None, Some(double)), &[])).contains("each key once"));
}

#[test]
fn heartbeats_count_live_seconds_and_no_silence() {
    let (mut registry, anna) = Registry::with_anna(1);
    registry.pass(100);
    let response = registry
        .send(&anna, &ExecuteMsg::Heartbeat {}, &[])
        .unwrap();
    let beat: Heartbeat = event(&response).unwrap();
    assert_eq!(beat.live_until, START + 100 + GRACE);
    registry.pass(GRACE + 500);
    assert_eq!(registry.provider(&anna).alive_seconds, 100 + GRACE);
    registry
        .send(&anna, &ExecuteMsg::Heartbeat {}, &[])
        .unwrap();
    registry.pass(7);
    assert_eq!(registry.provider(&anna).alive_seconds, 100 + GRACE + 7);
    let raw = hot(&registry.app.wrap(), &registry.address, &anna).unwrap();
    assert_eq!(raw.live.height, registry.app.block_info().height - 1);
}

#[test]
fn a_new_grace_holds_from_the_next_heartbeat() {
    let (mut registry, anna) = Registry::with_anna(1);
    let governance = registry.suite.governance.clone();
    let params = Params {
        grace: 60,
        unbonding: 5,
        ..params()
    };
    let response = registry.send(&governance, &ExecuteMsg::UpdateParams { params }, &[]);
    let updated: ParamsUpdated = event(&response.unwrap()).unwrap();
    assert_eq!(updated.contract, registry.address);
    assert_eq!(registry.provider(&anna).live_until, START + GRACE);
    registry
        .send(&anna, &ExecuteMsg::Heartbeat {}, &[])
        .unwrap();
    assert_eq!(registry.provider(&anna).live_until, START + 60);
}

#[test]
fn parameters_stay_within_their_ranges() {
    let (mut registry, _) = Registry::with_anna(1);
    let governance = registry.suite.governance.clone();
    for (grace, unbonding, allowed) in [
        (1, 1, false),
        (2, 1, true),
        (86_400, 7_776_000, true),
        (86_401, 1, false),
        (2, 0, false),
        (2, 7_776_001, false),
    ] {
        let params = Params {
            grace,
            unbonding,
            ..params()
        };
        let update = ExecuteMsg::UpdateParams { params };
        let outcome = registry.send(&governance, &update, &[]);
        assert_eq!(outcome.is_ok(), allowed, "{update:?}");
        if let Err(error) = outcome {
            let refused: ContractError = error.downcast().unwrap();
            assert!(matches!(refused, ContractError::Rule(_)), "{refused}");
        }
    }
}

#[test]
fn the_other_parameters_have_bounds_too() {
    let (mut registry, _) = Registry::with_anna(1);
    let governance = registry.suite.governance.clone();
    type Change = fn(&mut Params);
    let changes: [Change; 6] = [
        |p| p.lapse_window = 0,
        |p| p.lapse_window = 86_401,
        |p| p.breaker_bps = 10_001,
        |p| p.maintenance_notice = 2_592_001,
        |p| p.maintenance_longest = 604_801,
        |p| p.maintenance_rest = 7_776_001,
    ];
    for change in changes {
        let mut params = params();
        change(&mut params);
        let msg = ExecuteMsg::UpdateParams { params };
        let text = rule(registry.send(&governance, &msg, &[]));
        assert!(text.contains("allowed"), "{text}");
    }
}

#[test]
fn draining_and_back() {
    let (mut registry, anna) = Registry::with_anna(1);
    let wrong = |provider, standing, allowed| ContractError::WrongStanding {
        provider,
        standing,
        allowed,
    };
    let refused = refusal(registry.send(&anna, &ExecuteMsg::Resume {}, &[]));
    assert_eq!(refused, wrong(anna.clone(), "active", "draining"));
    let response = registry.send(&anna, &ExecuteMsg::Drain {}, &[]).unwrap();
    assert!(event::<ProviderDraining>(&response).is_some());
    assert_eq!(registry.provider(&anna).standing, Standing::Draining);
    let refused = refusal(registry.send(&anna, &ExecuteMsg::Drain {}, &[]));
    assert_eq!(refused, wrong(anna.clone(), "draining", "active"));
    registry
        .send(&anna, &ExecuteMsg::Heartbeat {}, &[])
        .unwrap();
    assert_eq!(registry.provider(&anna).standing, Standing::Draining);
    let response = registry.send(&anna, &ExecuteMsg::Resume {}, &[]).unwrap();
    assert!(event::<ProviderResumed>(&response).is_some());
    assert_eq!(registry.provider(&anna).standing, Standing::Active);
}

#[test]
fn leaving_takes_draining_and_empty_books() {
    let (mut registry, anna) = Registry::with_anna(10);
    let leave = ExecuteMsg::Leave {};
    let refused = refusal(registry.send(&anna, &leave, &[]));
    assert!(matches!(refused, ContractError::WrongStanding { .. }));
    registry.send(&anna, &ExecuteMsg::Drain {}, &[]).unwrap();
    let refused = refusal(registry.send(&anna, &leave, &[]));
    assert_eq!(refused, ContractError::CollateralLeft { denoms: 1 });
    registry.unbond(&anna, asset(&uakt(), 10)).unwrap();
    let response = registry.send(&anna, &leave, &[]).unwrap();
    assert!(event::<ProviderLeft>(&response).is_some());
    assert!(hot(&registry.app.wrap(), &registry.address, &anna).is_err());
    let contact = CONTACT.query(&registry.app.wrap(), registry.address.clone(), &anna);
    assert_eq!(contact, Ok(None));

    // What it unbonded is still paid, and it may come back.
    registry.pass(DELAY);
    registry.claim(&anna).unwrap();
    assert_eq!(registry.purse(&anna, &uakt()), RICHES);
    registry.register(&anna, &[]).unwrap();
    assert_eq!(registry.provider(&anna).alive_seconds, 0);
}

/// Each lease locks at least one unit, and what is locked cannot be unbonded: so a provider with a lease cannot leave.
#[test]
fn a_provider_with_a_lease_cannot_leave() {
    let (mut registry, anna) = Registry::with_anna(10);
    registry.send(&anna, &ExecuteMsg::Drain {}, &[]).unwrap();
    let least = leasehold_rules::money::bond(cosmwasm_std::Uint128::new(1), 1).unwrap();
    assert_eq!(least.u128(), 1);
    registry.lock(&anna, &uakt(), least.u128());
    let refused = refusal(registry.unbond(&anna, asset(&uakt(), 10)));
    assert!(matches!(refused, ContractError::Locked { .. }));
    registry.unbond(&anna, asset(&uakt(), 9)).unwrap();
    let refused = refusal(registry.send(&anna, &ExecuteMsg::Leave {}, &[]));
    assert_eq!(refused, ContractError::CollateralLeft { denoms: 1 });
}

#[test]
fn a_heartbeat_writes_one_record() {
    let (mut registry, anna) = Registry::with_anna(1);
    registry.pass(1);
    let before = registry.app.dump_wasm_raw(&registry.address);
    registry
        .send(&anna, &ExecuteMsg::Heartbeat {}, &[])
        .unwrap();
    let after = registry.app.dump_wasm_raw(&registry.address);
    let changed = before.iter().zip(&after).filter(|(b, a)| b != a);
    assert_eq!((changed.count(), after.len()), (1, before.len()));
}
