//! Files that freeze an interface. `UPDATE=1` rewrites them.

use std::{env, fs, path::Path};

pub fn check(path: &Path, generated: &str) {
    let generated = format!("{}\n", generated.trim_end());
    if env::var_os("UPDATE").is_some() {
        fs::write(path, generated).unwrap();
        return;
    }
    let committed = fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{}: {error}; UPDATE=1 writes it", path.display()));
    assert!(
        committed == generated,
        "{} is not what the code says: review the change, then run with UPDATE=1",
        path.display()
    );
}
