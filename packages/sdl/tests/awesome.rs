//! Real files as people publish them.

mod common;

use common::{list, name, read, shared};
use leasehold_sdl::Sdl;

/// Files that nobody can run as they stand: the file, and the path and reason of the error.
const RIGHTLY_REFUSED: [(&str, &str, &str); 2] = [
    // `units` holds a list with one number.
    (
        "Venice-ElizaOS__deploy.yml",
        "profiles.compute.service-1.resources.cpu.units",
        "a list is given",
    ),
    // Begins with two dashes instead of three.
    ("teamspeak__deploy.yaml", "", "not valid YAML"),
];

#[test]
fn all_published_files_but_broken_ones_parse() {
    let Some(folder) = shared("awesome") else {
        return;
    };
    let files = list(&folder);
    assert!(!files.is_empty());
    for path in files {
        let file = name(&path);
        let refused = RIGHTLY_REFUSED.iter().find(|(broken, ..)| *broken == file);
        match (Sdl::parse(file, &read(&path)), refused) {
            (Ok(sdl), None) => {
                assert_eq!(sdl.akash_groups().len(), sdl.manifest().0.len(), "{file}");
                assert!(!sdl.denom().is_empty(), "{file}");
            }
            (Ok(_), Some(_)) => panic!("{file} parses now: take it off the list"),
            (Err(error), None) => panic!("{error}"),
            (Err(error), Some((_, place, reason))) => {
                assert_eq!(error.diagnostics[0].path, *place, "{error}");
                assert!(error.to_string().contains(reason), "{error}");
            }
        }
    }
}

/// Valid files that ask for more than the chain's caps: the file and the finding.
const BEYOND_THE_CAPS: [(&str, &str); 1] = [(
    "torchbench__torchbench_gpu_sdl_cuda12_0.yaml",
    "profiles.compute.gpu-test.resources: gpu models is 16",
)];

#[test]
fn all_published_files_but_the_listed_fit_the_chain() {
    let Some(folder) = shared("awesome") else {
        return;
    };
    for path in list(&folder) {
        let file = name(&path);
        let Ok(sdl) = Sdl::parse(file, &read(&path)) else {
            continue;
        };
        let beyond = BEYOND_THE_CAPS.iter().find(|(listed, _)| *listed == file);
        match (sdl.groups(), beyond) {
            (Ok(groups), _) => {
                for (ours, theirs) in groups.iter().zip(sdl.akash_groups()) {
                    assert_eq!(ours.name, theirs.name);
                    assert_eq!(ours.resources.len(), theirs.resources.len());
                }
            }
            (Err(error), Some((_, reason))) => {
                assert!(error.to_string().contains(reason), "{error}")
            }
            (Err(error), None) => panic!("{error}"),
        }
    }
}
