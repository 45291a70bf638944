//! What was measured.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Name and version of this form of report.
pub const FORMAT: &str = "leasehold-report/1";
/// Part of the memory that a card reports that must have been filled for it to be believed, percent.
pub const PROVEN: u64 = 85;
/// Longest report that is read, bytes.
pub const MAX_REPORT: usize = 1 << 20;

/// A measurement of one machine. Its evidence hash is the SHA-256 of the file that holds it, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: String,
    pub tool: String,
    /// Clock of the machine at the start, seconds since 1970.
    pub measured_at: u64,
    pub took_ms: u64,
    pub quick: bool,
    /// The registry for which the device commitments are.
    pub registry: Option<String>,
    pub host: Host,
    /// Of NVIDIA cards.
    pub driver: Option<Driver>,
    pub gpus: Vec<Gpu>,
    pub cpu: Cpu,
    pub memory: Memory,
    pub disk: Option<Disk>,
    pub network: Option<Network>,
    pub not_measured: Vec<Gap>,
}

/// Something that was not measured, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub what: String,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    pub os: String,
    pub kernel: String,
    pub arch: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Driver {
    pub version: String,
    /// Newest CUDA that the driver serves, such as 12.4.
    pub cuda: Option<String>,
    pub nvml: Option<String>,
}

/// One card. Vendor, model and interface are written as SDL files and the registry write them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gpu {
    pub index: u32,
    pub vendor: String,
    pub model: String,
    /// `pcie` or `sxm`, told from the product name.
    pub interface: String,
    /// The memory the card is sold with, MiB.
    pub vram_mib: u64,
    /// The memory the driver reports, MiB: less, as the driver and error correction take a part.
    pub vram_reported_mib: u64,
    /// As the driver says it.
    pub product: String,
    /// SHA-256 of the card's UUID and the registry's address, hex. None without a registry.
    pub commitment: Option<String>,
    /// Such as 9.0.
    pub compute_capability: Option<String>,
    pub architecture: Option<String>,
    pub cores: Option<u32>,
    pub vbios: Option<String>,
    /// Vendor (low half) and device (high half).
    pub pci_id: Option<u32>,
    pub pcie_generation: Option<u32>,
    pub pcie_lanes: Option<u32>,
    /// Links in use.
    pub nvlinks: u32,
    /// Error correction is on.
    pub ecc: Option<bool>,
    /// The card is split into instances, of which one tenant may get one.
    pub mig: Option<bool>,
    pub power_limit_mw: Option<u32>,
    /// Single-precision multiply-adds, 10^9 operations per second (one multiply-add is two).
    pub gflops: Option<u64>,
    pub memory: Option<GpuMemory>,
}

/// What a card's own memory did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuMemory {
    /// What the driver said could be had.
    pub free_mib: u64,
    /// How much was filled with pseudo-random words by the card, all of it before any was read back.
    pub filled_mib: u64,
    /// With making the words, MiB per second.
    pub fill_mib_s: u64,
    pub read_back_mib_s: u64,
    /// 64-bit words that were not as they were written.
    pub wrong_words: u64,
    /// Copied within the card past its cache, reads and writes together, MiB per second.
    pub copy_mib_s: Option<u64>,
}

impl Gpu {
    /// GFLOP/s and MiB/s that a word on this card may rest on: both were measured, and it was seen to have the memory it reports.
    pub fn throughput(&self) -> Option<(u64, u64)> {
        let memory = self.memory.as_ref()?;
        let is_proven =
            memory.filled_mib.saturating_mul(100) >= self.vram_reported_mib.saturating_mul(PROVEN);
        is_proven.then_some((self.gflops?, memory.copy_mib_s?))
    }
}

/// Throughput in stated loads. `all` figures are of all threads together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cpu {
    pub model: String,
    /// None where the system does not tell.
    pub cores: Option<u32>,
    /// Threads that this program may use.
    pub threads: u32,
    /// SHA-256 of blocks of 1 MiB, 10^6 bytes per second.
    pub sha256_mb_s: u64,
    pub sha256_all_mb_s: u64,
    /// Product of 256×256 matrices of f64, the plain three loops, 10^6 operations per second (one multiplication and one addition are two).
    pub matmul_mflops: u64,
    pub matmul_all_mflops: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    pub total_mib: u64,
    pub available_mib: u64,
    /// Limit of the control group, when there is one below the total.
    pub limit_mib: Option<u64>,
    /// Copied by all threads, each between two buffers of its own, 10^6 bytes per second. The bus carries twice that.
    pub copy_mb_s: u64,
    /// Size of those buffers together.
    pub copied_within_mib: u64,
    /// How much was filled with pseudo-random data, all of it before any was read back.
    pub filled_mib: u64,
    /// With making the data, 10^6 bytes per second.
    pub fill_mb_s: u64,
    pub read_back_mb_s: u64,
    /// 64-bit words that were not as they were written.
    pub wrong_words: u64,
}

/// Sequential, in blocks of 4 MiB of pseudo-random data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    pub total_mib: u64,
    pub available_mib: u64,
    /// Past the page cache (O_DIRECT).
    pub direct: bool,
    pub tested_mib: u64,
    /// Until fsync has returned, 10^6 bytes per second.
    pub write_mb_s: u64,
    pub read_mb_s: u64,
    /// Blocks that were not as they were written.
    pub wrong_blocks: u64,
}

/// One TCP connection to the peer each way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    pub peer: String,
    /// Shortest of five connects, microseconds.
    pub connect_us: u64,
    /// 10^6 bytes per second.
    pub up_mb_s: u64,
    pub down_mb_s: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("a report has at most {MAX_REPORT} bytes, this file has {0}")]
    Size(usize),
    #[error("this is not a report of `leasehold audit measure`: {0}")]
    Json(#[from] serde_json::Error),
    #[error("this report is of format `{0}`; this program reads `{FORMAT}`")]
    Format(String),
}

impl Report {
    /// The bytes of the report's file.
    ///
    /// # Errors
    /// None is known: all fields have a JSON form.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReportError> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads a report's file.
    ///
    /// # Errors
    /// Too long, not JSON, not a report or not of this format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReportError> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
        }
        if bytes.len() > MAX_REPORT {
            return Err(ReportError::Size(bytes.len()));
        }
        let Head { format } = serde_json::from_slice(bytes)?;
        if format != FORMAT {
            return Err(ReportError::Format(format));
        }
        Ok(serde_json::from_slice(bytes)?)
    }

    /// SHA-256 of a report's file: what an attestation commits to.
    pub fn evidence_hash(bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }
}

impl Gap {
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Gap {
            what: what.into(),
            why: why.into(),
        }
    }
}

impl Host {
    pub(crate) fn of_this_machine() -> Self {
        let unknown = || "unknown".to_owned();
        Host {
            os: sysinfo::System::long_os_version().unwrap_or_else(unknown),
            kernel: sysinfo::System::kernel_version().unwrap_or_else(unknown),
            arch: std::env::consts::ARCH.into(),
        }
    }
}
