//! `leasehold gov propose`.

use std::path::Path;

use anyhow::{bail, ensure, Context as _, Result};
use cosmwasm_std::{
    coin, coins, from_json, to_json_binary, BankMsg, Binary, CosmosMsg, Uint128, WasmMsg,
};
use leasehold_api::governance::{ExecuteMsg, Guardian, ProposalPhase};
use leasehold_api::suite::CONTRACTS;
use leasehold_api::{Asset, Denom, Suite};
use leasehold_client::Execute;
use serde_json::{json, Value};

use super::Gov;
use crate::args::{ProposeArgs, Template};
use crate::gov::params::{self, Governed};
use crate::gov::preview;
use crate::{gov, output};

/// What a template makes.
struct Draft {
    title: Option<String>,
    msgs: Vec<CosmosMsg>,
}

pub async fn propose(gov: &Gov<'_>, args: ProposeArgs) -> Result<()> {
    let proposer = gov.context.address(None)?;
    // What is staked by now is power in the block that the proposal can be in.
    ensure!(
        gov::is_voter(&gov.market, &proposer).await?,
        "{proposer} has no power, and who has none cannot propose; `leasehold gov stake AMOUNT` comes first"
    );
    let draft = draft(gov, args.template).await?;
    let title = args.title.or(draft.title);
    let title = title.context("messages of a file need a --title")?;
    let effects = preview::effects(&gov.market, &draft.msgs).await?;
    let rivals = rivals(gov, &effects).await?;
    let config = gov::config(&gov.market).await?;
    let denom = config.denom;
    if !gov.json() {
        println!("{title}");
        preview::print(&effects);
        let clash = match effects
            .iter()
            .any(|effect| effect.msg.get("require").is_some())
        {
            true => "executed first, it makes this one fail",
            false => "whichever is executed last undoes the other",
        };
        for rival in &rivals {
            println!("note: proposal {rival} replaces the same contract's parameters: {clash}");
        }
    }
    ensure!(
        !args.expedited || config.params.expedited.is_some(),
        "the parameters have no terms for expedited proposals"
    );
    let deposit = config.params.deposit;
    gov.confirm(&format!(
        "Propose this, with a deposit of {}",
        output::amount(deposit.u128(), &denom)
    ))?;
    let msg = ExecuteMsg::Propose {
        title,
        description: args.description.unwrap_or_default(),
        msgs: draft.msgs,
        earliest: None,
        latest: None,
        expedited: args.expedited.then_some(true),
    };
    let calls = paid(&gov.market.suite.governance, &msg, denom, deposit)?;
    let last = calls.len().saturating_sub(1);
    let outcome = gov.calls(calls).await?;
    let id: u64 = from_json(outcome.execute_data(last)?)?;
    if gov.json() {
        let tx = outcome.hash;
        return output::json(
            &json!({"tx": tx, "proposal": id, "effects": effects, "rivals": rivals}),
        );
    }
    let proposal = gov::proposal(&gov.market, id).await?;
    println!(
        "proposal {id} is open, {}: leasehold gov vote {id} yes",
        proposal.outlook(gov.market.now().await?)
    );
    Ok(())
}

/// The proposal with its deposit; in a token, after the allowance for it.
fn paid(
    governance: &str,
    msg: &ExecuteMsg,
    denom: Denom,
    deposit: Uint128,
) -> Result<Vec<Execute>> {
    let (mut calls, mut funds) = (vec![], vec![]);
    match denom {
        _ if deposit.is_zero() => {}
        Denom::Native(name) => funds.push(coin(deposit.u128(), name)),
        Denom::Cw20(token) => {
            let allow = json!({"increase_allowance": {"spender": governance, "amount": deposit}});
            calls.push(Execute::new(token, &allow, &[])?);
        }
    }
    calls.push(Execute::new(governance, msg, &funds)?);
    Ok(calls)
}

async fn draft(gov: &Gov<'_>, template: Template) -> Result<Draft> {
    match template {
        Template::Param { path, value, also } => param(gov, path, value, also).await,
        Template::Spend { denom, amount, to } => {
            let to = gov.context.address(Some(&to))?;
            let denom = Denom::from(denom.as_str());
            let title = format!("Pay {} to {to}", output::amount(amount, &denom));
            Ok(Draft {
                title: Some(title),
                msgs: vec![payment(amount, denom, to)?],
            })
        }
        Template::Stream {
            denom,
            amount,
            to,
            seconds,
        } => {
            let (to, denom) = (gov.context.address(Some(&to))?, Denom::from(denom.as_str()));
            let span = output::span(seconds);
            let title = format!("Pay {} to {to} over {span}", output::amount(amount, &denom));
            let asset = Asset {
                denom,
                amount: amount.into(),
            };
            let start = ExecuteMsg::StartStream { to, asset, seconds };
            Ok(Draft {
                title: Some(title),
                msgs: vec![call(&gov.market.suite.governance, &start)?],
            })
        }
        Template::StopStream { id } => {
            let stop = ExecuteMsg::StopStream { id };
            Ok(Draft {
                title: Some(format!("Stop stream {id} of the treasury")),
                msgs: vec![call(&gov.market.suite.governance, &stop)?],
            })
        }
        Template::Lift => {
            let market = &gov.market.suite.market;
            Ok(Draft {
                title: Some("End the pause of the market".into()),
                msgs: vec![call(market, &json!({"pause": {"until": 0}}))?],
            })
        }
        Template::Migrate {
            contract,
            code_id,
            msg,
        } => migrate(gov, &contract, code_id, &msg).await,
        Template::File { file } => Ok(Draft {
            title: None,
            msgs: read(&file, &gov.market.suite)?,
        }),
    }
}

async fn param(gov: &Gov<'_>, path: String, value: String, also: Vec<String>) -> Result<Draft> {
    let (contract, _) = params::split(&path)?;
    let mut given = vec![(path, value)];
    for more in also {
        let (path, value) = more
            .split_once('=')
            .with_context(|| format!("--also {more} has no value: say PATH=VALUE"))?;
        given.push((path.into(), value.into()));
    }
    let mut changes = Vec::new();
    for (path, value) in given {
        let (other, rest) = params::split(&path)?;
        ensure!(
            other == contract,
            "{path} is none of {}: one proposal of this kind changes one contract; `leasehold gov propose file` takes any messages",
            contract.name()
        );
        let value = match (contract, rest) {
            (Governed::Governance, "guardian") if value != "none" => guardian(gov, &value).await?,
            _ => value,
        };
        changes.push((rest.to_owned(), value));
    }
    let (present, require) = contract.seen(&gov.market).await?;
    let (params, found) = params::changed(contract, &present, &changes)?;
    let titles = found
        .iter()
        .filter(|change| !change.to.is_null() || found.len() == 1)
        .map(|change| format!("{} to {}", change.path, preview::plain(&change.to)));
    // All parameters are replaced: what was changed since must not be undone unseen.
    let require = call(&gov.market.suite.governance, &require)?;
    let update = call(
        contract.address(&gov.market.suite),
        &contract.update(&params)?,
    )?;
    Ok(Draft {
        title: Some(format!("Set {}", titles.collect::<Vec<_>>().join(", "))),
        msgs: vec![require, update],
    })
}

/// `NAME:SECONDS`: a guardian from now on for so long.
async fn guardian(gov: &Gov<'_>, text: &str) -> Result<String> {
    let (name, term) = text
        .split_once(':')
        .and_then(|(name, term)| Some((name, term.parse::<u64>().ok()?)))
        .with_context(|| {
            format!("{text} is no guardian: say ADDRESS:SECONDS, with the seconds of its term")
        })?;
    let until = gov.market.now().await?.saturating_add(term);
    let guardian = Guardian {
        address: gov.context.address(Some(name))?,
        until,
    };
    Ok(serde_json::to_string(&guardian)?)
}

fn call(contract: &str, msg: &impl serde::Serialize) -> Result<CosmosMsg> {
    Ok(WasmMsg::Execute {
        contract_addr: contract.into(),
        msg: to_json_binary(msg)?,
        funds: vec![],
    }
    .into())
}

fn payment(amount: u128, denom: Denom, to: String) -> Result<CosmosMsg> {
    Ok(match denom {
        Denom::Native(denom) => BankMsg::Send {
            to_address: to,
            amount: coins(amount, denom),
        }
        .into(),
        Denom::Cw20(token) => call(
            &token,
            &json!({"transfer": {"recipient": to, "amount": amount.to_string()}}),
        )?,
    })
}

async fn migrate(gov: &Gov<'_>, contract: &str, code_id: u64, msg: &str) -> Result<Draft> {
    let address = address_of(&gov.market.suite, contract)
        .with_context(|| format!("{contract} is no contract of the suite"))?;
    gov.market.client.code(code_id).await.with_context(|| {
        format!(
            "code {code_id} cannot be read; store the new code first, its id is what this takes"
        )
    })?;
    let msg: Value = serde_json::from_str(msg).context("--msg is no JSON")?;
    let msg = WasmMsg::Migrate {
        contract_addr: address.to_owned(),
        new_code_id: code_id,
        msg: to_json_binary(&msg)?,
    };
    Ok(Draft {
        title: Some(format!("Migrate {contract} to code {code_id}")),
        msgs: vec![msg.into()],
    })
}

fn address_of<'a>(suite: &'a Suite, contract: &str) -> Option<&'a String> {
    let mut all = CONTRACTS.into_iter().zip(suite.addresses());
    all.find(|(name, _)| *name == contract)
        .map(|(_, address)| address)
}

/// Messages as CosmWasm writes them, or with a contract's name and plain JSON where it wants an address and base64.
fn read(file: &Path, suite: &Suite) -> Result<Vec<CosmosMsg>> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut list: Value =
        serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", file.display()))?;
    let Some(msgs) = list.as_array_mut() else {
        bail!("{} holds no list of messages", file.display());
    };
    for msg in msgs.iter_mut() {
        spell_out(msg, suite)?;
    }
    serde_json::from_value(list).with_context(|| {
        format!(
            "{} holds what is no message; one reads {{\"bank\": {{\"send\": {{…}}}}}} or {{\"wasm\": {{\"execute\": {{\"contract_addr\": \"market\", \"msg\": {{…}}, \"funds\": []}}}}}}",
            file.display()
        )
    })
}

fn spell_out(msg: &mut Value, suite: &Suite) -> Result<()> {
    let Some(kinds) = msg.get_mut("wasm").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    for fields in kinds.values_mut().filter_map(Value::as_object_mut) {
        if let Some(Value::String(contract)) = fields.get_mut("contract_addr") {
            if let Some(address) = address_of(suite, contract) {
                contract.clone_from(address);
            }
        }
        if let Some(inner) = fields.get_mut("msg").filter(|msg| !msg.is_string()) {
            let encoded: Binary = to_json_binary(inner)?;
            *inner = serde_json::to_value(encoded)?;
        }
    }
    Ok(())
}

/// Undecided or unexecuted proposals that replace the parameters of a contract that these effects replace, too.
async fn rivals(gov: &Gov<'_>, effects: &[preview::Effect]) -> Result<Vec<u64>> {
    let replaced = |effects: &[preview::Effect]| -> Vec<&'static str> {
        let updates = effects
            .iter()
            .filter(|effect| effect.msg.get("update_params").is_some());
        updates.filter_map(|effect| effect.contract).collect()
    };
    let ours = replaced(effects);
    let mut found = Vec::new();
    if ours.is_empty() {
        return Ok(found);
    }
    for proposal in gov::proposals(&gov.market).await? {
        let phase = proposal.standing.phase;
        let gone = matches!(phase, ProposalPhase::Rejected | ProposalPhase::Lapsed);
        if proposal.is_over() || gone {
            continue;
        }
        let theirs = preview::effects(&gov.market, &proposal.content.msgs).await?;
        if replaced(&theirs).iter().any(|one| ours.contains(one)) {
            found.push(proposal.id());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suite() -> Suite {
        let addresses = CONTRACTS.map(|name| format!("wasm1{name}"));
        Suite::from_addresses(addresses).expect("five")
    }

    #[test]
    fn a_file_may_name_contracts_and_write_their_messages_plainly() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let text = r#"[{"wasm": {"execute": {"contract_addr": "escrow", "msg": {"sweep_fees": {}}, "funds": []}}},
            {"bank": {"send": {"to_address": "wasm1x", "amount": [{"denom": "uakt", "amount": "5"}]}}}]"#;
        std::fs::write(file.path(), text).expect("a file");
        let msgs = read(file.path(), &suite()).expect("two messages");
        let sweep = WasmMsg::Execute {
            contract_addr: "wasm1escrow".into(),
            msg: br#"{"sweep_fees":{}}"#.into(),
            funds: vec![],
        };
        assert_eq!(msgs[0], sweep.into());
        assert!(matches!(msgs[1], CosmosMsg::Bank(_)));
        std::fs::write(file.path(), "{}").expect("a file");
        let said = read(file.path(), &suite())
            .expect_err("no list")
            .to_string();
        assert!(said.contains("no list of messages"), "{said}");
    }
}
