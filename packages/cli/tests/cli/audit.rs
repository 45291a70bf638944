//! Hardware that an auditor vouches for: who is measured and attested wins, who is not is refused.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{json, Value};

use crate::town::{text, variant, Town, HELLO};

/// A town where two sell the same cards, the second at half the price.
fn rivals() -> Town {
    let mut town = Town::new();
    let declared = ["--gpu", "nvidia/h100/81920/sxm=2", "--attribute", "tier=1"];
    let priced = |price| [&declared[..], &["--price-gpu", price]].concat();
    town.provider_with("provider0", &priced("1000000"));
    town.provider_with("provider1", &priced("500000"));
    for name in ["provider0", "provider1"] {
        await_registered(&town, name);
    }
    town
}

fn await_registered(town: &Town, provider: &str) {
    let is_registered = || {
        let looked = town.run(&["provider", "status", provider]);
        looked.status.success()
    };
    assert!((0..1_000).any(|_| is_registered()), "{provider} registers");
}

fn address(town: &Town, name: &str) -> String {
    let key = town.json(&["keys", "show", name]);
    key["address"].as_str().expect("an address").to_owned()
}

/// A real report of this machine, with two cards that it does not have.
fn report(town: &Town) -> String {
    let measured = town.home.path().join("measured.json");
    let out = measured.to_string_lossy();
    let disk = town.home.path().to_string_lossy();
    let shown = town.json(&[
        "audit", "measure", "--quick", "--out", &out, "--disk", &disk,
    ]);
    let bytes = std::fs::read(&measured).expect("a report");
    let mut report: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(report, shown, "the file and the output are the same");
    let gaps = report["not_measured"].as_array().expect("gaps");
    assert!(gaps.iter().any(|gap| gap["what"] == "network"), "{gaps:?}");
    let card = |index: u8| {
        json!({
            "index": index, "vendor": "nvidia", "model": "h100", "interface": "sxm",
            "vram_mib": 81_920, "vram_reported_mib": 81_559, "product": "NVIDIA H100 80GB HBM3",
            "commitment": format!("{index:02x}").repeat(32), "nvlinks": 18,
        })
    };
    report["gpus"] = json!([card(0), card(1)]);
    write(town, "report.json", &report)
}

/// A real report of this machine, as it would be without cards.
fn without_cards(town: &Town) -> String {
    let text = std::fs::read_to_string(report(town)).expect("a report");
    let mut report: Value = serde_json::from_str(&text).expect("JSON");
    report["gpus"] = json!([]);
    write(town, "report.json", &report)
}

fn write(town: &Town, name: &str, value: &Value) -> String {
    let path: PathBuf = town.home.path().join(name);
    std::fs::write(&path, value.to_string()).expect("a file");
    path.to_string_lossy().into_owned()
}

/// The example app on an H100 that this auditor vouches for.
fn app(town: &Town, auditor: &str) -> String {
    let gpu = "storage: { size: 64Mi }\n        gpu: { units: 1, attributes: { vendor: { nvidia: [{ model: h100, ram: 80Gi, interface: sxm }] } } }";
    let signed = format!("    anywhere:\n      signedBy: {{ anyOf: [{auditor}] }}\n      attributes: {{ tier: \"1\" }}\n      pricing");
    variant(
        town,
        &[
            ("storage: { size: 64Mi }", gpu),
            ("    anywhere:\n      pricing", &signed),
            ("per: hour", "per: hour\n  audit_level: inventory"),
        ],
    )
}

#[test]
fn an_audited_provider_wins_and_an_unaudited_one_is_refused() {
    let town = rivals();
    let auditor = address(&town, "alice");
    let provider = address(&town, "provider0");
    let report = report(&town);
    let attest = |who| {
        [
            "audit",
            "attest",
            who,
            "--report",
            &report,
            "--all-attributes",
        ]
    };

    let stranger = town.refused(&[&attest("provider0")[..], &["--from", "alice"]].concat());
    assert!(stranger.contains("auditor"), "{stranger}");
    let enrolled = town.json(&["audit", "register", "--from", "alice"]);
    assert_eq!(enrolled["member"]["in_good_standing"], true);
    assert_eq!(town.json(&["audit", "ls"])[0]["address"], auditor);

    // The auditor signs, the provider sends it and pays for that.
    let sign = ["--sign-only", "--from", "alice"];
    let signed = town.json(&[&attest("provider0")[..], &sign].concat());
    let file = write(&town, "signed.json", &signed);
    let sent = town.json(&["audit", "submit", &file, "--from", "provider0"]);
    assert_eq!(sent["vouches_for"]["auditor"], auditor);
    assert_eq!(sent["vouches_for"]["level"], "inventory");
    assert_eq!(sent["vouches_for"]["gpus"][0]["n"], 2, "{sent}");

    // Those cards are the first provider's.
    let twice = town.refused(&[&attest("provider1")[..], &["--from", "alice"]].concat());
    assert!(twice.contains(&provider), "{twice}");
    let status = town.json(&["provider", "status", "provider0"]);
    assert_eq!(status["provider"]["audits"][0]["auditor"], auditor);
    let shown = text(&town.run(&["provider", "status", "provider0"]).stdout);
    assert!(shown.contains("2 h100"), "{shown}");
    for look in [["--provider", "provider0"], ["--auditor", "alice"]] {
        let said = town.json(&[&["audit", "ls"][..], &look].concat());
        assert_eq!(
            (said[0]["live"].clone(), &said[0]["provider"]),
            (true.into(), &json!(provider))
        );
    }

    let rent = app(&town, &auditor);
    let deploy = [
        "deploy",
        &rent,
        "--from",
        "tenant",
        "--yes",
        "--deposit",
        "30000000",
    ];
    let deployed = town.json(&deploy);
    let leases = |name| town.json(&["provider", "status", name])["leases"].clone();
    assert_eq!(
        leases("provider0")[0]["deployment_id"],
        deployed["deployment"]
    );
    assert_eq!(leases("provider1"), json!([]));
    let passed_over = |name: &str| {
        let log = std::fs::read_to_string(town.home.path().join(format!("{name}.log")));
        let reason = format!("none of the auditors {auditor} vouches for it");
        log.expect("a log").contains(&reason)
    };
    // Each look takes a binary of its own a moment.
    let comes_to_pass_over = |name: &str| {
        (0..1_000).any(|_| {
            town.json(&["ls", "--from", "tenant"]);
            passed_over(name)
        })
    };
    assert!(comes_to_pass_over("provider1") && !passed_over("provider0"));

    // Nobody is left once the word is taken back; the lease goes on.
    let revoked = town.json(&["audit", "revoke", "provider0", "--from", "alice"]);
    assert!(revoked["attestation"]["attestation"].is_null(), "{revoked}");
    town.json(&[&deploy[..], &["--no-wait"]].concat());
    assert!(comes_to_pass_over("provider0"));
    assert_eq!(leases("provider0").as_array().map(Vec::len), Some(1));
    // What was measured before it was taken back is not taken again.
    let again = town.refused(&["audit", "submit", &file, "--from", "provider0"]);
    assert!(again.contains("measured_at"), "{again}");

    let retired = town.json(&["audit", "retire", "--from", "alice"]);
    assert_eq!(retired["member"]["in_good_standing"], false);
    let early = town.refused(&["audit", "withdraw", "--from", "alice"]);
    assert!(!early.is_empty());
}

/// Another auditor's doubt suspends an attestation.
#[test]
fn a_challenged_attestation_counts_for_nothing() {
    let mut town = Town::new();
    town.provider_with("provider0", &["--attribute", "tier=1"]);
    await_registered(&town, "provider0");
    for auditor in ["alice", "bob"] {
        town.json(&["audit", "register", "--from", auditor]);
    }
    let report = without_cards(&town);
    let attest = [
        "audit",
        "attest",
        "provider0",
        "--report",
        &report,
        "--attribute",
        "tier=1",
    ];
    let said = town.json(&[&attest[..], &["--from", "alice"]].concat());
    assert_eq!(
        said["vouches_for"]["attributes"].as_array().map(Vec::len),
        Some(1)
    );
    let undeclared = ["--attribute", "tier=2", "--from", "alice"];
    let refused = town.refused(&[&attest[..5], &undeclared].concat());
    assert!(refused.contains("does not declare tier=2"), "{refused}");

    let challenge = [
        "audit",
        "challenge",
        "provider0",
        "alice",
        "--evidence",
        HELLO,
        "--from",
        "bob",
    ];
    let challenged = town.json(&challenge);
    assert_eq!(challenged["attestation"]["live"], false);
    assert_eq!(
        challenged["attestation"]["challenge"]["challenger"],
        address(&town, "bob")
    );
    let status = town.json(&["provider", "status", "provider0"]);
    assert_eq!(status["provider"]["audits"], json!([]));
    let shown = text(&town.run(&["audit", "ls", "--provider", "provider0"]).stdout);
    assert!(shown.contains("challenged by"), "{shown}");
}

/// Alice's account pays and another key speaks for her: only that one is believed.
#[test]
fn an_auditor_signs_with_an_ed25519_key_of_its_own() {
    let mut town = Town::new();
    town.provider_with("provider0", &["--attribute", "tier=1"]);
    let file = |name: &str| town.home.path().join(name).to_string_lossy().into_owned();
    let (key, other) = (file("signing.pem"), file("other.pem"));
    let made = town.json(&["keys", "ed25519", &key]);
    let taken = town.refused(&["keys", "ed25519", &key]);
    assert!(taken.contains("signing.pem"), "{taken}");
    town.json(&["keys", "ed25519", &other]);
    await_registered(&town, "provider0");
    let report = without_cards(&town);
    let attest = [
        "audit",
        "attest",
        "provider0",
        "--report",
        &report,
        "--all-attributes",
        "--sign-only",
        "--from",
        "alice",
    ];
    let with = |key| [&attest[..], &["--key", key]].concat();
    let stranger = town.refused(&with(&key));
    assert!(stranger.contains("is no auditor"), "{stranger}");

    let register = ["audit", "register", "--from", "alice"];
    let enrolled = town.json(&[&register[..], &["--key", &key]].concat());
    assert_eq!(enrolled["member"]["key"], made["key"]);
    assert!(made["key"]["ed25519"].is_string(), "{made}");
    let added = town.json(&register);
    let bond = |told: &Value| told["member"]["bond"].as_str().map(str::to_owned);
    assert_ne!(bond(&added), bond(&enrolled));
    for wrong in [&attest[..], &with(&other)] {
        let refused = town.refused(wrong);
        assert!(
            refused.contains("joined with another key, an Ed25519 key"),
            "{refused}"
        );
    }

    // The key alone signs: the account's is not asked for.
    let alice = address(&town, "alice");
    let elsewhere = [&attest[..attest.len() - 1], &[&alice, "--key", &key]].concat();
    let mut signed = town.json(&elsewhere);
    let sent = write(&town, "signed.json", &signed);
    let submit = ["audit", "submit", &sent, "--from", "provider0"];
    signed["attestation"]["level"] = "attested".into();
    write(&town, "signed.json", &signed);
    let forged = town.refused(&submit);
    assert!(forged.contains("signature"), "{forged}");
    signed["attestation"]["level"] = "inventory".into();
    write(&town, "signed.json", &signed);
    let submitted = town.json(&submit);
    assert_eq!(
        submitted["vouches_for"]["attributes"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let said = town.json(&["audit", "ls", "--auditor", "alice"]);
    assert_eq!(said[0]["live"], true);
}

/// NVIDIA's two libraries with a card of theirs that is not there, in this folder.
fn card_drivers(folder: &Path) {
    const STUB: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../measure/tests/stub/nvidia.c"
    );
    std::fs::create_dir(folder).expect("a folder");
    for library in ["libcuda.so.1", "libnvidia-ml.so.1"] {
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-o"])
            .arg(folder.join(library))
            .args([STUB, "-lm"])
            .status();
        assert!(built.expect("a C compiler").success());
    }
}

/// The figures of a card go from its driver to the chain, and nobody has to state them.
#[test]
fn a_card_is_put_to_work_and_vouched_for_with_what_it_did() {
    let mut town = Town::new();
    town.provider_with("provider0", &["--gpu", "nvidia/h100/1024/pcie=1"]);
    let drivers = town.home.path().join("drivers");
    card_drivers(&drivers);
    let measured = town
        .command()
        .args(["--json", "audit", "measure", "--quick", "--disk"])
        .arg(town.home.path())
        .env("LD_LIBRARY_PATH", &drivers)
        .output()
        .expect("leasehold runs");
    let mut report: Value = serde_json::from_slice(&measured.stdout).expect("a report");
    let card = &report["gpus"][0];
    assert_eq!(card["product"], "NVIDIA H100 PCIe", "{report}");
    assert_eq!(
        (&card["gflops"], &card["memory"]["wrong_words"]),
        (&json!(20), &json!(0))
    );

    // The quick look takes the same way; only its word is worth less.
    report["quick"] = false.into();
    let file = write(&town, "report.json", &report);
    await_registered(&town, "provider0");
    town.json(&["audit", "register", "--from", "alice"]);
    let attest = [
        "audit",
        "attest",
        "provider0",
        "--report",
        &file,
        "--from",
        "alice",
    ];
    let stated = town.refused(&[&attest[..], &["--measured", "h100=51000:2900000"]].concat());
    assert!(stated.contains("figures of its own"), "{stated}");
    let said = town.json(&attest);
    assert_eq!(said["vouches_for"]["level"], "benchmarked", "{said}");
    assert_eq!(
        said["attestation"]["gpus"][0]["measured"],
        json!({"gflops": 20, "memory_mib_s": 100_000})
    );
}
