//! The report: its form is frozen, its hash is that of the file, and a run keeps to its time and its honesty.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use expect_test::expect_file;
use leasehold_measure::{
    measure, serve_peer, Cpu, Disk, Driver, Gap, Gpu, GpuMemory, Host, Memory, Network, Plan,
    Report, ReportError, FORMAT, MAX_REPORT,
};

/// One with every part.
fn sample() -> Report {
    Report {
        format: FORMAT.into(),
        tool: "leasehold 0.1.0".into(),
        measured_at: 1_700_000_000,
        took_ms: 21_500,
        quick: false,
        registry: Some("wasm1registry".into()),
        host: Host {
            os: "Linux".into(),
            kernel: "6.1".into(),
            arch: "x86_64".into(),
        },
        driver: Some(Driver {
            version: "550.54.15".into(),
            cuda: Some("12.4".into()),
            nvml: Some("12.550.54.15".into()),
        }),
        gpus: vec![Gpu {
            index: 0,
            vendor: "nvidia".into(),
            model: "h100".into(),
            interface: "sxm".into(),
            vram_mib: 81_920,
            vram_reported_mib: 81_559,
            product: "NVIDIA H100 80GB HBM3".into(),
            commitment: Some("ab".repeat(32)),
            compute_capability: Some("9.0".into()),
            architecture: Some("hopper".into()),
            cores: Some(16_896),
            vbios: Some("96.00.74.00.01".into()),
            pci_id: Some(0x2330_10de),
            pcie_generation: Some(5),
            pcie_lanes: Some(16),
            nvlinks: 18,
            ecc: Some(true),
            mig: Some(false),
            power_limit_mw: Some(700_000),
            gflops: Some(51_000),
            memory: Some(GpuMemory {
                free_mib: 81_000,
                filled_mib: 76_950,
                fill_mib_s: 1_800_000,
                read_back_mib_s: 1_900_000,
                wrong_words: 0,
                copy_mib_s: Some(2_500_000),
            }),
        }],
        cpu: Cpu {
            model: "A processor".into(),
            cores: Some(8),
            threads: 16,
            sha256_mb_s: 1_800,
            sha256_all_mb_s: 14_000,
            matmul_mflops: 6_000,
            matmul_all_mflops: 50_000,
        },
        memory: Memory {
            total_mib: 131_072,
            available_mib: 120_000,
            limit_mib: None,
            copy_mb_s: 40_000,
            copied_within_mib: 2_048,
            filled_mib: 30_000,
            fill_mb_s: 10_000,
            read_back_mb_s: 20_000,
            wrong_words: 0,
        },
        disk: Some(Disk {
            total_mib: 1_000_000,
            available_mib: 900_000,
            direct: true,
            tested_mib: 2_048,
            write_mb_s: 1_500,
            read_mb_s: 3_000,
            wrong_blocks: 0,
        }),
        network: Some(Network {
            peer: "203.0.113.7:7777".into(),
            connect_us: 800,
            up_mb_s: 1_100,
            down_mb_s: 1_150,
        }),
        not_measured: vec![Gap::new("random access to the disk", "only sequential")],
    }
}

#[test]
fn the_form_of_a_report_is_frozen() {
    let text = String::from_utf8(sample().to_bytes().expect("JSON")).expect("text");
    expect_file!["report.json"].assert_eq(&text);
}

#[test]
fn a_report_is_read_back_and_its_hash_is_that_of_its_file() {
    let bytes = sample().to_bytes().expect("JSON");
    assert_eq!(Report::from_bytes(&bytes).expect("a report"), sample());
    let hash = Report::evidence_hash(&bytes);
    assert_eq!(hash, Report::evidence_hash(&bytes.clone()));
    assert_ne!(hash, Report::evidence_hash(&bytes[1..]));
}

#[test]
fn other_files_are_no_reports() {
    let refused = |bytes: &[u8]| Report::from_bytes(bytes).expect_err("must be refused");
    assert!(matches!(refused(b"{}"), ReportError::Json(_)));
    assert!(matches!(
        refused(br#"{"format":"leasehold-report/2"}"#),
        ReportError::Format(_)
    ));
    assert!(matches!(
        refused(&vec![b' '; MAX_REPORT + 1]),
        ReportError::Size(_)
    ));
}

#[test]
fn a_quick_run_is_short_and_says_what_it_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let peer = listener.local_addr().expect("its address");
    std::thread::spawn(move || serve_peer(&listener, |_, result| result.expect("served")));
    let plan = Plan {
        quick: true,
        folder: folder.path().to_owned(),
        peer: Some(peer),
        registry: None,
    };
    let start = Instant::now();
    let report = measure(&plan, &|_| {});
    // Generous: other tests run beside it.
    assert!(start.elapsed() < Duration::from_secs(30), "{report:?}");
    assert!(report.cpu.threads >= 1 && report.cpu.sha256_mb_s > 0 && report.cpu.matmul_mflops > 0);
    assert!(report.memory.filled_mib >= 16 && report.memory.copy_mb_s > 0);
    assert_eq!(report.memory.wrong_words, 0);
    let disk = report.disk.as_ref().expect("measured");
    assert!(disk.tested_mib >= 4 && disk.wrong_blocks == 0, "{disk:?}");
    let network = report.network.as_ref().expect("measured");
    assert!(network.up_mb_s > 0 && network.down_mb_s > 0, "{network:?}");
    let gap = |what: &str| report.not_measured.iter().any(|gap| gap.what == what);
    assert!(gap("network between machines") && gap("random access to the disk"));
    // A machine without cards says so, one with cards says what was not run on them.
    match report.gpus.as_slice() {
        [] => assert!(report.driver.is_some() || gap("gpu"), "{report:?}"),
        _ => assert!(gap("device commitments"), "{report:?}"),
    }
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_disk_that_cannot_be_written_and_a_missing_peer_are_gaps() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = Plan {
        quick: true,
        folder: folder.path().join("missing"),
        peer: None,
        registry: None,
    };
    let report = measure(&plan, &|_| {});
    assert!(report.disk.is_none() && report.network.is_none());
    for what in ["disk", "network"] {
        let gap = report.not_measured.iter().find(|gap| gap.what == what);
        assert!(gap.is_some_and(|gap| !gap.why.is_empty()), "{report:?}");
    }
}
