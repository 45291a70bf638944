//! What runs inside a transaction: entry points of contracts, their queries, submessages and replies, as wasmd's keeper runs them.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail, Result};
use cosmwasm_std::{
    to_json_vec, Addr, BankMsg, Binary, Checksum, Coin, ContractResult, CosmosMsg, Event,
    MessageInfo, MsgResponse, Reply, ReplyOn, Response, SubMsg, SubMsgResponse, SubMsgResult,
    WasmMsg,
};
use cosmwasm_vm::{
    call_execute_raw, call_query_raw, call_reply_raw, Backend, Instance, InstanceOptions, VmResult,
};

use crate::address::canonical;
use crate::coverage;
use crate::meter::{self, Kind, Message, INSTANCE_WARM, MULTIPLIER};
use crate::modules;
use crate::state::State;
use crate::vm::{Api, Codes, Queries, Shared, Store};

const GAS_LIMIT: u64 = 100_000_000 * MULTIPLIER;

pub type Machine = Instance<Api, Store, Queries>;

/// What a call left behind for the caller.
#[derive(Default)]
pub struct Answer {
    pub data: Option<Binary>,
    events: Vec<Event>,
}

pub fn info(sender: &str, funds: &[Coin]) -> Result<Vec<u8>> {
    let info = MessageInfo {
        sender: Addr::unchecked(sender),
        funds: funds.to_vec(),
    };
    Ok(to_json_vec(&info)?)
}

fn deeper<T>(state: &Shared, work: impl FnOnce() -> T) -> T {
    state.borrow_mut().meter.depth += 1;
    let result = work();
    state.borrow_mut().meter.depth -= 1;
    result
}

pub fn execute(
    state: &Shared,
    codes: &Codes,
    contract: &str,
    sender: &str,
    msg: &[u8],
    funds: &[Coin],
) -> Result<Answer> {
    let checksum = {
        let mut state = state.borrow_mut();
        modules::router(&mut state.meter);
        let checksum = state.load(contract)?;
        let from = state.name(sender);
        let to = state.name(contract);
        let name = coverage::name_of(msg)?;
        state.meter.messages.push(Message { from, to, name });
        let State { bank, meter, .. } = &mut *state;
        if !funds.is_empty() {
            bank.send(meter, sender, contract, funds)?;
        }
        checksum
    };
    let info = info(sender, funds)?;
    let answer = call(
        state,
        codes,
        contract,
        checksum,
        "execute",
        |machine, env| call_execute_raw(machine, env, &info, msg),
    )?;
    respond(state, codes, contract, &answer)
}

/// A smart query, as another contract makes it.
pub fn query(state: &Shared, codes: &Codes, contract: &str, msg: &[u8]) -> Result<Binary> {
    let checksum = state.borrow_mut().load(contract)?;
    let answer = call(state, codes, contract, checksum, "query", |machine, env| {
        machine.set_storage_readonly(true);
        call_query_raw(machine, env, msg)
    })?;
    let result: ContractResult<Binary> = serde_json::from_slice(&answer)?;
    result.into_result().map_err(|error| anyhow!(error))
}

fn reply(state: &Shared, codes: &Codes, contract: &str, reply: &Reply) -> Result<Answer> {
    let checksum = {
        let mut state = state.borrow_mut();
        let checksum = state.find(contract)?;
        let mut gas = INSTANCE_WARM;
        if let SubMsgResult::Ok(response) = &reply.result {
            let attributes: Vec<_> = response
                .events
                .iter()
                .flat_map(|event| pairs(&event.attributes))
                .collect();
            gas += meter::events(&attributes, std::iter::empty());
            gas += response
                .events
                .iter()
                .map(|event| event.ty.len() as u64)
                .sum::<u64>();
        }
        let name = state.name(contract);
        state.meter.charge(Kind::Load, &name, "reply", 0, gas);
        checksum
    };
    let message = to_json_vec(reply)?;
    let answer = call(state, codes, contract, checksum, "reply", |machine, env| {
        call_reply_raw(machine, env, &message)
    })?;
    respond(state, codes, contract, &answer)
}

/// Runs one entry point and charges for the work inside the machine and for reading its answer.
pub fn call(
    state: &Shared,
    codes: &Codes,
    contract: &str,
    checksum: Checksum,
    entry: &str,
    work: impl FnOnce(&mut Machine, &[u8]) -> VmResult<Vec<u8>>,
) -> Result<Vec<u8>> {
    let (env, name) = {
        let state = state.borrow();
        (to_json_vec(&state.env(contract))?, state.name(contract))
    };
    let backend = Backend {
        api: Api,
        storage: Store {
            state: state.clone(),
            contract: contract.into(),
            iterators: BTreeMap::new(),
        },
        querier: Queries {
            state: state.clone(),
            codes: codes.clone(),
        },
    };
    let checksum = cosmwasm_std_3::Checksum::from_hex(&checksum.to_hex())
        .map_err(|error| anyhow!("{error}"))?;
    let options = InstanceOptions {
        gas_limit: GAS_LIMIT,
    };
    let mut machine = codes
        .get_instance(&checksum, backend, options)
        .map_err(|error| anyhow!("{name}: {error}"))?;
    let answer = deeper(state, || work(&mut machine, &env))
        .map_err(|error| anyhow!("{name} {entry}: {error}"))?;
    let inside = machine.create_gas_report().used_internally;
    let gas = (inside + answer.len() as u64 * MULTIPLIER) / MULTIPLIER;
    state.borrow_mut().meter.charge(
        Kind::Run,
        &name,
        format!("{entry}, {} bytes of answer", answer.len()),
        0,
        gas,
    );
    Ok(answer)
}

fn pairs(attributes: &[cosmwasm_std::Attribute]) -> Vec<(&str, &str)> {
    attributes
        .iter()
        .map(|a| (a.key.as_str(), a.value.as_str()))
        .collect()
}

/// Charges for the events of a response and runs its messages, in order.
pub fn respond(state: &Shared, codes: &Codes, contract: &str, answer: &[u8]) -> Result<Answer> {
    let result: ContractResult<Response> = serde_json::from_slice(answer)?;
    let response = result.into_result().map_err(|error| anyhow!(error))?;
    let custom = response
        .events
        .iter()
        .map(|event| (event.ty.as_str(), pairs(&event.attributes)));
    let gas = meter::events(&pairs(&response.attributes), custom);
    if gas > 0 {
        let mut state = state.borrow_mut();
        let name = state.name(contract);
        state.meter.charge(Kind::Events, &name, "events", 0, gas);
    }
    let mut outcome = Answer {
        data: response.data,
        events: emitted(contract, &response.attributes, response.events),
    };
    for message in response.messages {
        let (events, data) = deeper(state, || submessage(state, codes, contract, message))?;
        outcome.events.extend(events);
        outcome.data = data.or(outcome.data);
    }
    Ok(outcome)
}

/// Events as the chain shows them.
fn emitted(
    contract: &str,
    attributes: &[cosmwasm_std::Attribute],
    events: Vec<Event>,
) -> Vec<Event> {
    let marked = |name: String| Event::new(name).add_attribute("_contract_address", contract);
    let mut all = vec![marked("execute".into())];
    if !attributes.is_empty() {
        all.push(marked("wasm".into()).add_attributes(attributes.iter().cloned()));
    }
    all.extend(
        events
            .into_iter()
            .map(|event| marked(format!("wasm-{}", event.ty)).add_attributes(event.attributes)),
    );
    all
}

/// Dispatches one message; its failure reaches the contract only where it asked for a reply. Data is what a reply sets.
fn submessage(
    state: &Shared,
    codes: &Codes,
    contract: &str,
    message: SubMsg,
) -> Result<(Vec<Event>, Option<Binary>)> {
    let saved = state.borrow().saved();
    let told = state.borrow().meter.messages.len();
    let (wants_ok, wants_err) = match message.reply_on {
        ReplyOn::Always => (true, true),
        ReplyOn::Success => (true, false),
        ReplyOn::Error => (false, true),
        ReplyOn::Never => (false, false),
    };
    let (events, result) = match dispatch(state, codes, contract, message.msg) {
        Ok((answer, kind)) if wants_ok => {
            let response = response_of(&answer, kind);
            (answer.events, SubMsgResult::Ok(response))
        }
        Ok((answer, _)) => return Ok((answer.events, None)),
        Err(error) if !wants_err => return Err(error),
        Err(error) => {
            let mut state = state.borrow_mut();
            state.restore(saved);
            // What is undone does not count as done.
            state.meter.messages.truncate(told);
            (vec![], SubMsgResult::Err(format!("{error:#}")))
        }
    };
    let request = Reply {
        id: message.id,
        payload: message.payload,
        gas_used: 0,
        result,
    };
    let answer = reply(state, codes, contract, &request)?;
    Ok((
        events.into_iter().chain(answer.events).collect(),
        answer.data,
    ))
}

/// What a reply is told of a success: only a contract's events, sorted.
#[allow(deprecated)] // `data` is still what wasmd sends.
fn response_of(answer: &Answer, kind: &str) -> SubMsgResponse {
    let mut events = answer.events.clone();
    for event in &mut events {
        event.attributes.sort_by(|a, b| a.key.cmp(&b.key));
    }
    let value = answer.data.clone().unwrap_or_default();
    SubMsgResponse {
        events,
        data: answer.data.clone(),
        msg_responses: vec![MsgResponse {
            type_url: kind.into(),
            value,
        }],
    }
}

fn dispatch(
    state: &Shared,
    codes: &Codes,
    contract: &str,
    message: CosmosMsg,
) -> Result<(Answer, &'static str)> {
    match message {
        CosmosMsg::Wasm(WasmMsg::Execute {
            contract_addr,
            msg,
            funds,
        }) => {
            let answer = execute(state, codes, &contract_addr, contract, &msg, &funds)?;
            Ok((answer, "/cosmwasm.wasm.v1.MsgExecuteContractResponse"))
        }
        CosmosMsg::Bank(BankMsg::Send { to_address, amount }) => {
            canonical(&to_address)?;
            let mut state = state.borrow_mut();
            let State { bank, meter, .. } = &mut *state;
            modules::router(meter);
            bank.send(meter, contract, &to_address, &amount)?;
            Ok((Answer::default(), "/cosmos.bank.v1beta1.MsgSendResponse"))
        }
        other => bail!("no module takes {other:?}"),
    }
}
