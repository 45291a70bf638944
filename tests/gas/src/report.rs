//! The figures as files: gated numbers, and a profile that a person reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use leasehold_api::suite::CONTRACTS;
use leasehold_test_story::Receipt as _;
use serde::{Deserialize, Serialize};

use crate::chain::Receipt;
use crate::meter::Kind;

/// Gas on pinned code and on code that must be loaded once per transaction; the contracts' own store operations, and the bytes they
/// write (key, value and the chain's prefix).
#[derive(Serialize, Deserialize, Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Figures {
    pub pinned: u64,
    pub cold: u64,
    pub reads: u64,
    pub writes: u64,
    pub bytes: u64,
}

pub type Report = BTreeMap<String, Figures>;

impl Figures {
    pub fn of(pinned: &Receipt, cold: &Receipt) -> Self {
        let by_contracts = || {
            pinned
                .charges
                .iter()
                .filter(|charge| CONTRACTS.contains(&charge.of.as_str()))
        };
        let count = |kinds: &[Kind]| {
            by_contracts()
                .filter(|charge| kinds.contains(&charge.kind))
                .count() as u64
        };
        Figures {
            pinned: pinned.gas(),
            cold: cold.gas(),
            reads: count(&[Kind::Read, Kind::Has, Kind::Next]),
            writes: count(&[Kind::Write, Kind::Delete]),
            bytes: by_contracts()
                .filter(|charge| charge.kind == Kind::Write)
                .map(|charge| charge.bytes as u64)
                .sum(),
        }
    }

    pub fn sum(parts: impl IntoIterator<Item = Figures>) -> Self {
        parts
            .into_iter()
            .fold(Figures::default(), |sum, part| Figures {
                pinned: sum.pinned + part.pinned,
                cold: sum.cold + part.cold,
                reads: sum.reads + part.reads,
                writes: sum.writes + part.writes,
                bytes: sum.bytes + part.bytes,
            })
    }

    fn numbers(&self) -> [(&'static str, u64); 5] {
        [
            ("pinned", self.pinned),
            ("cold", self.cold),
            ("reads", self.reads),
            ("writes", self.writes),
            ("bytes", self.bytes),
        ]
    }
}

/// Every number that is not the committed one, as a sentence. `slack` is in thousandths: another compiler's artifacts do the same work
/// in slightly other instructions.
pub fn differences(committed: &Report, measured: &Report, slack: u64) -> Vec<String> {
    let mut found = vec![];
    for name in committed
        .keys()
        .filter(|name| !measured.contains_key(*name))
    {
        found.push(format!("{name} is committed but was not measured"));
    }
    for (name, now) in measured {
        let Some(before) = committed.get(name) else {
            found.push(format!("{name} is new"));
            continue;
        };
        for ((what, was), (_, is)) in before.numbers().into_iter().zip(now.numbers()) {
            if was.abs_diff(is) * 1_000 > was * slack {
                let way = if is > was { "rose" } else { "fell" };
                found.push(format!("{name}: {what} {way} from {was} to {is}"));
            }
        }
    }
    found
}

/// One operation, charge by charge, in order; then what the parts add up to.
pub fn profile(name: &str, receipt: &Receipt) -> String {
    let mut text = format!("{name}: {} gas on pinned code\n", receipt.gas());
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for charge in &receipt.charges {
        let kind = format!("{:?}", charge.kind).to_lowercase();
        let bytes = if charge.bytes == 0 {
            String::new()
        } else {
            format!("{} B", charge.bytes)
        };
        let indent = "  ".repeat(charge.depth);
        let what = format!("{indent}{} {}", charge.of, charge.what);
        // A string cannot fail to grow.
        let _ = writeln!(text, "{:>8} {kind:<11} {bytes:>6}  {what}", charge.gas);
        *sums.entry(part(charge.kind, &charge.of)).or_default() += charge.gas;
    }
    let sums: Vec<String> = sums
        .iter()
        .map(|(part, gas)| format!("{part} {gas}"))
        .collect();
    let _ = writeln!(text, "       = {}\n", sums.join(", "));
    text
}

fn part(kind: Kind, of: &str) -> &'static str {
    match (kind, CONTRACTS.contains(&of)) {
        (Kind::Run, _) => "machine",
        (Kind::Load, _) => "loading",
        (Kind::Events, _) => "events",
        (Kind::Transaction, _) => "transaction",
        (_, true) => "contracts' store",
        (_, false) if of == "bank" => "bank",
        (_, false) => "accounts and lookups",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(pinned: u64) -> Report {
        Report::from([(
            "bid".to_string(),
            Figures {
                pinned,
                ..Figures::default()
            },
        )])
    }

    #[test]
    fn a_rise_is_told_and_slack_forgives_a_little() {
        assert_eq!(
            differences(&report(1_000), &report(1_001), 0),
            ["bid: pinned rose from 1000 to 1001"]
        );
        assert_eq!(
            differences(&report(1_000), &report(990), 0),
            ["bid: pinned fell from 1000 to 990"]
        );
        assert!(differences(&report(1_000), &report(1_010), 10).is_empty());
        assert_eq!(
            differences(&report(1_000), &Report::new(), 0),
            ["bid is committed but was not measured"]
        );
    }
}
