//! What auditors, watchers and who pays them do besides: they join, dispute, are paid and leave.

use anyhow::{Context as _, Result};
use cosmwasm_std::{coin, Uint128};
use leasehold_api::governance;
use leasehold_api::provider::{round_at, ExecuteMsg, Role, Vote, VERDICT};
use leasehold_test_story::{genesis, wasm, Council, Receipts, STAKE};

use super::{signed, Town};
use crate::chain::Receipt;

/// Of those who enrolled none has this one's key.
const NEWCOMER: u8 = 100;
/// By the design's parameters: what a challenge costs, seconds of a round and until a bond is paid.
const DEPOSIT: u128 = 1_000_000_000;
const ROUND: u64 = 3_600;
const UNBONDING: u64 = 1_209_600;
const BLOCK: u64 = 6;

/// After a verdict on the watched lease.
pub fn operations(town: &Town, lease_id: u64, of: &mut Receipts<Receipt>) -> Result<()> {
    let newcomer = town.providers.first().context("a provider")?;
    let (key, _) = signed(NEWCOMER, false, &[])?;
    let role = Role::Watcher;
    of.insert("enrol", town.enrol(newcomer, role, key)?);
    let [member, liar, challenger, ..] = town.auditors.as_slice() else {
        anyhow::bail!("three auditors");
    };
    let audited = town.providers.last().context("a provider")?;
    let registry = |who: &str, msg: ExecuteMsg, units: u128| {
        let coins = (units > 0).then(|| coin(units, STAKE));
        town.send(who, &town.suite.provider, &msg, coins.as_slice())
    };
    let paid = registry(member, ExecuteMsg::ClaimFees {}, 0)?;
    of.insert("claim_fees", paid);
    let more = registry(member, ExecuteMsg::AddToBond { role }, DEPOSIT)?;
    of.insert("add_to_bond", more);
    let unwatch = ExecuteMsg::UnwatchLease { lease_id };
    of.insert("unwatch_lease", registry(&town.tenant, unwatch, 0)?);
    let challenge = ExecuteMsg::ChallengeAttestation {
        provider: audited.clone(),
        auditor: member.clone(),
        evidence_hash: [9; 32].into(),
    };
    let challenged = registry(challenger, challenge, DEPOSIT)?;
    of.insert("challenge_attestation", challenged);
    let revoke = ExecuteMsg::RevokeAttestation {
        provider: audited.clone(),
    };
    of.insert("revoke_attestation", registry(challenger, revoke, 0)?);
    of.insert(
        "accuse_watcher",
        registry(member, accusation(town, lease_id, liar)?, 0)?,
    );
    let retired = registry(member, ExecuteMsg::Retire { role }, 0)?;
    of.insert("retire", retired);
    town.pass(UNBONDING);
    let bond = registry(member, ExecuteMsg::WithdrawBond { role }, 0)?;
    of.insert("withdraw_bond", bond);
    of.extend(sentences(town, audited, member, challenger)?);
    Ok(())
}

/// What stakers, the tenant alone, decide: for the challenge, and on who made it.
fn sentences(
    town: &Town,
    audited: &str,
    accused: &str,
    challenger: &str,
) -> Result<Receipts<Receipt>> {
    let governance = &town.suite.governance;
    let stake = governance::ExecuteMsg::Stake {};
    town.send(&town.tenant, governance, &stake, &[coin(DEPOSIT, STAKE)])?;
    town.pass(BLOCK);
    let uphold = ExecuteMsg::UpholdChallenge {
        provider: audited.into(),
        auditor: accused.into(),
        slash: Uint128::new(DEPOSIT),
    };
    let judge = ExecuteMsg::Judge {
        role: Role::Auditor,
        member: challenger.into(),
        slash: Uint128::new(DEPOSIT),
        jailed: true,
    };
    let council = Council {
        chain: &town.chain,
        governance,
        voter: &town.tenant,
        deposit: vec![coin(genesis().governance.deposit.u128(), STAKE)],
    };
    let registry = &town.suite.provider;
    council.carry_out(vec![
        ("uphold_challenge", wasm(registry, &uphold)?),
        ("judge", wasm(registry, &judge)?),
    ])
}

/// The second watcher has said both of one round.
fn accusation(town: &Town, lease_id: u64, watcher: &str) -> Result<ExecuteMsg> {
    let round = round_at(town.now(), ROUND);
    let said = |down| {
        let vote = Vote {
            lease_id,
            round,
            down,
        };
        town.sign(1, VERDICT, &vote)
    };
    Ok(ExecuteMsg::AccuseWatcher {
        watcher: watcher.into(),
        lease_id,
        round,
        down: said(true)?,
        up: said(false)?,
    })
}
