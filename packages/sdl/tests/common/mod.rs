//! Access to the shared SDL files, which are not part of the project.

use std::fs;
use std::path::{Path, PathBuf};

/// `../shared/sdl/<part>` beside the project, or nothing (with one line saying so).
pub fn shared(part: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/sdl");
    let found = root.join(part);
    if !found.is_dir() {
        println!("skipped: the shared SDL files are not at ../shared/sdl/{part}");
        return None;
    }
    Some(found)
}

/// The entries of a folder, sorted.
pub fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("folder is readable");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("entry").path()).collect();
    paths.sort();
    paths
}

pub fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("file is readable")
}

pub fn name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .expect("UTF-8 name")
}
