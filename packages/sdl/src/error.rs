//! What is wrong with a file, and where.

use std::fmt;

/// Most diagnostics that one error carries.
pub(crate) const MAX_DIAGNOSTICS: usize = 32;

/// A place in the file, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// One finding: where it is, the YAML path of the value, and what is wrong and allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Absent for findings about the file as a whole.
    pub position: Option<Position>,
    /// Such as `services.web.expose[0].port`; empty for the whole file.
    pub path: String,
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(f, "{line}:{column}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// A file that was refused, with every reason found (at most 32). One line per reason: `file:line:column: path: message`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.lines())]
pub struct SdlError {
    /// The name the caller gave to the text, usually its path.
    pub source_name: String,
    /// Never empty.
    pub diagnostics: Vec<Diagnostic>,
}

impl SdlError {
    pub(crate) fn new(source_name: &str, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.truncate(MAX_DIAGNOSTICS);
        Self {
            source_name: source_name.to_owned(),
            diagnostics,
        }
    }

    fn lines(&self) -> String {
        self.diagnostics
            .iter()
            .map(|diagnostic| match diagnostic.position {
                Some(_) => format!("{}:{diagnostic}", self.source_name),
                None => format!("{}: {diagnostic}", self.source_name),
            })
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// A value as shown in a message: quoted, and cut when long.
pub(crate) fn shown(value: &str) -> String {
    const LONGEST: usize = 60;
    if value.chars().count() <= LONGEST {
        return format!("{value:?}");
    }
    let head: String = value.chars().take(LONGEST).collect();
    format!("{head:?}…")
}
