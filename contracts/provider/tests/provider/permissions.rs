//! Who may send what, and with what funds.

use cosmwasm_std::{coin, to_json_binary, Binary, Uint128};
use cw20::Cw20ReceiveMsg;
use expect_test::expect_file;
use leasehold_api::provider::{Cw20HookMsg, ExecuteMsg, Key, Role};
use leasehold_provider::{permission, takes_funds, ContractError, Permission};

use crate::setup::*;
use crate::signing::attestation;

/// One of each variant, and an exhaustive match so that a new one cannot be forgotten.
fn every_message(registry: &Registry) -> Vec<(&'static str, ExecuteMsg)> {
    let messages = vec![
        ExecuteMsg::Register {
            contact: contact(),
            capability: capability(),
        },
        ExecuteMsg::Update {
            contact: Some(contact()),
            capability: None,
        },
        ExecuteMsg::Heartbeat {},
        ExecuteMsg::Bond {},
        ExecuteMsg::AllowToken {
            token: registry.token.to_string(),
        },
        ExecuteMsg::Receive(Cw20ReceiveMsg {
            sender: registry.anna().to_string(),
            amount: Uint128::new(1),
            msg: to_json_binary(&Cw20HookMsg::Bond {}).unwrap(),
        }),
        ExecuteMsg::Unbond {
            asset: asset(&uakt(), 1),
        },
        ExecuteMsg::Claim {},
        ExecuteMsg::Drain {},
        ExecuteMsg::Resume {},
        ExecuteMsg::Leave {},
        ExecuteMsg::Slash {
            provider: registry.anna().to_string(),
            denom: uakt(),
            amount: Uint128::new(1),
            bond: Uint128::new(1),
            at: START,
            recipients: vec![],
            reason: "down".into(),
        },
        ExecuteMsg::AnnounceMaintenance {
            from: START + 100,
            until: START + 101,
        },
        ExecuteMsg::CountLapses {
            providers: vec![registry.anna().to_string()],
        },
        ExecuteMsg::Compensate {
            provider: registry.anna().to_string(),
            denom: uakt(),
            amount: Uint128::new(1),
            to: registry.stranger.to_string(),
        },
        ExecuteMsg::PayInsurance {
            to: registry.anna().to_string(),
            asset: asset(&uakt(), 1),
        },
        ExecuteMsg::UpdateParams { params: params() },
    ];
    let messages = messages.into_iter().chain(about_trust(registry));
    messages.map(|msg| (name(&msg), msg)).collect()
}

fn about_trust(registry: &Registry) -> Vec<ExecuteMsg> {
    let (anna, stranger) = (registry.anna().to_string(), registry.stranger.to_string());
    let role = Role::Auditor;
    let nothing = Binary::default;
    vec![
        ExecuteMsg::Enrol {
            role,
            key: Key::Ed25519(Binary::from([1; 32])),
        },
        ExecuteMsg::AddToBond { role },
        ExecuteMsg::Retire { role },
        ExecuteMsg::WithdrawBond { role },
        ExecuteMsg::ClaimFees {},
        ExecuteMsg::Judge {
            role,
            member: anna.clone(),
            slash: Uint128::one(),
            jailed: true,
        },
        ExecuteMsg::Attest {
            auditor: stranger.clone(),
            attestation: attestation(&anna),
            signature: nothing(),
        },
        ExecuteMsg::RevokeAttestation {
            provider: anna.clone(),
        },
        ExecuteMsg::ChallengeAttestation {
            provider: anna.clone(),
            auditor: stranger.clone(),
            evidence_hash: Binary::from([1; 32]),
        },
        ExecuteMsg::UpholdChallenge {
            provider: anna,
            auditor: stranger.clone(),
            slash: Uint128::one(),
        },
        ExecuteMsg::WatchLease { lease_id: 1 },
        ExecuteMsg::UnwatchLease { lease_id: 1 },
        ExecuteMsg::SubmitVerdict {
            lease_id: 1,
            round: 1,
            down: true,
            signatures: vec![],
        },
        ExecuteMsg::AccuseWatcher {
            watcher: stranger,
            lease_id: 1,
            round: 1,
            down: nothing(),
            up: nothing(),
        },
    ]
}

fn name(msg: &ExecuteMsg) -> &'static str {
    match msg {
        ExecuteMsg::Register { .. } => "register",
        ExecuteMsg::Update { .. } => "update",
        ExecuteMsg::Heartbeat {} => "heartbeat",
        ExecuteMsg::Bond {} => "bond",
        ExecuteMsg::AllowToken { .. } => "allow_token",
        ExecuteMsg::Receive(_) => "receive",
        ExecuteMsg::Unbond { .. } => "unbond",
        ExecuteMsg::Claim {} => "claim",
        ExecuteMsg::Drain {} => "drain",
        ExecuteMsg::Resume {} => "resume",
        ExecuteMsg::Leave {} => "leave",
        ExecuteMsg::Slash { .. } => "slash",
        ExecuteMsg::AnnounceMaintenance { .. } => "announce_maintenance",
        ExecuteMsg::CountLapses { .. } => "count_lapses",
        ExecuteMsg::Compensate { .. } => "compensate",
        ExecuteMsg::PayInsurance { .. } => "pay_insurance",
        ExecuteMsg::UpdateParams { .. } => "update_params",
        ExecuteMsg::Enrol { .. } => "enrol",
        ExecuteMsg::AddToBond { .. } => "add_to_bond",
        ExecuteMsg::Retire { .. } => "retire",
        ExecuteMsg::WithdrawBond { .. } => "withdraw_bond",
        ExecuteMsg::ClaimFees {} => "claim_fees",
        ExecuteMsg::Judge { .. } => "judge",
        ExecuteMsg::Attest { .. } => "attest",
        ExecuteMsg::RevokeAttestation { .. } => "revoke_attestation",
        ExecuteMsg::ChallengeAttestation { .. } => "challenge_attestation",
        ExecuteMsg::UpholdChallenge { .. } => "uphold_challenge",
        ExecuteMsg::WatchLease { .. } => "watch_lease",
        ExecuteMsg::UnwatchLease { .. } => "unwatch_lease",
        ExecuteMsg::SubmitVerdict { .. } => "submit_verdict",
        ExecuteMsg::AccuseWatcher { .. } => "accuse_watcher",
    }
}

#[test]
fn permissions_are_frozen() {
    let table: String = every_message(&registry())
        .iter()
        .map(|(name, msg)| {
            let funds = if takes_funds(msg) {
                "funds"
            } else {
                "no funds"
            };
            format!("{name}: {:?}, {funds}\n", permission(msg))
        })
        .collect();
    expect_file!["../permissions.txt"].assert_eq(&table);
}

#[test]
fn a_stranger_gets_nowhere() {
    let (mut registry, _) = Registry::with_anna(100);
    let stranger = registry.stranger.clone();
    let before = registry.app.dump_wasm_raw(&registry.address);
    for (name, msg) in every_message(&registry) {
        if matches!(msg, ExecuteMsg::Register { .. } | ExecuteMsg::Enrol { .. }) {
            // Open to all; it would make a provider or an auditor of the stranger.
            continue;
        }
        let funds = match takes_funds(&msg) {
            true => vec![coin(1, "uakt")],
            false => vec![],
        };
        let refused = refusal(registry.send(&stranger, &msg, &funds));
        let as_declared = match permission(&msg) {
            Permission::Anyone => matches!(
                refused,
                ContractError::NothingToClaim { .. }
                    | ContractError::NothingLapsed
                    | ContractError::NotWatched { .. }
                    | ContractError::Unauthorized { .. }
            ),
            Permission::Tenant => matches!(refused, ContractError::NotActive { .. }),
            Permission::Payer => matches!(refused, ContractError::NotWatched { .. }),
            _ => matches!(refused, ContractError::Unauthorized { .. }),
        };
        assert!(as_declared, "{name}: {refused}");
    }
    assert_eq!(registry.app.dump_wasm_raw(&registry.address), before);
}

#[test]
fn the_provider_is_neither_market_nor_governance() {
    let (mut registry, anna) = Registry::with_anna(100);
    let peers = [
        anna,
        registry.suite.deployment.clone(),
        registry.suite.escrow.clone(),
        registry.suite.provider.clone(),
    ];
    for (name, msg) in every_message(&registry) {
        let others = match permission(&msg) {
            Permission::Market => [&peers[..], &[registry.suite.governance.clone()]].concat(),
            Permission::Governance => [&peers[..], &[registry.suite.market.clone()]].concat(),
            _ => continue,
        };
        for other in others {
            let refused = refusal(registry.send(&other, &msg, &[]));
            let unauthorized = matches!(refused, ContractError::Unauthorized { .. });
            assert!(unauthorized, "{name} from {other}: {refused}");
        }
    }
}

#[test]
fn funds_are_refused_where_none_are_taken() {
    let (mut registry, anna) = Registry::with_anna(100);
    for (name, msg) in every_message(&registry) {
        if takes_funds(&msg) {
            continue;
        }
        let refused = refusal(registry.send(&anna, &msg, &[coin(1, "uakt")]));
        let denom = "uakt".into();
        assert_eq!(refused, ContractError::FundsNotAllowed { denom }, "{name}");
    }
}
