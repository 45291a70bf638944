//! Loads with a deadline, and the pseudo-random data they work on.

use std::time::{Duration, Instant};

/// Bytes or operations done in some time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Work {
    pub amount: u64,
    pub time: Duration,
}

impl Work {
    /// 10^6 a second: an amount per microsecond.
    pub fn millions_a_second(self) -> u64 {
        let micros = self.time.as_micros().max(1);
        u64::try_from(u128::from(self.amount) / micros).unwrap_or(u64::MAX)
    }
}

/// Repeats `step`, which says how much it did, until `time` is over; at least once.
pub fn repeat(time: Duration, mut step: impl FnMut() -> u64) -> Work {
    let start = Instant::now();
    let mut amount = 0_u64;
    loop {
        amount = amount.saturating_add(step());
        if start.elapsed() >= time {
            return Work {
                amount,
                time: start.elapsed(),
            };
        }
    }
}

/// Threads that this process may use.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Runs `job` on all threads at once. What they did together, each at its own speed.
pub fn on_all_threads(job: impl Fn(usize) -> Work + Sync) -> u64 {
    std::thread::scope(|scope| {
        let job = &job;
        let running: Vec<_> = (0..threads())
            .map(|number| scope.spawn(move || job(number)))
            .collect();
        running
            .into_iter()
            // A thread that panicked did nothing that counts.
            .map(|thread| thread.join().map_or(0, Work::millions_a_second))
            .sum()
    })
}

/// Pseudo-random words (splitmix64): not compressible, and the same again from the same seed.
#[derive(Clone)]
pub struct Pattern(u64);

impl Pattern {
    pub fn new(seed: u64) -> Self {
        Pattern(seed.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// From which a card goes on: the kernels in `gpu/kernels.ptx` make the same words.
    pub fn state(&self) -> u64 {
        self.0
    }
}

impl Iterator for Pattern {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some(mixed ^ (mixed >> 31))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_ends_soon_after_its_deadline() {
        let work = repeat(Duration::from_millis(20), || {
            std::thread::sleep(Duration::from_millis(5));
            1
        });
        assert!(
            work.time < Duration::from_millis(500) && work.amount >= 1,
            "{work:?}"
        );
    }

    #[test]
    fn a_rate_is_an_amount_per_microsecond() {
        let work = Work {
            amount: 3_000_000,
            time: Duration::from_secs(2),
        };
        assert_eq!(work.millions_a_second(), 1);
        assert_eq!(Work::default().millions_a_second(), 0);
    }

    #[test]
    fn a_pattern_repeats_from_its_seed_and_no_two_seeds_agree() {
        let words = |seed| Pattern::new(seed).take(100).collect::<Vec<_>>();
        assert_eq!(words(1), words(1));
        assert_ne!(words(1), words(2));
    }
}
