//! A process that cannot be mistaken for another: its id with its start time.

use std::fs;
use std::io;
use std::path::Path;

use rustix::process::{kill_process_group, Pid as RawPid, Signal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pid {
    raw: RawPid,
    /// Clock ticks since the machine started.
    started: u64,
}

/// What `/proc/<id>/stat` says.
struct Stat {
    pid: Pid,
    state: char,
}

impl Pid {
    /// # Errors
    /// A host without `/proc`.
    pub fn own() -> io::Result<Self> {
        let text = fs::read_to_string("/proc/self/stat")?;
        Ok(parse(&text)?.pid)
    }

    /// From a file that holds the process's `/proc/<id>/stat` at its start; `None` when there is no file.
    pub fn read(path: &Path) -> io::Result<Option<Self>> {
        match fs::read_to_string(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
            Ok(text) => Ok(Some(parse(&text)?.pid)),
        }
    }

    pub fn id(&self) -> i32 {
        self.raw.as_raw_nonzero().get()
    }

    /// Still this process, and not a zombie.
    pub fn is_alive(&self) -> bool {
        fs::read_to_string(format!("/proc/{}/stat", self.id()))
            .and_then(|text| parse(&text))
            .is_ok_and(|now| now.pid == *self && !matches!(now.state, 'Z' | 'X'))
    }

    /// Signals its process group, which it leads. Nothing to do when it has ended.
    pub fn signal_group(&self, signal: Signal) -> io::Result<()> {
        if !self.is_alive() {
            return Ok(());
        }
        match kill_process_group(self.raw, signal) {
            Err(rustix::io::Errno::SRCH) => Ok(()),
            other => Ok(other?),
        }
    }
}

/// `id (name) state …`, start time in field 22. The name may hold anything, so fields count from its last parenthesis.
fn parse(text: &str) -> io::Result<Stat> {
    let fields = || -> Option<Stat> {
        let (id, rest) = text.split_once(" (")?;
        let (_, rest) = rest.rsplit_once(") ")?;
        let state = rest.chars().next()?;
        let started = rest.split_whitespace().nth(19)?.parse().ok()?;
        let raw = RawPid::from_raw(id.trim().parse().ok()?)?;
        Some(Stat {
            pid: Pid { raw, started },
            state,
        })
    };
    fields().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("not a process's stat line: `{text}`"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recycled_id_is_another_process() {
        let own = Pid::own().unwrap();
        assert!(own.is_alive());
        let before = Pid {
            started: own.started - 1,
            ..own
        };
        assert!(!before.is_alive());
        assert!(
            before.signal_group(Signal::KILL).is_ok(),
            "nothing is signalled"
        );
    }

    #[test]
    fn names_with_parentheses_are_read() {
        let text = "42 (a) b (c) S 1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 98765 1 2";
        let stat = parse(text).unwrap();
        assert_eq!(
            (stat.pid.id(), stat.pid.started, stat.state),
            (42, 98765, 'S')
        );
        assert!(parse("42 (x").is_err());
    }
}
