//! Keeps a page that lists tests and the tests themselves the same.

use std::collections::BTreeSet;

use anyhow::{ensure, Result};

use crate::markdown::{names, tables};

/// Checks that the `test` columns of `page` name the tests of `sources`, each and no other.
///
/// # Errors
/// What is missing on either side; a table that cannot be read.
pub fn documented(page: &str, sources: &[&str]) -> Result<()> {
    let mut listed = BTreeSet::new();
    let tables = tables(page)?;
    for table in &tables {
        for row in &table.rows {
            listed.extend(table.cell(row, "test").into_iter().flat_map(names));
        }
    }
    let tests: BTreeSet<&str> = sources.iter().flat_map(|source| tests_in(source)).collect();
    let missing: Vec<_> = tests.difference(&listed).collect();
    let stale: Vec<_> = listed.difference(&tests).collect();
    ensure!(
        missing.is_empty() && stale.is_empty(),
        "not on the page: {missing:?}; not a test: {stale:?}"
    );
    Ok(())
}

/// The functions right below a `#[test]`.
fn tests_in(source: &str) -> impl Iterator<Item = &str> {
    source.split("#[test]\nfn ").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('(')?;
        Some(name)
    })
}
