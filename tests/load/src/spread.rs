//! How long things took, all of them.

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use serde::Serialize;

/// Waits in milliseconds, to three digits.
pub struct Spread(Histogram<u64>);

/// Milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Percentiles {
    pub count: u64,
    pub p50: u64,
    pub p99: u64,
    pub max: u64,
}

impl Spread {
    pub fn new() -> Result<Self> {
        Ok(Spread(Histogram::new(3)?))
    }

    pub fn add(&mut self, waits: impl IntoIterator<Item = Duration>) -> Result<()> {
        for wait in waits {
            self.0.record(u64::try_from(wait.as_millis())?)?;
        }
        Ok(())
    }

    pub fn percentiles(&self) -> Percentiles {
        Percentiles {
            count: self.0.len(),
            p50: self.0.value_at_quantile(0.5),
            p99: self.0.value_at_quantile(0.99),
            max: self.0.max(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_percent_shows() -> Result<()> {
        let mut spread = Spread::new()?;
        spread.add((1..=200).map(Duration::from_millis))?;
        let Percentiles {
            count, p50, p99, ..
        } = spread.percentiles();
        assert_eq!((count, p50, p99), (200, 100, 198));
        Ok(())
    }
}
