use std::sync::OnceLock;

use leasehold_measure::{measure, Driver, GpuMemory, Plan};

use super::*;

const PLACE: Place = Place {
    registry: "wasm1registry",
    now: 1_700_000_000,
    longest: 30 * DAY,
};

/// A quick look at this machine, once for all tests.
fn look() -> Report {
    static LOOK: OnceLock<Report> = OnceLock::new();
    let measured = LOOK.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let plan = Plan {
            quick: true,
            folder: folder.path().to_owned(),
            peer: None,
            registry: Some(PLACE.registry.into()),
        };
        measure(&plan, &|_| {})
    });
    measured.clone()
}

/// A report of two H100s an hour ago.
fn report() -> Report {
    let card = |index: u32| Gpu {
        index,
        vendor: "nvidia".into(),
        model: "h100".into(),
        interface: "sxm".into(),
        vram_mib: 81_920,
        vram_reported_mib: 81_559,
        product: "NVIDIA H100 80GB HBM3".into(),
        commitment: Some(format!("{index:02x}").repeat(32)),
        compute_capability: Some("9.0".into()),
        architecture: None,
        cores: None,
        vbios: None,
        pci_id: None,
        pcie_generation: None,
        pcie_lanes: None,
        nvlinks: 18,
        ecc: None,
        mig: None,
        power_limit_mw: None,
        gflops: None,
        memory: None,
    };
    Report {
        measured_at: PLACE.now - 3_600,
        quick: false,
        driver: Some(Driver {
            version: "550.54.15".into(),
            cuda: None,
            nvml: None,
        }),
        gpus: vec![card(0), card(1)],
        ..look()
    }
}

fn word() -> Word {
    Word {
        provider: "wasm1provider".into(),
        level: None,
        days: 30,
        attributes: vec![],
        measured: BTreeMap::new(),
    }
}

fn attest(word: Word, report: &Report) -> Result<Attestation> {
    word.attestation(&report.to_bytes().expect("JSON"), &PLACE)
}

/// A change of a sound report or word, and a part of what is said to it.
fn refused(word: Word, report: &Report, part: &str) {
    let error = attest(word, report).expect_err(part).to_string();
    assert!(error.contains(part), "{error}");
}

#[test]
fn cards_of_a_kind_are_one_entry_and_the_word_rests_on_the_file() {
    let report = report();
    let attestation = attest(word(), &report).expect("sound");
    assert_eq!(attestation.gpus.len(), 1);
    assert_eq!(attestation.gpus[0].devices.len(), 2);
    assert_eq!(attestation.gpus[0].driver, "550.54.15");
    assert_eq!(attestation.level, Level::Inventory, "nothing ran on a card");
    assert_eq!(attestation.measured_at, report.measured_at);
    assert_eq!(attestation.expires_at, report.measured_at + 30 * DAY);
    let bytes = report.to_bytes().expect("JSON");
    assert_eq!(
        attestation.evidence_hash,
        Binary::from(Report::evidence_hash(&bytes))
    );
}

#[test]
fn a_benchmark_needs_figures_for_every_model_and_no_quick_look() {
    let measured = |text| Word {
        measured: BTreeMap::from([throughput(text).expect("well formed")]),
        ..word()
    };
    let benchmarked = attest(measured("h100=51000:2900000"), &report()).expect("sound");
    assert_eq!(benchmarked.level, Level::Benchmarked);
    assert_eq!(
        benchmarked.gpus[0].measured,
        Some(GpuThroughput {
            gflops: 51_000,
            memory_mib_s: 2_900_000
        })
    );
    let claimed = Word {
        level: Some(Level::Benchmarked),
        ..word()
    };
    refused(claimed, &report(), "level inventory alone");
    let quick = Report {
        quick: true,
        ..report()
    };
    let claimed = Word {
        level: Some(Level::Attested),
        ..measured("h100=1:1")
    };
    refused(claimed, &quick, "a quick run is no benchmark");
    refused(
        measured("a100=1:1"),
        &report(),
        "the report has no such card",
    );
    for text in ["h100", "h100=1", "h100=1:x"] {
        assert!(throughput(text).is_err(), "{text}");
    }
}

/// The same two cards, put to work.
fn measured_report() -> Report {
    let mut report = report();
    for (gpu, (gflops, copy)) in report
        .gpus
        .iter_mut()
        .zip([(51_000, 2_400_000), (50_000, 2_500_000)])
    {
        gpu.gflops = Some(gflops);
        gpu.memory = Some(GpuMemory {
            free_mib: 81_000,
            filled_mib: 77_000,
            fill_mib_s: 1_800_000,
            read_back_mib_s: 1_900_000,
            wrong_words: 0,
            copy_mib_s: Some(copy),
        });
    }
    report
}

fn memory_of(report: &mut Report, card: usize) -> &mut GpuMemory {
    report.gpus[card].memory.as_mut().expect("measured")
}

#[test]
fn what_the_report_measured_is_a_benchmark_of_the_slowest_card() {
    let attestation = attest(word(), &measured_report()).expect("sound");
    assert_eq!(attestation.level, Level::Benchmarked);
    assert_eq!(attestation.gpus.len(), 1);
    assert_eq!(attestation.gpus[0].devices.len(), 2);
    assert_eq!(
        attestation.gpus[0].measured,
        Some(GpuThroughput {
            gflops: 50_000,
            memory_mib_s: 2_400_000
        })
    );
    let stated = || Word {
        measured: BTreeMap::from([throughput("h100=60000:9000000").expect("well formed")]),
        ..word()
    };
    refused(stated(), &measured_report(), "figures of its own");

    // One card that was not measured, or that was not seen to have its memory: no figures for the kind, unless they are stated.
    let mut partly = measured_report();
    partly.gpus[1].gflops = None;
    let mut smaller = measured_report();
    memory_of(&mut smaller, 0).filled_mib = 40_000;
    for report in [partly, smaller] {
        let attestation = attest(word(), &report).expect("sound");
        assert_eq!(attestation.level, Level::Inventory);
        assert_eq!(attestation.gpus[0].measured, None);
        let attestation = attest(stated(), &report).expect("sound");
        assert_eq!(attestation.level, Level::Benchmarked);
    }
    let mut aliased = measured_report();
    memory_of(&mut aliased, 1).wrong_words = 5;
    refused(word(), &aliased, "5 wrong words in the memory of gpu 1");
}

#[test]
fn a_report_that_does_not_stand_is_not_attested() {
    let old = Report {
        measured_at: PLACE.now - 31 * DAY,
        ..report()
    };
    refused(word(), &old, "31 days old");
    let ahead = Report {
        measured_at: PLACE.now + MOST_AHEAD + 1,
        ..report()
    };
    refused(word(), &ahead, "ahead of the chain");
    let elsewhere = Report {
        registry: Some("wasm1other".into()),
        ..report()
    };
    refused(word(), &elsewhere, "wasm1other");
    let mut broken = report();
    broken.memory.wrong_words = 1;
    refused(word(), &broken, "that machine is broken");
    let mut split = report();
    split.gpus[1].mig = Some(true);
    refused(word(), &split, "gpu 1 is split");
    let mut nameless = report();
    nameless.gpus[0].commitment = None;
    refused(word(), &nameless, "no device commitment");
    let mut twice = report();
    twice.gpus[1].commitment = twice.gpus[0].commitment.clone();
    refused(word(), &twice, "devices");
}

#[test]
fn a_clock_slightly_ahead_counts_from_the_chains_time() {
    let ahead = Report {
        measured_at: PLACE.now + 5,
        ..report()
    };
    let attestation = attest(word(), &ahead).expect("sound");
    assert_eq!(attestation.measured_at, PLACE.now);
}

#[test]
fn attributes_are_among_the_declared_ones() {
    let declared = Capability {
        attributes: vec![
            Attribute {
                key: "region".into(),
                value: "eu".into(),
            },
            Attribute {
                key: "tier".into(),
                value: "1".into(),
            },
        ],
        gpus: vec![],
    };
    let named = |text: &str| attributes(&[text.to_owned()], false, &declared);
    assert_eq!(named("tier=1").expect("declared"), declared.attributes[1..]);
    assert_eq!(
        attributes(&[], true, &declared).expect("all"),
        declared.attributes
    );
    for text in ["tier=2", "tier"] {
        assert!(named(text).is_err(), "{text}");
    }
}
