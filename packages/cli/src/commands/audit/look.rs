//! `leasehold audit ls`.

use anyhow::Result;
use leasehold_api::provider::{AttestationResponse, Role};
use leasehold_api::{Audit, GpuInventory};
use serde::Serialize;

use crate::args::LookArgs;
use crate::context::Context;
use crate::output;
use crate::registry::{self, Registry};

/// What one auditor said of one provider.
#[derive(Serialize)]
struct Said {
    provider: String,
    #[serde(flatten)]
    attestation: AttestationResponse,
}

pub async fn list(context: &Context, args: LookArgs) -> Result<()> {
    let registry = Registry::open(context).await?;
    let said = match (args.provider, args.auditor) {
        (Some(provider), _) => of_provider(&registry, &context.address(Some(&provider))?).await?,
        (None, Some(auditor)) => by_auditor(&registry, &context.address(Some(&auditor))?).await?,
        (None, None) => return registry::list(&registry, Role::Auditor).await,
    };
    if registry.json() {
        return output::json(&said);
    }
    let now = registry.market.now().await?;
    let rows = said.iter().map(|said| row(said, now));
    let header = [
        "provider",
        "auditor",
        "level",
        "gpus",
        "attributes",
        "state",
    ];
    println!("{}", output::table(header, rows));
    Ok(())
}

async fn of_provider(registry: &Registry<'_>, provider: &str) -> Result<Vec<Said>> {
    let found = registry.attestations(provider).await?;
    let said = found.into_iter().map(|attestation| Said {
        provider: provider.to_owned(),
        attestation,
    });
    Ok(said.collect())
}

/// The registry keeps what was said by provider: each one is asked for.
async fn by_auditor(registry: &Registry<'_>, auditor: &str) -> Result<Vec<Said>> {
    let mut said = Vec::new();
    for provider in registry.market.providers().await? {
        let found = of_provider(registry, provider.address.as_str()).await?;
        said.extend(
            found
                .into_iter()
                .filter(|said| said.attestation.auditor.as_str() == auditor),
        );
    }
    Ok(said)
}

fn row(said: &Said, now: u64) -> [String; 6] {
    let Said {
        provider,
        attestation,
    } = said;
    let word = attestation.attestation.as_ref();
    [
        provider.clone(),
        attestation.auditor.to_string(),
        word.map_or("", |word| word.level.as_str()).to_owned(),
        word.map_or(String::new(), |word| cards(&word.found().gpus)),
        word.map_or(String::new(), |word| word.attributes.len().to_string()),
        state(attestation, now),
    ]
}

fn state(said: &AttestationResponse, now: u64) -> String {
    let Some(word) = &said.attestation else {
        return "revoked".into();
    };
    match &said.challenge {
        _ if said.live => format!(
            "counts for {}",
            output::span(word.expires_at.saturating_sub(now))
        ),
        _ if word.expires_at <= now => "expired".into(),
        Some(challenge) if now < challenge.suspended_until => {
            format!("challenged by {}", challenge.challenger)
        }
        _ => "its auditor is not in good standing".into(),
    }
}

fn cards(gpus: &[GpuInventory]) -> String {
    let kinds = gpus.iter().filter(|gpu| gpu.count > 0);
    kinds
        .map(|gpu| format!("{} {}", gpu.count, gpu.model))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What counts of a provider's audits now.
pub fn print_audits(audits: &[Audit], now: u64) {
    if audits.is_empty() {
        return;
    }
    let rows = audits.iter().map(|audit| {
        [
            audit.auditor.clone(),
            audit.level.as_str().to_owned(),
            cards(&audit.gpus),
            audit.attributes.len().to_string(),
            output::span(audit.expires_at.saturating_sub(now)),
        ]
    });
    let header = ["auditor", "level", "gpus", "attributes", "counts for"];
    println!("{}", output::table(header, rows));
}
