//! One table of a report: for people, and as Markdown.

use comfy_table::{presets, Table};
use leasehold_test_load::grouped;

pub struct Section {
    pub title: &'static str,
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

impl Section {
    pub fn table(&self) -> Table {
        let mut table = Table::new();
        table
            .load_preset(presets::UTF8_BORDERS_ONLY)
            .set_header(&self.header);
        for row in &self.rows {
            table.add_row(row);
        }
        table
    }

    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let header: Vec<String> = self.header.iter().map(ToString::to_string).collect();
        let rule = "|---".repeat(self.header.len()) + "|\n";
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("### {}\n\n{}{rule}{rows}", self.title, line(&header))
    }
}

pub fn percent(part: u64, whole: u64) -> f64 {
    part as f64 * 100.0 / (whole as f64).max(1.0)
}

pub fn decimal(number: f64) -> String {
    match number {
        0.0 => "–".to_owned(),
        _ if number >= 100.0 => count(number.round() as u64),
        _ if number >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// Digits in groups of three; nothing is a dash.
pub fn count(number: u64) -> String {
    match number {
        0 => "–".to_owned(),
        _ => grouped(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_in_groups_and_nothing_is_a_dash() {
        let shown = [count(0), count(999), count(1_234_567), decimal(0.054)];
        assert_eq!(shown, ["–", "999", "1 234 567", "0.05"]);
    }
}
