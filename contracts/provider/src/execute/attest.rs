//! Auditors' attestations.

use cosmwasm_std::{Addr, Binary, DepsMut, Env, MessageInfo, Response, Storage};
use leasehold_api::event::{AttestationRecorded, AttestationRevoked};
use leasehold_api::provider::{
    Attestation, Attested, Declared, Device, Role, ATTESTATION, ATTESTATIONS, CAPABILITY, DEVICES,
    MAX_AUDITS, TRUSTED, VOUCHES,
};
use leasehold_api::{Capability, Vouch};
use leasehold_rules::auction::within;

use crate::signature::verify;
use crate::state::{member, params, save_list};
use crate::ContractError;

pub fn attest(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    auditor: &str,
    attestation: Attestation,
    signature: &Binary,
) -> Result<Response, ContractError> {
    let auditor = deps.api.addr_validate(auditor)?;
    let provider = deps.api.addr_validate(&attestation.provider)?;
    let record = member(deps.storage, Role::Auditor, &auditor)?;
    if !record.is_in_good_standing() {
        return Err(ContractError::NotInGoodStanding { member: auditor });
    }
    attestation.validate()?;
    let signed = (ATTESTATION, &attestation);
    verify(
        deps.as_ref(),
        &env,
        &auditor,
        &record.key,
        signed,
        signature,
    )?;
    let now = env.block.time.seconds();
    let former = ATTESTATIONS.may_load(deps.storage, (&provider, &auditor))?;
    check_times(deps.storage, &attestation, former.as_ref(), now)?;
    if let Some(former) = &former {
        release(deps.storage, &auditor, former)?;
    }
    hold(deps.storage, &provider, &auditor, &attestation, now)?;

    let declared = declared(deps.storage, &provider)?;
    // What another auditor doubts stays in doubt, whatever its own says now.
    let challenge = former
        .and_then(|former| former.challenge)
        .filter(|challenge| now < challenge.suspended_until);
    let suspended_until = challenge.as_ref().map_or(0, |c| c.suspended_until);
    let vouch = attestation.vouch(&auditor, suspended_until, &declared);
    let by_provider = info.sender == provider;
    let mut vouches = vouches(deps.storage, &provider)?;
    admit(&mut vouches, vouch, by_provider, now)?;
    VOUCHES.save(deps.storage, &provider, &vouches)?;
    let event = AttestationRecorded {
        provider: provider.clone(),
        auditor: auditor.clone(),
        level: attestation.level.as_str().into(),
        expires_at: attestation.expires_at,
    };
    let attested = Attested {
        measured_at: attestation.measured_at,
        attestation: Some(attestation),
        challenge,
    };
    ATTESTATIONS.save(deps.storage, (&provider, &auditor), &attested)?;
    Ok(Response::new().add_event(event))
}

pub fn revoke(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    provider: &str,
) -> Result<Response, ContractError> {
    let auditor = info.sender;
    member(deps.storage, Role::Auditor, &auditor)?;
    let provider = deps.api.addr_validate(provider)?;
    let revoked = void(deps.storage, &provider, &auditor, env.block.time.seconds())?;
    Ok(Response::new().add_event(revoked))
}

/// Ends what an auditor said of a provider, for good: nothing that it measured until now is taken any more.
pub fn void(
    storage: &mut dyn Storage,
    provider: &Addr,
    auditor: &Addr,
    now: u64,
) -> Result<AttestationRevoked, ContractError> {
    if let Some(former) = ATTESTATIONS.may_load(storage, (provider, auditor))? {
        release(storage, auditor, &former)?;
    }
    let tombstone = Attested {
        measured_at: now,
        attestation: None,
        challenge: None,
    };
    ATTESTATIONS.save(storage, (provider, auditor), &tombstone)?;
    let mut rest = vouches(storage, provider)?;
    rest.retain(|vouch| vouch.auditor != auditor.as_str());
    save_list(storage, &VOUCHES, provider, &rest)?;
    Ok(AttestationRevoked {
        provider: provider.clone(),
        auditor: auditor.clone(),
    })
}

/// What auditors say of a new declaration. At most [`MAX_AUDITS`] records are read.
pub fn revouch(
    storage: &mut dyn Storage,
    provider: &Addr,
    declared: &Capability,
) -> Result<(), ContractError> {
    let mut anew = vec![];
    for vouch in vouches(storage, provider)? {
        let auditor = Addr::unchecked(&vouch.auditor);
        let attested = ATTESTATIONS.load(storage, (provider, &auditor))?;
        anew.extend(attested.vouch(&auditor, declared));
    }
    Ok(save_list(storage, &VOUCHES, provider, &anew)?)
}

pub fn vouches(storage: &dyn Storage, provider: &Addr) -> Result<Vec<Vouch>, ContractError> {
    let kept = VOUCHES.may_load(storage, provider)?;
    Ok(kept.unwrap_or_else(Vec::new))
}

fn declared(storage: &dyn Storage, provider: &Addr) -> Result<Capability, ContractError> {
    CAPABILITY
        .may_load(storage, provider)?
        .map(|Declared(capability)| capability)
        .ok_or_else(|| ContractError::NotRegistered {
            provider: provider.clone(),
        })
}

fn check_times(
    storage: &dyn Storage,
    attestation: &Attestation,
    former: Option<&Attested>,
    now: u64,
) -> Result<(), ContractError> {
    let (measured, expires) = (attestation.measured_at, attestation.expires_at);
    let after = former.map_or(0, |former| former.measured_at.saturating_add(1));
    within("measured_at", measured, after..=now)?;
    let life = params(storage)?.trust.attestation_life;
    let latest = measured.saturating_add(life);
    Ok(within(
        "expires_at",
        expires,
        now.saturating_add(1)..=latest,
    )?)
}

/// Puts a vouch in place of the auditor's former one. Where too many live ones are, the provider gives up the one that expires first.
fn admit(
    vouches: &mut Vec<Vouch>,
    vouch: Vouch,
    by_provider: bool,
    now: u64,
) -> Result<(), ContractError> {
    vouches.retain(|other| other.auditor != vouch.auditor && now < other.expires_at);
    if vouches.len() >= MAX_AUDITS {
        if !by_provider {
            return Err(ContractError::TooManyAudits { max: MAX_AUDITS });
        }
        let first = vouches.iter().map(|other| other.expires_at).min();
        let place = vouches
            .iter()
            .position(|other| Some(other.expires_at) == first);
        if let Some(place) = place {
            vouches.remove(place);
        }
    }
    vouches.push(vouch);
    Ok(())
}

/// Notes who has the cards. At most 64 cards with 8 findings each.
fn hold(
    storage: &mut dyn Storage,
    provider: &Addr,
    auditor: &Addr,
    attestation: &Attestation,
    now: u64,
) -> Result<(), ContractError> {
    for commitment in attestation.devices() {
        let former = DEVICES.may_load(storage, commitment)?;
        let mut found = former
            .as_ref()
            .map_or(vec![], |device| device.found.clone());
        found.retain(|(_, until)| now < *until);
        if let Some(device) = former.filter(|device| device.provider != *provider) {
            for (finder, until) in &found {
                if TRUSTED.has(storage, finder) {
                    return Err(ContractError::DeviceTaken {
                        commitment: commitment.clone(),
                        provider: device.provider,
                        auditor: finder.clone(),
                        until: *until,
                    });
                }
            }
            found.clear();
        }
        found.push((auditor.clone(), attestation.expires_at));
        // Findings of auditors whose vouch the provider gave up since: the latest count.
        let surplus = found.len().saturating_sub(MAX_AUDITS);
        let found = found.split_off(surplus);
        let provider = provider.clone();
        DEVICES.save(storage, commitment, &Device { provider, found })?;
    }
    Ok(())
}

/// Takes back what an auditor found where. At most 64 cards.
fn release(
    storage: &mut dyn Storage,
    auditor: &Addr,
    former: &Attested,
) -> Result<(), ContractError> {
    let cards = former.attestation.iter().flat_map(Attestation::devices);
    for commitment in cards {
        let Some(mut device) = DEVICES.may_load(storage, commitment)? else {
            continue;
        };
        device.found.retain(|(finder, _)| finder != auditor);
        match device.found.is_empty() {
            true => DEVICES.remove(storage, commitment),
            false => DEVICES.save(storage, commitment, &device)?,
        }
    }
    Ok(())
}
