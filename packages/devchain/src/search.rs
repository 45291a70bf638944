//! CometBFT's event query language, as far as transactions need it: conditions on `tx.height`, `tx.hash` and `type.attribute`, joined by AND.

use crate::ledger::{Ledger, StoredTx, TxPos};
use crate::tx::TxHash;

const MAX_CONDITIONS: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// Heights in this inclusive range.
    Height(u64, u64),
    Hash(TxHash),
    Attribute {
        key: String,
        value: String,
    },
    Exists {
        key: String,
    },
}

/// A parsed query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query(Vec<Condition>);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("query is empty")]
    Empty,
    #[error("query has more than {MAX_CONDITIONS} conditions")]
    TooLong,
    #[error("query, near {0:?}: expected <key> <operator> <value> joined by AND")]
    Syntax(String),
    #[error("query: operator {operator} on {key:?} is not supported; attributes take = and EXISTS, tx.height also < <= > >=")]
    Operator { key: String, operator: String },
    #[error("query: {key} = {value:?}: expected {expected}")]
    Value {
        key: String,
        value: String,
        expected: &'static str,
    },
}

impl Query {
    /// # Errors
    /// Text outside the supported subset.
    pub(crate) fn parse(text: &str) -> Result<Self, QueryError> {
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(QueryError::Empty);
        }
        let mut conditions = vec![];
        loop {
            let (condition, after) = condition(rest)?;
            conditions.extend(condition);
            if conditions.len() > MAX_CONDITIONS {
                return Err(QueryError::TooLong);
            }
            let after = after.trim_start();
            if after.is_empty() {
                return Ok(Self(conditions));
            }
            rest = after
                .strip_prefix("AND")
                .filter(|next| next.starts_with(char::is_whitespace))
                .ok_or_else(|| syntax(after))?
                .trim_start();
        }
    }

    /// Positions of the transactions that meet every condition, oldest first.
    pub(crate) fn run(&self, ledger: &Ledger) -> Vec<TxPos> {
        let (mut from, mut to) = (1, u64::MAX);
        let mut shortest: Option<&[TxPos]> = None;
        for condition in &self.0 {
            match condition {
                Condition::Height(low, high) => (from, to) = (from.max(*low), to.min(*high)),
                Condition::Hash(hash) => {
                    let hit = ledger.tx(hash).filter(|tx| self.meets(tx));
                    return hit.map(|tx| (tx.height, tx.index)).into_iter().collect();
                }
                Condition::Attribute { key, value } => {
                    let hits = ledger.with_attribute(key, value);
                    if shortest.is_none_or(|s| hits.len() < s.len()) {
                        shortest = Some(hits);
                    }
                }
                Condition::Exists { .. } => {}
            }
        }
        let meets = |pos: &TxPos| ledger.at(*pos).is_some_and(|tx| self.meets(tx));
        match shortest {
            Some(hits) => {
                let start = hits.partition_point(|(height, _)| *height < from);
                let in_range = hits[start..].iter().take_while(|(height, _)| *height <= to);
                in_range.copied().filter(meets).collect()
            }
            None => ledger.between(from, to).filter(meets).collect(),
        }
    }

    fn meets(&self, tx: &StoredTx) -> bool {
        let has = |key: &str, accept: &dyn Fn(&str) -> bool| {
            tx.result.events.iter().any(|event| {
                key.strip_prefix(event.ty.as_str())
                    .and_then(|k| k.strip_prefix('.'))
                    .is_some_and(|name| {
                        event
                            .attributes
                            .iter()
                            .any(|a| a.key == name && accept(&a.value))
                    })
            })
        };
        self.0.iter().all(|condition| match condition {
            Condition::Height(low, high) => (*low..=*high).contains(&tx.height),
            Condition::Hash(hash) => tx.hash == *hash,
            Condition::Attribute { key, value } => has(key, &|v| v == value),
            Condition::Exists { key } => has(key, &|_| true),
        })
    }
}

fn syntax(near: &str) -> QueryError {
    QueryError::Syntax(near.chars().take(40).collect())
}

/// Parses one condition; `tm.event='Tx'` holds for every transaction and yields none.
fn condition(text: &str) -> Result<(Option<Condition>, &str), QueryError> {
    let end = text
        .find(|c: char| c.is_whitespace() || "=<>'\"".contains(c))
        .filter(|end| *end > 0)
        .ok_or_else(|| syntax(text))?;
    let (key, rest) = text.split_at(end);
    let rest = rest.trim_start();
    if let Some(after) = rest.strip_prefix("EXISTS") {
        return Ok((
            Some(Condition::Exists {
                key: key.to_owned(),
            }),
            after,
        ));
    }
    let operator = ["<=", ">=", "=", "<", ">", "CONTAINS"]
        .into_iter()
        .find(|op| rest.starts_with(op))
        .ok_or_else(|| syntax(text))?;
    let (value, after) = value(rest[operator.len()..].trim_start())?;
    Ok((build(key, operator, value)?, after))
}

/// A quoted string or a bare word.
fn value(text: &str) -> Result<(&str, &str), QueryError> {
    if let Some(quoted) = text.strip_prefix('\'') {
        let end = quoted.find('\'').ok_or_else(|| syntax(text))?;
        return Ok((&quoted[..end], &quoted[end + 1..]));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    match end {
        0 => Err(syntax(text)),
        end => Ok(text.split_at(end)),
    }
}

fn build(key: &str, operator: &str, value: &str) -> Result<Option<Condition>, QueryError> {
    let wrong = |expected| QueryError::Value {
        key: key.to_owned(),
        value: value.to_owned(),
        expected,
    };
    if key == "tx.height" {
        let height: u64 = value.parse().map_err(|_| wrong("a height"))?;
        let (low, high) = match operator {
            "=" => (height, height),
            "<" => (0, height.saturating_sub(1)),
            "<=" => (0, height),
            ">" => (height.saturating_add(1), u64::MAX),
            ">=" => (height, u64::MAX),
            _ => return Err(unsupported(key, operator)),
        };
        return Ok(Some(Condition::Height(low, high)));
    }
    if operator != "=" {
        return Err(unsupported(key, operator));
    }
    match key {
        "tm.event" if value == "Tx" => Ok(None),
        "tm.event" => Err(wrong("'Tx'")),
        "tx.hash" => {
            let mut hash = [0; 32];
            hex::decode_to_slice(value, &mut hash).map_err(|_| wrong("64 hex digits"))?;
            Ok(Some(Condition::Hash(hash)))
        }
        _ => Ok(Some(Condition::Attribute {
            key: key.to_owned(),
            value: value.to_owned(),
        })),
    }
}

fn unsupported(key: &str, operator: &str) -> QueryError {
    QueryError::Operator {
        key: key.to_owned(),
        operator: operator.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_clients_send() {
        let attribute = |key: &str, value: &str| Condition::Attribute {
            key: key.into(),
            value: value.into(),
        };
        let cases = [
            ("tx.height=5", vec![Condition::Height(5, 5)]),
            (
                "tx.height >= 5 AND tx.height<9",
                vec![Condition::Height(5, u64::MAX), Condition::Height(0, 8)],
            ),
            (
                "tm.event = 'Tx' AND wasm-order_opened.owner='x'",
                vec![attribute("wasm-order_opened.owner", "x")],
            ),
            (
                "wasm._contract_address = 'a AND b'",
                vec![attribute("wasm._contract_address", "a AND b")],
            ),
            (
                "wasm.action EXISTS",
                vec![Condition::Exists {
                    key: "wasm.action".into(),
                }],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Query::parse(text), Ok(Query(expected)), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_would_misread() {
        let refused = [
            "",
            "  ",
            "tx.height",
            "tx.height=",
            "tx.height=-1",
            "tx.height='x'",
            "tx.hash='zz'",
            "=5",
            "a='b",
            "a='b' OR c='d'",
            "a='b' ANDc='d'",
            "a='b' AND",
            "a>5",
            "a CONTAINS 'b'",
            "tm.event='NewBlock'",
            "tx.height=99999999999999999999",
        ];
        for text in refused {
            assert!(Query::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,200}") {
            Query::parse(&text).ok();
        }
    }
}
