//! What every operation of the suite costs on a chain: the contracts' artifacts on the real virtual machine, with wasmd's gas register
//! and the SDK's store prices. Writes `artifacts/gas-profile.txt` and compares with `artifacts/gas.json`; `UPDATE=1` rewrites that. Fails, too,
//! when a message that a contract takes runs in no operation.

mod address;
mod auditing;
mod calls;
mod chain;
mod coverage;
mod meter;
mod migration;
mod modules;
mod report;
mod stage;
mod state;
mod tokens;
mod vm;
mod voting;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context as _, Result};
use sha2::{Digest, Sha256};

use chain::Chain;
use leasehold_api::market::RETENTION;
use leasehold_test_story::{genesis, Flat, LIFE, START};
use report::{differences, profile, Figures, Report};

/// How many of each the flatness check makes.
const MANY: u64 = 500;
const VOTERS: u64 = 1_000;
/// Thousandths: what is flat, and what another compiler may change.
const FLAT: u64 = 20;
const OTHER_COMPILER: u64 = 10;

fn main() -> Result<()> {
    let artifacts = match std::env::var_os("ARTIFACTS") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../artifacts")),
    };
    let (report, profiles) = measure(&artifacts)?;
    fs::write(artifacts.join("gas-profile.txt"), profiles)?;
    print(&report);
    gate(&artifacts, &report)?;
    flat(&artifacts)?;
    migration::check(&artifacts)?;
    println!(
        "\nupgrade from {}: everybody owns what they would own without it",
        migration::RELEASE
    );
    Ok(())
}

fn measure(artifacts: &Path) -> Result<(Report, String)> {
    let run = |pinned: bool| {
        let (cache, other, third) = (
            tempfile::tempdir()?,
            tempfile::tempdir()?,
            tempfile::tempdir()?,
        );
        let chain = Chain::new(cache.path(), pinned)?;
        let story = stage::with(&chain, |name| stage::artifact(artifacts, name))?;
        let (mut operations, more) = story.operations(&genesis())?;
        let ended = story.ended()?;
        chain.state.borrow_mut().time += RETENTION;
        operations.extend(story.prune(ended)?);
        operations.extend(auditing::operations(artifacts, other.path(), pinned)?);
        operations.extend(tokens::operations(artifacts, third.path(), pinned)?);
        anyhow::Ok((operations, more))
    };
    let ((pinned, more), (cold, more_cold)) = (run(true)?, run(false)?);
    let gaps = coverage::gaps(pinned.values().flat_map(|receipt| &receipt.messages))?;
    ensure!(gaps.is_empty(), "{}", gaps.join("\n"));
    let mut report = Report::new();
    let mut profiles = String::new();
    for (name, receipt) in &pinned {
        report.insert((*name).into(), Figures::of(receipt, &cold[name]));
        profiles += &profile(name, receipt);
    }
    report.insert(
        "collect_more".into(),
        Figures {
            pinned: more,
            cold: more_cold,
            ..Figures::default()
        },
    );
    for (name, parts) in [("life", &LIFE[..]), ("start", &START[..])] {
        let sum = Figures::sum(parts.iter().map(|part| report[*part]));
        report.insert(name.into(), sum);
    }
    Ok((report, profiles))
}

fn print(report: &Report) {
    println!(
        "{:<19} {:>8} {:>8} {:>6} {:>6} {:>6}",
        "operation", "pinned", "cold", "reads", "writes", "bytes"
    );
    for (name, f) in report {
        println!(
            "{name:<19} {:>8} {:>8} {:>6} {:>6} {:>6}",
            f.pinned, f.cold, f.reads, f.writes, f.bytes
        );
    }
}

/// No number changes unnoticed. Exact for the artifacts whose checksums are committed.
fn gate(artifacts: &Path, report: &Report) -> Result<()> {
    let path = artifacts.join("gas.json");
    if std::env::var_os("UPDATE").is_some() {
        return Ok(fs::write(
            path,
            serde_json::to_string_pretty(report)? + "\n",
        )?);
    }
    let committed =
        serde_json::from_str(&fs::read_to_string(&path).context("artifacts/gas.json")?)?;
    let slack = if same_artifacts(artifacts)? {
        0
    } else {
        OTHER_COMPILER
    };
    let found = differences(&committed, report, slack);
    ensure!(
        found.is_empty(),
        "{}\nIf this is meant, commit the new numbers with the reason: UPDATE=1 make gas",
        found.join("\n")
    );
    Ok(())
}

fn same_artifacts(artifacts: &Path) -> Result<bool> {
    let checksums = fs::read_to_string(artifacts.join("checksums.txt"))?;
    for line in checksums.lines().filter(|line| !line.starts_with('#')) {
        let (checksum, name) = line
            .split_once("  ")
            .with_context(|| format!("checksums.txt: {line}"))?;
        let hash: String = Sha256::digest(fs::read(artifacts.join(name))?)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if hash != checksum {
            return Ok(false);
        }
    }
    Ok(true)
}

fn flat(artifacts: &Path) -> Result<()> {
    let cache = tempfile::tempdir()?;
    let story = stage::begin(artifacts, cache.path(), true)?;
    let mut flat = story.flatness(MANY)?;
    let cache = tempfile::tempdir()?;
    flat.push(voting::votes(artifacts, cache.path(), VOTERS)?);
    println!(
        "\n{:<32} {:>8} {:>8}",
        format!("flat over {MANY}, {VOTERS} votes"),
        "first",
        "last"
    );
    for Flat {
        operation,
        first,
        last,
    } in flat
    {
        println!("{operation:<32} {first:>8} {last:>8}");
        ensure!(
            last.abs_diff(first) * 1_000 <= first * FLAT,
            "{operation} is not flat: {first}, then {last}"
        );
    }
    Ok(())
}
