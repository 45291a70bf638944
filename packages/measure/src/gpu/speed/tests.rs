//! On the card of `tests/stub/nvidia.c`, which is built anew for every way in which it can be wrong.

use std::process::Command;

use tempfile::TempDir;

use super::*;

const UUID: &str = "GPU-2f1c0e4a-7f1d-4a55-8c3e-3f6f6d0b9a11";
const EFFORT: Effort = Effort {
    least: Duration::from_millis(5),
    times: 1,
    most: Duration::from_secs(60),
};

/// A driver whose card has 64 MiB and does these things wrong.
fn driver(wrongs: &[&str]) -> (TempDir, Result<Cuda, Trouble>) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("libcuda.so.1");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", "-ffp-contract=off"])
        .args(wrongs.iter().map(|wrong| format!("-D{wrong}")))
        .arg("-o")
        .arg(&file)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stub/nvidia.c"))
        .arg("-lm")
        .status()
        .expect("a C compiler, which linking takes too");
    assert!(built.success());
    let cuda = Cuda::open(file.as_os_str());
    (folder, cuda)
}

fn gpu(vram_reported_mib: u64) -> Gpu {
    let card = serde_json::json!({
        "index": 0, "vendor": "nvidia", "model": "h100", "interface": "pcie", "vram_mib": 1_024,
        "vram_reported_mib": vram_reported_mib, "product": "NVIDIA H100 PCIe", "nvlinks": 0,
    });
    serde_json::from_value(card).expect("a card")
}

/// What comes of a card that reports this much memory.
fn put_to_work(wrongs: &[&str], reported_mib: u64, effort: Effort) -> (Gpu, Vec<Gap>) {
    let (_folder, cuda) = driver(wrongs);
    let (mut gpu, mut gaps) = (gpu(reported_mib), Vec::new());
    measure(&cuda.expect("a driver"), UUID, &mut gpu, effort, &mut gaps);
    (gpu, gaps)
}

fn small(wrongs: &[&str]) -> (Gpu, Vec<Gap>) {
    let wrongs = [&["MEMORY_MIB=64"], wrongs].concat();
    put_to_work(&wrongs, 64, EFFORT)
}

/// Why this was not measured.
fn why(gaps: &[Gap], part: &str) -> String {
    let what = format!("gpu 0: {part}");
    let gap = gaps.iter().find(|gap| gap.what == what);
    gap.unwrap_or_else(|| panic!("{what}: {gaps:?}"))
        .why
        .clone()
}

const MEMORY: &str = "memory fill and read-back, and bandwidth";

#[test]
fn a_sound_card_gives_the_figures_of_its_clock() {
    let (gpu, gaps) = put_to_work(&[], 600, EFFORT);
    assert_eq!(gaps, []);
    assert_eq!(gpu.throughput(), Some((20, 100_000)));
    let memory = gpu.memory.expect("measured");
    assert_eq!(memory.wrong_words, 0);
    assert_eq!((memory.free_mib, memory.filled_mib), (598, 580));
    assert_eq!(
        (memory.fill_mib_s, memory.read_back_mib_s),
        (100_000, 100_000)
    );
}

#[test]
fn a_card_with_half_the_memory_it_shows_is_found_out() {
    // In one piece, and in pieces that come to lie exactly on one another.
    for parts in ["LARGEST_MIB=64", "LARGEST_MIB=3"] {
        let (gpu, _) = small(&["ALIASES", parts]);
        let memory = gpu.memory.expect("measured");
        let words = memory.filled_mib * MIB as u64 / 8;
        // All but the little of the lower half to which nothing of the upper one was written.
        assert!(
            memory.wrong_words > words * 4 / 10 && memory.wrong_words <= words / 2,
            "{memory:?}"
        );
    }
}

#[test]
fn memory_in_parts_is_filled_part_by_part() {
    let (gpu, gaps) = small(&["LARGEST_MIB=7"]);
    let memory = gpu.memory.expect("measured");
    assert_eq!((memory.filled_mib, memory.wrong_words), (60, 0));
    // Too small for a copy past the cache: no figure, and so nothing to vouch for.
    let bandwidth = why(&gaps, "memory bandwidth");
    assert!(
        bandwidth.contains("CUDA_ERROR_OUT_OF_MEMORY"),
        "{bandwidth}"
    );
    assert!(memory.copy_mib_s.is_none() && gpu.gflops.is_some());
}

#[test]
fn a_card_that_is_smaller_than_it_reports_is_not_believed() {
    let (gpu, gaps) = put_to_work(&["BOASTS"], 81_559, EFFORT);
    let part = why(&gaps, "all of the memory");
    assert!(part.contains("of 81559 MiB"), "{part}");
    assert_eq!(
        gpu.memory.as_ref().map(|memory| memory.wrong_words),
        Some(0)
    );
    assert_eq!(gpu.throughput(), None);
}

#[test]
fn a_card_without_memory_still_says_what_it_computes() {
    // Room for the sums and the counter, and not for a piece.
    let (gpu, gaps) = put_to_work(&["MEMORY_MIB=3"], 3, EFFORT);
    assert!(why(&gaps, MEMORY).contains("cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY"));
    assert_eq!((gpu.gflops, gpu.memory), (Some(20), None));
}

#[test]
fn a_check_that_finds_nothing_is_tried_on_what_is_wrong() {
    let (gpu, gaps) = small(&["BLIND", "ALIASES"]);
    let said = why(&gaps, MEMORY);
    assert!(said.contains("of 2048 wrong words it found 0"), "{said}");
    assert_eq!(gpu.memory, None);
}

#[test]
fn a_card_that_computes_wrongly_has_no_figure() {
    let (gpu, gaps) = small(&["MISCALCULATES"]);
    assert!(why(&gaps, "compute").contains("computes wrongly"));
    assert_eq!(gpu.gflops, None);
    assert!(gpu.memory.is_some());
}

#[test]
fn a_clock_that_gives_no_time_gives_no_figure() {
    for clock in ["CLOCK=0", "CLOCK=-1", "CLOCK=NAN", "CLOCK=INFINITY"] {
        let (gpu, gaps) = small(&[clock]);
        for part in ["compute", MEMORY] {
            assert_eq!(why(&gaps, part), Trouble::NoTime.to_string(), "{clock}");
        }
        assert_eq!((gpu.gflops, gpu.memory), (None, None), "{clock}");
    }
}

#[test]
fn a_card_that_hangs_is_left_alone() {
    let effort = Effort {
        most: Duration::from_millis(20),
        ..EFFORT
    };
    let (gpu, gaps) = put_to_work(&["MEMORY_MIB=64", "HANGS"], 64, effort);
    for part in ["compute", MEMORY] {
        assert_eq!(why(&gaps, part), Trouble::Late.to_string());
    }
    assert_eq!((gpu.gflops, gpu.memory), (None, None));
}

#[test]
fn a_driver_that_does_not_serve_says_why() {
    let open = |wrongs: &[&str]| {
        let (_folder, cuda) = driver(wrongs);
        cuda.err().expect("must be refused").to_string()
    };
    assert_eq!(open(&["WITHOUT_DEVICE"]), "cuInit: CUDA_ERROR_NO_DEVICE");
    assert_eq!(
        open(&["WITHOUT_QUERY"]),
        "the CUDA driver lacks cuEventQuery"
    );
    let missing = Cuda::open("/nowhere/libcuda.so.1".as_ref());
    assert_eq!(missing.err(), Some(Trouble::NoDriver));
    let (gpu, gaps) = small(&["WITHOUT_COMPILER"]);
    assert!(why(&gaps, "compute and memory").contains("cuModuleLoadData: CUDA_ERROR_INVALID_PTX"));
    assert_eq!((gpu.gflops, gpu.memory), (None, None));
}

#[test]
fn only_the_card_that_is_meant_and_is_whole_is_put_to_work() {
    let (_folder, cuda) = driver(&["MEMORY_MIB=64"]);
    let cuda = cuda.expect("a driver");
    let (mut gpu, mut gaps) = (gpu(64), Vec::new());
    let other = UUID.replace('2', "3");
    measure(&cuda, &other, &mut gpu, EFFORT, &mut gaps);
    assert_eq!(
        why(&gaps, "compute and memory"),
        Trouble::NotListed.to_string()
    );
    gpu.mig = Some(true);
    gaps.clear();
    measure(&cuda, UUID, &mut gpu, EFFORT, &mut gaps);
    assert!(why(&gaps, "compute and memory").contains("MIG"));
    assert_eq!((gpu.gflops, gpu.memory), (None, None));
}
