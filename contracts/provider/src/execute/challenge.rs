//! One auditor's word against another's.

use cosmwasm_std::{Binary, DepsMut, Env, MessageInfo, Response, Uint128};
use leasehold_api::event::{AttestationChallenged, ChallengeUpheld};
use leasehold_api::provider::{validate_hash, Attested, Challenge, Role, ATTESTATIONS, VOUCHES};
use leasehold_api::RuleError;
use leasehold_rules::auction::within;

use super::member::{asset, payment, the_coin, Sentence};
use crate::execute::attest::{void, vouches};
use crate::state::{claim_insurance, insure, member, params, save_list};
use crate::ContractError;

pub fn challenge(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    provider: &str,
    auditor: &str,
    evidence_hash: Binary,
) -> Result<Response, ContractError> {
    let challenger = info.sender.clone();
    let provider = deps.api.addr_validate(provider)?;
    let auditor = deps.api.addr_validate(auditor)?;
    let record = member(deps.storage, Role::Auditor, &challenger)?;
    if !record.is_in_good_standing() || challenger == auditor {
        return Err(ContractError::NotInGoodStanding { member: challenger });
    }
    validate_hash("bytes of evidence_hash", &evidence_hash)?;
    let trust = params(deps.storage)?.trust;
    let (deposit, asked) = (the_coin(&info, &trust)?, trust.challenge_deposit);
    within("deposit", deposit, asked..=asked)?;
    let now = env.block.time.seconds();
    let mut attested = ATTESTATIONS
        .may_load(deps.storage, (&provider, &auditor))?
        .filter(|attested| is_open(attested, now))
        .ok_or(ContractError::NothingToChallenge)?;
    let suspended_until = now.saturating_add(trust.challenge_period);
    let challenge = Challenge {
        challenger: challenger.clone(),
        deposit,
        evidence_hash,
        suspended_until,
    };
    attested.challenge = Some(challenge);
    ATTESTATIONS.save(deps.storage, (&provider, &auditor), &attested)?;
    insure(deps.storage, &asset(&trust, deposit))?;
    let mut vouches = vouches(deps.storage, &provider)?;
    // At most MAX_AUDITS vouches.
    for vouch in vouches
        .iter_mut()
        .filter(|vouch| vouch.auditor == auditor.as_str())
    {
        vouch.suspended_until = suspended_until;
    }
    save_list(deps.storage, &VOUCHES, &provider, &vouches)?;
    Ok(Response::new().add_event(AttestationChallenged {
        provider,
        auditor,
        challenger,
        suspended_until,
    }))
}

/// Live, and not challenged yet.
fn is_open(attested: &Attested, now: u64) -> bool {
    let live = attested.attestation.as_ref();
    live.is_some_and(|attestation| now < attestation.expires_at) && attested.challenge.is_none()
}

pub fn uphold(
    deps: DepsMut,
    env: Env,
    provider: &str,
    auditor: &str,
    slash: Uint128,
) -> Result<Response, ContractError> {
    let provider = deps.api.addr_validate(provider)?;
    let auditor = deps.api.addr_validate(auditor)?;
    let challenge = ATTESTATIONS
        .may_load(deps.storage, (&provider, &auditor))?
        .and_then(|attested| attested.challenge)
        .ok_or(ContractError::NothingToChallenge)?;
    let revoked = void(deps.storage, &provider, &auditor, env.block.time.seconds())?;
    let record = member(deps.storage, Role::Auditor, &auditor)?;
    let trust = params(deps.storage)?.trust;
    let sentence = Sentence {
        role: Role::Auditor,
        member: &auditor,
        slash,
        jailed: true,
    };
    let judged = sentence.carry_out(deps.storage, &env, &trust, record)?;
    claim_insurance(deps.storage, &asset(&trust, challenge.deposit)).map_err(|_| {
        let allowed = "what insurance holds: fill it first";
        RuleError::range("deposit", challenge.deposit, allowed)
    })?;
    let refund = payment(&challenge.challenger, &trust.denom, challenge.deposit);
    Ok(Response::new()
        .add_messages(refund)
        .add_event(revoked)
        .add_event(judged)
        .add_event(ChallengeUpheld {
            provider,
            auditor,
            challenger: challenge.challenger,
            refunded: challenge.deposit,
        }))
}
