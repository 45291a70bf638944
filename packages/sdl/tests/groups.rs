//! Groups on chain, endpoint numbers, volume order and the `leasehold:` block.

use leasehold_rules::resources::{Endpoint, GpuModel};
use leasehold_sdl::{AuctionMode, Extensions, PricePeriod, Pricing, ProbeCheck, Sdl};

const APP: &str = include_str!("common/app.yaml");

fn parse(text: &str) -> Sdl {
    Sdl::parse("app.yaml", text).unwrap_or_else(|e| panic!("{e}"))
}

/// The rate of the web unit when its price is `amount` per `per`.
fn rate(amount: &str, per: &str) -> Result<u128, String> {
    let text = APP
        .replace("amount: 0.5", "amount: 500000000")
        .replace("amount: 1000", &format!("amount: {amount}"))
        .replace(
            "deployment:",
            &format!("leasehold: {{ per: {per} }}\ndeployment:"),
        );
    let groups = parse(&text).groups().map_err(|e| e.to_string())?;
    Ok(groups[0].resources[1].rate.u128())
}

#[test]
fn groups_carry_everything_the_chain_needs() {
    let groups = parse(APP).groups().expect("fits the chain");
    let [group] = groups.as_slice() else {
        panic!("one group");
    };
    assert_eq!(group.name, "anywhere");
    assert_eq!(group.requirements.attributes[0].key, "region");
    assert_eq!(group.requirements.attributes[0].value, "eu");
    assert_eq!(group.requirements.any_of, ["auditor"]);
    let [db, web] = group.resources.as_slice() else {
        panic!("two units");
    };
    assert_eq!((db.cpu, db.memory, db.count), (1000, 1 << 30, 1));
    assert_eq!((web.cpu, web.memory, web.count), (500, 512 << 20, 2));
    assert_eq!(
        (db.endpoints.as_slice(), web.endpoints.as_slice()),
        (&[][..], &[Endpoint::SharedHttp][..])
    );
    assert_eq!(db.gpu, None);
    assert_eq!(db.storage[0].class, None);
    assert_eq!(db.storage[1].class.as_deref(), Some("beta3"));
    assert!(db.storage[1].persistent);
    let gpu = web.gpu.as_ref().expect("a GPU");
    let a100 = GpuModel {
        vendor: "nvidia".into(),
        model: Some("a100".into()),
        vram_mib: Some(80 * 1024),
        interface: Some("sxm".into()),
    };
    assert_eq!((gpu.count, gpu.models.as_slice()), (1, &[a100][..]));
}

#[test]
fn prices_become_rates_exactly() {
    // 1000 per 6.5 s: 1000 · 10^12 · 2 / 13, cut.
    assert_eq!(rate("1000", "block"), Ok(153_846_153_846_153));
    assert_eq!(rate("13", "block"), Ok(2_000_000_000_000));
    assert_eq!(rate("1", "second"), Ok(1_000_000_000_000));
    assert_eq!(rate("0.5", "minute"), Ok(8_333_333_333));
    assert_eq!(rate("3600", "hour"), Ok(1_000_000_000_000));
    assert_eq!(rate("2629800", "month"), Ok(1_000_000_000_000));
    assert_eq!(rate("0.000000000001", "second"), Ok(1));
    assert_eq!(
        rate("1.000000000000000001", "second"),
        Ok(1_000_000_000_000)
    );
}

#[test]
fn prices_that_are_no_rate_are_refused_where_they_stand() {
    let small = rate("0.0000000000009", "second").expect_err("rounds to zero");
    assert!(
        small.contains("pricing.web.amount: too small a price"),
        "{small}"
    );
    assert!(small.starts_with("app.yaml:"), "{small}");
    let large = rate("99999999999999999999", "second").expect_err("beyond the chain's maximum");
    assert!(
        large.contains("pricing.web.amount: too large a price"),
        "{large}"
    );
}

#[test]
fn the_chains_caps_are_reported_where_they_are_exceeded() {
    let auditors = "anyOf: [a, b, c, d, e]";
    let sdl = parse(&APP.replace("anyOf: [auditor]", auditors));
    let error = sdl.groups().expect_err("five auditors").to_string();
    assert!(
        error.contains("profiles.placement.anywhere: any_of auditors is 5"),
        "{error}"
    );
}

#[test]
fn any_gpu_is_any_nvidia_card() {
    let listed = "[{ model: A100, ram: 80Gi, interface: sxm }]";
    for any in ["null", "[{ model: \"*\" }]"] {
        let sdl = parse(&APP.replace(listed, any));
        let gpu = sdl.groups().expect("fits")[0].resources[1].gpu.clone();
        let models = gpu.expect("a GPU").models;
        assert_eq!(models.len(), 1);
        assert_eq!(
            (models[0].vendor.as_str(), &models[0].model),
            ("nvidia", &None)
        );
        let attributes = &sdl.akash_groups()[0].resources[1].resource.gpu.attributes;
        assert_eq!(attributes[0].key, "vendor/nvidia/model/*");
    }
}

#[test]
fn leased_addresses_are_numbered_as_in_akash() {
    let text = APP
        .replace("accept: [web.example.com]", "proto: udp")
        .replace(
            "- global: true",
            "- { global: true, ip: zulu }\n          - { global: true, ip: alpha }",
        )
        .replace(
            "deployment:",
            "endpoints: { zulu: { kind: ip }, alpha: { kind: ip } }\ndeployment:",
        );
    let sdl = parse(&text);
    let exposed = sdl.manifest().0[0].services[1].expose.iter();
    let numbers: Vec<_> = exposed
        .map(|e| (e.ip.as_str(), e.endpoint_sequence_number))
        .collect();
    // The target of `db`, which has no address, takes number 1.
    assert_eq!(numbers, [("zulu", 3), ("alpha", 2)]);
    let web = &sdl.groups().expect("fits")[0].resources[1];
    use Endpoint::{LeasedIp, RandomPort};
    assert_eq!(web.endpoints, [RandomPort, LeasedIp, RandomPort, LeasedIp]);
}

#[test]
fn version_2_1_shares_one_unit_per_profile() {
    let both_on_db = APP.replace("profile: web", "profile: db").replace(
        "image: nginx",
        "image: nginx\n    params: { storage: { data: { mount: /d } } }",
    );
    let units = |text: &str| parse(text).akash_groups()[0].resources.clone();
    assert_eq!(units(&both_on_db).len(), 2);
    let shared = units(&both_on_db.replace("\"2.0\"", "\"2.1\""));
    assert_eq!(shared.len(), 1);
    assert_eq!(
        (shared[0].count, shared[0].resource.endpoints.len()),
        (3, 1)
    );
}

#[test]
fn volumes_are_ordered_by_akash_rules() {
    let names = |volumes: &str| -> Vec<String> {
        let text = APP.replace("- size: 1Gi\n", &format!("{volumes}\n"));
        let sdl = parse(&text);
        let resources = &sdl.manifest().0[0].services[0].resources;
        resources.storage.iter().map(|v| v.name.clone()).collect()
    };
    assert_eq!(names("- { name: big, size: 20Gi }"), ["data", "big"]);
    assert_eq!(names("- { name: same, size: 10Gi }"), ["same", "data"]);
    // Two ephemeral volumes of one size: the later comes first.
    assert_eq!(
        names("- { name: a, size: 1Gi }\n          - { name: b, size: 1Gi }"),
        ["b", "a", "data"]
    );
}

#[test]
fn the_leasehold_block_is_read_and_leaves_the_hash_alone() {
    let block = "leasehold:
  per: hour
  auction: dutch
  failover: false
  probes:
    web:
      readiness: { http: { port: 80, path: /health }, every: 5s, failures: 2 }
      liveness: { tcp: { port: 80 }, after: 1m }
      startup: { command: [test, -f, /ready] }
deployment:";
    let (plain, extended) = (parse(APP), parse(&APP.replace("deployment:", block)));
    assert_eq!(plain.manifest().hash(), extended.manifest().hash());
    assert_eq!(plain.extensions(), &Extensions::default());
    assert!(plain.extensions().failover);
    let given = extended.extensions();
    assert_eq!(
        (given.per, given.auction, given.failover),
        (
            PricePeriod::Hour,
            AuctionMode::Dutch { min_rate: None },
            false
        )
    );
    let web = &given.probes["web"];
    let readiness = web.readiness.as_ref().expect("readiness");
    let http = ProbeCheck::Http {
        port: 80,
        path: "/health".into(),
    };
    assert_eq!(
        (&readiness.check, readiness.every, readiness.failures),
        (&http, 5, 2)
    );
    let liveness = web.liveness.as_ref().expect("liveness");
    assert_eq!(
        (&liveness.check, liveness.after, liveness.timeout),
        (&ProbeCheck::Tcp { port: 80 }, 60, 1)
    );
    let startup = web.startup.as_ref().expect("startup");
    assert_eq!(
        startup.check,
        ProbeCheck::Command(vec!["test".into(), "-f".into(), "/ready".into()])
    );
    let json = serde_json::to_string(given).expect("serialises");
    assert_eq!(
        &serde_json::from_str::<Extensions>(&json).expect("reads back"),
        given
    );
}

#[test]
fn an_auction_is_a_name_or_a_name_with_options() {
    let sealed = |pricing, min_bidders| AuctionMode::Sealed {
        pricing,
        min_bidders,
    };
    let cases = [
        ("descending", AuctionMode::default()),
        ("{ descending: {} }", AuctionMode::default()),
        ("{ descending: }", AuctionMode::default()),
        (
            "{ descending: { min_bidders: 2 } }",
            AuctionMode::Descending {
                min_bidders: Some(2),
            },
        ),
        ("open", AuctionMode::Open { auto_after: None }),
        (
            "{ open: { auto_after: 5m } }",
            AuctionMode::Open {
                auto_after: Some(300),
            },
        ),
        ("{ dutch: {} }", AuctionMode::Dutch { min_rate: None }),
        ("sealed", sealed(Pricing::First, None)),
        (
            "{ sealed: { pricing: second, min_bidders: 16 } }",
            sealed(Pricing::Second, Some(16)),
        ),
    ];
    for (text, mode) in cases {
        let block = format!("leasehold: {{ auction: {text} }}\ndeployment:");
        let sdl = parse(&APP.replace("deployment:", &block));
        assert_eq!(sdl.extensions().auction, mode, "{text}");
    }
}

#[test]
fn absent_empty_and_null_lists_hash_differently() {
    let with = |env: &str| {
        parse(&APP.replace("env: [A=1]", env))
            .manifest()
            .canonical_json()
    };
    assert!(with("env: []").contains(r#""env":[]"#));
    assert!(with("env: null").contains(r#""env":null"#));
    assert!(with("env: [\"A=<&>\"]").contains(r#""env":["A=\u003c\u0026\u003e"]"#));
    assert!(with("params: {}").contains(r#""params":{"storage":null}"#));
    assert!(with("params: { tee: cpu }").contains(r#""tee":{"attestation":true,"type":"cpu"}"#));
}

#[test]
fn confidential_services_ask_for_such_providers() {
    let text = APP.replace("env: [A=1]", "params: { tee: cpu-gpu }");
    let groups = parse(&text).akash_groups();
    let attributes = groups[0].requirements.attributes.as_ref().expect("some");
    let pairs: Vec<_> = attributes
        .iter()
        .map(|a| (a.key.as_str(), a.value.as_str()))
        .collect();
    assert_eq!(pairs, [("region", "eu"), ("tee/type", "cpu-gpu")]);
}
