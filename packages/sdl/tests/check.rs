//! A provider runs a manifest only when it uses exactly what the group on chain pays for.

use leasehold_rules::resources::GroupSpec;
use leasehold_sdl::{ManifestError, ManifestGroup, ResourceValue, Sdl};

const APP: &str = include_str!("common/app.yaml");

fn app() -> (ManifestGroup, GroupSpec) {
    let sdl = Sdl::parse("app.yaml", APP).expect("valid");
    let groups = sdl.groups().expect("fits the chain");
    (sdl.manifest().0[0].clone(), groups[0].clone())
}

/// The error for the app's manifest after `change`.
fn refusal(change: impl FnOnce(&mut ManifestGroup)) -> ManifestError {
    let (mut manifest, spec) = app();
    change(&mut manifest);
    manifest.check_against(&spec).expect_err("must be refused")
}

#[test]
fn a_files_manifest_matches_its_own_groups() {
    let (manifest, spec) = app();
    assert_eq!(manifest.check_against(&spec), Ok(()));
    let shared = APP
        .replace("\"2.0\"", "\"2.1\"")
        .replace("profile: web", "profile: db");
    let shared = shared.replace(
        "image: nginx",
        "image: nginx\n    params: { storage: { data: { mount: /d } } }",
    );
    let sdl = Sdl::parse("app.yaml", &shared).expect("valid");
    let spec = &sdl.groups().expect("fits the chain")[0];
    assert_eq!(sdl.manifest().0[0].check_against(spec), Ok(()));
}

#[test]
fn more_than_was_paid_for_is_refused() {
    type Change = fn(&mut ManifestGroup);
    let changes: [(Change, &str); 10] = [
        (
            |m| m.services[1].resources.cpu.units = ResourceValue(600),
            "cpu is 600, unit 2 on chain has 500",
        ),
        (
            |m| m.services[1].resources.memory.size = ResourceValue(1),
            "memory is 1",
        ),
        (
            |m| m.services[1].resources.gpu.units = ResourceValue(2),
            "gpu is 2, unit 2 on chain has 1",
        ),
        (
            |m| m.services[0].resources.storage[1].size = ResourceValue(1),
            "storage is",
        ),
        (
            |m| m.services[0].resources.storage[1].attributes.clear(),
            "storage is",
        ),
        (
            |m| m.services[1].count = 3,
            "unit 2: the manifest's services use replicas 3, the chain has 2",
        ),
        (
            |m| m.services[0].expose[0].global = true,
            "unit 1: the manifest's services use endpoints 0 http, 1 port",
        ),
        (
            |m| {
                m.services.pop();
            },
            "replicas 0",
        ),
        (
            |m| m.services.push(m.services[0].clone()),
            "replicas 2, the chain has 1",
        ),
        (
            |m| m.services[0].resources.id = 3,
            "resource id is \"3\", allowed: 1 to 2",
        ),
    ];
    for (change, message) in changes {
        let error = refusal(change).to_string();
        assert!(error.contains(message), "{message}: {error}");
    }
}

#[test]
fn names_that_could_harm_a_host_are_refused() {
    type Change = fn(&mut ManifestGroup);
    let changes: [(Change, &str); 6] = [
        (|m| m.name = "other".into(), "group is \"other\""),
        (|m| m.services[0].name = "../db".into(), "name is \"../db\""),
        (|m| m.services[0].image.clear(), "image is \"\""),
        (
            |m| m.services[1].expose[0].hosts = Some(vec!["a/b".into()]),
            "host is \"a/b\"",
        ),
        (
            |m| {
                m.services[0]
                    .params
                    .as_mut()
                    .unwrap()
                    .storage
                    .as_mut()
                    .unwrap()[0]
                    .mount = "data".into()
            },
            "an absolute path",
        ),
        (
            |m| {
                m.services[0]
                    .params
                    .as_mut()
                    .unwrap()
                    .storage
                    .as_mut()
                    .unwrap()[0]
                    .name = "x".into()
            },
            "mounted volume is \"x\"",
        ),
    ];
    for (change, message) in changes {
        let error = refusal(change).to_string();
        assert!(error.contains(message), "{message}: {error}");
    }
}
