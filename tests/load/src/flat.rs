//! Gas of the same operation early, later and at last: whether it is flat.

use std::collections::BTreeMap;

use anyhow::{ensure, Context as _, Result};
use serde::Serialize;

/// Thousandths by which gas may differ.
const FLAT: u64 = 20;

/// Gas by operation.
pub type Gas = BTreeMap<&'static str, u64>;

/// An operation as one of the first and as one of many.
#[derive(Debug, Clone, Serialize)]
pub struct Flat {
    pub operation: &'static str,
    pub first: u64,
    pub middle: u64,
    pub last: u64,
}

impl Flat {
    /// Thousandths that the further of the two is off.
    pub fn off(&self) -> u64 {
        let off = |gas: u64| gas.abs_diff(self.first) * 1_000 / self.first;
        off(self.middle).max(off(self.last))
    }

    fn is_flat(&self) -> bool {
        let near = |gas: u64| gas.abs_diff(self.first) * 1_000 <= self.first * FLAT;
        near(self.middle) && near(self.last)
    }

    /// Three measurements of the same operations, side by side.
    pub fn of([first, middle, last]: [&Gas; 3]) -> Result<Vec<Self>> {
        let find = |gas: &Gas, operation| gas.get(operation).copied().context(operation);
        first
            .iter()
            .map(|(operation, first)| {
                Ok(Flat {
                    operation,
                    first: *first,
                    middle: find(middle, *operation)?,
                    last: find(last, *operation)?,
                })
            })
            .collect()
    }
}

/// # Errors
/// An operation that costs more, or less, than it did among few.
pub fn check(flat: &[Flat]) -> Result<()> {
    let steep: Vec<_> = flat.iter().filter(|flat| !flat.is_flat()).collect();
    ensure!(steep.is_empty(), "not flat within 2 %: {steep:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_percent_are_flat_and_more_are_not() {
        let flat = |last| Flat {
            operation: "bid",
            first: 75_000,
            middle: 75_000,
            last,
        };
        assert!(check(&[flat(76_500)]).is_ok());
        assert!(check(&[flat(73_499)]).is_err());
        assert!(check(&[flat(76_501)]).is_err());
    }
}
