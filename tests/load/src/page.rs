//! The tables of docs/scale.md.

use anyhow::Result;

use crate::scale::{day, Begin, Market, Prices, Spent, BLOCK, BLOCK_GAS, DAY};

/// Rows of every table: what kind of market, and its name.
const SCENARIOS: [(&str, Market); 5] = [
    (
        "services, collected hourly",
        Market {
            leases_per_provider: 1_000,
            life: 30 * DAY,
            begin: Begin::Auction,
            collect_every: 3_600,
        },
    ),
    (
        "services, collected daily",
        Market {
            leases_per_provider: 1_000,
            life: 30 * DAY,
            begin: Begin::Auction,
            collect_every: DAY,
        },
    ),
    (
        "services, providers of 100 leases",
        Market {
            leases_per_provider: 100,
            life: 30 * DAY,
            begin: Begin::Auction,
            collect_every: DAY,
        },
    ),
    (
        "services, providers of 10 leases",
        Market {
            leases_per_provider: 10,
            life: 30 * DAY,
            begin: Begin::Auction,
            collect_every: DAY,
        },
    ),
    (
        "a day's work on standing offers",
        Market {
            leases_per_provider: 1_000,
            life: DAY,
            begin: Begin::Offer,
            collect_every: DAY,
        },
    ),
];

/// Leases that the tables are about.
const MANY: u64 = 1_000_000;

pub struct Table {
    /// Heading of the first column.
    pub title: &'static str,
    pub rows: Vec<Row>,
}

pub type Row = [String; 6];

/// The page's tables, from a day of at least `leases` in each scenario.
///
/// # Errors
/// Money that is not where it should be.
pub fn tables(prices: &Prices, leases: u64) -> Result<[Table; 2]> {
    let mut gas = vec![];
    let mut chains = vec![];
    for (name, market) in SCENARIOS {
        let providers = leases.div_ceil(market.leases_per_provider);
        let spent = day(&market, prices, providers)?;
        gas.push(gas_row(name, &spent));
        chains.push(chain_row(name, &spent));
    }
    let table = |title, rows| Table { title, rows };
    Ok([
        table("gas of a lease and day", gas),
        table("a million leases", chains),
    ])
}

fn gas_row(name: &str, spent: &Spent) -> Row {
    let parts = [
        spent.heartbeats,
        spent.collects,
        spent.begins_and_ends,
        spent.faults,
        spent.sum(),
    ];
    let [heartbeats, collects, begins, faults, sum] = parts.map(|gas| grouped(spent.each(gas)));
    [name.to_owned(), heartbeats, collects, begins, faults, sum]
}

/// Gas of a day in milliards, that in hundredths of what a chain has, the chains that carry it half full, and the price of an hour.
fn chain_row(name: &str, spent: &Spent) -> Row {
    let gas = spent.each(spent.sum()) * MANY;
    let chain = DAY / BLOCK * BLOCK_GAS;
    let hourly = spent.each(spent.sum()) as f64 / 24.0;
    [
        name.to_owned(),
        grouped(gas / 1_000_000_000),
        format!("{:.1} %", gas as f64 * 100.0 / chain as f64),
        (2 * gas).div_ceil(chain).to_string(),
        format!("{:.1}", hourly * 0.0025),
        format!("{:.0}", hourly * 0.025),
    ]
}

/// Digits in groups of three.
pub fn grouped(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{} {:03}", grouped(number / 1_000), number % 1_000),
    }
}
