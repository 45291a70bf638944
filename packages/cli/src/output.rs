//! Tables for people, JSON for programs.

use anyhow::Result;
use comfy_table::{presets, ContentArrangement, Table};
use leasehold_api::{Denom, SCALE};
use serde::Serialize;

/// Prints a value as JSON on one stream that a program can read whole.
pub fn json(value: &impl Serialize) -> Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

pub fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    for row in rows {
        table.add_row(row);
    }
    table
}

/// Seconds in a month, as SDL prices read it: 30.4375 days.
pub const MONTH: u64 = 2_629_800;
pub const HOUR: u64 = 3_600;

/// What `seconds` at a scaled rate cost, in smallest units with three decimals.
pub fn rent(rate: u128, seconds: u64) -> String {
    let thousandths = rate.saturating_mul(u128::from(seconds)) / (SCALE / 1_000);
    format!(
        "{}.{:03}",
        group_digits(thousandths / 1_000),
        thousandths % 1_000
    )
}

pub fn amount(units: u128, denom: &Denom) -> String {
    format!("{} {denom}", group_digits(units))
}

/// 1234567 as 1 234 567.
pub fn group_digits(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// A span of seconds in its two largest parts.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

pub fn bytes(bytes: u64) -> String {
    indicatif::BinaryBytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_in_groups_of_three() {
        assert_eq!(group_digits(0), "0");
        assert_eq!(group_digits(999), "999");
        assert_eq!(group_digits(1_234_567), "1 234 567");
    }

    #[test]
    fn rent_keeps_three_decimals() {
        assert_eq!(rent(SCALE / 2, 3), "1.500");
        assert_eq!(rent(SCALE * 10, HOUR), "36 000.000");
    }

    #[test]
    fn spans_name_their_two_largest_parts() {
        assert_eq!(span(59), "59 s");
        assert_eq!(span(3_661), "1 h 1 min");
        assert_eq!(span(90_000), "1 d 1 h");
    }
}
