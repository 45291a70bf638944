//! The messages that each contract takes, by its committed schema: so that a test can ask whether it has thought of all.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// Names of a contract's execute messages, as they are on the wire.
///
/// # Errors
/// No schema of that contract, or one of another form.
pub fn execute_messages(contract: &str) -> Result<BTreeSet<String>> {
    let schema: Value = serde_json::from_str(schema(contract)?)?;
    let variants = schema["execute"]["oneOf"].as_array();
    variants
        .context("variants of the execute message")?
        .iter()
        .map(|variant| {
            let name = variant["required"][0].as_str();
            Ok(name.context("a variant's name")?.to_string())
        })
        .collect()
}

fn schema(contract: &str) -> Result<&'static str> {
    Ok(match contract {
        "deployment" => include_str!("../../../schema/deployment.json"),
        "market" => include_str!("../../../schema/market.json"),
        "escrow" => include_str!("../../../schema/escrow.json"),
        "provider" => include_str!("../../../schema/provider.json"),
        "governance" => include_str!("../../../schema/governance.json"),
        other => anyhow::bail!("no contract is called {other}"),
    })
}
