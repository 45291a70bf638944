//! `leasehold audit measure|peer`.

use std::net::{SocketAddr, TcpListener};

use anyhow::{Context as _, Result};
use comfy_table::Table;
use leasehold_measure::{GpuMemory, Plan, Report};
use serde_json::json;

use crate::args::{MeasureArgs, PeerArgs};
use crate::context::Context;
use crate::{output, ready};

pub async fn measure(context: &Context, args: MeasureArgs) -> Result<()> {
    let plan = Plan {
        quick: args.quick,
        peer: resolve(args.peer.as_deref()).await?,
        registry: registry(context, args.registry).await?,
        folder: args.disk,
    };
    let spinner = ready::spinner(context.global.json);
    let report = {
        let spinner = spinner.clone();
        let run =
            move || leasehold_measure::measure(&plan, &|what| spinner.set_message(what.to_owned()));
        tokio::task::spawn_blocking(run).await?
    };
    spinner.finish_and_clear();
    let bytes = report.to_bytes()?;
    if let Some(file) = &args.out {
        std::fs::write(file, &bytes).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if context.global.json {
        // These are the bytes of the file, so that `> report.json` has the same hash.
        return output::json(&report);
    }
    println!("{}", table(&report));
    for gap in &report.not_measured {
        println!("not measured: {}: {}", gap.what, gap.why);
    }
    match &args.out {
        Some(file) => println!(
            "{}, evidence hash {}",
            file.display(),
            hex::encode(Report::evidence_hash(&bytes))
        ),
        None => println!("nothing was kept; name a file with --out to attest from it"),
    }
    Ok(())
}

/// Serves until the process is stopped.
pub async fn peer(context: &Context, args: &PeerArgs) -> Result<()> {
    let listener = TcpListener::bind(args.listen)
        .with_context(|| format!("cannot listen at {}", args.listen))?;
    let address = listener.local_addr()?;
    match context.global.json {
        true => output::json(&json!({"listen": address}))?,
        false => println!("measure with --peer {address}; Ctrl-C ends this"),
    }
    let heard = |from: SocketAddr, result: std::io::Result<()>| {
        if let Err(error) = result {
            tracing::warn!(%from, %error, "a measurement broke off");
        }
    };
    Ok(
        tokio::task::spawn_blocking(move || leasehold_measure::serve_peer(&listener, heard))
            .await??,
    )
}

async fn resolve(peer: Option<&str>) -> Result<Option<SocketAddr>> {
    let Some(peer) = peer else { return Ok(None) };
    let mut found = tokio::net::lookup_host(peer)
        .await
        .with_context(|| format!("--peer {peer}: write HOST:PORT"))?;
    let first = found
        .next()
        .with_context(|| format!("--peer {peer} has no address"))?;
    Ok(Some(first))
}

/// The one that was named, or else the suite's. A node that was named must answer; without one, a machine off the network is measured too.
async fn registry(context: &Context, named: Option<String>) -> Result<Option<String>> {
    if named.is_some() {
        return Ok(named);
    }
    match context.market().await {
        Ok(market) => Ok(Some(market.suite.provider)),
        Err(error) if context.global.node.is_some() => Err(error),
        Err(error) => {
            tracing::debug!(%error, "no registry is known");
            Ok(None)
        }
    }
}

fn table(report: &Report) -> Table {
    let mut rows = vec![cpu(report), memory(report)];
    rows.splice(0..0, report.gpus.iter().map(gpu));
    rows.extend(report.disk.as_ref().map(disk));
    rows.extend(report.network.as_ref().map(network));
    output::table(["what", "which", "measured"], rows)
}

fn gpu(gpu: &leasehold_measure::Gpu) -> [String; 3] {
    let capability = gpu.compute_capability.as_deref().unwrap_or("unknown");
    [
        format!("gpu {}", gpu.index),
        format!("{}/{}/{}", gpu.vendor, gpu.model, gpu.interface),
        format!(
            "{} MiB ({} reported), compute capability {capability}, {} NVLinks{}{}",
            gpu.vram_mib,
            gpu.vram_reported_mib,
            gpu.nvlinks,
            gpu.gflops
                .map_or(String::new(), |gflops| format!("; {gflops} GFLOP/s")),
            gpu.memory.as_ref().map_or(String::new(), gpu_memory)
        ),
    ]
}

fn gpu_memory(memory: &GpuMemory) -> String {
    let copy = memory
        .copy_mib_s
        .map_or(String::new(), |copy| format!("; memory {copy} MiB/s"));
    format!(
        "{copy}; {} MiB filled, {} wrong words",
        memory.filled_mib, memory.wrong_words
    )
}

fn cpu(report: &Report) -> [String; 3] {
    let cpu = &report.cpu;
    [
        "processor".into(),
        format!("{}, {} threads", cpu.model, cpu.threads),
        format!(
            "SHA-256 {} MB/s, all threads {}; matrices {} MFLOP/s, all threads {}",
            cpu.sha256_mb_s, cpu.sha256_all_mb_s, cpu.matmul_mflops, cpu.matmul_all_mflops
        ),
    ]
}

fn memory(report: &Report) -> [String; 3] {
    let memory = &report.memory;
    [
        "memory".into(),
        format!(
            "{} MiB, {} available",
            memory.total_mib, memory.available_mib
        ),
        format!(
            "copy {} MB/s; {} MiB filled, {} wrong words",
            memory.copy_mb_s, memory.filled_mib, memory.wrong_words
        ),
    ]
}

fn disk(disk: &leasehold_measure::Disk) -> [String; 3] {
    [
        "disk".into(),
        format!("{} MiB, {} available", disk.total_mib, disk.available_mib),
        format!(
            "write {} MB/s, read {} MB/s; {} MiB tested, {} wrong blocks",
            disk.write_mb_s, disk.read_mb_s, disk.tested_mib, disk.wrong_blocks
        ),
    ]
}

fn network(network: &leasehold_measure::Network) -> [String; 3] {
    [
        "network".into(),
        format!("to {}", network.peer),
        format!(
            "up {} MB/s, down {} MB/s, connect {} µs",
            network.up_mb_s, network.down_mb_s, network.connect_us
        ),
    ]
}
