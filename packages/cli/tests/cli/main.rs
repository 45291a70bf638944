//! The commands as a person uses them: the real binary, a devchain, a provider, an app.

mod audit;
mod governance;
mod prune;
mod reputation;
mod reservation;
mod town;
mod watch;

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use town::{leasehold, text, variant, Town, HELLO};

#[test]
fn an_app_from_deploy_to_close() {
    let mut town = Town::new();
    town.provider("provider0");
    let deployed = town.json(&[
        "deploy",
        HELLO,
        "--from",
        "tenant",
        "--deposit",
        "3000000",
        "--yes",
    ]);
    let id = deployed["deployment"].to_string();
    assert!(
        deployed["urls"][0]
            .as_str()
            .is_some_and(|url| url.starts_with("http://lease-80001.localhost:")),
        "{deployed}"
    );

    let listed = town.json(&["ls", "--from", "tenant"]);
    assert_eq!(listed[0]["groups"][0]["status"], "leased");
    let status = town.json(&["status", &id, "--from", "tenant"]);
    assert_eq!(status["groups"][0]["services"]["services"][0]["ready"], 1);
    let provider = town.json(&["provider", "status", "provider0"]);
    assert_eq!(provider["leases"][0]["id"], 80_001);
    let logs = town.run(&["logs", &id, "--from", "tenant"]);
    assert!(
        text(&logs.stdout).contains("serving on port"),
        "{}",
        text(&logs.stderr)
    );
    town.json(&["push", &id, "--from", "tenant"]);

    let before = town.json(&["status", &id, "--from", "tenant"])["account"]["depletes_at"].as_u64();
    let after = town.json(&["top-up", &id, "500000", "--from", "tenant"])["account"]["depletes_at"]
        .as_u64();
    assert!(after > before, "{before:?} {after:?}");

    let stranger = town.refused(&["close", &id, "--from", "alice", "--yes"]);
    assert!(stranger.contains("owner"), "{stranger}");
    let closed = town.json(&["close", &id, "--from", "tenant", "--yes"]);
    let refunded: u128 = closed["refunded"]
        .as_str()
        .expect("an amount")
        .parse()
        .expect("a number");
    assert!((3_000_000..=3_500_000).contains(&refunded), "{closed}");
    assert_eq!(town.json(&["ls", "--from", "tenant"]), Value::Array(vec![]));
    let all = town.json(&["ls", "--all", "--from", "tenant"]);
    assert_eq!(
        (&all[0]["id"], &all[0]["closed"]),
        (&1.into(), &true.into())
    );
}

/// Alice rents on the tenant's money, and only within its limits.
#[test]
fn an_allowance_pays_for_somebody_elses_app() {
    let mut town = Town::new();
    town.provider("provider0");
    let own = ["deploy", HELLO, "--from", "tenant", "--yes"];
    town.json(&[&own[..], &["--deposit", "9000000"]].concat());
    let allow = |total: &'static str| {
        [
            "account",
            "allow",
            "1",
            "--spender",
            "alice",
            "--max-rate",
            "50000000",
            "--max-total",
            total,
            "--from",
            "tenant",
        ]
    };
    let allowed = town.json(&allow("2000000"));
    assert_eq!(allowed["allowance"]["account"], 2);
    let refused = town.refused(&["account", "draw", "2", "2000001", "--from", "alice"]);
    assert!(refused.contains("amount drawn is 2000001"), "{refused}");
    town.json(&["account", "draw", "2", "1500000", "--from", "alice"]);
    let rent = [
        "deploy",
        HELLO,
        "--from",
        "alice",
        "--account",
        "2",
        "--yes",
    ];
    let deployed = town.json(&[&rent[..], &["--deposit", "0"]].concat());
    let id = deployed["deployment"].to_string();
    town.json(&["account", "revoke", "2", "--from", "tenant"]);
    let refused = town.refused(&["account", "draw", "2", "1", "--from", "alice"]);
    assert!(refused.contains("allowance"), "{refused}");
    town.json(&["close", &id, "--from", "alice", "--yes", "--keep-account"]);
    // What is left is the owner's.
    let left = town.json(&["account", "withdraw", "2", "--from", "tenant"]);
    assert_eq!(left["account"]["withdrawable"], "0");
    assert_eq!(
        town.json(&["account", "ls", "--from", "tenant"])[1]["id"],
        2
    );
}

#[test]
fn an_app_on_a_standing_offer_has_its_lease_at_once() {
    let mut town = Town::new();
    town.provider_with("provider0", &["--offer", "50"]);
    // As soon as the agent has posted it; each look is a command of its own.
    let listed = (0..1_000)
        .map(|_| town.json(&["offers"]))
        .find(|offers| offers[0].is_object())
        .expect("the agent posts its offer");
    assert_eq!(listed[0]["id"], 1);
    let quoted = town.json(&["offers", HELLO]);
    assert_eq!(quoted[0]["group"], "anywhere");
    assert!(quoted[0]["offers"][0]["quote"]["refusal"].is_null());
    let rate = quoted[0]["offers"][0]["quote"]["rate"].clone();

    let deploy = |offer| {
        [
            "deploy", HELLO, "--from", "tenant", "--yes", "--offer", offer,
        ]
    };
    let missing = town.refused(&deploy("9"));
    assert!(missing.contains("offer 9 does not sell"), "{missing}");
    let placed = town.json(&[&deploy("best")[..], &["--no-wait"]].concat());
    let id = placed["deployment"].to_string();
    let status = town.json(&["status", &id, "--from", "tenant"]);
    let lease = &status["groups"][0]["lease"];
    assert_eq!((&lease["offer_id"], &lease["rate"]), (&1.into(), &rate));
    let table = town.run(&["offers", HELLO]);
    assert!(
        text(&table.stdout).contains("yes"),
        "{}",
        text(&table.stdout)
    );

    let up = town.json(&deploy("1"));
    assert!(up["urls"][0].is_string(), "{up}");
    town.json(&["close", &id, "--from", "tenant", "--yes"]);
}

#[test]
fn a_provider_announces_what_it_will_do() {
    let mut town = Town::new();
    town.provider("provider0");
    let deploy = ["deploy", HELLO, "--from", "tenant", "--yes"];
    town.json(&deploy);
    let pause = [
        "provider",
        "maintenance",
        "--from",
        "provider0",
        "--start",
        "30",
        "--length",
        "20",
    ];
    let announced = town.json(&pause);
    let status = town.json(&["provider", "status", "provider0"]);
    assert_eq!(status["provider"]["maintenance"]["from"], announced["from"]);
    assert!(town.refused(&pause).contains("from is"), "one at a time");
    let given = town.json(&["provider", "notice", "80001", "--from", "provider0"]);
    assert!(given["lease"]["leaves_at"].is_u64(), "{given}");
    let penalties = town.json(&["penalties", "--settle", "--from", "tenant"]);
    assert_eq!(penalties["penalties"], Value::Array(vec![]));
}

#[test]
fn errors_say_what_to_do() {
    let town = Town::new();
    assert!(town
        .refused(&["status", "99", "--from", "tenant"])
        .contains("deployment 99 not found"));
    assert!(town
        .refused(&["deploy", HELLO, "--from", "tenant"])
        .contains("say --yes"));
    assert!(town
        .refused(&["deploy", "missing.yaml", "--from", "tenant"])
        .contains("cannot read missing.yaml"));
    assert!(town
        .refused(&["ls"])
        .contains("say which key signs with --from"));
    assert!(town.refused(&["ls", "--from", "nobody"]).contains("nobody"));
    let elsewhere = town.refused(&["--node", "http://127.0.0.1:1", "ls", "--from", "tenant"]);
    assert!(elsewhere.contains("http://127.0.0.1:1"), "{elsewhere}");
    let wrong = town.refused(&[
        "--suite",
        "wasm1fue56eaefc2x6s3lmkl74g3cv38svlsylqxp3f",
        "ls",
        "--from",
        "tenant",
    ]);
    assert!(
        wrong.contains("does not answer as a contract of the suite"),
        "{wrong}"
    );
}

#[test]
fn a_suite_is_deployed_and_found_by_any_of_its_contracts() {
    let town = Town::new();
    let deploy = [
        "suite",
        "deploy",
        "--from",
        "deployer",
        "--salt",
        "second",
        "--profile",
        "production",
    ];
    let suite = town.json(&deploy);
    let market = suite["market"].as_str().expect("an address");
    assert_eq!(town.json(&["--suite", market, "suite", "show"]), suite);
    assert!(
        town.refused(&deploy).contains("instantiat"),
        "the same salt gives the same addresses, which are taken"
    );
}

#[test]
fn sdl_commands_need_no_chain() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let run = |args: &[&str]| {
        leasehold(home.path())
            .args(args)
            .output()
            .expect("leasehold runs")
    };
    let hash = run(&["sdl", "manifest", "--hash", HELLO]);
    assert_eq!(text(&hash.stdout).trim().len(), 64);
    let groups: Value =
        serde_json::from_slice(&run(&["sdl", "groups", HELLO, "--json"]).stdout).expect("JSON");
    assert_eq!(groups[0]["n"], "anywhere");
    let bad = home.path().join("bad.yaml");
    let mut sdl = String::new();
    std::fs::File::open(HELLO)
        .and_then(|mut file| file.read_to_string(&mut sdl))
        .expect("the example is there");
    std::fs::write(&bad, sdl.replace("port: 8080", "port: 0")).expect("a temporary file");
    let refused = run(&["sdl", "check", &bad.display().to_string()]);
    assert!(!refused.status.success());
    let said = text(&refused.stderr);
    assert!(
        said.contains("services.web.expose[0].port") && said.contains("1 to 65535"),
        "{said}"
    );
}

#[test]
fn keys_come_back_from_their_phrase_and_only_with_the_passphrase() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let run = |args: &[&str], passphrase: &str| {
        leasehold(home.path())
            .args(args)
            .env("LEASEHOLD_PASSPHRASE", passphrase)
            .stdin(Stdio::null())
            .output()
            .expect("leasehold runs")
    };
    let added: Value =
        serde_json::from_slice(&run(&["--json", "keys", "add", "me"], "secret").stdout)
            .expect("JSON");
    let exported = run(&["keys", "export", "me"], "secret");
    assert_eq!(text(&exported.stdout).trim(), added["mnemonic"]);
    let wrong = run(&["keys", "export", "me"], "guess");
    assert!(!wrong.status.success() && text(&wrong.stderr).contains("wrong passphrase"));
    let again = run(&["keys", "add", "me"], "secret");
    assert!(
        text(&again.stderr).contains("already a key named"),
        "{}",
        text(&again.stderr)
    );
}

/// Larger for the old price is declined, for a new one agreed to; another manifest needs no consent.
#[test]
fn a_running_app_changes_with_its_providers_consent() {
    let mut town = Town::new();
    town.provider("provider0");
    town.json(&["deploy", HELLO, "--from", "tenant", "--yes"]);
    let larger = ("units: 0.1", "units: 0.2");
    let dearer = ("amount: 36000000", "amount: 72000000");
    let image = "image: localhost/leasehold-demo:latest";
    let greeting = format!("{image}\n    env: [GREETING=again]");

    let path = variant(&town, &[larger]);
    let change = ["change", "1", &path, "--from", "tenant", "--yes"];
    let refused = town.refused(&change);
    assert!(refused.contains("declines"), "{refused}");

    variant(&town, &[larger, dearer]);
    let changed = town.json(&change);
    let status = town.json(&["status", "1", "--from", "tenant"]);
    let spec = &status["deployment"]["groups"][0]["spec"];
    assert_eq!(spec["u"][0]["c"], 200, "{status}");
    let lease = &status["groups"][0]["lease"];
    assert_eq!(lease["id"], 80_001, "the lease goes on");
    assert_eq!(lease["rate"], changed["changes"][0]["rate"]);
    let again = town.refused(&change);
    assert!(again.contains("runs already"), "{again}");

    variant(&town, &[larger, dearer, (image, &greeting)]);
    assert_eq!(town.json(&change)["changes"], Value::Array(vec![]));
}

/// A job ends by itself: the provider takes it down and its rent stops.
#[test]
fn a_job_is_over_after_its_time() {
    let mut town = Town::new();
    town.provider("provider0");
    let path = variant(&town, &[("leasehold:\n", "leasehold:\n  duration: 20s\n")]);
    town.json(&["deploy", &path, "--from", "tenant", "--yes"]);
    let status = || town.json(&["status", "1", "--from", "tenant"]);
    let lease = status()["groups"][0]["lease"].clone();
    let time = |name: &str| lease[name].as_u64().expect("a time");
    assert_eq!(time("until") - time("started_at"), 20);
    // Each look takes the binary a moment; blocks come by the second.
    for _ in 0..600 {
        if status()["groups"][0]["order"]["phase"] == "closed" {
            // Asked again: a look reads the account before the order, and a block may come between.
            assert_eq!(status()["account"]["prepaid"], "0");
            return;
        }
    }
    panic!("the job was never ended");
}
