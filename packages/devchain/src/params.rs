//! Parameters of RPC methods in the forms CometBFT takes: a JSON object, a JSON array, or a URI query.

use base64::prelude::{Engine, BASE64_STANDARD};
use serde_json::{Map, Value};

use crate::rpc::RpcError;

pub(crate) enum Params {
    Named(Map<String, Value>),
    Positional(Vec<Value>),
    /// Raw text by name: strings in double quotes, bytes as 0x and hex digits.
    Uri(Vec<(String, String)>),
}

/// How a method's JSON form writes bytes.
#[derive(Clone, Copy)]
pub(crate) enum Encoding {
    Hex,
    Base64,
}

impl Params {
    pub(crate) fn from_json(value: Value) -> Result<Self, RpcError> {
        match value {
            Value::Null => Ok(Self::Named(Map::new())),
            Value::Object(named) => Ok(Self::Named(named)),
            Value::Array(positional) => Ok(Self::Positional(positional)),
            _ => Err(RpcError::invalid_params(
                "params must be an object or an array",
            )),
        }
    }

    pub(crate) fn from_uri(query: &str) -> Result<Self, RpcError> {
        let uri: axum::http::Uri = format!("/?{query}")
            .parse()
            .map_err(|e| RpcError::invalid_params(format!("query string: {e}")))?;
        axum::extract::Query::try_from_uri(&uri)
            .map(|pairs| Self::Uri(pairs.0))
            .map_err(|e| RpcError::invalid_params(e.body_text()))
    }

    /// The parameter `name`, which an array holds at `index`.
    fn get(&self, name: &str, index: usize) -> Option<Value> {
        let value = match self {
            Self::Named(named) => named.get(name).cloned(),
            Self::Positional(values) => values.get(index).cloned(),
            Self::Uri(pairs) => pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| Value::String(value.clone())),
        };
        value.filter(|value| !value.is_null())
    }

    pub(crate) fn text(&self, name: &str, index: usize) -> Result<Option<String>, RpcError> {
        match self.get(name, index) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(match self {
                Self::Uri(_) => unquote(&text).to_owned(),
                _ => text,
            })),
            Some(other) => Err(wrong(name, &other, "a string")),
        }
    }

    /// A non-negative integer, as a number or a decimal string.
    pub(crate) fn number(&self, name: &str, index: usize) -> Result<Option<u64>, RpcError> {
        let Some(value) = self.get(name, index) else {
            return Ok(None);
        };
        let number = match &value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => unquote(text).parse().ok(),
            _ => None,
        };
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(wrong(name, &value, "an integer from 0 to 2^64-1")),
        }
    }

    /// Bytes in the method's JSON encoding, or in a URI as 0x… or quoted text.
    pub(crate) fn bytes(
        &self,
        name: &str,
        index: usize,
        encoding: Encoding,
    ) -> Result<Option<Vec<u8>>, RpcError> {
        let Some(value) = self.get(name, index) else {
            return Ok(None);
        };
        let Value::String(text) = &value else {
            return Err(wrong(name, &value, "a string"));
        };
        let decoded = match (self, encoding) {
            (Self::Uri(_), _) if text.starts_with('"') => Some(unquote(text).as_bytes().to_vec()),
            (Self::Uri(_), _) => text
                .strip_prefix("0x")
                .and_then(|digits| hex::decode(digits).ok()),
            (_, Encoding::Hex) => hex::decode(text.strip_prefix("0x").unwrap_or(text)).ok(),
            (_, Encoding::Base64) => BASE64_STANDARD.decode(text).ok(),
        };
        let expected = match (self, encoding) {
            (Self::Uri(_), _) => "0x and hex digits, or quoted text",
            (_, Encoding::Hex) => "hex digits",
            (_, Encoding::Base64) => "base64",
        };
        match decoded {
            Some(bytes) => Ok(Some(bytes)),
            None => Err(wrong(name, &value, expected)),
        }
    }
}

pub(crate) fn required<T>(value: Option<T>, name: &str) -> Result<T, RpcError> {
    value.ok_or_else(|| RpcError::invalid_params(format!("{name} is missing")))
}

fn unquote(text: &str) -> &str {
    text.strip_prefix('"')
        .and_then(|t| t.strip_suffix('"'))
        .unwrap_or(text)
}

fn wrong(name: &str, value: &Value, expected: &str) -> RpcError {
    let shown: String = value.to_string().chars().take(80).collect();
    RpcError::invalid_params(format!("{name} is {shown}, expected {expected}"))
}
