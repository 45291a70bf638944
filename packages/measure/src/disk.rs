//! The disk below a folder: a file written, made durable and read again.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{fadvise, statvfs, Advice, OFlags};

use crate::load::{Pattern, Work};
use crate::report::{Disk, Gap};

const MIB: u64 = 1 << 20;
const BLOCK: usize = 4 << 20;
/// What direct access asks of a buffer's address.
const ALIGN: usize = 4_096;

pub fn measure(folder: &Path, time: Duration, quick: bool, gaps: &mut Vec<Gap>) -> Option<Disk> {
    match try_measure(folder, time * 2, quick) {
        Ok(disk) => {
            if !disk.direct {
                gaps.push(Gap::new(
                    "disk past the page cache",
                    "the file system refuses direct access; the cache was asked to drop the file, and may have kept it",
                ));
            }
            gaps.push(Gap::new(
                "random access to the disk",
                "only sequential access is measured",
            ));
            Some(disk)
        }
        Err(error) => {
            gaps.push(Gap::new("disk", format!("{}: {error}", folder.display())));
            None
        }
    }
}

fn try_measure(folder: &Path, time: Duration, quick: bool) -> io::Result<Disk> {
    let space = statvfs(folder)?;
    let available = space.f_bavail.saturating_mul(space.f_frsize);
    // A tenth of what is free at most: others write here too.
    let most = (available / 10).min(if quick { 64 * MIB } else { 2_048 * MIB });
    let blocks = most / BLOCK as u64;
    if blocks == 0 {
        return Err(io::Error::other(format!(
            "{} MiB are free; at least 40 are needed",
            available / MIB
        )));
    }
    let scratch = Scratch::create(folder)?;
    let mut buffer = Aligned::new();
    let (written, count) = write(&scratch.file, &mut buffer, blocks, time)?;
    if !scratch.direct {
        fadvise(&scratch.file, 0, None, Advice::DontNeed)?;
    }
    let (read, wrong_blocks) = read(&scratch.file, &mut buffer, count)?;
    Ok(Disk {
        total_mib: space.f_blocks.saturating_mul(space.f_frsize) / MIB,
        available_mib: available / MIB,
        direct: scratch.direct,
        tested_mib: written.amount / MIB,
        write_mb_s: written.millions_a_second(),
        read_mb_s: read.millions_a_second(),
        wrong_blocks,
    })
}

/// Until all blocks are there or the time is over; then until they are durable.
fn write(
    mut file: &File,
    buffer: &mut Aligned,
    blocks: u64,
    time: Duration,
) -> io::Result<(Work, u64)> {
    buffer.fill_with(&pattern());
    let start = Instant::now();
    let mut count = 0;
    while count < blocks && (count == 0 || start.elapsed() < time) {
        buffer.stamp(count);
        file.write_all(buffer.bytes())?;
        count += 1;
    }
    file.sync_all()?;
    let work = Work {
        amount: count * BLOCK as u64,
        time: start.elapsed(),
    };
    Ok((work, count))
}

/// The check of a block is not counted as reading time.
fn read(mut file: &File, buffer: &mut Aligned, count: u64) -> io::Result<(Work, u64)> {
    let mut expected = pattern();
    let (mut time, mut wrong) = (Duration::ZERO, 0);
    file.rewind()?;
    for number in 0..count {
        let start = Instant::now();
        file.read_exact(buffer.bytes_mut())?;
        time += start.elapsed();
        expected[..8].copy_from_slice(&number.to_le_bytes());
        wrong += u64::from(buffer.bytes() != expected);
    }
    let amount = count * BLOCK as u64;
    Ok((Work { amount, time }, wrong))
}

fn pattern() -> Vec<u8> {
    Pattern::new(7)
        .take(BLOCK / size_of::<u64>())
        .flat_map(u64::to_le_bytes)
        .collect()
}

/// A file without a name: it is gone with the process, however that ends.
struct Scratch {
    file: File,
    direct: bool,
}

impl Scratch {
    fn create(folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!(".leasehold-measure-{}", std::process::id()));
        let open = |flags: OFlags| {
            OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .custom_flags(flags.bits().cast_signed())
                .open(&path)
                .and_then(|file| std::fs::remove_file(&path).map(|()| file))
        };
        // Some file systems refuse at the first write, others when opening.
        let direct = open(OFlags::DIRECT).and_then(|file| {
            let mut probe = Aligned::new();
            probe.stamp(0);
            file.write_all_at(&probe.bytes()[..ALIGN], 0)?;
            Ok(file)
        });
        match direct {
            Ok(file) => Ok(Scratch { file, direct: true }),
            Err(refused) if refused.kind() == io::ErrorKind::InvalidInput => {
                // A refused opening may have left the name behind.
                match std::fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
                let file = open(OFlags::empty())?;
                Ok(Scratch {
                    file,
                    direct: false,
                })
            }
            Err(error) => Err(error),
        }
    }
}

/// A block whose address direct access accepts.
struct Aligned {
    bytes: Vec<u8>,
    start: usize,
}

impl Aligned {
    fn new() -> Self {
        let bytes = vec![0; BLOCK + ALIGN];
        let past = bytes.as_ptr().addr() % ALIGN;
        let start = (ALIGN - past) % ALIGN;
        Aligned { bytes, start }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..self.start + BLOCK]
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.start + BLOCK]
    }

    fn fill_with(&mut self, data: &[u8]) {
        self.bytes_mut().copy_from_slice(data);
    }

    /// Makes the block differ from all others.
    fn stamp(&mut self, number: u64) {
        self.bytes_mut()[..8].copy_from_slice(&number.to_le_bytes());
    }
}
