//! Akash's own fixtures and hash vectors.

mod common;

use common::{list, name, read, shared};
use leasehold_sdl::{Manifest, Sdl};
use serde_json::Value;

fn parse(text: &str) -> Sdl {
    Sdl::parse("test.yaml", text).unwrap_or_else(|e| panic!("{e}"))
}

fn single_service(name: &str, image: &str, port: u32, cpu: &str, profile: &str) -> Sdl {
    parse(&format!(
        r#"
version: "2.0"
services:
  {name}:
    image: {image}
    expose: [{{ port: {port}, as: 80, to: [{{ global: true }}] }}]
profiles:
  compute:
    {profile}:
      resources: {{ cpu: {{ units: {cpu} }}, memory: {{ size: 512Mi }}, storage: [{{ size: 512Mi }}] }}
  placement:
    akash:
      attributes: {{ host: akash }}
      pricing: {{ {profile}: {{ denom: uakt, amount: 10000 }} }}
deployment:
  {name}: {{ akash: {{ profile: {profile}, count: 1 }} }}
"#
    ))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn hashes_equal_akash_golden_vectors() {
    let vectors = [
        (
            single_service("tetris", "bsord/tetris", 80, "1", "tetris"),
            "ee52e329aa45b0638c27065d52eb0dc92f6704194bc63c6435c56fb549dded7d",
        ),
        (
            single_service("tetris-main", "bsord/tetris", 80, "1", "tetris"),
            "838f09afb4073a3ca8eb25ff5f4f02fb9d2cde6985be636b04ede17401154583",
        ),
        (
            single_service(
                "minesweeper",
                "creepto/minesweeper",
                3000,
                "0.1",
                "minesweeper",
            ),
            "76857258cd925b92f12f93ebc8f488c637a17708764f7996d54ad02c2564f174",
        ),
    ];
    for (sdl, hash) in vectors {
        let manifest = sdl.manifest();
        assert_eq!(hex(&manifest.hash()), hash, "{}", manifest.canonical_json());
    }
}

#[test]
fn canonical_json_equals_the_printed_vector() {
    let sdl = single_service("tetris", "bsord/tetris", 80, "1", "tetris");
    let expected = r#"[{"name":"akash","services":[{"args":null,"command":null,"count":1,"credentials":null,"env":null,"expose":[{"endpointSequenceNumber":0,"externalPort":80,"global":true,"hosts":null,"httpOptions":{"maxBodySize":1048576,"nextCases":["error","timeout"],"nextTimeout":0,"nextTries":3,"readTimeout":60000,"sendTimeout":60000},"ip":"","port":80,"proto":"TCP","service":""}],"image":"bsord/tetris","name":"tetris","resources":{"cpu":{"units":{"val":"1000"}},"endpoints":[{"sequence_number":0}],"gpu":{"units":{"val":"0"}},"id":1,"memory":{"size":{"val":"536870912"}},"storage":[{"name":"default","size":{"val":"536870912"}}]}}]}]"#;
    assert_eq!(sdl.manifest().canonical_json(), expected);
}

#[test]
fn every_fixture_with_an_output_matches_it() {
    let (Some(inputs), Some(outputs)) = (shared("official/input"), shared("official/output"))
    else {
        return;
    };
    let mut compared = 0;
    for version in ["v2.0", "v2.1"] {
        for folder in list(&inputs.join(version)) {
            let label = format!("{version}/{}", name(&folder));
            let sdl = Sdl::parse(&label, &read(&folder.join("input.yaml")))
                .unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(sdl.warnings(), [], "{label}");
            let output = outputs.join(version).join(name(&folder));
            if !output.is_dir() {
                continue;
            }
            let expected =
                |file| -> Value { serde_json::from_str(&read(&output.join(file))).expect("JSON") };
            let groups = serde_json::to_value(sdl.akash_groups()).expect("serialises");
            assert_eq!(groups, expected("group-specs.json"), "{label}: groups");
            let manifest = serde_json::to_value(sdl.manifest()).expect("serialises");
            assert_eq!(manifest, expected("manifest.json"), "{label}: manifest");
            let again: Manifest = serde_json::from_value(manifest).expect("deserialises");
            assert_eq!(&again, sdl.manifest(), "{label}: read back");
            compared += 1;
        }
    }
    assert!(compared >= 6, "only {compared} outputs compared");
}

/// Each invalid file, and the path that its error must name.
#[test]
fn every_invalid_fixture_is_refused_where_it_is_wrong() {
    let Some(folder) = shared("official/input/invalid") else {
        return;
    };
    let places = [
        ("count-zero.yaml", "deployment.web.akash.count"),
        ("empty-image.yaml", "services.web.image"),
        ("invalid-endpoint-name.yaml", "endpoints.Invalid-Name"),
        ("invalid-protocol.yaml", "services.web.expose[0].proto"),
        ("missing-deployment.yaml", "deployment"),
        (
            "missing-memory-size.yaml",
            "profiles.compute.web.resources.memory.size",
        ),
        ("missing-version.yaml", "version"),
        (
            "persistent-without-mount.yaml",
            "services.web.params.storage.data.mount",
        ),
        ("port-zero.yaml", "services.web.expose[0].port"),
        ("unknown-field.yaml", "unknown_field"),
        ("v2.1-tee-cpu-gpu-no-gpu.yaml", "services.web.params.tee"),
    ];
    for path in list(&folder) {
        let error = Sdl::parse(name(&path), &read(&path)).expect_err(name(&path));
        assert!(
            error.diagnostics.iter().all(|d| d.position.is_some()),
            "{error}"
        );
        if let Some((_, place)) = places.iter().find(|(file, _)| *file == name(&path)) {
            let found: Vec<_> = error.diagnostics.iter().map(|d| d.path.as_str()).collect();
            assert_eq!(found, [*place], "{error}");
        }
    }
}

/// Files that Akash's schema refuses and its parser accepts. Two ask for what nobody can deliver, the rest is accepted here too.
#[test]
fn schema_only_rules_do_not_refuse_a_file() {
    let Some(folder) = shared("official/input/schema-only-invalid") else {
        return;
    };
    for path in list(&folder) {
        let refused = Sdl::parse(name(&path), &read(&path)).is_err();
        let must = matches!(
            name(&path),
            "invalid-version.yaml" | "invalid-gpu-vendor.yaml"
        );
        assert_eq!(refused, must, "{}", name(&path));
    }
}
