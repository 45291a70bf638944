//! Whether every message that a contract takes runs in a measured operation, sent by whom it is for.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use cosmwasm_schema::schema_for;
use cosmwasm_schema::schemars::JsonSchema;
use cosmwasm_std::Binary;
use leasehold_api::{deployment, escrow, governance, market, provider};
use serde_json::Value;

use crate::meter::Message;
use crate::stage::TOKEN;
use crate::state::ANYBODY;

/// Who calls escrow when a transfer has arrived.
const CHAIN: &str = "chain";

/// Messages that no account sends, since the contract takes them from this sender alone: from, to, which. They run in others' operations,
/// in proposals and in a token's `send`.
const FROM_ONE: [(&str, &str, &[&str]); 15] = [
    (
        "deployment",
        "market",
        &["open_order", "close_order", "change_lease"],
    ),
    ("deployment", "escrow", &["transfer_account"]),
    (
        "market",
        "escrow",
        &["open_stream", "reprice_stream", "close_stream"],
    ),
    ("market", "escrow", &["hold", "release"]),
    ("market", "provider", &["slash", "compensate"]),
    ("escrow", "governance", &["add_fees"]),
    ("governance", "governance", &["run", "update_params"]),
    (
        "governance",
        "governance",
        &["start_stream", "stop_stream", "require"],
    ),
    ("governance", "market", &["update_params", "pause"]),
    ("governance", "escrow", &["update_params"]),
    (
        "governance",
        "provider",
        &[
            "update_params",
            "pay_insurance",
            "judge",
            "uphold_challenge",
        ],
    ),
    (TOKEN, "escrow", &["receive/open", "receive/deposit"]),
    (TOKEN, "provider", &["receive/bond"]),
    (TOKEN, "governance", &["receive/stake", "receive/add_fees"]),
    (CHAIN, "escrow", &["arrived/open", "arrived/deposit"]),
];

/// What was sent by whom it is for in none of these, and what is listed above and does not exist; as sentences.
pub fn gaps<'a>(measured: impl IntoIterator<Item = &'a Message>) -> Result<Vec<String>> {
    let measured: BTreeSet<&Message> = measured.into_iter().collect();
    let known = vocabulary()?;
    let expected = known.iter().map(|(to, name)| Message {
        from: sender(to, name).into(),
        to: (*to).into(),
        name: name.clone(),
    });
    let unmeasured = expected
        .filter(|message| !measured.contains(message))
        .map(|Message { from, to, name }| format!("{to}'s {name} from {from} has no operation"));
    let stale = listed()
        .filter(|(_, to, name)| !known.contains(&(*to, (*name).into())))
        .map(|(_, to, name)| format!("{to} knows no {name}"));
    Ok(unmeasured.chain(stale).collect())
}

fn listed() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    FROM_ONE
        .iter()
        .flat_map(|(from, to, names)| names.iter().map(|name| (*from, *to, *name)))
}

fn sender(to: &str, name: &str) -> &'static str {
    listed()
        .find(|(_, other, listed)| *other == to && *listed == name)
        .map_or(ANYBODY, |(from, ..)| from)
}

/// All that the contracts can be told, by the types that their schemas are made of. A token's hooks are messages of their own.
fn vocabulary() -> Result<BTreeSet<(&'static str, String)>> {
    let mut known = BTreeSet::new();
    let mut add = |to, prefix: &str, names: Vec<String>| {
        known.extend(
            names
                .into_iter()
                .map(|name| (to, format!("{prefix}{name}"))),
        );
    };
    add("deployment", "", names::<deployment::ExecuteMsg>()?);
    add("market", "", names::<market::ExecuteMsg>()?);
    add("escrow", "", names::<escrow::ExecuteMsg>()?);
    add("provider", "", names::<provider::ExecuteMsg>()?);
    add("governance", "", names::<governance::ExecuteMsg>()?);
    add("escrow", "receive/", names::<escrow::Cw20HookMsg>()?);
    add("provider", "receive/", names::<provider::Cw20HookMsg>()?);
    add(
        "governance",
        "receive/",
        names::<governance::Cw20HookMsg>()?,
    );
    add("escrow", "arrived/", names::<escrow::TransferAction>()?);
    known.retain(|(_, name)| name != RECEIVE);
    Ok(known)
}

/// The variants of an enum, as they are called in JSON.
fn names<T: JsonSchema>() -> Result<Vec<String>> {
    let schema = serde_json::to_value(schema_for!(T))?;
    let variants = schema["oneOf"].as_array().context("an enum")?;
    let name = |variant: &Value| {
        let name = variant["required"][0].as_str().context("a variant")?;
        Ok(name.to_string())
    };
    variants.iter().map(name).collect()
}

const RECEIVE: &str = "receive";

/// The name of a message; of a token's hook, with what it says.
pub fn name_of(msg: &[u8]) -> Result<String> {
    let msg: Value = serde_json::from_slice(msg)?;
    let name = only_key(&msg)?;
    if name != RECEIVE {
        return Ok(name.into());
    }
    let hook: Binary = serde_json::from_value(msg[RECEIVE]["msg"].clone())?;
    let hook: Value = serde_json::from_slice(&hook)?;
    Ok(format!("{RECEIVE}/{}", only_key(&hook)?))
}

/// What escrow is told of tokens that have arrived.
pub fn arrived(action: &escrow::TransferAction) -> Result<Message> {
    let action = serde_json::to_value(action)?;
    Ok(Message {
        from: CHAIN.into(),
        to: "escrow".into(),
        name: format!("arrived/{}", only_key(&action)?),
    })
}

fn only_key(msg: &Value) -> Result<&str> {
    let fields = msg.as_object().context("a message is an object")?;
    let (name, _) = fields.iter().next().context("a message has a name")?;
    Ok(name)
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::{to_json_binary, to_json_vec, Uint128};
    use cw20::Cw20ReceiveMsg;

    use super::*;

    fn everything() -> BTreeSet<Message> {
        let said = vocabulary().unwrap();
        said.into_iter()
            .map(|(to, name)| Message {
                from: sender(to, &name).into(),
                to: to.into(),
                name,
            })
            .collect()
    }

    #[test]
    fn a_message_without_an_operation_is_told() {
        let mut measured = everything();
        assert!(gaps(&measured).unwrap().is_empty());
        measured.retain(|message| message.name != "top_up");
        assert_eq!(
            gaps(&measured).unwrap(),
            ["escrow's top_up from anybody has no operation"]
        );
    }

    #[test]
    fn what_another_has_sent_does_not_count() {
        let mut measured = everything();
        measured.retain(|message| message.name != "open_order");
        measured.insert(Message {
            from: ANYBODY.into(),
            to: "market".into(),
            name: "open_order".into(),
        });
        assert_eq!(
            gaps(&measured).unwrap(),
            ["market's open_order from deployment has no operation"]
        );
    }

    #[test]
    fn a_hook_is_called_after_what_it_says() {
        let hook = Cw20ReceiveMsg {
            sender: "tenant".into(),
            amount: Uint128::one(),
            msg: to_json_binary(&escrow::Cw20HookMsg::Deposit { account: 1 }).unwrap(),
        };
        let hook = to_json_vec(&escrow::ExecuteMsg::Receive(hook)).unwrap();
        assert_eq!(name_of(&hook).unwrap(), "receive/deposit");
        let plain = to_json_vec(&escrow::ExecuteMsg::TopUp { account: 1 }).unwrap();
        assert_eq!(name_of(&plain).unwrap(), "top_up");
    }
}
