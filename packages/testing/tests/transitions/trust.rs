//! Auditors, and what they say of the first provider.

use anyhow::Result;
use cosmwasm_std::{coin, Addr, Binary, Uint128};
use leasehold_api::provider::{
    AttestationsResponse, ExecuteMsg as ProviderMsg, MemberResponse, QueryMsg, Role, ATTESTATION,
};
use leasehold_testing::verbs::trust::Signatory;
use leasehold_testing::world::STAKE;

use crate::provider::PAGE;
use crate::stage::{done, Stage};
use crate::Machine;

const ROLE: Role = Role::Auditor;
/// Of the development chain.
const BOND: u128 = 10_000_000;
const UNBONDING: u64 = 30;
const CHALLENGE_PERIOD: u64 = 60;

/// The tenant is the auditor that the tables are about, the heir another one.
fn auditor(stage: &Stage) -> Signatory {
    Signatory::new(stage.tenant.clone(), 1)
}

fn other(stage: &Stage) -> Signatory {
    Signatory::new(stage.heir.clone(), 2)
}

#[test]
fn member() {
    Machine {
        page: PAGE,
        heading: "Member",
        stage: with_member,
        state: |stage| {
            let query = QueryMsg::Member {
                role: ROLE,
                address: stage.tenant.to_string(),
            };
            let found = stage.world.query(&stage.world.suite.provider, &query);
            match found.map(|m: MemberResponse| (m.leaves_at, m.jailed)) {
                Err(_) => "stranger".into(),
                Ok((Some(_), _)) => "retired".into(),
                Ok((None, true)) => "jailed".into(),
                Ok((None, false)) => "active".into(),
            }
        },
        send: send_as_member,
    }
    .run();
}

fn with_member(state: &str, _: &str, when: &str) -> Option<Stage> {
    let mut stage = Stage::new();
    let member = auditor(&stage);
    if state != "stranger" {
        stage.world.enrol(&member, ROLE).unwrap();
    }
    match state {
        "stranger" | "active" => {}
        "jailed" => {
            let slash = u128::from(when == "reinstates one with too little left");
            let jailed = stage.world.judge(ROLE, &member.address, slash, true);
            jailed.unwrap();
        }
        "retired" => {
            let retire = ProviderMsg::Retire { role: ROLE };
            stage.world.provider_call(&member.address, &retire).unwrap();
        }
        _ => return None,
    }
    if when == "its time has come" {
        stage.world.pass(UNBONDING);
    }
    Some(stage)
}

fn send_as_member(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let member = auditor(stage);
    let world = &mut stage.world;
    let registry = world.suite.provider.clone();
    let paid = |amount| [coin(amount, STAKE)];
    match message {
        "enrol" => {
            let bond = BOND - u128::from(when == "too little");
            let key = member.key().unwrap();
            let enrol = ProviderMsg::Enrol { role: ROLE, key };
            done(world.execute(&member.address, &registry, &enrol, &paid(bond)))
        }
        "add_to_bond" => {
            let add = ProviderMsg::AddToBond { role: ROLE };
            done(world.execute(&member.address, &registry, &add, &paid(1)))
        }
        "retire" => done(world.provider_call(&member.address, &ProviderMsg::Retire { role: ROLE })),
        "withdraw_bond" => {
            let withdraw = ProviderMsg::WithdrawBond { role: ROLE };
            done(world.provider_call(&member.address, &withdraw))
        }
        "judge" => {
            let (slash, jailed) = match when {
                "jails" => (10, true),
                "slashes" => (10, false),
                _ => (0, false),
            };
            // One that retires has its bond slashed; whether it is reinstated matters to nobody.
            let jailed = jailed || when == "slashes";
            done(world.judge(ROLE, &member.address, slash, jailed))
        }
        _ => None,
    }
}

#[test]
fn attestation() {
    Machine {
        page: PAGE,
        heading: "Attestation",
        stage: attested,
        state: |stage| {
            let query = QueryMsg::Attestations {
                provider: stage.providers[0].to_string(),
                start_after: None,
                limit: None,
            };
            let registry = &stage.world.suite.provider;
            let found: AttestationsResponse = stage.world.query(registry, &query).unwrap();
            let of_tenant =
                |a: &&leasehold_api::provider::AttestationResponse| a.auditor == stage.tenant;
            let Some(record) = found.attestations.iter().find(of_tenant) else {
                return "none".into();
            };
            let now = stage.world.now();
            match (&record.attestation, &record.challenge) {
                (None, _) => "revoked".into(),
                (Some(attestation), _) if attestation.expires_at <= now => "none".into(),
                (_, Some(challenge)) if now < challenge.suspended_until => "challenged".into(),
                _ if record.live => "live".into(),
                _ => "void".into(),
            }
        },
        send: send_on_attestation,
    }
    .run();
}

fn attested(state: &str, message: &str, when: &str) -> Option<Stage> {
    let mut stage = Stage::new();
    let (auditor, other) = (auditor(&stage), other(&stage));
    for one in [&auditor, &other] {
        stage.world.enrol(one, ROLE).unwrap();
    }
    let [first, second, _] = stage.providers.clone();
    let mut attestation = stage.world.attestation(&first, 2).unwrap();
    if (message, when) == ("time", "it expires") {
        attestation.expires_at = stage.world.now() + CHALLENGE_PERIOD;
    }
    let attest = |stage: &mut Stage| {
        let attestation = attestation.clone();
        stage.world.attest(&auditor, attestation).unwrap();
    };
    match state {
        "none" => {}
        "live" => attest(&mut stage),
        "revoked" => {
            attest(&mut stage);
            revoke(&mut stage, &auditor.address, &first).unwrap();
        }
        "challenged" => {
            attest(&mut stage);
            challenge(&mut stage, &other.address).unwrap();
        }
        _ => return None,
    }
    if when == "with another's card" {
        let cards = stage.world.attestation(&second, 4).unwrap();
        stage.world.attest(&other, cards).unwrap();
    }
    stage.world.pass(1);
    Some(stage)
}

fn revoke(stage: &mut Stage, by: &Addr, provider: &Addr) -> Result<()> {
    let provider = provider.to_string();
    let revoke = ProviderMsg::RevokeAttestation { provider };
    stage.world.provider_call(by, &revoke).map(|_| ())
}

fn challenge(stage: &mut Stage, by: &Addr) -> Result<()> {
    let registry = stage.world.suite.provider.clone();
    let challenge = ProviderMsg::ChallengeAttestation {
        provider: stage.providers[0].to_string(),
        auditor: stage.tenant.to_string(),
        evidence_hash: Binary::from([4; 32]),
    };
    let deposit = [coin(stage.world.trust()?.challenge_deposit.u128(), STAKE)];
    let sent = stage.world.execute(by, &registry, &challenge, &deposit);
    sent.map(|_| ())
}

fn send_on_attestation(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let (auditor, other) = (auditor(stage), other(stage));
    let [first, second, _] = stage.providers.clone();
    match message {
        "attest" => {
            let mut attestation = stage.world.attestation(&first, 2).unwrap();
            match when {
                "measured before" => attestation.measured_at -= 1,
                "with another's card" => {
                    let cards = stage.world.attestation(&second, 1).unwrap();
                    attestation.gpus = cards.gpus;
                }
                _ => {}
            }
            let signer = if when == "signed by another" {
                &other
            } else {
                &auditor
            };
            let attest = ProviderMsg::Attest {
                auditor: auditor.address.to_string(),
                signature: signer
                    .sign(&stage.world, ATTESTATION, &attestation)
                    .unwrap(),
                attestation,
            };
            done(stage.world.provider_call(&first, &attest))
        }
        "revoke_attestation" => Some(revoke(stage, &auditor.address, &first)),
        "challenge_attestation" => {
            let own = when == "by its own auditor";
            let by = if own { &auditor } else { &other };
            Some(challenge(stage, &by.address))
        }
        "uphold_challenge" => {
            let governance = stage.world.suite.governance.clone();
            let uphold = ProviderMsg::UpholdChallenge {
                provider: first.to_string(),
                auditor: auditor.address.to_string(),
                slash: Uint128::new(10),
            };
            done(stage.world.provider_call(&governance, &uphold))
        }
        "time" => {
            stage.world.pass(CHALLENGE_PERIOD);
            Some(Ok(()))
        }
        _ => None,
    }
}
