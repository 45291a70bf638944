//! Numbers as Akash writes them. Each parser's error says what is allowed.

use std::time::Duration;

/// Decimal places of a price.
pub(crate) const PRICE_DECIMALS: usize = 18;

const BYTE_UNITS: [(&str, u64); 12] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
    ("Ei", 1 << 60),
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000),
];

/// Thousandths of a core from `100m` or a number of cores such as `0.5`.
/// The product is cut, not rounded, in 64-bit floating point: the manifest hash depends on Akash's result.
pub(crate) fn cpu(text: &str) -> Result<u32, String> {
    const ALLOWED: &str = "a number of cores such as 0.5 or 500m, at least 10m, at most 384";
    const MIN: u32 = 10;
    const MAX: f64 = 384_000.0;
    let milli = match text.strip_suffix('m') {
        Some(milli) => milli.parse().ok(),
        None => number(text).map(|cores| cores * 1000.0),
    };
    match milli {
        Some(milli) if (f64::from(MIN)..=MAX).contains(&milli) => Ok(milli as u32),
        _ => Err(ALLOWED.into()),
    }
}

/// Bytes from `512Mi`, `1.5G` or a plain number; the product is cut as in [`cpu`].
/// Also `4GB` and `2gi`, which Akash's console takes though its command line does not ([`is_loose_size`]).
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    const ALLOWED: &str =
        "a size such as 512Mi, with a suffix of k, Ki, M, Mi, G, Gi, T, Ti, P, Pi, E, Ei or none";
    let (digits, unit) = split_size(text)
        .or_else(|| split_size(&strict_size(text)?))
        .unwrap_or_else(|| (text.to_owned(), 1));
    match number(&digits).map(|count| count * unit as f64) {
        Some(bytes) if (0.0..u64::MAX as f64).contains(&bytes) => Ok(bytes as u64),
        _ => Err(ALLOWED.into()),
    }
}

/// Whether a size needs the console's looser reading.
pub(crate) fn is_loose_size(text: &str) -> bool {
    split_size(text).is_none() && strict_size(text).is_some()
}

fn split_size(text: &str) -> Option<(String, u64)> {
    BYTE_UNITS
        .iter()
        .find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?.to_owned(), *unit)))
}

/// `4GB` as `4G`, `2gi` as `2Gi`.
fn strict_size(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let (stem, binary) = match lower.strip_suffix('i') {
        Some(stem) => (stem, "i"),
        None => (lower.strip_suffix('b').unwrap_or(&lower), ""),
    };
    let prefix = stem.chars().last().filter(|c| "kmgtpe".contains(*c))?;
    let digits = stem.strip_suffix(prefix)?;
    let prefix = match (prefix, binary) {
        ('k', "") => 'k',
        _ => prefix.to_ascii_uppercase(),
    };
    Some(format!("{digits}{prefix}{binary}"))
}

/// Bytes, at least `min` and at most `max`, both in MiB.
pub(crate) fn bytes_within(text: &str, min: u64, max: u64) -> Result<u64, String> {
    let size = bytes(text)?;
    if size < min << 20 || size > max << 20 {
        return Err(format!("{min}Mi to {max}Mi"));
    }
    Ok(size)
}

fn number(text: &str) -> Option<f64> {
    let spelled = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    text.parse().ok().filter(|_| spelled)
}

/// A price amount in 10⁻¹⁸ of the smallest unit, above zero.
pub(crate) fn price(text: &str) -> Result<u128, String> {
    const ALLOWED: &str = "a decimal number above 0 with at most 18 decimals, at most 10^20";
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > PRICE_DECIMALS {
        return Err(ALLOWED.into());
    }
    format!("{whole}{fraction:0<PRICE_DECIMALS$}")
        .parse()
        .ok()
        .filter(|atoms| (1..=10_u128.pow(38)).contains(atoms))
        .ok_or_else(|| ALLOWED.into())
}

/// A price amount in 10⁻¹⁸ as Akash prints it: always 18 decimals.
pub(crate) fn price_text(atoms: u128) -> String {
    let one = 10_u128.pow(PRICE_DECIMALS as u32);
    format!("{}.{:0PRICE_DECIMALS$}", atoms / one, atoms % one)
}

/// A duration above zero such as `90s`, `1h30m` or `1.5h`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    const ALLOWED: &str = "a duration above 0 such as 90s, 15m, 24h or 1h30m, at most 10 years";
    const LONGEST: f64 = 10.0 * 365.0 * 86_400.0;
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let (part, tail) = duration_part(rest).ok_or(ALLOWED)?;
        (seconds, rest) = (seconds + part, tail);
    }
    if seconds <= 0.0 || seconds > LONGEST {
        return Err(ALLOWED.into());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// A duration in whole seconds, 1 to `most`, which are whole hours.
///
/// # Errors
/// How a duration is written, or which are allowed.
pub fn whole_seconds(text: &str, most: u64) -> Result<u64, String> {
    let duration = duration(text)?;
    Some(duration.as_secs())
        .filter(|seconds| (1..=most).contains(seconds) && duration.subsec_nanos() == 0)
        .ok_or_else(|| format!("whole seconds, 1s to {}h", most / 3_600))
}

/// The seconds of the first number and unit, and what follows them.
fn duration_part(text: &str) -> Option<(f64, &str)> {
    const UNITS: [(&str, f64); 4] = [("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (count, rest) = text.split_at(digits);
    let (unit, tail) = UNITS
        .iter()
        .find_map(|(suffix, unit)| Some((*unit, rest.strip_prefix(suffix)?)))?;
    Some((number(count)? * unit, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_is_cut_as_akash_cuts_it() {
        for (text, milli) in [("100m", 100), ("0.1", 100), ("1", 1000), ("0.01", 10)] {
            assert_eq!(cpu(text), Ok(milli), "{text}");
        }
        assert_eq!(cpu("1.001"), Ok(1000), "1.001 · 1000 is 1000.9999999999999");
        for text in ["", "0", "-1", "9m", "1.5M", "inf", "nan", "385", "0x10"] {
            assert!(cpu(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_take_every_suffix() {
        let cases = [
            ("512Mi", 512 << 20),
            ("1k", 1000),
            ("1.5Gi", 3 << 29),
            ("7", 7),
            ("2E", 2_000_000_000_000_000_000),
        ];
        for (text, size) in cases {
            assert_eq!(bytes(text), Ok(size), "{text}");
        }
        for (loose, size) in [
            ("4GB", 4_000_000_000),
            ("2gi", 2 << 30),
            ("1Kb", 1000),
            ("3KI", 3072),
        ] {
            assert!(is_loose_size(loose), "{loose}");
            assert_eq!(bytes(loose), Ok(size), "{loose}");
        }
        for text in ["", "Gi", "-1Gi", "1GiB", "16Ei", "1 Gi", "1B", "gb"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn prices_are_exact() {
        assert_eq!(price("1000"), Ok(1000 * 10_u128.pow(18)));
        assert_eq!(price("0.000000000000000001"), Ok(1));
        assert_eq!(
            price_text(1_500_000_000_000_000_000),
            "1.500000000000000000"
        );
        let huge = "1".repeat(40);
        for text in [
            "0",
            "0.0",
            "-1",
            "1e3",
            ".5",
            "1.",
            "",
            "0.0000000000000000001",
            &huge,
        ] {
            assert!(price(text).is_err(), "{text}");
        }
    }

    #[test]
    fn seconds_are_whole_and_within_their_limit() {
        assert_eq!(whole_seconds("2h", 7_200), Ok(7_200));
        for text in ["7201s", "500ms", "1.5s"] {
            let refused = whole_seconds(text, 7_200);
            assert_eq!(refused, Err("whole seconds, 1s to 2h".to_owned()), "{text}");
        }
    }

    #[test]
    fn durations_compound() {
        assert_eq!(duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("1.5h"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        for text in ["", "0s", "5", "1d", "h", "-1h", "1h30", "1000000h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
