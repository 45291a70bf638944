//! Every refusal names the place and what is allowed.

use leasehold_sdl::{Sdl, SdlError, MAX_FILE_BYTES};

const APP: &str = include_str!("common/app.yaml");

fn refusal(text: &str) -> SdlError {
    Sdl::parse("app.yaml", text).expect_err("must be refused")
}

/// The error for the app with one piece of its text replaced.
fn changed(from: &str, to: &str) -> SdlError {
    assert!(APP.contains(from), "{from}");
    refusal(&APP.replacen(from, to, 1))
}

#[test]
fn the_unchanged_app_is_valid() {
    let sdl = Sdl::parse("app.yaml", APP).expect("valid");
    assert_eq!(sdl.warnings(), []);
}

#[test]
fn refusals_name_line_path_and_what_is_allowed() {
    let web = "services.web.expose[0]";
    let cases = [
        // what is changed, the path of the finding, part of its message
        ("port: 80\n", "port: 70000\n", format!("{web}.port"), "1 to 65535"),
        ("port: 80\n", "port: none\n", format!("{web}.port"), "\"none\" is not allowed"),
        ("port: 80\n", "port: 80\n        as: -1\n", format!("{web}.as"), "0 to 65535"),
        ("port: 80\n", "port: 80\n        proto: sctp\n", format!("{web}.proto"), "tcp, udp"),
        ("web.example.com", "Web_1", format!("{web}.accept[0]"), "host name"),
        ("- global: true", "- ip: addr", format!("{web}.to[0]"), "requires `global: true`"),
        ("- global: true", "- { global: true, ip: addr }", format!("{web}.to[0].ip"), "no endpoint"),
        ("- global: true", "- service: db", "services".into(), "at least one must be"),
        ("image: nginx", "command: [a]", "services.web.image".into(), "missing"),
        ("image: nginx", "image: nginx\n    image: b", "services.web.image".into(), "given twice"),
        ("image: nginx", "image: [nginx]", "services.web.image".into(), "a list is given"),
        ("A=1", "1A=1", "services.web.env[0]".into(), "\"1A\" is not allowed"),
        ("image: nginx", "image: x\n    credentials: { host: h, username: u }", "services.web.credentials.password".into(), "missing"),
        ("  web:\n    image", "  Web:\n    image", "services.Web".into(), "service name"),
        ("units: 0.5", "units: -1", "profiles.compute.web.resources.cpu.units".into(), "at least 10m"),
        ("size: 512Mi", "size: 512KiB", "profiles.compute.web.resources.memory.size".into(), "Ki, M, Mi"),
        ("size: 512Mi", "size: 1k", "profiles.compute.web.resources.memory.size".into(), "1Mi to"),
        ("units: 1, attributes", "units: 0, attributes", "profiles.compute.web.resources.gpu.attributes".into(), "0 units"),
        ("nvidia:", "amd:", "profiles.compute.web.resources.gpu.attributes.vendor.amd".into(), "allowed: nvidia"),
        ("interface: sxm", "interface: agp", "profiles.compute.web.resources.gpu.attributes.vendor.nvidia[0].interface".into(), "pcie, sxm"),
        ("class: beta3", "class: gold", "profiles.compute.db.resources.storage[1].attributes.class".into(), "beta1, beta2, beta3, ram"),
        ("class: beta3", "class: ram", "profiles.compute.db.resources.storage[1].attributes".into(), "cannot be persistent"),
        ("persistent: true", "persistent: false", "profiles.compute.db.resources.storage[1].attributes".into(), "requires `persistent: true`"),
        ("name: data", "name: default", "profiles.compute.db.resources.storage[1]".into(), "a second volume"),
        ("data: { mount: /data }", "data: { mount: data }", "services.db.params.storage.data.mount".into(), "absolute path"),
        ("data: { mount: /data }", "date: { mount: /data }", "services.db.params.storage.date".into(), "no such volume"),
        ("denom: uakt, amount: 1000", "denom: u!, amount: 1000", "profiles.placement.anywhere.pricing.web.denom".into(), "3 to 128"),
        ("denom: uakt, amount: 1000", "denom: uusd, amount: 1000", "profiles.placement.anywhere.pricing.web.denom".into(), "as the other prices"),
        ("amount: 1000", "amount: 0", "profiles.placement.anywhere.pricing.web.amount".into(), "above 0"),
        ("        web: { denom", "        wob: { denom", "profiles.placement.anywhere.pricing.web".into(), "a price, used by deployment.web.anywhere"),
        ("profile: web", "profile: nope", "deployment.web.anywhere.profile".into(), "no compute profile"),
        ("web: { anywhere:", "web: { nowhere:", "deployment.web.nowhere".into(), "no placement profile"),
        ("count: 2", "count: 51", "deployment.web.anywhere.count".into(), "1 to 50"),
        ("deployment:", "endpoints: { addr: { kind: ip } }\ndeployment:", "endpoints.addr".into(), "never used"),
        ("deployment:", "reclamation: { min_window: soon }\ndeployment:", "reclamation.min_window".into(), "24h"),
        ("version: \"2.0\"", "version: \"3.0\"", "version".into(), "2.0, 2.1"),
        ("deployment:", "leasehold: { per: day }\ndeployment:", "leasehold.per".into(), "block, second, minute, hour, month"),
        ("deployment:", "leasehold: { auction: english }\ndeployment:", "leasehold.auction".into(), "descending, open, dutch, sealed"),
        ("deployment:", "leasehold: { auction: { open: {}, dutch: {} } }\ndeployment:", "leasehold.auction".into(), "exactly one of: descending, open, dutch, sealed"),
        ("deployment:", "leasehold: { auction: {} }\ndeployment:", "leasehold.auction".into(), "exactly one of"),
        ("deployment:", "leasehold: { auction: { sealed: { pricing: third } } }\ndeployment:", "leasehold.auction.sealed.pricing".into(), "first, second"),
        ("deployment:", "leasehold: { auction: { descending: { min_bidders: 1 } } }\ndeployment:", "leasehold.auction.descending.min_bidders".into(), "2 to 16"),
        ("deployment:", "leasehold: { auction: { open: { auto_after: 25h } } }\ndeployment:", "leasehold.auction.open.auto_after".into(), "1s to 24h"),
        ("deployment:", "leasehold: { auction: { dutch: { min_bidders: 2 } } }\ndeployment:", "leasehold.auction.dutch.min_bidders".into(), "unknown field"),
        ("deployment:", "leasehold: { surprise: 1 }\ndeployment:", "leasehold.surprise".into(), "per, auction, failover, duration, audit_level, probes"),
        ("deployment:", "leasehold: { duration: 8761h }\ndeployment:", "leasehold.duration".into(), "1s to 8760h"),
        ("deployment:", "leasehold: { duration: 500ms }\ndeployment:", "leasehold.duration".into(), "1s to 8760h"),
        ("deployment:", "leasehold: { probes: { nope: {} } }\ndeployment:", "leasehold.probes.nope".into(), "no service"),
        ("deployment:", "leasehold: { probes: { web: { liveness: { tcp: { port: 1 }, command: [a] } } } }\ndeployment:", "leasehold.probes.web.liveness".into(), "exactly one of"),
    ];
    for (from, to, path, message) in cases {
        let error = changed(from, to);
        let found = error.diagnostics.iter().find(|d| d.path == path);
        let found = found.unwrap_or_else(|| panic!("{to}: not about {path}:\n{error}"));
        assert!(found.message.contains(message), "{to}: {error}");
        assert!(found.position.is_some(), "{to}: {error}");
    }
}

#[test]
fn the_position_is_that_of_the_value() {
    let error = changed("port: 80\n", "port: 70000\n");
    let expected =
        r#"app.yaml:7:15: services.web.expose[0].port: "70000" is not allowed: 1 to 65535"#;
    assert_eq!(error.to_string(), expected);
}

#[test]
fn one_run_finds_every_error() {
    let text = APP
        .replace("port: 80\n", "port: 0\n")
        .replace("count: 2", "count: 0")
        .replace("units: 0.5", "units: x");
    let paths: Vec<_> = refusal(&text)
        .diagnostics
        .into_iter()
        .map(|d| d.path)
        .collect();
    assert_eq!(
        paths,
        [
            "services.web.expose[0].port",
            "profiles.compute.web.resources.cpu.units",
            "deployment.web.anywhere.count",
        ]
    );
}

#[test]
fn findings_are_limited_in_number_and_length() {
    let many = "    - 1=a\n".repeat(5_000);
    let error = changed("    env: [A=1]\n", &format!("    env:\n{many}"));
    assert_eq!(error.diagnostics.len(), 32);
    let long = "x ".repeat(10_000);
    assert!(
        changed("units: 0.5", &format!("units: {long}"))
            .to_string()
            .len()
            < 400
    );
}

#[test]
fn secrets_stay_out_of_messages() {
    let error = changed("A=1", "1A=hunter2");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn colliding_names_and_ports_are_refused() {
    let twice =
        "- port: 80\n        accept: [web.example.com]\n        to:\n          - global: true";
    let error = changed(
        twice,
        &format!("{twice}\n      {}", twice.replace("80", "81")),
    );
    assert!(
        error
            .to_string()
            .contains("host web.example.com is already taken"),
        "{error}"
    );

    let leased = "- port: 80\n        to: [{ global: true, ip: addr }]";
    let text = APP
        .replace(twice, &format!("{leased}\n      {leased}"))
        .replace(
            "deployment:",
            "endpoints: { addr: { kind: ip } }\ndeployment:",
        );
    let error = refusal(&text);
    assert!(
        error.to_string().contains("port 80 is already taken"),
        "{error}"
    );
}

#[test]
fn unknown_fields_and_dead_targets_are_warnings() {
    let text = APP
        .replace("image: nginx", "image: nginx\n    depends_on: [db]")
        .replace("attributes: { region: eu }", "attributes: null")
        .replace("service: web", "service: wob")
        .replace("size: 10Gi", "size: 10GB");
    let sdl = Sdl::parse("app.yaml", &text).expect("valid");
    let paths: Vec<_> = sdl.warnings().iter().map(|w| w.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "services.web.depends_on",
            "profiles.compute.db.resources.storage[1].size",
            "services.db.expose[0].to[0].service",
        ]
    );
    assert_eq!(sdl.akash_groups()[0].requirements.attributes, None);
}

#[test]
fn hostile_yaml_is_refused() {
    let laughs: String = (1..9)
        .map(|level| {
            format!(
                "l{level}: &l{level} [{}]\n",
                format!("*l{},", level - 1).repeat(9)
            )
        })
        .collect();
    let aliases = format!("a: &a 1\nb: [{}]\n", "*a,".repeat(501));
    let copies = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), "*a,".repeat(50));
    let cases = [
        (format!("l0: &l0 lol\n{laughs}"), "aliases expand"),
        (copies, "aliases expand"),
        (aliases, "aliases, allowed: 500"),
        (
            format!("a: {}{}", "[".repeat(40), "]".repeat(40)),
            "levels deep, allowed: 32",
        ),
        ("[".repeat(100_000), "not valid YAML"),
        ("- ".repeat(2_000), "levels deep, allowed: 32"),
        ("- a\n".repeat(30_000), "values, allowed: 20000"),
        (" ".repeat(MAX_FILE_BYTES + 1), "bytes, allowed: 262144"),
        ("a: &a [*a]".into(), "alias inside the value it names"),
        ("a: *b".into(), "not valid YAML"),
        (
            "---\na: 1\n---\nb: 1\n".into(),
            "2 YAML documents, allowed: 1",
        ),
        ("? [a]\n: 1".into(), "key must be plain text"),
        ("<<: 1".into(), "`<<` takes a mapping"),
        ("a: \"\u{1b}".into(), "not valid YAML"),
        (String::new(), "no YAML document"),
        ("just text".into(), "required: a mapping"),
    ];
    for (text, message) in cases {
        let error = refusal(&text).to_string();
        let start: String = text.chars().take(40).collect();
        assert!(error.contains(message), "{start:?}: {error}");
    }
}

#[test]
fn anchors_and_merge_keys_work() {
    let text = APP
        .replace(
            "web: { denom: uakt, amount: 1000 }",
            "web: &price { denom: uakt, amount: 1000 }",
        )
        .replace(
            "db: { denom: uakt, amount: 0.5 }",
            "db: { <<: *price, amount: 0.5 }",
        );
    let merged = Sdl::parse("app.yaml", &text).expect("valid");
    let plain = Sdl::parse("app.yaml", APP).expect("valid");
    assert_eq!(merged.akash_groups(), plain.akash_groups());
}

#[test]
fn damaged_files_never_panic() {
    let outcome = |text: &str| Sdl::parse("app.yaml", text).map(|sdl| sdl.groups());
    let ends = APP.char_indices().map(|(end, _)| end);
    let refused = ends.filter(|end| outcome(&APP[..*end]).is_err()).count();
    assert!(
        refused > APP.len() * 9 / 10,
        "{refused} of {} prefixes",
        APP.len()
    );
    let lines: Vec<_> = APP.lines().collect();
    for gap in 0..lines.len() {
        let rest = [&lines[..gap], &lines[gap + 1..]].concat().join("\n");
        if let Err(error) = outcome(&rest) {
            assert!(!error.diagnostics.is_empty(), "without line {}", gap + 1);
        }
    }
}
