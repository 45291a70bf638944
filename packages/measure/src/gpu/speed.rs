//! What a card does, not what it says: single-precision compute, memory filled and read back, memory copied.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, Instant};

use super::cuda::{Card, Cuda, Memory, Trouble, THREADS_A_BLOCK};
use crate::load::Pattern;
use crate::report::{Gap, Gpu, GpuMemory, PROVEN};

const MIB: usize = 1 << 20;
/// Memory is had in pieces of this size: two halves that a cache does not hold (the largest has 128 MiB), done with in milliseconds.
const PIECE: usize = 512 * MIB;
/// Drivers give memory out in this size.
const LEAST_PIECE: usize = 2 * MIB;
/// No card has more: a driver that says so is not followed.
const MOST_MEMORY: u64 = 1 << 40;
/// Part of the free memory that is filled, percent. The rest is for the driver's own needs during the loads.
const FILLED: usize = 97;
/// Bytes at the start of each piece that are compared here, not by the card.
const SAMPLE: usize = 16 * 1_024;
/// A whole number of waves for 2, 3, 4, 6 and 8 blocks at once on a multiprocessor, so that none idles at the end.
const BLOCKS_A_PROCESSOR: u32 = 48;
/// Chains and steps as in the kernel, and its two constants.
const CHAINS: u32 = 16;
const STEPS_A_ROUND: u32 = 8;
const ADDEND: f32 = -1.9;
const SCALE: f32 = 1.0 / (1_u32 << 27) as f32;
const FIRST_ROUNDS: u32 = 16;
const MOST_ROUNDS: u32 = 1 << 18;
/// Copies between two looks at the clock.
const COPIES: u64 = 8;

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Least time of a compute load that is long enough to count.
    pub least: Duration,
    /// The best of this many counts.
    pub times: u32,
    /// A card that takes longer is left alone.
    pub most: Duration,
}

impl Effort {
    pub fn of(quick: bool) -> Self {
        Effort {
            least: Duration::from_millis(if quick { 10 } else { 50 }),
            times: if quick { 3 } else { 10 },
            most: Duration::from_secs(if quick { 5 } else { 20 }),
        }
    }
}

/// Puts one card to work. What it does not do is a gap, and no figure.
pub fn measure(cuda: &Cuda, uuid: &str, gpu: &mut Gpu, effort: Effort, gaps: &mut Vec<Gap>) {
    let what = |part: &str| format!("gpu {}: {part}", gpu.index);
    if gpu.mig == Some(true) {
        let why = "it is split into instances (MIG)";
        gaps.push(Gap::new(what("compute and memory"), why));
        return;
    }
    let card = match cuda.card(uuid, Instant::now() + effort.most) {
        Ok(card) => card,
        Err(trouble) => {
            gaps.push(Gap::new(what("compute and memory"), trouble.to_string()));
            return;
        }
    };
    let gflops = compute(&card, effort);
    gpu.gflops = figure(gflops, what("compute"), gaps);
    gpu.memory = figure(
        fill_and_read_back(&card),
        what("memory fill and read-back, and bandwidth"),
        gaps,
    );
    let Some(memory) = &mut gpu.memory else {
        return;
    };
    memory.copy_mib_s = figure(copy(&card, effort), what("memory bandwidth"), gaps);
    if memory.filled_mib * 100 < gpu.vram_reported_mib * PROVEN {
        let why = format!(
            "{} of {} MiB that the driver reports were filled, {} were free",
            memory.filled_mib, gpu.vram_reported_mib, memory.free_mib
        );
        gaps.push(Gap::new(what("all of the memory"), why));
    }
}

fn figure<T>(result: Result<T, Trouble>, what: String, gaps: &mut Vec<Gap>) -> Option<T> {
    result
        .inspect_err(|trouble| gaps.push(Gap::new(what, trouble.to_string())))
        .ok()
}

/// 10^9 operations per second; a multiply-add is two.
fn compute(card: &Card<'_>, effort: Effort) -> Result<u64, Trouble> {
    let threads = card.processors()? * BLOCKS_A_PROCESSOR * THREADS_A_BLOCK;
    let sums = card.allocate(threads as usize * size_of::<f32>())?;
    let mut rounds = FIRST_ROUNDS;
    let mut best = card.time(|| card.multiply_add(&sums, rounds))?;
    while best < effort.least && rounds < MOST_ROUNDS {
        rounds *= 4;
        best = card.time(|| card.multiply_add(&sums, rounds))?;
    }
    for _ in 1..effort.times {
        best = best.min(card.time(|| card.multiply_add(&sums, rounds))?);
    }
    for thread in [0, threads / 2 + 1, threads - 1] {
        let (found, sum) = (
            f32::from_le_bytes(sums.read(thread as usize * size_of::<f32>())?),
            sum_of(thread, rounds),
        );
        if found.to_bits() != sum.to_bits() {
            return Err(Trouble::Wrong(format!(
                "the card computes wrongly: thread {thread} has {found} after {rounds} rounds, which should be {sum}"
            )));
        }
    }
    let steps = u64::from(threads) * u64::from(rounds * STEPS_A_ROUND * CHAINS);
    Ok(a_second(2 * steps, best) / 1_000_000_000)
}

/// What a thread of the kernel `multiply_add` comes to.
fn sum_of(thread: u32, rounds: u32) -> f32 {
    let chain = |number: u32| {
        let start = (thread * CHAINS + number) as f32 * SCALE;
        (0..rounds * STEPS_A_ROUND).fold(start, |x, _| x.mul_add(x, ADDEND))
    };
    (1..CHAINS).fold(chain(0), |sum, number| sum + chain(number))
}

/// All pieces are filled before any is read back, so that no part can stand in for another.
fn fill_and_read_back(card: &Card<'_>) -> Result<GpuMemory, Trouble> {
    // Drawn anew, so that what is left of an earlier run cannot pass for this one's.
    let seed = RandomState::new().build_hasher().finish();
    let pattern = |number: usize| Pattern::new(seed.wrapping_add(number as u64));
    let counter = card.allocate(LEAST_PIECE)?;
    let free = card.free()?;
    let pieces = pieces(card, free)?;
    let bytes: u64 = pieces.iter().map(Memory::bytes).sum();
    let fill = card.time(|| {
        let mut pieces = pieces.iter().enumerate();
        pieces.try_for_each(|(number, piece)| card.fill(piece, pattern(number).state()))
    })?;
    // Now, not before: on a card whose memory is not its own, filling may have come upon the counter.
    counter.clear()?;
    let read_back = card.time(|| {
        let mut pieces = pieces.iter().enumerate();
        pieces.try_for_each(|(number, piece)| {
            card.check(piece, piece.words(), pattern(number).state(), &counter)
        })
    })?;
    // A word that both find wrong is one.
    let mut wrong = u64::from_le_bytes(counter.read(0)?);
    for (number, piece) in pieces.iter().enumerate() {
        wrong = wrong.max(wrong_in_sample(piece, pattern(number))?);
    }
    finds_what_is_wrong(card, &pieces[0], pattern(pieces.len()), &counter)?;
    Ok(GpuMemory {
        free_mib: free / MIB as u64,
        filled_mib: bytes / MIB as u64,
        fill_mib_s: a_second(bytes, fill) / MIB as u64,
        read_back_mib_s: a_second(bytes, read_back) / MIB as u64,
        wrong_words: wrong,
        copy_mib_s: None,
    })
}

/// As much as is meant to be filled and as the driver gives, at least one piece.
fn pieces<'a>(card: &'a Card<'a>, free: u64) -> Result<Vec<Memory<'a>>, Trouble> {
    let mut left = usize::try_from(free.min(MOST_MEMORY)).unwrap_or(usize::MAX) / 100 * FILLED;
    let (mut size, mut pieces) = (PIECE, Vec::new());
    loop {
        size = size.min(left) / LEAST_PIECE * LEAST_PIECE;
        match card.allocate(size.max(LEAST_PIECE)) {
            Ok(piece) => pieces.push(piece),
            // What is left may be there in smaller parts.
            Err(trouble) if trouble.is_out_of_memory() && size > LEAST_PIECE => {
                size /= 2;
                continue;
            }
            Err(trouble) if trouble.is_out_of_memory() && !pieces.is_empty() => return Ok(pieces),
            Err(trouble) => return Err(trouble),
        }
        left = left.saturating_sub(size);
        if left < LEAST_PIECE {
            return Ok(pieces);
        }
    }
}

/// Compared by this machine: the card's word is not all there is.
fn wrong_in_sample(piece: &Memory<'_>, pattern: Pattern) -> Result<u64, Trouble> {
    let sample = piece.read::<SAMPLE>(0)?;
    let words = sample.chunks_exact(size_of::<u64>());
    let wrong = words
        .zip(pattern)
        .filter(|(word, right)| *word != right.to_le_bytes());
    Ok(wrong.count() as u64)
}

/// A check that finds nothing wrong is worth something only if it finds another pattern wrong in every word.
fn finds_what_is_wrong(
    card: &Card<'_>,
    piece: &Memory<'_>,
    other: Pattern,
    counter: &Memory<'_>,
) -> Result<(), Trouble> {
    let words = (SAMPLE / size_of::<u64>()) as u64;
    counter.clear()?;
    card.time(|| card.check(piece, words, other.state(), counter))?;
    let found = u64::from_le_bytes(counter.read(0)?);
    if found == words {
        return Ok(());
    }
    Err(Trouble::Wrong(format!(
        "the card's check is not to be relied on: of {words} wrong words it found {found}"
    )))
}

/// Reads and writes, MiB per second.
fn copy(card: &Card<'_>, effort: Effort) -> Result<u64, Trouble> {
    let memory = card.allocate(PIECE)?;
    let work = || (0..COPIES).try_for_each(|_| memory.copy_half());
    // The first finds the memory's pages cold.
    card.time(work)?;
    let mut best = card.time(work)?;
    for _ in 1..effort.times {
        best = best.min(card.time(work)?);
    }
    Ok(a_second(COPIES * memory.bytes(), best) / MIB as u64)
}

fn a_second(amount: u64, time: Duration) -> u64 {
    let nanos = time.as_nanos().max(1);
    u64::try_from(u128::from(amount) * 1_000_000_000 / nanos).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
