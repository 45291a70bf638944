//! What docs/scale.md says is what the simulation finds.

use anyhow::{ensure, Context as _, Result};
use leasehold_test_load::scale::Prices;
use leasehold_test_load::{tables, Table};
use leasehold_testing::markdown;

/// Leases of a scenario here; the page's figures are of a million.
const SAMPLE: u64 = 40_000;
/// Hundredths by which a small sample may differ.
const TOLERANCE: f64 = 5.0;

#[test]
fn the_page_says_what_the_simulation_finds() -> Result<()> {
    let page = markdown::tables(include_str!("../../../docs/scale.md"))?;
    let prices = Prices::read(include_str!("../../../artifacts/gas.json"))?;
    for Table { title, rows } in tables(&prices, SAMPLE)? {
        let shown = page.iter().find(|table| table.columns[0] == title);
        let shown = shown.with_context(|| format!("docs/scale.md has no table {title:?}"))?;
        ensure!(shown.rows.len() == rows.len(), "{title}: other rows");
        for (shown, row) in shown.rows.iter().zip(rows) {
            ensure!(
                shown.len() == row.len() && shown[0] == row[0],
                "{title}: {row:?}"
            );
            for (shown, found) in shown[1..].iter().zip(&row[1..]) {
                ensure!(
                    is_near(number(shown)?, number(found)?),
                    "{}: the page says {shown}, a sample {found}; `simulate` prints the tables",
                    row[0]
                );
            }
        }
    }
    Ok(())
}

fn number(cell: &str) -> Result<f64> {
    let digits: String = cell
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '%')
        .collect();
    digits
        .parse()
        .with_context(|| format!("{cell:?} is no number"))
}

/// Or the next whole number, for chains and prices.
fn is_near(shown: f64, found: f64) -> bool {
    (shown - found).abs() <= (shown * TOLERANCE / 100.0).max(1.0)
}
