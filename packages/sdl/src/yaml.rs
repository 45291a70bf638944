//! YAML text to a tree that keeps scalars as written and knows every position, within safety limits.
//!
//! Akash reads scalars by their text (`amount: 0.50`, `env: [A=1, true]`), so a typed deserialiser would lose what the manifest hash needs.

use std::collections::HashMap;
use std::sync::Arc;

use serde_saphyr::budget::{check_yaml_budget, Budget, BudgetBreach, EnforcingPolicy};
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use crate::error::{Diagnostic, Position};

/// Longest file accepted, in bytes.
pub const MAX_FILE_BYTES: usize = 256 * 1024;
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 20_000;
const MAX_ALIASES: usize = 500;
/// Most text and nodes after aliases are written out.
const MAX_EXPANDED: usize = 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Node {
    pub value: Value,
    pub at: Position,
    /// Bytes and nodes that this node stands for with its aliases written out.
    weight: usize,
}

#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Text(String),
    List(Vec<Arc<Node>>),
    Map(Vec<Entry>),
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub key: String,
    pub key_at: Position,
    pub node: Arc<Node>,
}

/// Parses one document.
pub(crate) fn parse(text: &str) -> Result<Arc<Node>, Diagnostic> {
    if text.len() > MAX_FILE_BYTES {
        let size = text.len();
        return Err(refused(
            None,
            format!("the file has {size} bytes, allowed: {MAX_FILE_BYTES}"),
        ));
    }
    let report =
        check_yaml_budget(text, budget(), EnforcingPolicy::AllContent).map_err(|e| syntax(&e))?;
    if let Some(breach) = report.breached {
        return Err(refused(None, breach_text(&breach)));
    }
    let mut tree = Tree::default();
    for item in Parser::new_from_str(text) {
        let (event, span) = item.map_err(|e| syntax(&e))?;
        tree.accept(event, position(&span))?;
    }
    tree.root
        .ok_or_else(|| refused(None, "the file holds no YAML document".into()))
}

fn budget() -> Budget {
    let mut budget = Budget::default();
    budget.max_depth = MAX_DEPTH;
    budget.max_nodes = MAX_NODES;
    budget.max_events = 4 * MAX_NODES;
    budget.max_aliases = MAX_ALIASES;
    budget.max_anchors = MAX_ALIASES;
    budget.max_documents = 1;
    budget
}

fn breach_text(breach: &BudgetBreach) -> String {
    match breach {
        BudgetBreach::Depth { depth } => {
            format!("nested {depth} levels deep, allowed: {MAX_DEPTH}")
        }
        BudgetBreach::Nodes { nodes } => format!("more than {nodes} values, allowed: {MAX_NODES}"),
        BudgetBreach::Aliases { aliases } => {
            format!("{aliases} aliases, allowed: {MAX_ALIASES}")
        }
        BudgetBreach::Documents { documents } => {
            format!("{documents} YAML documents, allowed: 1")
        }
        other => format!("exceeds a YAML safety limit: {other:?}"),
    }
}

fn refused(position: Option<Position>, message: String) -> Diagnostic {
    Diagnostic {
        position,
        path: String::new(),
        message,
    }
}

fn syntax(error: &ScanError) -> Diagnostic {
    let at = Position {
        line: error.marker().line(),
        column: error.marker().col() + 1,
    };
    refused(Some(at), format!("not valid YAML: {}", error.info()))
}

fn position(span: &Span) -> Position {
    Position {
        line: span.start.line(),
        column: span.start.col() + 1,
    }
}

#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    anchors: HashMap<usize, Arc<Node>>,
    root: Option<Arc<Node>>,
}

/// A collection whose end has not been read yet.
struct Open {
    at: Position,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Arc<Node>>),
    Map(Vec<Entry>, Option<(String, Position)>),
}

impl Tree {
    fn accept(&mut self, event: Event<'_>, at: Position) -> Result<(), Diagnostic> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref());
                self.complete(value, at, anchor)
            }
            Event::SequenceStart(_, anchor, _) => {
                self.start(at, anchor, Content::List(Vec::new()));
                Ok(())
            }
            Event::MappingStart(_, anchor, _) => {
                self.start(at, anchor, Content::Map(Vec::new(), None));
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open {
                    at,
                    anchor,
                    content: Content::List(items),
                }) => self.complete(Value::List(items), at, anchor),
                Some(Open {
                    at,
                    anchor,
                    content: Content::Map(entries, _),
                }) => self.complete(Value::Map(merged(entries)?), at, anchor),
                None => Ok(()),
            },
            Event::Alias(id) => {
                let target = self.anchors.get(&id).cloned().ok_or_else(|| {
                    refused(Some(at), "an alias inside the value it names".into())
                })?;
                self.attach(target, at)
            }
            _ => Ok(()),
        }
    }

    fn start(&mut self, at: Position, anchor: usize, content: Content) {
        self.open.push(Open {
            at,
            anchor,
            content,
        });
    }

    fn complete(&mut self, value: Value, at: Position, anchor: usize) -> Result<(), Diagnostic> {
        let weight = weight(&value);
        if weight > MAX_EXPANDED {
            return Err(refused(
                Some(at),
                format!("aliases expand to more than {MAX_EXPANDED} bytes"),
            ));
        }
        let node = Arc::new(Node { value, at, weight });
        if anchor != 0 {
            self.anchors.insert(anchor, Arc::clone(&node));
        }
        self.attach(node, at)
    }

    fn attach(&mut self, node: Arc<Node>, at: Position) -> Result<(), Diagnostic> {
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map(entries, key)) => match key.take() {
                Some((key, key_at)) => entries.push(Entry { key, key_at, node }),
                None => *key = Some((key_text(&node, at)?, at)),
            },
        }
        Ok(())
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let plain = style == ScalarStyle::Plain && tag.is_none();
    let null = plain && matches!(text, "" | "~" | "null" | "Null" | "NULL");
    if null || tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("null")) {
        return Value::Null;
    }
    Value::Text(text.to_owned())
}

fn key_text(node: &Node, at: Position) -> Result<String, Diagnostic> {
    match &node.value {
        Value::Text(text) => Ok(text.clone()),
        _ => Err(refused(Some(at), "a mapping key must be plain text".into())),
    }
}

fn weight(value: &Value) -> usize {
    let inner = match value {
        Value::Null => 0,
        Value::Text(text) => text.len(),
        Value::List(items) => total(items.iter().map(|item| item.weight)),
        Value::Map(entries) => total(entries.iter().map(|e| e.key.len() + e.node.weight)),
    };
    inner.saturating_add(1)
}

fn total(weights: impl Iterator<Item = usize>) -> usize {
    weights.fold(0, usize::saturating_add)
}

/// Writes out `<<` entries: explicit keys win, then earlier sources.
fn merged(entries: Vec<Entry>) -> Result<Vec<Entry>, Diagnostic> {
    let (merges, mut kept): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| e.key == "<<");
    for merge in merges {
        let sources = match &merge.node.value {
            Value::List(items) => items.clone(),
            _ => vec![Arc::clone(&merge.node)],
        };
        for source in sources {
            let Value::Map(inherited) = &source.value else {
                let message = "`<<` takes a mapping or a list of mappings".into();
                return Err(refused(Some(merge.key_at), message));
            };
            for entry in inherited {
                if !kept.iter().any(|own| own.key == entry.key) {
                    kept.push(entry.clone());
                }
            }
        }
    }
    Ok(kept)
}
