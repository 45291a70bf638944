//! What a run found: a table for people, the same as Markdown for docs/benchmarks.md, JSON for programs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use comfy_table::{presets, Table};
use leasehold_test_load::grouped;
use serde::Serialize;

use crate::blocks::Stretch;
use crate::probe::Flat;
use crate::process::ByName;
use crate::settings::Settings;
use crate::spread::Percentiles;
use crate::state::State;

/// Hundredths of what there is, from which on it counts as used up.
const FULL: f64 = 90.0;

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
}

#[derive(Debug, Serialize)]
pub struct Phase {
    pub name: &'static str,
    pub blocks: Stretch,
    /// Processors that each process kept busy on average.
    pub cores: BTreeMap<String, f64>,
    pub limit: &'static str,
}

impl Phase {
    pub fn new(
        name: &'static str,
        blocks: Stretch,
        cores: BTreeMap<String, f64>,
        block_gas: u64,
        processors: usize,
    ) -> Self {
        let limit = limit(&blocks, &cores, block_gas, processors);
        Phase {
            name,
            blocks,
            cores,
            limit,
        }
    }

    fn per_second(&self, count: u64) -> String {
        decimal(count as f64 / self.blocks.seconds.max(f64::EPSILON))
    }
}

/// What a phase could not get more of.
fn limit(
    blocks: &Stretch,
    cores: &BTreeMap<String, f64>,
    block_gas: u64,
    processors: usize,
) -> &'static str {
    let node = cores.get("node").copied().unwrap_or_default();
    let busy: f64 = cores.values().sum();
    let full = percent(blocks.gas_wanted, blocks.blocks * block_gas);
    if full >= FULL {
        "gas per block"
    } else if blocks.txs < blocks.blocks {
        "the auctions' clock"
    } else if busy * 100.0 >= FULL * processors as f64 {
        "the machine's processors, shared by node, agents and crowd"
    } else if node * 100.0 >= FULL {
        "the node: its one line of execution and its answers"
    } else {
        "the crowd, which waits for its transactions"
    }
}

struct Section {
    title: &'static str,
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
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

    fn sections(&self) -> [Section; 6] {
        [
            self.throughput(),
            self.fill(),
            self.latency(),
            self.machines(),
            self.state(),
            self.flatness(),
        ]
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
            rows: self.phases.iter().map(row).collect(),
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
            rows: self.phases.iter().map(row).collect(),
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
            row.extend(self.phases.iter().map(|phase| {
                let cores = phase.cores.get(name).copied().unwrap_or_default();
                format!("{cores:.2}")
            }));
            row
        };
        let mut header = vec!["process", "peak RSS MiB", "CPU s"];
        header.extend(self.phases.iter().map(|phase| phase.name));
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
        let row = |flat: &Flat| {
            vec![
                flat.operation.to_owned(),
                count(flat.first),
                count(flat.middle),
                count(flat.last),
                format!("{} ‰", flat.off()),
            ]
        };
        Section {
            title: "Gas of one operation among many",
            header: vec!["operation", "first", "middle", "last", "spread"],
            rows: self.flat.iter().map(row).collect(),
        }
    }
}

impl Section {
    fn table(&self) -> Table {
        let mut table = Table::new();
        table
            .load_preset(presets::UTF8_BORDERS_ONLY)
            .set_header(&self.header);
        for row in &self.rows {
            table.add_row(row);
        }
        table
    }

    fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let header: Vec<String> = self.header.iter().map(ToString::to_string).collect();
        let rule = "|---".repeat(self.header.len()) + "|\n";
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("### {}\n\n{}{rule}{rows}", self.title, line(&header))
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / (whole as f64).max(1.0)
}

fn decimal(number: f64) -> String {
    match number {
        0.0 => "–".to_owned(),
        _ if number >= 100.0 => count(number.round() as u64),
        _ if number >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// Digits in groups of three; nothing is a dash.
fn count(number: u64) -> String {
    match number {
        0 => "–".to_owned(),
        _ => grouped(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(gas_wanted: u64) -> Stretch {
        Stretch {
            blocks: 10,
            seconds: 5.0,
            txs: 100,
            failed: 0,
            gas_used: gas_wanted / 2,
            gas_wanted,
            most_gas_used: 60,
            most_gas_wanted: 100,
            most_txs: 20,
            orders: 0,
            bids: 2_000,
            leases: 0,
        }
    }

    fn limit_at(gas_wanted: u64, node: f64, crowd: f64) -> &'static str {
        let cores = BTreeMap::from([("node".to_owned(), node), ("crowd".to_owned(), crowd)]);
        limit(&stretch(gas_wanted), &cores, 100, 2)
    }

    #[test]
    fn the_limit_is_what_is_used_up() {
        assert!(limit_at(950, 0.5, 0.1).contains("gas"));
        assert!(limit_at(500, 1.5, 0.4).contains("machine"));
        assert!(limit_at(500, 1.0, 0.1).contains("one line"));
        assert!(limit_at(500, 0.2, 0.1).contains("crowd"));
        let idle = Stretch {
            txs: 9,
            ..stretch(500)
        };
        assert!(limit(&idle, &BTreeMap::new(), 100, 2).contains("clock"));
    }

    #[test]
    fn digits_come_in_groups_and_nothing_is_a_dash() {
        let shown = [count(0), count(999), count(1_234_567), decimal(0.054)];
        assert_eq!(shown, ["–", "999", "1 234 567", "0.05"]);
    }

    #[test]
    fn a_phase_tells_its_rate() {
        let phase = Phase::new("bids", stretch(500), BTreeMap::new(), 100, 2);
        assert_eq!(phase.per_second(2_000), "400");
    }
}
