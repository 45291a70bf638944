//! Typed reading of the tree. Every reader reports what it finds wrong and returns a default, so that one run finds all errors.

use std::cell::RefCell;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::error::{shown, Diagnostic, Position};
use crate::yaml::{Node, Value};

/// A YAML path, such as `services.web.expose[0].port`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Path {
    /// The path of nested keys.
    pub fn of(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| Step::Key((*key).into())).collect())
    }

    pub fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.into()))
    }

    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key)
                    if key
                        .chars()
                        .all(|c| c.is_alphanumeric() || "-_/".contains(c)) =>
                {
                    write!(f, "{}{key}", if at == 0 { "" } else { "." })?;
                }
                Step::Key(key) => write!(f, "[{}]", shown(key))?,
            }
        }
        Ok(())
    }
}

/// The findings of one run, located in the tree they are about.
#[derive(Debug)]
pub(crate) struct Report {
    root: Arc<Node>,
    errors: RefCell<Vec<Diagnostic>>,
    warnings: RefCell<Vec<Diagnostic>>,
}

impl Report {
    pub fn new(root: Arc<Node>) -> Self {
        Self {
            root,
            errors: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    pub fn error(&self, path: &Path, message: impl Into<String>) {
        let found = self.locate(path, message.into());
        self.errors.borrow_mut().push(found);
    }

    pub fn warn(&self, path: &Path, message: impl Into<String>) {
        let found = self.locate(path, message.into());
        self.warnings.borrow_mut().push(found);
    }

    pub fn has_errors(&self) -> bool {
        !self.errors.borrow().is_empty()
    }

    pub fn errors(self) -> Vec<Diagnostic> {
        self.errors.into_inner()
    }

    pub fn warnings(self) -> Vec<Diagnostic> {
        self.warnings.into_inner()
    }

    fn locate(&self, path: &Path, message: String) -> Diagnostic {
        Diagnostic {
            position: Some(position_of(&self.root, path)),
            path: path.to_string(),
            message,
        }
    }
}

/// Where the deepest existing part of `path` stands: a scalar itself, a collection by its key.
fn position_of(root: &Node, path: &Path) -> Position {
    let (mut node, mut at) = (root, root.at);
    for step in &path.0 {
        let next = match (step, &node.value) {
            (Step::Index(index), Value::List(items)) => items.get(*index).map(|n| (n, n.at)),
            (Step::Key(key), Value::Map(entries)) => entries
                .iter()
                .find(|entry| entry.key == *key)
                .map(|entry| match entry.node.value {
                    Value::Text(_) => (&entry.node, entry.node.at),
                    _ => (&entry.node, entry.key_at),
                }),
            _ => None,
        };
        let Some((child, child_at)) = next else { break };
        (node, at) = (child, child_at);
    }
    at
}

/// A value of the tree with its path.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    node: &'a Node,
    pub path: Path,
    report: &'a Report,
}

/// What to do about keys that the schema does not know.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Unknown {
    Refuse,
    /// Where Akash's own parser ignores them too.
    Warn,
}

impl<'a> Cursor<'a> {
    pub fn root(node: &'a Node, report: &'a Report) -> Self {
        Self {
            node,
            path: Path::default(),
            report,
        }
    }

    pub fn error(&self, message: impl Into<String>) {
        self.report.error(&self.path, message);
    }

    pub fn warn(&self, message: impl Into<String>) {
        self.report.warn(&self.path, message);
    }

    pub fn is_null(&self) -> bool {
        matches!(self.node.value, Value::Null)
    }

    pub fn is_mapping(&self) -> bool {
        matches!(self.node.value, Value::Map(_))
    }

    pub fn is_list(&self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    /// A mapping with fixed keys.
    pub fn fields(&self, known: &[&str], unknown: Unknown) -> Fields<'a> {
        let entries = self.entries();
        let allowed = known.join(", ");
        for (key, entry) in entries.iter().filter(|(key, _)| !known.contains(key)) {
            let message = format!("unknown field {}, allowed: {allowed}", shown(key));
            match unknown {
                Unknown::Refuse => entry.error(message),
                Unknown::Warn => entry.warn(format!("{message}; ignored")),
            }
        }
        Fields {
            entries,
            path: self.path.clone(),
            report: self.report,
        }
    }

    /// A mapping with names of the author's choice. Null is an empty mapping.
    pub fn entries(&self) -> Vec<(&'a str, Cursor<'a>)> {
        let entries = match &self.node.value {
            Value::Map(entries) => entries.as_slice(),
            Value::Null => &[],
            _ => {
                self.expected("a mapping");
                &[]
            }
        };
        let mut found: Vec<(&str, Cursor)> = Vec::with_capacity(entries.len());
        for entry in entries {
            let cursor = self.child(&entry.node, self.path.key(&entry.key));
            if found.iter().any(|(key, _)| *key == entry.key) {
                let line = entry.key_at.line;
                cursor.error(format!("given twice, the second time on line {line}"));
                continue;
            }
            found.push((&entry.key, cursor));
        }
        found
    }

    /// A list. Null is an empty list.
    pub fn items(&self) -> Vec<Cursor<'a>> {
        match &self.node.value {
            Value::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, node)| self.child(node, self.path.index(index)))
                .collect(),
            Value::Null => Vec::new(),
            _ => {
                self.expected("a list");
                Vec::new()
            }
        }
    }

    /// A scalar as written. Null is empty text.
    pub fn text(&self) -> &'a str {
        self.scalar().unwrap_or_default()
    }

    fn scalar(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) => Some(text),
            Value::Null => Some(""),
            _ => {
                self.expected("text");
                None
            }
        }
    }

    pub fn string(&self) -> String {
        self.text().to_owned()
    }

    pub fn strings(&self) -> Vec<String> {
        self.items().iter().map(Cursor::string).collect()
    }

    pub fn flag(&self) -> bool {
        self.parsed(|text| match text {
            "true" | "True" | "TRUE" | "yes" | "on" | "y" | "Y" => Ok(true),
            "false" | "False" | "FALSE" | "no" | "off" | "n" | "N" => Ok(false),
            _ => Err("true, false".into()),
        })
    }

    pub fn integer(&self, range: RangeInclusive<u32>) -> u32 {
        let (min, max) = (*range.start(), *range.end());
        let within = |text: &str| text.parse().ok().filter(|number| range.contains(number));
        self.parsed(|text| within(text).ok_or_else(|| format!("{min} to {max}")))
            .max(min)
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let allowed = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>();
        self.parsed(|text| {
            let found = words.iter().find(|(word, _)| *word == text);
            found
                .map(|(_, value)| Some(*value))
                .ok_or_else(|| allowed().join(", "))
        })
    }

    /// A scalar read by `parse`, whose error says what is allowed.
    pub fn parsed<T: Default>(&self, parse: impl Fn(&str) -> Result<T, String>) -> T {
        let Some(text) = self.scalar() else {
            return T::default();
        };
        parse(text).unwrap_or_else(|allowed| {
            self.error(format!("{} is not allowed: {allowed}", shown(text)));
            T::default()
        })
    }

    fn expected(&self, what: &str) {
        let found = match &self.node.value {
            Value::Null => "nothing",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        };
        self.error(format!("{found} is given, required: {what}"));
    }

    fn child(&self, node: &'a Node, path: Path) -> Cursor<'a> {
        Cursor {
            node,
            path,
            report: self.report,
        }
    }
}

/// The entries of a mapping with fixed keys.
pub(crate) struct Fields<'a> {
    entries: Vec<(&'a str, Cursor<'a>)>,
    path: Path,
    report: &'a Report,
}

impl<'a> Fields<'a> {
    /// A field that is present and not null.
    pub fn get(&self, name: &str) -> Option<&Cursor<'a>> {
        self.entries
            .iter()
            .find(|(key, cursor)| *key == name && !cursor.is_null())
            .map(|(_, cursor)| cursor)
    }

    /// A field that is present, if only with nothing in it.
    pub fn present(&self, name: &str) -> Option<&Cursor<'a>> {
        self.entries
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, cursor)| cursor)
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A field that must be present and not null.
    pub fn required(&self, name: &str, what: &str) -> Option<&Cursor<'a>> {
        let found = self.get(name);
        if found.is_none() {
            let message = format!("missing, required: {what}");
            self.report.error(&self.path.key(name), message);
        }
        found
    }
}
