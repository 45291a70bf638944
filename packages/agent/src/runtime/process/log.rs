//! A replica's output: one file it appends to, and the one before.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::channel::mpsc::{self, Sender};
use futures::{SinkExt, StreamExt};

use crate::runtime::{LogLine, LogOptions, LogStream, RuntimeError};

/// Two files of this size are kept, bytes.
const MAX_BYTES: u64 = 4 << 20;
const LOOK_EVERY: Duration = Duration::from_millis(200);

pub fn open(folder: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("log"))
}

/// The process keeps its file open, so a full one is copied and cut, not renamed. A line written in between is lost.
pub fn rotate(folder: &Path) -> io::Result<()> {
    let path = folder.join("log");
    match fs::metadata(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
        Ok(meta) if meta.len() <= MAX_BYTES => Ok(()),
        Ok(_) => {
            fs::copy(&path, folder.join("log.1"))?;
            OpenOptions::new().write(true).open(&path)?.set_len(0)
        }
    }
}

/// Lines of each source (service, index, folder): in order within one, interleaved between them.
pub fn stream(sources: Vec<(String, u32, PathBuf)>, options: LogOptions) -> LogStream {
    let (sender, receiver) = mpsc::channel(64);
    for (service, replica, folder) in sources {
        let mut reader = Reader {
            path: folder.join("log"),
            service,
            replica,
            position: 0,
            rest: Vec::new(),
        };
        let mut sender = sender.clone();
        tokio::spawn(async move {
            if let Err(e) = reader.run(&folder, options, &mut sender).await {
                let failed = RuntimeError::io(format!("logs in {}", folder.display()))(e);
                // Nobody listens any more: nobody to tell.
                sender.send(Err(failed)).await.ok();
            }
        });
    }
    receiver.boxed()
}

struct Reader {
    path: PathBuf,
    service: String,
    replica: u32,
    position: u64,
    /// A line that has not ended yet.
    rest: Vec<u8>,
}

type Lines = Sender<Result<LogLine, RuntimeError>>;

impl Reader {
    async fn run(&mut self, folder: &Path, options: LogOptions, to: &mut Lines) -> io::Result<()> {
        let mut lines = match fs::read(folder.join("log.1")) {
            Ok(bytes) => split(bytes).0,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(e),
        };
        lines.extend(self.next()?);
        if !options.follow {
            lines.extend(self.unfinished());
        }
        let kept = options
            .tail
            .map_or(lines.len(), |tail| lines.len().min(tail as usize));
        lines.drain(..lines.len() - kept);
        while self.send(lines, to).await && options.follow {
            tokio::time::sleep(LOOK_EVERY).await;
            lines = self.next()?;
        }
        Ok(())
    }

    /// Whether anybody still listens.
    async fn send(&self, lines: Vec<String>, to: &mut Lines) -> bool {
        for line in lines {
            let line = LogLine {
                service: self.service.clone(),
                replica: self.replica,
                line,
            };
            if to.send(Ok(line)).await.is_err() {
                return false;
            }
        }
        !to.is_closed()
    }

    fn unfinished(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.rest);
        (!rest.is_empty()).then(|| String::from_utf8_lossy(&rest).into_owned())
    }

    /// Whole lines since the last call.
    fn next(&mut self) -> io::Result<Vec<String>> {
        let mut file = match File::open(&self.path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let was_cut = file.metadata()?.len() < self.position;
        if was_cut {
            self.position = 0;
        }
        file.seek(SeekFrom::Start(self.position))?;
        let mut bytes = std::mem::take(&mut self.rest);
        self.position += file.read_to_end(&mut bytes)? as u64;
        let (lines, rest) = split(bytes);
        self.rest = rest;
        Ok(lines)
    }
}

/// Whole lines, and what follows the last line break.
fn split(mut bytes: Vec<u8>) -> (Vec<String>, Vec<u8>) {
    let end = bytes
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    let rest = bytes.split_off(end);
    let lines = bytes.split_inclusive(|b| *b == b'\n');
    let lines = lines.map(|line| {
        String::from_utf8_lossy(line)
            .trim_end_matches(['\n', '\r'])
            .to_owned()
    });
    (lines.collect(), rest)
}
