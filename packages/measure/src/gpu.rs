//! GPUs: which there are by NVIDIA's management library, what they do by its CUDA driver. Both are loaded at run time: a machine without
//! them is no error.

mod cuda;
pub mod name;
mod speed;

use std::fs;
use std::path::Path;

use nvml_wrapper::error::NvmlError;
use nvml_wrapper::{cuda_driver_version_major, cuda_driver_version_minor, Device, Nvml};
use sha2::{Digest, Sha256};

use crate::report::{Driver, Gap, Gpu};
use crate::Plan;
use cuda::{Cuda, LIBRARY};
use name::Naming;
use speed::Effort;

/// Most links of one card that are looked at.
const MAX_NVLINKS: u32 = 32;
const MIB: u64 = 1 << 20;
const PCI_DEVICES: &str = "/sys/bus/pci/devices";
/// PCI vendors whose GPUs are seen and not measured.
const OTHERS: [(&str, &str); 2] = [("0x1002", "AMD"), ("0x8086", "Intel")];
const NVIDIA: (&str, &str) = ("0x10de", "NVIDIA");

/// SHA-256 of the card's UUID, as NVML writes it (`GPU-…`), and the registry's address, both as UTF-8: one card has one commitment,
/// whoever measures it. The UUID has 122 random bits, so that a public salt does not reveal it.
pub fn device_commitment(uuid: &str, registry: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(uuid)
        .chain_update(registry)
        .finalize()
        .into()
}

/// A card and the UUID it goes by, which stays off the report.
pub struct Card {
    uuid: String,
    pub gpu: Gpu,
}

/// Lists the cards and puts one after the other to work.
pub fn measure(
    plan: &Plan,
    progress: &dyn Fn(&str),
    gaps: &mut Vec<Gap>,
) -> (Option<Driver>, Vec<Gpu>) {
    let (driver, mut cards) = inventory(plan.registry.as_deref(), gaps);
    if !cards.is_empty() {
        match Cuda::open(LIBRARY.as_ref()) {
            Ok(cuda) => {
                for Card { uuid, gpu } in &mut cards {
                    progress(&format!("measuring gpu {}", gpu.index));
                    speed::measure(&cuda, uuid, gpu, Effort::of(plan.quick), gaps);
                }
            }
            Err(trouble) => gaps.push(Gap::new(
                "gpu compute, memory fill and read-back, and bandwidth",
                trouble.to_string(),
            )),
        }
    }
    (driver, cards.into_iter().map(|card| card.gpu).collect())
}

/// What the driver says of the cards.
pub fn inventory(registry: Option<&str>, gaps: &mut Vec<Gap>) -> (Option<Driver>, Vec<Card>) {
    other_gpus(
        Path::new(PCI_DEVICES),
        &OTHERS,
        "this vendor's cards are not measured",
        gaps,
    );
    let nvml = match Nvml::init() {
        Ok(nvml) => nvml,
        Err(error) => {
            let why = match error {
                NvmlError::LibloadingError(_) => {
                    "there is no NVIDIA management library (libnvidia-ml.so.1) on this machine"
                        .into()
                }
                other => format!("NVIDIA's management library does not start: {other}"),
            };
            gaps.push(Gap::new("gpu", &why));
            other_gpus(Path::new(PCI_DEVICES), &[NVIDIA], &why, gaps);
            return (None, vec![]);
        }
    };
    let driver = driver(&nvml, gaps);
    let cards = cards(&nvml, registry, gaps);
    if !cards.is_empty() && registry.is_none() {
        gaps.push(Gap::new(
            "device commitments",
            "no registry is known; name it with --registry, or a node with --node",
        ));
    }
    (driver, cards)
}

fn driver(nvml: &Nvml, gaps: &mut Vec<Gap>) -> Option<Driver> {
    let version = fact(nvml.sys_driver_version(), "driver version", gaps)?;
    let cuda = fact(nvml.sys_cuda_driver_version(), "CUDA version", gaps).map(|cuda| {
        let (major, minor) = (
            cuda_driver_version_major(cuda),
            cuda_driver_version_minor(cuda),
        );
        format!("{major}.{minor}")
    });
    let nvml = fact(nvml.sys_nvml_version(), "NVML version", gaps);
    Some(Driver {
        version,
        cuda,
        nvml,
    })
}

fn cards(nvml: &Nvml, registry: Option<&str>, gaps: &mut Vec<Gap>) -> Vec<Card> {
    let count = fact(nvml.device_count(), "number of GPUs", gaps).unwrap_or(0);
    (0..count)
        .filter_map(|index| {
            let card = nvml
                .device_by_index(index)
                .and_then(|device| card(index, &device, registry, gaps));
            fact(card, &format!("gpu {index}"), gaps)
        })
        .collect()
}

/// Name, memory and identity are a must; the rest is given where the driver gives it.
fn card(
    index: u32,
    device: &Device<'_>,
    registry: Option<&str>,
    gaps: &mut Vec<Gap>,
) -> Result<Card, NvmlError> {
    let product = device.name()?;
    let reported = device.memory_info()?.total / MIB;
    let uuid = device.uuid()?;
    let naming = Naming::of(&product);
    let what = |fact: &str| format!("gpu {index}: {fact}");
    let gpu = Gpu {
        index,
        vendor: "nvidia".into(),
        vram_mib: naming.nominal_vram_mib(reported),
        vram_reported_mib: reported,
        interface: naming.interface.into(),
        model: naming.model,
        product,
        commitment: registry.map(|registry| hex::encode(device_commitment(&uuid, registry))),
        compute_capability: fact(
            device.cuda_compute_capability(),
            &what("compute capability"),
            gaps,
        )
        .map(|version| format!("{}.{}", version.major, version.minor)),
        architecture: fact(device.architecture(), &what("architecture"), gaps)
            .map(|architecture| architecture.to_string().to_lowercase()),
        cores: fact(device.num_cores(), &what("cores"), gaps),
        vbios: fact(device.vbios_version(), &what("vbios"), gaps),
        pci_id: fact(device.pci_info(), &what("PCI id"), gaps).map(|pci| pci.pci_device_id),
        pcie_generation: fact(device.max_pcie_link_gen(), &what("PCIe generation"), gaps),
        pcie_lanes: fact(device.max_pcie_link_width(), &what("PCIe lanes"), gaps),
        nvlinks: nvlinks(device),
        ecc: fact(device.is_ecc_enabled(), &what("error correction"), gaps)
            .map(|ecc| ecc.currently_enabled),
        mig: fact(device.mig_mode(), &what("MIG mode"), gaps).map(|mode| mode.current != 0),
        power_limit_mw: fact(device.enforced_power_limit(), &what("power limit"), gaps),
        gflops: None,
        memory: None,
    };
    Ok(Card { uuid, gpu })
}

/// Links in use. A card without links answers with an error at the first, one with fewer at the first beyond.
fn nvlinks(device: &Device<'_>) -> u32 {
    (0..MAX_NVLINKS)
        .map_while(|link| device.link_wrapper_for(link).is_active().ok())
        .filter(|active| *active)
        .count() as u32
}

/// A fact that the driver gives, or a gap that says why it does not.
fn fact<T>(result: Result<T, NvmlError>, what: &str, gaps: &mut Vec<Gap>) -> Option<T> {
    result
        .inspect_err(|error| gaps.push(Gap::new(what, error.to_string())))
        .ok()
}

/// Names display controllers of these vendors, as PCI shows them.
fn other_gpus(devices: &Path, vendors: &[(&str, &str)], why: &str, gaps: &mut Vec<Gap>) {
    // No such folder: no PCI, or another system.
    let mut found: Vec<_> = fs::read_dir(devices)
        .into_iter()
        .flatten()
        .flatten()
        .collect();
    found.sort_by_key(fs::DirEntry::file_name);
    for device in found {
        let read = |file: &str| fs::read_to_string(device.path().join(file)).unwrap_or_default();
        // Class 03 is a display controller, 12 a processing accelerator.
        let class = read("class");
        let is_gpu = class.starts_with("0x03") || class.starts_with("0x12");
        let vendor = vendors.iter().find(|(id, _)| read("vendor").trim() == *id);
        if let (true, Some((_, name))) = (is_gpu, vendor) {
            let what = format!("{name} GPU at {}", device.file_name().to_string_lossy());
            gaps.push(Gap::new(what, why));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_has_one_commitment_in_one_registry() {
        let uuid = "GPU-2f1c0e4a-7f1d-4a55-8c3e-3f6f6d0b9a11";
        let commitment = device_commitment(uuid, "wasm1registry");
        assert_eq!(commitment, device_commitment(uuid, "wasm1registry"));
        assert_ne!(commitment, device_commitment(uuid, "wasm1other"));
        // sha256 of the two texts, one after the other.
        assert_eq!(
            commitment,
            <[u8; 32]>::from(Sha256::digest(format!("{uuid}wasm1registry")))
        );
    }

    #[test]
    fn cards_that_cannot_be_measured_are_named() {
        let pci = tempfile::tempdir().expect("a folder");
        for (address, class, vendor) in [
            ("0000:01:00.0", "0x030000\n", "0x1002\n"),
            ("0000:02:00.0", "0x020000\n", "0x1002\n"),
            ("0000:03:00.0", "0x030200\n", "0x10de\n"),
        ] {
            let folder = pci.path().join(address);
            fs::create_dir(&folder).expect("a folder");
            fs::write(folder.join("class"), class).expect("a file");
            fs::write(folder.join("vendor"), vendor).expect("a file");
        }
        let mut gaps = Vec::new();
        other_gpus(pci.path(), &OTHERS, "why", &mut gaps);
        assert_eq!(gaps, [Gap::new("AMD GPU at 0000:01:00.0", "why")]);
        other_gpus(pci.path(), &[NVIDIA], "why", &mut gaps);
        assert_eq!(gaps[1], Gap::new("NVIDIA GPU at 0000:03:00.0", "why"));
    }
}
