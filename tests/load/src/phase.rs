//! What one phase of a run came to, and what it could not get more of.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::blocks::Stretch;
use crate::section::{decimal, percent};

/// Hundredths of what there is, from which on it counts as used up.
const FULL: f64 = 90.0;

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

    pub fn per_second(&self, count: u64) -> String {
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
    fn a_phase_tells_its_rate() {
        let phase = Phase::new("bids", stretch(500), BTreeMap::new(), 100, 2);
        assert_eq!(phase.per_second(2_000), "400");
    }
}
