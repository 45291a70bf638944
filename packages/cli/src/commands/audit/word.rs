//! From a report to an auditor's word: what is signed, and what that bears out of a provider's declaration.

use std::collections::BTreeMap;

use anyhow::{bail, ensure, Context as _, Result};
use cosmwasm_std::Binary;
use leasehold_api::provider::{Attestation, GpuReport, GpuThroughput};
use leasehold_api::{Attribute, Capability, Level};
use leasehold_measure::{Gpu, Report};

/// Seconds that a machine's clock may be ahead of the chain's.
const MOST_AHEAD: u64 = 600;
const DAY: u64 = 86_400;

/// What an auditor adds to a report.
pub struct Word {
    pub provider: String,
    pub level: Option<Level>,
    pub days: u64,
    pub attributes: Vec<Attribute>,
    /// By model, of cards for which the report has no figures.
    pub measured: BTreeMap<String, GpuThroughput>,
}

/// Where and when it is said.
pub struct Place<'a> {
    pub registry: &'a str,
    /// Block time.
    pub now: u64,
    /// Longest that the registry takes an attestation for, seconds.
    pub longest: u64,
}

impl Word {
    /// # Errors
    /// What in the report, or in what is added to it, does not stand.
    pub fn attestation(self, bytes: &[u8], place: &Place) -> Result<Attestation> {
        let report = Report::from_bytes(bytes)?;
        check(&report, place)?;
        let gpus = gpus(&report.gpus, report.driver.as_ref(), &self.measured)?;
        let is_complete = !report.quick && gpus.iter().all(|gpu| gpu.measured.is_some());
        let known = match is_complete {
            true => Level::Benchmarked,
            false => Level::Inventory,
        };
        let level = self.level.unwrap_or(known);
        if level >= Level::Benchmarked && !is_complete {
            bail!("the report bears level inventory alone: a quick run is no benchmark, and every GPU needs figures; see what the report could not measure, or give them with --measured MODEL=GFLOPS:MIB_S");
        }
        let measured_at = report.measured_at.min(place.now);
        let life = self.days.saturating_mul(DAY).min(place.longest);
        let expires_at = measured_at.saturating_add(life);
        ensure!(
            place.now < expires_at,
            "the report is {} days old, and would count for {} alone: measure again",
            place.now.saturating_sub(measured_at) / DAY,
            self.days
        );
        let attestation = Attestation {
            provider: self.provider,
            level,
            attributes: self.attributes,
            gpus,
            evidence_hash: Report::evidence_hash(bytes).into(),
            measured_at,
            expires_at,
        };
        attestation.validate()?;
        Ok(attestation)
    }
}

fn check(report: &Report, place: &Place) -> Result<()> {
    let ahead = report.measured_at.saturating_sub(place.now);
    ensure!(
        ahead <= MOST_AHEAD,
        "the report is {ahead} seconds ahead of the chain: set that machine's clock and measure again"
    );
    ensure!(
        report.memory.wrong_words == 0,
        "the report tells of {} wrong words of memory: that machine is broken",
        report.memory.wrong_words
    );
    for (gpu, memory) in report
        .gpus
        .iter()
        .filter_map(|gpu| Some((gpu, gpu.memory.as_ref()?)))
    {
        ensure!(
            memory.wrong_words == 0,
            "the report tells of {} wrong words in the memory of gpu {}: it is broken, or not what it shows",
            memory.wrong_words,
            gpu.index
        );
    }
    let wrong_blocks = report.disk.as_ref().map_or(0, |disk| disk.wrong_blocks);
    ensure!(
        wrong_blocks == 0,
        "the report tells of {wrong_blocks} wrong blocks on disk: that machine is broken"
    );
    if let (false, Some(other)) = (report.gpus.is_empty(), &report.registry) {
        ensure!(
            other == place.registry,
            "the report's device commitments are for the registry {other}, this one is {}: measure again with --registry",
            place.registry
        );
    }
    Ok(())
}

/// Cards of one kind together, with the figures of the slowest.
fn gpus(
    cards: &[Gpu],
    driver: Option<&leasehold_measure::Driver>,
    measured: &BTreeMap<String, GpuThroughput>,
) -> Result<Vec<GpuReport>> {
    for model in measured.keys() {
        let mut same = cards.iter().filter(|card| card.model == *model).peekable();
        ensure!(
            same.peek().is_some(),
            "--measured {model}: the report has no such card"
        );
        ensure!(
            same.any(|card| card.throughput().is_none()),
            "--measured {model}: the report has figures of its own, and the attestation rests on it"
        );
    }
    let mut kinds: Vec<GpuReport> = Vec::new();
    for card in cards {
        let kind = kind(card, driver, measured)?;
        let same = kinds.iter_mut().find(|other| {
            GpuReport {
                devices: kind.devices.clone(),
                measured: kind.measured,
                ..(**other).clone()
            } == kind
        });
        match same {
            Some(other) => {
                other.devices.extend(kind.devices);
                other.measured = slowest(other.measured, kind.measured);
            }
            None => kinds.push(kind),
        }
    }
    Ok(kinds)
}

/// None where one of them has no figures.
fn slowest(one: Option<GpuThroughput>, other: Option<GpuThroughput>) -> Option<GpuThroughput> {
    one.zip(other).map(|(one, other)| GpuThroughput {
        gflops: one.gflops.min(other.gflops),
        memory_mib_s: one.memory_mib_s.min(other.memory_mib_s),
    })
}

fn kind(
    card: &Gpu,
    driver: Option<&leasehold_measure::Driver>,
    measured: &BTreeMap<String, GpuThroughput>,
) -> Result<GpuReport> {
    let commitment = card.commitment.as_deref().with_context(|| {
        format!(
            "gpu {} has no device commitment: measure again with --registry or --node",
            card.index
        )
    })?;
    let commitment = hex::decode(commitment).context("a device commitment is no hex")?;
    ensure!(
        card.mig != Some(true),
        "gpu {} is split into instances (MIG): a tenant would not get the whole card",
        card.index
    );
    let found = card
        .throughput()
        .map(|(gflops, memory_mib_s)| GpuThroughput {
            gflops,
            memory_mib_s,
        });
    Ok(GpuReport {
        vendor: card.vendor.clone(),
        model: card.model.clone(),
        vram_mib: u32::try_from(card.vram_mib)?,
        interface: card.interface.clone(),
        devices: vec![Binary::from(commitment)],
        driver: driver.map_or(String::new(), |driver| driver.version.clone()),
        compute_capability: card.compute_capability.clone(),
        measured: found.or_else(|| measured.get(&card.model).copied()),
    })
}

/// The attributes that an auditor names, all of them declared; or all that are.
pub fn attributes(named: &[String], all: bool, declared: &Capability) -> Result<Vec<Attribute>> {
    if all {
        return Ok(declared.attributes.clone());
    }
    let attribute = |text: &String| {
        let (key, value) = pair(text, "--attribute", "KEY=VALUE")?;
        let found = declared
            .attributes
            .iter()
            .find(|one| one.key == key && one.value == value);
        found
            .cloned()
            .with_context(|| format!("the provider does not declare {text}"))
    };
    named.iter().map(attribute).collect()
}

/// `h100=51000:2900000`.
pub fn throughput(text: &str) -> Result<(String, GpuThroughput)> {
    const FORM: &str = "MODEL=GFLOPS:MIB_S";
    let (model, figures) = pair(text, "--measured", FORM)?;
    let (gflops, memory) = figures
        .split_once(':')
        .with_context(|| format!("--measured {text}: write {FORM}"))?;
    let number = |figure: &str| {
        figure
            .parse()
            .with_context(|| format!("--measured {text}: `{figure}` is no whole number"))
    };
    let throughput = GpuThroughput {
        gflops: number(gflops)?,
        memory_mib_s: number(memory)?,
    };
    Ok((model.to_owned(), throughput))
}

fn pair<'a>(text: &'a str, flag: &str, form: &str) -> Result<(&'a str, &'a str)> {
    text.split_once('=')
        .with_context(|| format!("{flag} {text}: write {form}"))
}

#[cfg(test)]
mod tests;
