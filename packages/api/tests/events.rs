//! Events are wire format: their names and attributes are frozen. `UPDATE=1` rewrites the golden file.

use std::fmt::Write;

use leasehold_api::event::CATALOGUE;

#[test]
fn events_are_frozen() {
    let mut text = String::new();
    for (name, attributes) in CATALOGUE {
        writeln!(text, "{name}: {}", attributes.join(" ")).expect("writing to a string");
    }
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/events.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(golden, &text).expect("the golden file is writable");
    }
    let frozen = std::fs::read_to_string(golden).expect("tests/events.txt is committed");
    assert_eq!(
        text, frozen,
        "an event changed; if that is meant, run `make schema`"
    );
}
