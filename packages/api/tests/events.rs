//! Events are wire format: their names and attributes are frozen. `make schema` rewrites the golden file.

use std::fmt::Write;

use expect_test::expect_file;
use leasehold_api::event::CATALOGUE;

#[test]
fn events_are_frozen() {
    let mut text = String::new();
    for (name, attributes) in CATALOGUE {
        writeln!(text, "{name}: {}", attributes.join(" ")).expect("writing to a string");
    }
    expect_file!["events.txt"].assert_eq(&text);
}
