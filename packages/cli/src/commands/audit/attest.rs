//! `leasehold audit attest|submit|revoke|challenge`.

use std::path::Path;

use anyhow::{ensure, Context as _, Result};
use cosmwasm_std::{Addr, Binary};
use leasehold_api::provider::{Attestation, AttestationResponse, ExecuteMsg, Role, ATTESTATION};
use leasehold_api::{Audit, Capability, GpuInventory};
use leasehold_client::TxOutcome;
use leasehold_measure::Report;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::word::{attributes, throughput, Place, Word};
use crate::args::AttestArgs;
use crate::context::Context;
use crate::output;
use crate::registry::Registry;

/// What an auditor hands to the provider.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedAttestation {
    chain_id: String,
    registry: String,
    auditor: String,
    attestation: Attestation,
    signature: Binary,
}

pub async fn attest(context: &Context, args: AttestArgs) -> Result<()> {
    let registry = Registry::open(context).await?;
    let provider = context.address(Some(&args.provider))?;
    let declared = registry.market.provider(&provider).await?.capability;
    let word = Word {
        provider,
        level: args.level.map(Into::into),
        days: args.days,
        attributes: attributes(&args.attributes, args.all_attributes, &declared)?,
        measured: args
            .measured
            .iter()
            .map(|text| throughput(text))
            .collect::<Result<_>>()?,
    };
    let place = Place {
        registry: &registry.market.suite.provider,
        now: registry.market.now().await?,
        longest: registry.trust.attestation_life,
    };
    let attestation = word.attestation(&read(&args.report)?, &place)?;
    let signer = registry.signer(Role::Auditor, args.key.as_deref()).await?;
    let signed = SignedAttestation {
        chain_id: registry.market.client.chain_id().to_owned(),
        registry: registry.market.suite.provider.clone(),
        signature: registry.sign(&signer, ATTESTATION, &attestation)?,
        auditor: signer.address,
        attestation,
    };
    if args.sign_only {
        return output::json(&signed);
    }
    send(&registry, signed, &declared).await
}

pub async fn submit(context: &Context, file: &Path) -> Result<()> {
    let signed: SignedAttestation = serde_json::from_slice(&read(file)?)
        .with_context(|| format!("{} is no signed attestation", file.display()))?;
    let registry = Registry::open(context).await?;
    ensure!(
        signed.chain_id == registry.market.client.chain_id()
            && signed.registry == registry.market.suite.provider,
        "it is signed for the registry {} on chain {}, and means nothing elsewhere",
        signed.registry,
        signed.chain_id
    );
    let provider = &signed.attestation.provider;
    let declared = registry.market.provider(provider).await?.capability;
    send(&registry, signed, &declared).await
}

async fn send(
    registry: &Registry<'_>,
    signed: SignedAttestation,
    declared: &Capability,
) -> Result<()> {
    let SignedAttestation {
        auditor,
        attestation,
        signature,
        ..
    } = signed;
    let auditor_address = Addr::unchecked(&auditor);
    let audit = attestation
        .vouch(&auditor_address, 0, declared)
        .audit(declared);
    let msg = ExecuteMsg::Attest {
        auditor,
        attestation: attestation.clone(),
        signature,
    };
    let outcome = registry.send(&msg, &[]).await?;
    if registry.json() {
        return output::json(
            &json!({"tx": outcome.hash, "attestation": attestation, "vouches_for": audit}),
        );
    }
    print(&attestation, &audit, declared);
    Ok(())
}

/// What counts of it: an attestation is worth as much as it agrees with what the provider declares.
fn print(attestation: &Attestation, audit: &Audit, declared: &Capability) {
    println!(
        "{} is vouched for at level {} until {} (block time)",
        attestation.provider,
        attestation.level.as_str(),
        attestation.expires_at
    );
    println!(
        "{} of {} declared attributes",
        audit.attributes.len(),
        declared.attributes.len()
    );
    for kind in &declared.gpus {
        let found = audit.gpus.iter().find(|gpu| kind_of(gpu) == kind_of(kind));
        println!(
            "{} of {} declared {}/{}/{}",
            found.map_or(0, |gpu| gpu.count),
            kind.count,
            kind.vendor,
            kind.model,
            kind.interface
        );
    }
    let is_declared = |gpu: &GpuInventory| {
        let mut kinds = declared.gpus.iter();
        kinds.any(|kind| kind_of(gpu) == kind_of(kind))
    };
    for gpu in attestation
        .found()
        .gpus
        .iter()
        .filter(|gpu| !is_declared(gpu))
    {
        println!(
            "{} {}/{}/{} found, which the provider does not declare: they count once it does",
            gpu.count, gpu.vendor, gpu.model, gpu.interface
        );
    }
}

/// What makes cards one kind, whatever their memory.
fn kind_of(gpu: &GpuInventory) -> (&str, &str, &str) {
    (&gpu.vendor, &gpu.model, &gpu.interface)
}

pub async fn revoke(context: &Context, provider: &str) -> Result<()> {
    let registry = Registry::open(context).await?;
    let provider = context.address(Some(provider))?;
    let msg = ExecuteMsg::RevokeAttestation {
        provider: provider.clone(),
    };
    let outcome = registry.send(&msg, &[]).await?;
    let auditor = context.address(None)?;
    let sentence = format!("nothing that {auditor} found of {provider} until now counts any more");
    done(&registry, &outcome, &provider, &auditor, &sentence).await
}

pub async fn challenge(
    context: &Context,
    provider: &str,
    auditor: &str,
    evidence: &Path,
) -> Result<()> {
    let registry = Registry::open(context).await?;
    let provider = context.address(Some(provider))?;
    let auditor = context.address(Some(auditor))?;
    let msg = ExecuteMsg::ChallengeAttestation {
        provider: provider.clone(),
        auditor: auditor.clone(),
        evidence_hash: Report::evidence_hash(&read(evidence)?).into(),
    };
    let deposit = registry.trust.challenge_deposit;
    let outcome = registry.send(&msg, &registry.coins(deposit)).await?;
    let sentence = format!(
        "{auditor}'s word on {provider} counts for nothing for {}; a deposit of {} comes back if governance upholds the challenge",
        output::span(registry.trust.challenge_period),
        registry.amount(deposit)
    );
    done(&registry, &outcome, &provider, &auditor, &sentence).await
}

async fn done(
    registry: &Registry<'_>,
    outcome: &TxOutcome,
    provider: &str,
    auditor: &str,
    sentence: &str,
) -> Result<()> {
    if !registry.json() {
        println!("{sentence}");
        return Ok(());
    }
    let after: Option<AttestationResponse> = registry
        .attestations(provider)
        .await?
        .into_iter()
        .find(|one| one.auditor.as_str() == auditor);
    output::json(&json!({"tx": outcome.hash, "attestation": after}))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
