//! Doubts about what an auditor said.

use super::*;

fn challenge(
    registry: &mut Registry,
    by: &Signatory,
    provider: &Addr,
    auditor: &Addr,
    deposit: u128,
) -> Outcome {
    let challenge = ExecuteMsg::ChallengeAttestation {
        provider: provider.to_string(),
        auditor: auditor.to_string(),
        evidence_hash: Binary::from([5; 32]),
    };
    registry.send(&by.address, &challenge, &[coin(deposit, "uakt")])
}

#[test]
fn a_challenge_suspends_and_governance_decides() {
    let (mut registry, anna, rosa) = scene();
    let doubter = registry.auditor("doubter", 4);
    done(registry.attest(&anna, &rosa, attestation(anna.as_str())));
    let own = refusal(challenge(&mut registry, &rosa, &anna, &rosa.address, 200));
    assert!(matches!(own, ContractError::NotInGoodStanding { .. }));
    assert!(rule(challenge(
        &mut registry,
        &doubter,
        &anna,
        &rosa.address,
        199
    ))
    .contains("deposit"));
    done(challenge(
        &mut registry,
        &doubter,
        &anna,
        &rosa.address,
        200,
    ));
    assert_eq!(registry.auditors_of(&anna).len(), 0);
    let again = refusal(challenge(
        &mut registry,
        &doubter,
        &anna,
        &rosa.address,
        200,
    ));
    assert_eq!(again, ContractError::NothingToChallenge);
    // Saying it again does not shake it off.
    registry.pass(10);
    done(registry.attest(&anna, &rosa, later(10, &anna)));
    declare(&mut registry, &anna, h100s(4));
    assert_eq!(registry.auditors_of(&anna).len(), 0);

    let governance = registry.suite.governance.clone();
    let uphold = ExecuteMsg::UpholdChallenge {
        provider: anna.to_string(),
        auditor: rosa.address.to_string(),
        slash: Uint128::new(1_000),
    };
    let before = registry.purse(&doubter.address, &uakt());
    done(registry.send(&governance, &uphold, &[]));
    assert_eq!(registry.purse(&doubter.address, &uakt()), before + 200);
    assert_eq!(insured(&registry), 1_000);
    assert!(registry.member(Role::Auditor, &rosa.address).jailed);
    assert_eq!(registry.vouches(&anna), []);
    let once = refusal(registry.send(&governance, &uphold, &[]));
    assert_eq!(once, ContractError::NothingToChallenge);
}

#[test]
fn a_challenge_that_nobody_upholds_lapses_and_costs_its_deposit() {
    let (mut registry, anna, rosa) = scene();
    let doubter = registry.auditor("doubter", 4);
    done(registry.attest(&anna, &rosa, attestation(anna.as_str())));
    done(challenge(
        &mut registry,
        &doubter,
        &anna,
        &rosa.address,
        200,
    ));
    registry.pass(299);
    assert_eq!(registry.auditors_of(&anna).len(), 0);
    registry.pass(1);
    assert_eq!(registry.auditors_of(&anna).len(), 1);
    assert_eq!(insured(&registry), 200);
}
