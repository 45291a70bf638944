//! The JSON that Akash hashes: keys sorted at every level, no white space, Go's escapes.

use serde_json::Value;

/// Canonical text of `value`. Sorting is explicit, because the order of `serde_json`'s maps depends on a feature that any crate may enable.
pub(crate) fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| key.as_str());
            let fields: Vec<_> = fields
                .into_iter()
                .map(|(key, value)| format!("{}:{}", text(key), canonical(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::String(string) => text(string),
        scalar => scalar.to_string(),
    }
}

/// A JSON string with the escapes that Go adds to those of JSON.
fn text(string: &str) -> String {
    Value::from(string)
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_go_escapes_added() {
        let value =
            serde_json::json!({"b": [1, null, {"d": true, "c": "<&>\u{2028}\"\n"}], "a": ""});
        let expected = r#"{"a":"","b":[1,null,{"c":"\u003c\u0026\u003e\u2028\"\n","d":true}]}"#;
        assert_eq!(canonical(&value), expected);
    }
}
