//! The processor: two loads that any machine can repeat, on one thread and on all.

use std::hint::black_box;
use std::time::Duration;

use sha2::{Digest, Sha256};
use sysinfo::{CpuRefreshKind, RefreshKind, System};

use crate::load::{on_all_threads, repeat, threads, Pattern, Work};
use crate::report::Cpu;

const BLOCK: usize = 1 << 20;
const SIDE: usize = 256;

pub fn measure(time: Duration) -> Cpu {
    let system =
        System::new_with_specifics(RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing()));
    Cpu {
        model: system
            .cpus()
            .first()
            .map_or("unknown", |cpu| cpu.brand())
            .trim()
            .into(),
        cores: System::physical_core_count().and_then(|cores| u32::try_from(cores).ok()),
        threads: u32::try_from(threads()).unwrap_or(u32::MAX),
        sha256_mb_s: hash(time).millions_a_second(),
        sha256_all_mb_s: on_all_threads(|_| hash(time)),
        matmul_mflops: multiply(time).millions_a_second(),
        matmul_all_mflops: on_all_threads(|_| multiply(time)),
    }
}

fn hash(time: Duration) -> Work {
    let mut block = vec![0_u8; BLOCK];
    repeat(time, || {
        // Each hash goes into the next block: none can be left out.
        let digest = Sha256::digest(&block);
        block[..digest.len()].copy_from_slice(&digest);
        BLOCK as u64
    })
}

fn multiply(time: Duration) -> Work {
    let matrix = |seed| -> Vec<f64> {
        Pattern::new(seed)
            .map(|word| word as f64 / u64::MAX as f64)
            .take(SIDE * SIDE)
            .collect()
    };
    let (left, right) = (matrix(1), matrix(2));
    let mut product = vec![0.0; SIDE * SIDE];
    repeat(time, || {
        product.fill(0.0);
        multiply_once(black_box(&left), black_box(&right), &mut product);
        black_box(&product);
        2 * (SIDE as u64).pow(3)
    })
}

/// Row, then inner index, then column: the inner loop walks both matrices in the order of memory.
fn multiply_once(left: &[f64], right: &[f64], product: &mut [f64]) {
    for (row, sums) in left.chunks_exact(SIDE).zip(product.chunks_exact_mut(SIDE)) {
        for (factor, line) in row.iter().zip(right.chunks_exact(SIDE)) {
            for (sum, value) in sums.iter_mut().zip(line) {
                *sum += factor * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_product_is_a_matrix_product() {
        let mut identity = vec![0.0; SIDE * SIDE];
        identity.iter_mut().step_by(SIDE + 1).for_each(|x| *x = 2.0);
        let other: Vec<f64> = (0..SIDE * SIDE).map(|x| x as f64).collect();
        let mut product = vec![0.0; SIDE * SIDE];
        multiply_once(&identity, &other, &mut product);
        assert!(product
            .iter()
            .zip(&other)
            .all(|(twice, once)| *twice == 2.0 * once));
    }
}
