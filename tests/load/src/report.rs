//! What a run found: a table for people, the same as Markdown for docs/benchmarks.md, JSON for programs.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::blocks::Stretch;
use crate::contest::Contest;
use crate::flat::Flat;
use crate::phase::Phase;
use crate::process::ByName;
use crate::section::{count, decimal, percent, Section};
use crate::settings::Settings;
use crate::spread::Percentiles;
use crate::state::State;

#[derive(Debug, Serialize)]
pub struct Report {
    pub settings: Settings,
    /// Whether agents and crowd are optimised builds. The node always is.
    pub optimised: bool,
    pub processors: usize,
    pub phases: Vec<Phase>,
    /// Orders that looked for a provider at the same time.
    pub most_open: usize,
    /// As the suite's state says at the end.
    pub active_leases: usize,
    /// Open streams of the one account that the standing offer's leases are paid from.
    pub crowd_streams: u32,
    pub bids_of_agents: u64,
    pub leases_of_agents: u64,
    /// Milliseconds.
    pub waits: Vec<(&'static str, Percentiles)>,
    /// Batches of bids that an agent was faster on.
    pub repeated: u64,
    pub processes: ByName,
    pub before: State,
    pub after_auctions: State,
    pub after: State,
    pub flat: Vec<Flat>,
    pub contest: Contest,
}

impl Report {
    pub fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        let json = serde_json::to_string_pretty(self)? + "\n";
        fs::write(folder.join("load.json"), json)?;
        let sections = self.sections();
        let pages: Vec<String> = sections.iter().map(Section::markdown).collect();
        fs::write(folder.join("load.md"), pages.join("\n"))?;
        for section in &sections {
            println!("\n{}\n{}", section.title, section.table());
        }
        Ok(())
    }

    fn sections(&self) -> [Section; 7] {
        [
            self.throughput(),
            self.fill(),
            self.latency(),
            self.machines(),
            self.state(),
            self.flatness(),
            self.one_order(),
        ]
    }

    /// All of them, in their order.
    fn phases(&self) -> impl Iterator<Item = &Phase> {
        self.phases.iter().chain([&self.contest.phase])
    }

    fn throughput(&self) -> Section {
        let row = |phase: &Phase| {
            let Stretch {
                seconds,
                orders,
                bids,
                leases,
                ..
            } = phase.blocks;
            vec![
                phase.name.to_owned(),
                decimal(seconds),
                count(orders),
                count(bids),
                count(leases),
                phase.per_second(orders),
                phase.per_second(bids),
                phase.per_second(leases),
                phase.limit.to_owned(),
            ]
        };
        Section {
            title: "What happened",
            header: vec![
                "phase", "s", "orders", "bids", "leases", "orders/s", "bids/s", "leases/s", "limit",
            ],
            rows: self.phases().map(row).collect(),
        }
    }

    fn fill(&self) -> Section {
        let gas = self.settings.block_gas;
        let row = |phase: &Phase| {
            let blocks = &phase.blocks;
            let all = blocks.blocks * gas;
            vec![
                phase.name.to_owned(),
                count(blocks.blocks),
                decimal(blocks.seconds / blocks.blocks as f64),
                decimal(blocks.txs as f64 / blocks.blocks as f64),
                count(blocks.most_txs),
                count(blocks.failed),
                decimal(percent(blocks.gas_used, all)),
                decimal(percent(blocks.most_gas_used, gas)),
                decimal(percent(blocks.gas_wanted, all)),
                decimal(percent(blocks.most_gas_wanted, gas)),
                phase.per_second(blocks.gas_used / 1_000_000),
            ]
        };
        Section {
            title: "How full the blocks were",
            header: vec![
                "phase",
                "blocks",
                "s/block",
                "txs/block",
                "most",
                "failed",
                "used %",
                "most used %",
                "wanted %",
                "most wanted %",
                "M gas/s",
            ],
            rows: self.phases().map(row).collect(),
        }
    }

    fn latency(&self) -> Section {
        let row = |(what, waits): &(&str, Percentiles)| {
            let seconds = |ms: u64| decimal(ms as f64 / 1_000.0);
            vec![
                (*what).to_owned(),
                count(waits.count),
                seconds(waits.p50),
                seconds(waits.p99),
                seconds(waits.max),
            ]
        };
        Section {
            title: "How long it took",
            header: vec!["from … to", "count", "p50 s", "p99 s", "most s"],
            rows: self.waits.iter().map(row).collect(),
        }
    }

    fn machines(&self) -> Section {
        let row = |(name, taken): (&String, &crate::process::Taken)| {
            let mut row = vec![
                name.clone(),
                count(taken.peak_rss >> 20),
                decimal(taken.cpu_ms as f64 / 1_000.0),
            ];
            row.extend(self.phases().map(|phase| {
                let cores = phase.cores.get(name).copied().unwrap_or_default();
                format!("{cores:.2}")
            }));
            row
        };
        let mut header = vec!["process", "peak RSS MiB", "CPU s"];
        header.extend(self.phases().map(|phase| phase.name));
        Section {
            title: "Memory, processor time and, by phase, processors kept busy",
            header,
            rows: self.processes.iter().map(row).collect(),
        }
    }

    fn state(&self) -> Section {
        let row = |what: &str, from: &State, to: &State, leases: usize| {
            let each = |from: u64, to: u64| count(to.saturating_sub(from) / (leases as u64).max(1));
            vec![
                what.to_owned(),
                count(leases as u64),
                each(from.records, to.records),
                each(from.bytes, to.bytes),
                each(from.application(), to.application()),
                each(
                    from.disk.iter().map(|(_, bytes)| bytes).sum(),
                    to.disk.iter().map(|(_, bytes)| bytes).sum(),
                ),
            ]
        };
        let auctioned = self.settings.orders;
        let taken = self.active_leases.saturating_sub(auctioned);
        Section {
            title: "What a lease keeps",
            header: vec![
                "lease by",
                "leases",
                "records",
                "bytes of state",
                "application.db bytes",
                "all databases bytes",
            ],
            rows: vec![
                row("auction", &self.before, &self.after_auctions, auctioned),
                row("standing offer", &self.after_auctions, &self.after, taken),
            ],
        }
    }

    fn flatness(&self) -> Section {
        Section {
            title: "Gas of one operation among many",
            header: vec!["operation", "first", "middle", "last", "spread"],
            rows: self.flat.iter().map(flat_row).collect(),
        }
    }

    fn one_order(&self) -> Section {
        let row = |what: &str, numbers: [u64; 3]| {
            let mut row = vec![what.to_owned()];
            row.extend(numbers.map(count));
            row.push(count(0));
            row
        };
        let Contest {
            bids, bytes, flat, ..
        } = &self.contest;
        let mut rows = vec![row("bids on it before", *bids)];
        rows.extend(flat.iter().map(flat_row));
        rows.push(row("bytes of its record", *bytes));
        Section {
            title: "Gas on an order with many bids",
            header: vec!["operation", "first", "middle", "last", "spread"],
            rows,
        }
    }
}

fn flat_row(flat: &Flat) -> Vec<String> {
    let mut row = vec![flat.operation.to_owned()];
    row.extend([flat.first, flat.middle, flat.last].map(count));
    row.push(format!("{} ‰", flat.off()));
    row
}
