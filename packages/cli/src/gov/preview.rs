//! What a proposal's messages would do, in words and against the present values.

use anyhow::Result;
use cosmwasm_std::{BankMsg, Coin, CosmosMsg, Uint128, WasmMsg};
use leasehold_api::governance::QueryMsg;
use leasehold_api::suite::CONTRACTS;
use leasehold_api::{deployment, escrow, governance, market, provider, Asset, Denom};
use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::params::{Change, Governed};
use crate::context::Market;
use crate::output;

/// What one message would do.
#[derive(Serialize)]
pub struct Effect {
    /// Name of the suite's contract that it goes to, if it goes to one.
    pub contract: Option<&'static str>,
    /// In words.
    pub what: String,
    /// Parameters that would differ from the present ones.
    pub changes: Vec<Change>,
    /// What to know before it is agreed to.
    pub warnings: Vec<String>,
    /// What the contract is told, decoded.
    pub msg: Value,
}

impl Effect {
    fn new(what: String) -> Self {
        Effect {
            contract: None,
            what,
            changes: vec![],
            warnings: vec![],
            msg: Value::Null,
        }
    }

    /// What was written as JSON. Anything else is told of: the chain refuses it.
    fn decoded(&mut self, bytes: &[u8]) -> Option<Value> {
        let read = serde_json::from_slice(bytes);
        if let Err(error) = &read {
            let why = format!("it would fail, its message is no JSON: {error}");
            self.warnings.push(why);
        }
        read.ok()
    }
}

/// The effects of messages, one by one.
pub async fn effects(market: &Market, msgs: &[CosmosMsg]) -> Result<Vec<Effect>> {
    let mut found = Vec::new();
    for msg in msgs {
        found.push(effect(market, msg).await?);
    }
    Ok(found)
}

pub fn print(effects: &[Effect]) {
    if effects.is_empty() {
        println!("no messages: the text alone is decided on");
    }
    for (i, effect) in effects.iter().enumerate() {
        println!("{}. {}", i.saturating_add(1), effect.what);
        if !effect.changes.is_empty() {
            let rows = effect.changes.iter().map(|change| {
                let (from, to) = (&change.from, &change.to);
                [change.path.clone(), plain(from), plain(to)]
            });
            println!("{}", output::table(["parameter", "now", "then"], rows));
        }
        for warning in &effect.warnings {
            println!("   note: {warning}");
        }
    }
}

/// A value as a person writes it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

async fn effect(market: &Market, msg: &CosmosMsg) -> Result<Effect> {
    match msg {
        CosmosMsg::Bank(BankMsg::Send { to_address, amount }) => {
            let mut effect = Effect::new(format!("pay {} to {to_address}", coins(amount)));
            effect.warnings = shortfalls(market, amount).await?;
            Ok(effect)
        }
        CosmosMsg::Bank(BankMsg::Burn { amount }) => {
            let mut effect = Effect::new(format!("burn {}", coins(amount)));
            effect.warnings = shortfalls(market, amount).await?;
            Ok(effect)
        }
        CosmosMsg::Wasm(msg) => wasm(market, msg).await,
        other => {
            let mut effect = Effect::new("a message that is neither of bank nor of wasm".into());
            effect.msg = serde_json::to_value(other)?;
            effect.warnings = vec!["the governance contract refuses such a message".into()];
            Ok(effect)
        }
    }
}

async fn wasm(market: &Market, msg: &WasmMsg) -> Result<Effect> {
    match msg {
        WasmMsg::Execute {
            contract_addr,
            msg,
            funds,
        } => execute(market, contract_addr, msg, funds).await,
        WasmMsg::Migrate {
            contract_addr,
            new_code_id,
            msg,
        } => migrate(market, contract_addr, *new_code_id, msg).await,
        WasmMsg::UpdateAdmin {
            contract_addr,
            admin,
        } => {
            let name = named(market, contract_addr);
            let mut effect = Effect::new(format!("let {admin} put {name} on other code"));
            effect.contract = contract(market, contract_addr);
            effect.warnings = vec!["governance gives that up".into()];
            Ok(effect)
        }
        WasmMsg::ClearAdmin { contract_addr } => {
            let name = named(market, contract_addr);
            let mut effect = Effect::new(format!("fix the code of {name} for good"));
            effect.contract = contract(market, contract_addr);
            effect.warnings = vec!["it can never be migrated again".into()];
            Ok(effect)
        }
        other => {
            let mut effect = Effect::new("instantiate a contract".into());
            effect.msg = serde_json::to_value(other)?;
            Ok(effect)
        }
    }
}

async fn execute(market: &Market, address: &str, msg: &[u8], funds: &[Coin]) -> Result<Effect> {
    let target = contract(market, address);
    let mut effect = Effect::new(String::new());
    effect.msg = effect.decoded(msg).unwrap_or(Value::Null);
    let name = action(&effect.msg);
    effect.what = format!("call {name} of {}", named(market, address));
    if !funds.is_empty() {
        effect.what = format!("{} with {}", effect.what, coins(funds));
        effect.warnings.extend(shortfalls(market, funds).await?);
    }
    effect.contract = target;
    match target {
        Some(contract) if !is_known(contract, msg) => effect
            .warnings
            .push("the contract does not know this message: it would fail".into()),
        Some(contract) if name == "update_params" => update(market, contract, &mut effect).await?,
        Some("governance") if name == "require" => require(market, &mut effect).await?,
        Some("governance") if name == "start_stream" => stream(market, &mut effect).await?,
        Some("market") if name == "pause" => pause(market, &mut effect).await?,
        Some(_) => effect.what = format!("{}: {}", effect.what, effect.msg[&name]),
        None => token_transfer(market, address, &mut effect).await?,
    }
    Ok(effect)
}

/// All parameters are replaced, so the present ones tell what would change.
async fn update(market: &Market, contract: &str, effect: &mut Effect) -> Result<()> {
    let Some(governed) = Governed::of_name(contract) else {
        return Ok(());
    };
    let params = &effect.msg["update_params"]["params"];
    effect.changes = governed.changes(&governed.present(market).await?, params);
    effect.what = format!("replace the parameters of {contract}");
    if let Err(error) = governed.update(params) {
        effect.warnings.push(format!("it would fail: {error:#}"));
    }
    if effect.changes.is_empty() {
        effect
            .warnings
            .push("all are as they are at present".into());
    }
    Ok(())
}

/// What the treasury would set aside.
async fn stream(market: &Market, effect: &mut Effect) -> Result<()> {
    let msg: governance::ExecuteMsg = serde_json::from_value(effect.msg.clone())?;
    if let governance::ExecuteMsg::StartStream { to, asset, seconds } = msg {
        let amount = asset.amount.u128();
        let span = output::span(seconds);
        effect.what = format!(
            "pay {} to {to} over {span}",
            output::amount(amount, &asset.denom)
        );
        effect
            .warnings
            .extend(shortfall(market, amount, asset.denom).await?);
    }
    Ok(())
}

async fn pause(market: &Market, effect: &mut Effect) -> Result<()> {
    let msg: market::ExecuteMsg = serde_json::from_value(effect.msg.clone())?;
    if let market::ExecuteMsg::Pause { until } = msg {
        let left = until.saturating_sub(market.now().await?);
        effect.what = match left {
            0 => "end the pause of the market".into(),
            left => format!("let nothing begin on the market for {}", output::span(left)),
        };
    }
    Ok(())
}

/// Whether a contract still answers what it answered when this was proposed.
async fn require(market: &Market, effect: &mut Effect) -> Result<()> {
    let msg: governance::ExecuteMsg = serde_json::from_value(effect.msg.clone())?;
    let governance::ExecuteMsg::Require {
        contract,
        query,
        answer_hash,
    } = msg
    else {
        return Ok(());
    };
    let Some(query) = effect.decoded(&query) else {
        return Ok(());
    };
    let of = named(market, &contract);
    effect.what =
        format!("go on only if {of} still answers {query} as it did when this was written");
    match market.client.query_smart_bytes(&contract, &query).await {
        Ok(answer) if Sha256::digest(&answer).as_slice() == answer_hash.as_slice() => {}
        Ok(_) => effect
            .warnings
            .push("the answer has changed since: it would fail, propose anew".into()),
        Err(error) => effect.warnings.push(format!("it would fail: {error}")),
    }
    Ok(())
}

/// A payment in a cw20 token.
async fn token_transfer(market: &Market, token: &str, effect: &mut Effect) -> Result<()> {
    let transfer = effect.msg["transfer"].clone();
    let amount = transfer["amount"]
        .as_str()
        .and_then(|text| text.parse().ok());
    let (Some(amount), Some(to)) = (amount, transfer["recipient"].as_str()) else {
        return Ok(());
    };
    let denom = Denom::Cw20(token.into());
    effect.what = format!("pay {} to {to}", output::amount(amount, &denom));
    effect
        .warnings
        .extend(shortfall(market, amount, denom).await?);
    Ok(())
}

async fn migrate(market: &Market, address: &str, code_id: u64, msg: &[u8]) -> Result<Effect> {
    let now = market.client.contract_info(address).await?;
    let mut effect = Effect::new(format!(
        "migrate {} from code {} to code {code_id}",
        named(market, address),
        now.code_id
    ));
    effect.contract = contract(market, address);
    effect.msg = effect.decoded(msg).unwrap_or(Value::Null);
    match market.client.code(code_id).await {
        Ok(code) => {
            effect.what = format!("{}, checksum {}", effect.what, code.checksum);
            let present = market.client.code(now.code_id).await?;
            if present.checksum == code.checksum {
                let same = "that is the same program as at present".into();
                effect.warnings.push(same);
            }
        }
        Err(error) => effect.warnings.push(format!("it would fail: {error}")),
    }
    if now.admin.as_deref() != Some(market.suite.governance.as_str()) {
        let admin = now.admin.as_deref().unwrap_or("nobody");
        let why = format!("it would fail: {admin} may migrate it, governance may not");
        effect.warnings.push(why);
    }
    Ok(effect)
}

async fn shortfalls(market: &Market, amount: &[Coin]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for coin in amount {
        let denom = Denom::Native(coin.denom.clone());
        found.extend(shortfall(market, coin.amount.u128(), denom).await?);
    }
    Ok(found)
}

/// What the treasury lacks now for a payment. It may have it by the time of the execution.
async fn shortfall(market: &Market, amount: u128, denom: Denom) -> Result<Option<String>> {
    let query = QueryMsg::Treasury {
        denom: denom.clone(),
    };
    let treasury: Asset = super::ask(market, &query).await?;
    let lacks = treasury.amount < Uint128::new(amount);
    Ok(lacks.then(|| {
        format!(
            "the treasury holds {} now: it would fail",
            output::amount(treasury.amount.u128(), &denom)
        )
    }))
}

fn contract(market: &Market, address: &str) -> Option<&'static str> {
    let all = CONTRACTS.into_iter().zip(market.suite.addresses());
    all.into_iter()
        .find(|(_, one)| *one == address)
        .map(|(name, _)| name)
}

/// The suite's name of a contract, or else its address.
fn named(market: &Market, address: &str) -> String {
    match contract(market, address) {
        Some(name) => name.into(),
        None => format!("{address} (not of the suite)"),
    }
}

/// A message's name.
fn action(msg: &Value) -> String {
    match msg {
        Value::Object(fields) if fields.len() == 1 => fields.keys().cloned().collect(),
        Value::String(name) => name.clone(),
        _ => "something unreadable".into(),
    }
}

fn is_known(contract: &str, msg: &[u8]) -> bool {
    fn reads<T: DeserializeOwned>(msg: &[u8]) -> bool {
        serde_json::from_slice::<T>(msg).is_ok()
    }
    match contract {
        "deployment" => reads::<deployment::ExecuteMsg>(msg),
        "market" => reads::<market::ExecuteMsg>(msg),
        "escrow" => reads::<escrow::ExecuteMsg>(msg),
        "provider" => reads::<provider::ExecuteMsg>(msg),
        _ => reads::<governance::ExecuteMsg>(msg),
    }
}

fn coins(coins: &[Coin]) -> String {
    let amounts = coins.iter().map(|coin| {
        let digits = output::group_digits(coin.amount.u128());
        format!("{digits} {}", coin.denom)
    });
    amounts.collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_told_of_and_not_shown_as_something_else() {
        let mut effect = Effect::new("call".into());
        assert_eq!(effect.decoded(b"{}"), Some(serde_json::json!({})));
        assert!(effect.warnings.is_empty());
        assert_eq!(effect.decoded(b"nope"), None);
        assert!(
            effect.warnings[0].contains("no JSON"),
            "{:?}",
            effect.warnings
        );
    }
}
