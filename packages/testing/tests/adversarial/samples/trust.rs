//! Of auditors and watchers.

use cosmwasm_std::Uint128;
use leasehold_api::provider::{ExecuteMsg as ProviderMsg, Role, Vote as Finding, ATTESTATION};
use leasehold_testing::world::STAKE;

use super::Samples;
use crate::stage::Stage;

pub fn auditing(stage: &Stage, samples: &mut Samples) {
    let (world, suite) = (&stage.world, &stage.world.suite);
    let ([one, two, _], [first, second, third]) = (&stage.providers, &stage.auditors);
    let rules = world.trust().expect("parameters");
    let role = Role::Auditor;
    let enrol = ProviderMsg::Enrol {
        role,
        key: second.key().expect("a key"),
    };
    samples.paid(&stage.tenant, enrol, (rules.auditor_bond.u128(), STAKE));
    let add = ProviderMsg::AddToBond { role };
    samples.paid(&first.address, add, (1_000, STAKE));
    samples.add(&first.address, ProviderMsg::Retire { role });
    samples.add(&third.address, ProviderMsg::WithdrawBond { role });
    let judge = ProviderMsg::Judge {
        role,
        member: first.address.to_string(),
        slash: Uint128::new(10),
        jailed: true,
    };
    samples.trusted(&suite.governance, judge);
    let attestation = world.attestation(one, 3).expect("parameters");
    let attest = ProviderMsg::Attest {
        auditor: first.address.to_string(),
        signature: first
            .sign(world, ATTESTATION, &attestation)
            .expect("a signature"),
        attestation,
    };
    samples.add(&stage.mallory, attest);
    let provider = one.to_string();
    samples.add(&first.address, ProviderMsg::RevokeAttestation { provider });
    let auditor = first.address.to_string();
    let challenge = ProviderMsg::ChallengeAttestation {
        provider: one.to_string(),
        auditor: auditor.clone(),
        evidence_hash: vec![6; 32].into(),
    };
    let deposit = (rules.challenge_deposit.u128(), STAKE);
    samples.paid(&second.address, challenge, deposit);
    let uphold = ProviderMsg::UpholdChallenge {
        provider: two.to_string(),
        auditor,
        slash: Uint128::new(10),
    };
    samples.trusted(&suite.governance, uphold);
}

pub fn watching(stage: &Stage, samples: &mut Samples) {
    let world = &stage.world;
    let lease_id = world.lease_of(stage.leased * 8).expect("leased");
    let watch = ProviderMsg::WatchLease { lease_id };
    samples.paid(&stage.tenant, watch, (1_000, STAKE));
    samples.add(&stage.tenant, ProviderMsg::UnwatchLease { lease_id });
    let round = world.watch_round().expect("parameters");
    let finding = |down| Finding {
        lease_id,
        round,
        down,
    };
    let signers: Vec<_> = stage.watchers.iter().collect();
    let verdict = world.verdict(finding(true), &signers).expect("signatures");
    samples.add(&stage.mallory, verdict);
    let watcher = &stage.watchers[0];
    let sign = |down| {
        let signed = world.vote(watcher, &finding(down)).expect("a signature");
        signed.signature
    };
    let accuse = ProviderMsg::AccuseWatcher {
        watcher: watcher.address.to_string(),
        lease_id,
        round,
        down: sign(true),
        up: sign(false),
    };
    samples.add(&stage.mallory, accuse);
    samples.add(&watcher.address, ProviderMsg::ClaimFees {});
}
