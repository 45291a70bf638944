//! Auditors and what they vouch for.

mod challenges;

use cosmwasm_std::{coin, Addr, Binary, Uint128};
use leasehold_api::provider::{
    Attestation, DeviceResponse, ExecuteMsg, QueryMsg, Role, ATTESTATION, MAX_AUDITS, VERDICT,
};
use leasehold_api::{Attribute, Capability, GpuInventory, Level};
use leasehold_provider::ContractError;

use crate::setup::*;
use crate::signing::*;

fn h100s(count: u32) -> Capability {
    Capability {
        gpus: vec![GpuInventory {
            vendor: "nvidia".into(),
            model: "h100".into(),
            vram_mib: 81_559,
            interface: "sxm".into(),
            count,
        }],
        ..capability()
    }
}

/// Anna declares four cards, Rosa audits.
fn scene() -> (Registry, Addr, Signatory) {
    let (mut registry, anna) = Registry::with_anna(100);
    declare(&mut registry, &anna, h100s(4));
    let rosa = registry.auditor("rosa", 1);
    (registry, anna, rosa)
}

fn declare(registry: &mut Registry, who: &Addr, capability: Capability) {
    let update = ExecuteMsg::Update {
        contact: None,
        capability: Some(capability),
    };
    registry.send(who, &update, &[]).unwrap();
}

fn later(seconds: u64, provider: &Addr) -> Attestation {
    Attestation {
        measured_at: START + seconds,
        expires_at: START + seconds + 5_000,
        ..attestation(provider.as_str())
    }
}

fn revoke(registry: &mut Registry, by: &Signatory, provider: &Addr) -> Outcome {
    let provider = provider.to_string();
    registry.send(
        &by.address,
        &ExecuteMsg::RevokeAttestation { provider },
        &[],
    )
}

#[test]
fn anybody_submits_what_either_kind_of_key_signed() {
    let (mut registry, anna, rosa) = scene();
    let ed = registry.enrol("ed", Role::Auditor, Signs::ed25519(2), 1_000);
    let stranger = registry.stranger.clone();
    for (auditor, sender) in [(&rosa, &anna), (&ed, &stranger)] {
        done(registry.attest(sender, auditor, attestation(anna.as_str())));
    }
    let audits = registry.provider(&anna).audits;
    assert_eq!(audits.len(), 2);
    for audit in audits {
        // As found, and no more than was declared.
        assert_eq!((audit.gpus[0].count, audit.level), (2, Level::Benchmarked));
        assert_eq!(audit.attributes, capability().attributes);
    }
}

#[test]
fn a_signature_binds_every_field_the_chain_the_registry_and_the_purpose() {
    let (mut registry, anna, rosa) = scene();
    let other = registry.auditor("other", 3);
    let signed = attestation(anna.as_str());
    let chain = registry.app.block_info().chain_id;
    let elsewhere = registry.suite.market.clone();
    let here = registry.address.clone();
    let altered = Attestation {
        level: Level::Attested,
        ..signed.clone()
    };
    let forged = [
        rosa.signs
            .sign_for("other-chain", &here, ATTESTATION, &signed),
        rosa.signs
            .sign_for(&chain, &elsewhere, ATTESTATION, &signed),
        rosa.signs.sign_for(&chain, &here, VERDICT, &signed),
        rosa.signs.sign_for(&chain, &here, ATTESTATION, &altered),
        other.signs.sign_for(&chain, &here, ATTESTATION, &signed),
        Binary::default(),
        Binary::from([0; 64]),
    ];
    for signature in forged {
        let attest = ExecuteMsg::Attest {
            auditor: rosa.address.to_string(),
            attestation: signed.clone(),
            signature,
        };
        let refused = refusal(registry.send(&anna, &attest, &[]));
        assert!(
            matches!(refused, ContractError::WrongSignature { .. }),
            "{refused}"
        );
    }
    done(registry.attest(&anna, &rosa, signed));
}

#[test]
fn a_vouch_covers_what_is_declared_and_found() {
    let (mut registry, anna, rosa) = scene();
    done(registry.attest(&anna, &rosa, attestation(anna.as_str())));
    let counts = |registry: &Registry| registry.vouches(&anna)[0].gpus.clone();
    assert_eq!(counts(&registry), [2]);
    // Less is declared than was found, then something else, then more memory than there is.
    declare(&mut registry, &anna, h100s(1));
    assert_eq!(counts(&registry), [1]);
    let mut other = h100s(4);
    other.gpus[0].model = "a100".into();
    other.attributes[0].value = "mars".into();
    declare(&mut registry, &anna, other);
    assert_eq!(counts(&registry), [0]);
    assert_eq!(registry.provider(&anna).audits[0].attributes, []);
    let mut boast = h100s(4);
    boast.gpus[0].vram_mib += 1;
    boast.attributes.insert(
        0,
        Attribute {
            key: "new".into(),
            value: "one".into(),
        },
    );
    declare(&mut registry, &anna, boast);
    assert_eq!(counts(&registry), [0]);
    assert_eq!(registry.vouches(&anna)[0].attributes, 0b10);
    declare(&mut registry, &anna, h100s(4));
    assert_eq!(counts(&registry), [2]);
}

#[test]
fn times_are_bounded_and_go_forward() {
    let (mut registry, anna, rosa) = scene();
    registry.pass(100);
    let with = |measured_at, expires_at| Attestation {
        measured_at,
        expires_at,
        ..attestation(anna.as_str())
    };
    for (measured, expires) in [
        (START + 101, START + 200),
        (START, START + 100),
        (START, START + 10_001),
    ] {
        let refused = rule(registry.attest(&anna, &rosa, with(measured, expires)));
        assert!(refused.contains("_at is"), "{refused}");
    }
    done(registry.attest(&anna, &rosa, with(START + 50, START + 10_050)));
    // What was signed earlier cannot come back, the same least of all.
    for measured in [START + 50, START + 49] {
        let refused = rule(registry.attest(&anna, &rosa, with(measured, START + 5_000)));
        assert!(refused.contains("measured_at"), "{refused}");
    }
    done(registry.attest(&anna, &rosa, with(START + 51, START + 200)));
    assert_eq!(registry.vouches(&anna)[0].expires_at, START + 200);
    registry.pass(99);
    assert_eq!(registry.auditors_of(&anna).len(), 1);
    registry.pass(1);
    assert_eq!(registry.auditors_of(&anna).len(), 0);
}

#[test]
fn a_revocation_counts_at_once_and_for_good() {
    let (mut registry, anna, rosa) = scene();
    let signed = attestation(anna.as_str());
    done(registry.attest(&anna, &rosa, signed.clone()));
    registry.pass(10);
    done(revoke(&mut registry, &rosa, &anna));
    assert_eq!(registry.vouches(&anna), []);
    let kept = registry.attestations(&anna);
    assert_eq!((kept.len(), kept[0].live), (1, false));
    rule(registry.attest(&anna, &rosa, later(10, &anna)));
    registry.pass(10);
    done(registry.attest(&anna, &rosa, later(11, &anna)));
    // One that the registry has not seen yet is refused, too.
    let bert = registry.providers[1].clone();
    registry.register(&bert, &[]).unwrap();
    done(revoke(&mut registry, &rosa, &bert));
    let unseen = Attestation {
        provider: bert.to_string(),
        gpus: vec![],
        ..signed
    };
    rule(registry.attest(&bert, &rosa, unseen));
}

#[test]
fn a_card_has_one_provider() {
    let (mut registry, anna, rosa) = scene();
    let other = registry.auditor("other", 3);
    let bert = registry.providers[1].clone();
    registry.register(&bert, &[]).unwrap();
    declare(&mut registry, &bert, h100s(4));
    done(registry.attest(&anna, &rosa, attestation(anna.as_str())));
    done(registry.attest(&anna, &other, attestation(anna.as_str())));
    let twice = refusal(registry.attest(&bert, &rosa, attestation(bert.as_str())));
    assert!(
        matches!(twice, ContractError::DeviceTaken { .. }),
        "{twice}"
    );
    let mut doubled = attestation(bert.as_str());
    doubled.gpus[0].devices = vec![card(7), card(7)];
    assert!(rule(registry.attest(&bert, &rosa, doubled)).contains("each card once"));
    // Free once nobody in good standing finds it there any more.
    done(revoke(&mut registry, &rosa, &anna));
    refusal(registry.attest(&bert, &rosa, attestation(bert.as_str())));
    done(registry.judge(Role::Auditor, &other.address, 0, true));
    done(registry.attest(&bert, &rosa, attestation(bert.as_str())));
    let commitment = card(1);
    let found: DeviceResponse = registry.ask(&QueryMsg::Device { commitment }).unwrap();
    assert_eq!(found.device.unwrap().provider, bert);
    registry.pass(5_000);
    let moved = later(4_999, &anna);
    done(registry.attest(&anna, &rosa, moved));
}

#[test]
fn a_new_attestation_lets_go_of_cards_that_are_gone() {
    let (mut registry, anna, rosa) = scene();
    done(registry.attest(&anna, &rosa, attestation(anna.as_str())));
    registry.pass(10);
    let mut fewer = later(10, &anna);
    fewer.gpus[0].devices = vec![card(2)];
    done(registry.attest(&anna, &rosa, fewer));
    let device = |n| {
        let commitment = card(n);
        let found: DeviceResponse = registry.ask(&QueryMsg::Device { commitment }).unwrap();
        found.device.is_some()
    };
    assert_eq!((device(1), device(2)), (false, true));
}

#[test]
fn the_provider_alone_replaces_one_of_eight() {
    let (mut registry, anna, _) = scene();
    let auditors: Vec<Signatory> = (0..=8)
        .map(|n| registry.auditor(&format!("auditor{n}"), 10 + n))
        .collect();
    let nth = |n: usize| Attestation {
        expires_at: START + 1_000 + u64::try_from(n).unwrap(),
        ..attestation(anna.as_str())
    };
    for (n, auditor) in auditors.iter().take(MAX_AUDITS).enumerate() {
        done(registry.attest(&anna, auditor, nth(n)));
    }
    let stranger = registry.stranger.clone();
    let full = refusal(registry.attest(&stranger, &auditors[8], nth(8)));
    assert_eq!(full, ContractError::TooManyAudits { max: MAX_AUDITS });
    done(registry.attest(&anna, &auditors[8], nth(8)));
    let kept = registry.auditors_of(&anna);
    assert_eq!(kept.len(), MAX_AUDITS);
    assert!(!kept.contains(&auditors[0].address.to_string()));
    // Expired ones make room for anybody.
    registry.pass(1_002);
    done(registry.attest(&stranger, &auditors[0], later(1_000, &anna)));
    // An auditor of whom nothing is kept in the list may still revoke.
    done(revoke(&mut registry, &auditors[1], &anna));
}

#[test]
fn the_word_of_a_jailed_or_retired_auditor_counts_for_nothing() {
    let (mut registry, anna, rosa) = scene();
    done(registry.attest(&anna, &rosa, attestation(anna.as_str())));
    done(registry.judge(Role::Auditor, &rosa.address, 400, true));
    assert_eq!(registry.auditors_of(&anna).len(), 0);
    assert_eq!(insured(&registry), 400);
    let refused = refusal(registry.attest(&anna, &rosa, attestation(anna.as_str())));
    assert!(matches!(refused, ContractError::NotInGoodStanding { .. }));
    // Not with what the slash left.
    assert!(rule(registry.judge(Role::Auditor, &rosa.address, 0, false)).contains("at least 1000"));
    let role = Role::Auditor;
    let add = ExecuteMsg::AddToBond { role };
    done(registry.send(&rosa.address, &add, &[coin(400, "uakt")]));
    done(registry.judge(Role::Auditor, &rosa.address, 0, false));
    assert_eq!(registry.auditors_of(&anna).len(), 1);
    done(registry.send(&rosa.address, &ExecuteMsg::Retire { role }, &[]));
    assert_eq!(registry.auditors_of(&anna).len(), 0);
    refusal(registry.send(&rosa.address, &ExecuteMsg::Retire { role }, &[]));
    // Its bond is in reach until the end.
    let withdraw = ExecuteMsg::WithdrawBond { role };
    refusal(registry.send(&rosa.address, &withdraw, &[]));
    done(registry.judge(Role::Auditor, &rosa.address, 100, true));
    registry.pass(DELAY);
    let before = registry.purse(&rosa.address, &uakt());
    done(registry.send(&rosa.address, &withdraw, &[]));
    assert_eq!(registry.purse(&rosa.address, &uakt()), before + 900);
    assert_eq!(registry.auditors_of(&anna).len(), 0);
    assert_eq!(
        registry.purse(&registry.address.clone(), &uakt()),
        100 + insured(&registry)
    );
}

#[test]
fn one_that_leaves_and_comes_back_starts_without_a_vouch() {
    let (mut registry, anna, rosa) = scene();
    done(registry.attest(&anna, &rosa, attestation(anna.as_str())));
    done(registry.unbond(&anna, asset(&uakt(), 100)));
    done(registry.send(&anna, &ExecuteMsg::Drain {}, &[]));
    done(registry.send(&anna, &ExecuteMsg::Leave {}, &[]));
    let refused = refusal(registry.attest(&anna, &rosa, later(0, &anna)));
    assert!(!matches!(refused, ContractError::WrongSignature { .. }));
    done(registry.register(&anna, &[]));
    assert_eq!(registry.vouches(&anna), []);
    registry.pass(1);
    done(registry.attest(&anna, &rosa, later(1, &anna)));
    assert_eq!(registry.vouches(&anna).len(), 1);
}

#[test]
fn an_attestation_is_bounded() {
    let (mut registry, anna, rosa) = scene();
    let base = || attestation(anna.as_str());
    let mut many = base();
    many.gpus[0].devices = (0..65).map(card).collect();
    let mut unmeasured = base();
    unmeasured.gpus[0].measured = None;
    let mut short = base();
    short.gpus[0].devices[0] = Binary::from([1; 31]);
    let mut none = base();
    none.gpus[0].devices = vec![];
    let unproven = Attestation {
        evidence_hash: Binary::default(),
        ..base()
    };
    let mut wordy = base();
    wordy.gpus[0].driver = "x".repeat(33);
    for (refused, what) in [
        (many, "devices is 65"),
        (unmeasured, "gpus.measured"),
        (short, "bytes of a device"),
        (none, "gpu count"),
        (unproven, "evidence_hash"),
        (wordy, "driver"),
    ] {
        let text = rule(registry.attest(&anna, &rosa, refused));
        assert!(text.contains(what), "{text}");
    }
    let mut largest = base();
    largest.gpus[0].devices = (0..64).map(card).collect();
    done(registry.attest(&anna, &rosa, largest));
}
