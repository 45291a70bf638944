//! Real files as people publish them.

mod common;

use common::{list, name, read, shared};
use leasehold_sdl::Sdl;

#[test]
fn published_files_parse() {
    let Some(folder) = shared("awesome") else {
        return;
    };
    let files = list(&folder);
    let mut bad = 0;
    for path in &files {
        if let Err(error) = Sdl::parse(name(path), &read(path)) {
            bad += 1;
            println!("{error}");
        }
    }
    panic!("{bad} of {}", files.len());
}
