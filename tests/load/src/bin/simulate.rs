//! Prints the tables of docs/scale.md, from a day of a million leases or of as many as the argument says.

use anyhow::{Context as _, Result};
use leasehold_test_load::scale::Prices;
use leasehold_test_load::{tables, Table};

fn main() -> Result<()> {
    let leases = match std::env::args().nth(1) {
        Some(text) => text.parse().context("a number of leases")?,
        None => 1_000_000,
    };
    let prices = Prices::read(include_str!("../../../../artifacts/gas.json"))?;
    for Table { title, rows } in tables(&prices, leases)? {
        println!("\n{title}");
        for row in rows {
            println!("| {} |", row.join(" | "));
        }
    }
    Ok(())
}
