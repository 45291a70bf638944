//! Main memory: how much there is, whether it holds what is written, and how fast.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use crate::load::{on_all_threads, repeat, threads, Pattern, Work};
use crate::report::{Gap, Memory};

const MIB: u64 = 1 << 20;
/// Memory is filled in pieces of this many words (16 MiB), so that the deadline is looked at often.
const PIECE: usize = 1 << 21;

pub fn measure(time: Duration, quick: bool, gaps: &mut Vec<Gap>) -> Memory {
    let system = System::new_with_specifics(
        RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram()),
    );
    let total = system.total_memory();
    let limit = system
        .cgroup_limits()
        .map(|group| group.total_memory)
        .filter(|limit| *limit < total);
    let available = system
        .cgroup_limits()
        .map_or(u64::MAX, |group| group.free_memory)
        .min(system.available_memory());
    let (copy_mb_s, copied) = copy(time, buffer_size(available, quick));
    // Half of what is free: the machine must go on working.
    let quota = available / 2 / if quick { 16 } else { 1 };
    let filled = fill_and_read_back(time * 2, quota);
    if filled.bytes < available * 9 / 10 {
        let why = format!(
            "{} of {} MiB available were filled within the time and the half that is left to others",
            filled.bytes / MIB,
            available / MIB
        );
        gaps.push(Gap::new("all of the memory", why));
    }
    Memory {
        total_mib: total / MIB,
        available_mib: available / MIB,
        limit_mib: limit.map(|limit| limit / MIB),
        copy_mb_s,
        copied_within_mib: copied / MIB,
        filled_mib: filled.bytes / MIB,
        fill_mb_s: filled.fill_mb_s,
        read_back_mb_s: filled.read_back_mb_s,
        wrong_words: filled.wrong,
    }
}

/// Bytes of one of two buffers per thread: well above a cache's share, within a quarter of what is free.
fn buffer_size(available: u64, quick: bool) -> usize {
    let wanted = if quick { 16 * MIB } else { 64 * MIB };
    let share = available / 4 / (2 * threads() as u64);
    usize::try_from(wanted.min(share)).unwrap_or(usize::MAX)
}

fn copy(time: Duration, size: usize) -> (u64, u64) {
    let rate = on_all_threads(|_| {
        // Ones, not zeros: untouched zero pages are all the same page.
        let (from, mut to) = (vec![1_u8; size], vec![2_u8; size]);
        repeat(time, || {
            to.copy_from_slice(black_box(&from));
            black_box(&to);
            size as u64
        })
    });
    (rate, 2 * size as u64 * threads() as u64)
}

struct Filled {
    bytes: u64,
    fill_mb_s: u64,
    read_back_mb_s: u64,
    wrong: u64,
}

/// All threads fill until the quota or the time is used up, and only then is all of it read back, so that no part can stand in for another.
fn fill_and_read_back(time: Duration, quota: u64) -> Filled {
    let quota = quota / threads() as u64;
    let (read_back, wrong, bytes) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let barrier = std::sync::Barrier::new(threads());
    let fill_mb_s = on_all_threads(|number| {
        let (pieces, filled) = fill(time, quota, number);
        barrier.wait();
        let start = Instant::now();
        let found = wrong_words(&pieces, number);
        let read = Work {
            time: start.elapsed(),
            ..filled
        };
        wrong.fetch_add(found, Ordering::Relaxed);
        bytes.fetch_add(filled.amount, Ordering::Relaxed);
        read_back.fetch_add(read.millions_a_second(), Ordering::Relaxed);
        filled
    });
    Filled {
        bytes: bytes.into_inner(),
        fill_mb_s,
        read_back_mb_s: read_back.into_inner(),
        wrong: wrong.into_inner(),
    }
}

/// At least one piece, or else as many as time and quota allow.
fn fill(time: Duration, quota: u64, thread: usize) -> (Vec<Vec<u64>>, Work) {
    let start = Instant::now();
    let size = (PIECE * size_of::<u64>()) as u64;
    let mut pieces = Vec::new();
    let mut amount = 0_u64;
    while pieces.is_empty() || (start.elapsed() < time && amount + size <= quota) {
        pieces.push(
            Pattern::new(seed(thread, pieces.len()))
                .take(PIECE)
                .collect(),
        );
        amount += size;
    }
    let work = Work {
        amount,
        time: start.elapsed(),
    };
    (pieces, work)
}

fn wrong_words(pieces: &[Vec<u64>], thread: usize) -> u64 {
    let wrong = |(number, piece): (usize, &Vec<u64>)| {
        black_box(piece)
            .iter()
            .zip(Pattern::new(seed(thread, number)))
            .filter(|(word, expected)| **word != *expected)
            .count() as u64
    };
    pieces.iter().enumerate().map(wrong).sum()
}

fn seed(thread: usize, piece: usize) -> u64 {
    ((thread as u64) << 32) | piece as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_filled_is_read_back_and_a_changed_word_is_seen() {
        let (mut pieces, work) = fill(Duration::ZERO, 0, 1);
        assert_eq!((pieces.len(), work.amount), (1, 16 * MIB));
        assert_eq!(wrong_words(&pieces, 1), 0);
        pieces[0][PIECE / 2] ^= 1;
        assert_eq!(wrong_words(&pieces, 1), 1);
    }
}
