//! The contracts' parameters as trees that a dotted path leads through.

use anyhow::{bail, ensure, Context as _, Result};
use clap::ValueEnum;
use cosmwasm_schema::{schema_for, schemars::schema::RootSchema};
use cosmwasm_std::to_json_binary;
use leasehold_api::{escrow, governance, market, provider, Suite};
use serde::Serialize;
use serde_json::{json, Map, Value};
use sha2::{Digest, Sha256};

use crate::context::Market;

/// A contract that has parameters.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Governed {
    Market,
    Escrow,
    Provider,
    Governance,
}

/// One parameter.
#[derive(Serialize)]
pub struct Parameter {
    /// With the contract's name in front.
    pub path: String,
    pub value: Value,
    /// Meaning, unit and range.
    pub about: String,
}

/// A parameter that a message would change.
#[derive(Serialize, Debug, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    /// Null: there is none.
    pub from: Value,
    pub to: Value,
}

impl Governed {
    pub const ALL: [Governed; 4] = [
        Governed::Market,
        Governed::Escrow,
        Governed::Provider,
        Governed::Governance,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Governed::Market => "market",
            Governed::Escrow => "escrow",
            Governed::Provider => "provider",
            Governed::Governance => "governance",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    pub fn address(self, suite: &Suite) -> &str {
        match self {
            Governed::Market => &suite.market,
            Governed::Escrow => &suite.escrow,
            Governed::Provider => &suite.provider,
            Governed::Governance => &suite.governance,
        }
    }

    /// The present values.
    pub async fn present(self, market: &Market) -> Result<Value> {
        Ok(self.seen(market).await?.0)
    }

    /// The present values, and the message with which governance makes sure that they are still these.
    pub async fn seen(self, market: &Market) -> Result<(Value, governance::ExecuteMsg)> {
        // Every contract answers `config {}` with its parameters under the same name.
        let query = json!({"config": {}});
        let contract = self.address(&market.suite);
        let answer = market.client.query_smart_bytes(contract, &query).await?;
        let mut config: Value = serde_json::from_slice(&answer)?;
        let require = governance::ExecuteMsg::Require {
            contract: contract.into(),
            query: to_json_binary(&query)?,
            answer_hash: Sha256::digest(&answer).as_slice().into(),
        };
        Ok((config["params"].take(), require))
    }

    /// The message that replaces the parameters, as far as this side can tell that the contract will take it.
    ///
    /// # Errors
    /// A value of the wrong kind, or out of a range that is known here.
    pub fn update(self, params: &Value) -> Result<Value> {
        let params = params.clone();
        let checked = match self {
            Governed::Market => {
                let params: market::Params = serde_json::from_value(params)?;
                params.validate()?;
                serde_json::to_value(market::ExecuteMsg::UpdateParams { params })
            }
            Governed::Escrow => {
                let params = serde_json::from_value(params)?;
                serde_json::to_value(escrow::ExecuteMsg::UpdateParams { params })
            }
            Governed::Provider => {
                let params: provider::Params = serde_json::from_value(params)?;
                params.validate()?;
                serde_json::to_value(provider::ExecuteMsg::UpdateParams { params })
            }
            Governed::Governance => {
                let params = serde_json::from_value(params)?;
                serde_json::to_value(governance::ExecuteMsg::UpdateParams { params })
            }
        };
        Ok(checked?)
    }

    /// All parameters in this tree of values.
    pub fn list(self, params: &Value) -> Result<Vec<Parameter>> {
        let schema = serde_json::to_value(self.schema())?;
        Ok(leaves(params)
            .into_iter()
            .map(|(path, value)| Parameter {
                about: about(&schema, &path),
                path: format!("{}.{path}", self.name()),
                value,
            })
            .collect())
    }

    /// What differs between two trees of values.
    pub fn changes(self, from: &Value, to: &Value) -> Vec<Change> {
        let (before, after) = (leaves(from), leaves(to));
        let find = |all: &[(String, Value)], path: &str| {
            let found = all.iter().find(|(one, _)| one == path);
            found.map_or(Value::Null, |(_, value)| value.clone())
        };
        let gone = before
            .iter()
            .filter(|(path, _)| after.iter().all(|(one, _)| one != path));
        after
            .iter()
            .chain(gone)
            .map(|(path, _)| Change {
                path: format!("{}.{path}", self.name()),
                from: find(&before, path),
                to: find(&after, path),
            })
            .filter(|change| change.from != change.to)
            .collect()
    }

    fn schema(self) -> RootSchema {
        match self {
            Governed::Market => schema_for!(market::Params),
            Governed::Escrow => schema_for!(escrow::Params),
            Governed::Provider => schema_for!(provider::Params),
            Governed::Governance => schema_for!(governance::Params),
        }
    }
}

/// The contract that a path such as `market.auction.bidding` begins with, and the rest.
pub fn split(path: &str) -> Result<(Governed, &str)> {
    let known = || Governed::ALL.map(Governed::name).join(", ");
    let (name, rest) = path.split_once('.').with_context(|| {
        format!(
            "{path} names no contract: say CONTRACT.PARAMETER, with one of {}",
            known()
        )
    })?;
    let contract = Governed::of_name(name)
        .with_context(|| format!("{name} has no parameters; these have: {}", known()))?;
    Ok((contract, rest))
}

/// Sets one parameter by its path within the contract. Text becomes what the present value is: a number, a text, none.
///
/// # Errors
/// A path that leads nowhere: the known ones are named. A text that is no such value.
pub fn set(contract: Governed, params: &mut Value, path: &str, text: &str) -> Result<()> {
    let mut place = &mut *params;
    let mut walked = contract.name().to_owned();
    for step in path.split('.') {
        let Some(fields) = place.as_object_mut() else {
            bail!("{walked} is a value and has no {step} in it");
        };
        let known = fields.keys().cloned().collect::<Vec<_>>().join(", ");
        place = fields
            .get_mut(step)
            .with_context(|| format!("{walked} has no {step}; it has: {known}"))?;
        walked = format!("{walked}.{step}");
    }
    *place = match place {
        Value::Number(_) => {
            let number: u64 = text
                .parse()
                .with_context(|| format!("{walked} is a whole number, {text} is not"))?;
            number.into()
        }
        _ if text == "none" => Value::Null,
        Value::Object(fields) => tree(&walked, fields, text)?,
        Value::Array(_) => list(&walked, text)?,
        Value::Bool(_) => text
            .parse::<bool>()
            .with_context(|| format!("{walked} is true or false, {text} is neither"))?
            .into(),
        // There is none yet: what is given tells what kind it is.
        Value::Null => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    };
    Ok(())
}

fn list(walked: &str, text: &str) -> Result<Value> {
    let value: Option<Value> = serde_json::from_str(text).ok();
    let value = value.filter(Value::is_array);
    value.with_context(|| format!("{walked} is a list: give all of it as JSON, such as []"))
}

fn tree(walked: &str, fields: &Map<String, Value>, text: &str) -> Result<Value> {
    let value: Option<Value> = serde_json::from_str(text).ok();
    let value = value.filter(Value::is_object);
    value.with_context(|| {
        let known = fields.keys().cloned().collect::<Vec<_>>().join(", ");
        format!("{walked} holds several values ({known}): name one of them, or give all as JSON")
    })
}

/// Applies changes to the present values of one contract.
pub fn changed(
    contract: Governed,
    present: &Value,
    changes: &[(String, String)],
) -> Result<(Value, Vec<Change>)> {
    let mut params = present.clone();
    for (path, text) in changes {
        set(contract, &mut params, path, text)?;
    }
    contract
        .update(&params)
        .with_context(|| format!("the {} contract would refuse this", contract.name()))?;
    let found = contract.changes(present, &params);
    ensure!(
        !found.is_empty(),
        "that is the present value already; `leasehold gov params {}` shows them",
        contract.name()
    );
    Ok((params, found))
}

/// The tree's values with their dotted paths.
fn leaves(tree: &Value) -> Vec<(String, Value)> {
    let Value::Object(fields) = tree else {
        return vec![];
    };
    let mut found = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Object(_) => found.extend(
                leaves(value)
                    .into_iter()
                    .map(|(path, value)| (format!("{name}.{path}"), value)),
            ),
            value => found.push((name.clone(), value.clone())),
        }
    }
    found
}

/// What the schema says of a path: of its last step, or else of the nearest above that it describes.
fn about(schema: &Value, path: &str) -> String {
    let mut place = schema;
    let mut text = "";
    for step in path.split('.') {
        match step_into(schema, place, step) {
            Some(next) => place = next,
            None => break,
        }
        let own = place["description"].as_str();
        text = own.unwrap_or(text);
    }
    text.to_owned()
}

/// The schema of one field, through references and alternatives.
fn step_into<'a>(root: &'a Value, place: &'a Value, step: &str) -> Option<&'a Value> {
    if let Some(found) = place["properties"].get(step) {
        return Some(found);
    }
    if let Some(reference) = place["$ref"].as_str() {
        let target = root.pointer(reference.strip_prefix('#')?)?;
        return step_into(root, target, step);
    }
    ["allOf", "anyOf", "oneOf"]
        .into_iter()
        .filter_map(|kind| place[kind].as_array())
        .flatten()
        .find_map(|one| step_into(root, one, step))
}

#[cfg(test)]
mod tests;
