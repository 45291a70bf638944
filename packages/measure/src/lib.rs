//! Measures the machine it runs on: what an auditor bases its attestation on. See `docs/audits.md`.
//!
//! Everything that could not be measured is named in the report with the reason. A figure is never a guess.

mod cpu;
mod disk;
mod gpu;
mod load;
mod memory;
mod network;
mod report;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub use gpu::{device_commitment, name::Naming};
pub use network::{serve_peer, MAX_PEER_TIME};
pub use report::{
    Cpu, Disk, Driver, Gap, Gpu, GpuMemory, Host, Memory, Network, Report, ReportError, FORMAT,
    MAX_REPORT,
};

/// What to measure and for how long.
#[derive(Debug, Clone)]
pub struct Plan {
    /// A tenth of the time and of the data: a look, not a benchmark.
    pub quick: bool,
    /// Folder on the disk that is measured; it must be writable.
    pub folder: PathBuf,
    /// Where `leasehold audit peer` answers.
    pub peer: Option<SocketAddr>,
    /// Address of the registry contract; device commitments are made for it.
    pub registry: Option<String>,
}

impl Plan {
    /// Longest time that one load runs.
    fn slice(&self) -> Duration {
        Duration::from_millis(if self.quick { 150 } else { 1_500 })
    }
}

/// Runs all measurements, one after the other so that none disturbs another. `progress` hears what is being measured. Takes less than
/// 30 seconds, less than 5 when quick, and a few seconds for every card, on a machine that does nothing else.
pub fn measure(plan: &Plan, progress: &dyn Fn(&str)) -> Report {
    let (started, clock) = (SystemTime::now(), Instant::now());
    let mut gaps = Vec::new();
    progress("looking for GPUs");
    let (driver, gpus) = gpu::measure(plan, progress, &mut gaps);
    progress("measuring the processor");
    let cpu = cpu::measure(plan.slice());
    progress("measuring memory");
    let memory = memory::measure(plan.slice(), plan.quick, &mut gaps);
    progress("measuring the disk");
    let disk = disk::measure(&plan.folder, plan.slice(), plan.quick, &mut gaps);
    progress("measuring the network");
    let network = network::measure(plan.peer, plan.slice(), &mut gaps);
    if cfg!(debug_assertions) {
        gaps.push(Gap::new(
            "full speed",
            "this program is a debug build; figures may be lower than those of a release",
        ));
    }
    Report {
        format: FORMAT.into(),
        tool: concat!("leasehold ", env!("CARGO_PKG_VERSION")).into(),
        // The clock of a machine that believes it is before 1970 is of no use; 0 says so.
        measured_at: started
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
        took_ms: millis(clock.elapsed()),
        quick: plan.quick,
        registry: plan.registry.clone(),
        host: Host::of_this_machine(),
        driver,
        gpus,
        cpu,
        memory,
        disk,
        network,
        not_measured: gaps,
    }
}

/// The cards of this machine as their driver tells of them, none put to work, and what was not found out about them.
pub fn gpus(registry: Option<&str>) -> (Vec<Gpu>, Vec<Gap>) {
    let mut gaps = Vec::new();
    let (_, cards) = gpu::inventory(registry, &mut gaps);
    (cards.into_iter().map(|card| card.gpu).collect(), gaps)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
