//! A chain of one block at a time that runs contracts as wasmd's keeper does: instances, submessages, replies, queries and funds.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use anyhow::{anyhow, bail, Result};
use cosmwasm_std::{
    to_json_vec, Addr, BankMsg, Binary, Checksum, Coin, ContractResult, CosmosMsg, Event,
    MessageInfo, MsgResponse, Reply, ReplyOn, Response, SubMsg, SubMsgResponse, SubMsgResult,
    WasmMsg,
};
use cosmwasm_vm::{
    call_execute_raw, call_instantiate_raw, call_migrate_raw, call_query_raw, call_reply_raw,
    capabilities_from_csv, Backend, Cache, CacheOptions, Instance, InstanceOptions, Size, VmResult,
};
use serde::Serialize;

use crate::address::{self, canonical};
use crate::meter::{self, Charge, Kind, INSTANCE_WARM, MULTIPLIER};
use crate::modules;
use crate::state::State;
use crate::vm::{Api, Codes, Queries, Shared, Store};

const CAPABILITIES: &str = "iterator,staking,stargate,cosmwasm_1_1,cosmwasm_1_2,cosmwasm_1_3,cosmwasm_1_4,cosmwasm_2_0,cosmwasm_2_1,cosmwasm_2_2,ibc2";
const GAS_LIMIT: u64 = 100_000_000 * MULTIPLIER;
/// In which a transaction of our client may be included.
const EXPIRE_BLOCKS: u64 = 50;
type Machine = Instance<Api, Store, Queries>;

/// What a call left behind for the caller.
#[derive(Default)]
struct Answer {
    data: Option<Binary>,
    events: Vec<Event>,
}

/// A transaction that went through.
pub struct Receipt {
    pub charges: Vec<Charge>,
    pub data: Option<Binary>,
}

#[derive(Clone)]
pub struct Chain {
    pub state: Shared,
    codes: Codes,
}

impl Chain {
    /// An empty chain; `pinned` says whether its codes stay in memory.
    pub fn new(folder: &Path, pinned: bool) -> Result<Self> {
        let options = CacheOptions::new(
            folder,
            capabilities_from_csv(CAPABILITIES),
            Size::mebi(100),
            Size::mebi(32),
        );
        // SAFETY: nothing else touches the folder, which is this process's own.
        #[allow(unsafe_code)]
        let cache = unsafe { Cache::new(options) }.map_err(|error| anyhow!("{error}"))?;
        let state = State::new(pinned);
        Ok(Chain {
            state: Rc::new(RefCell::new(state)),
            codes: Rc::new(cache),
        })
    }

    /// Puts code on the chain, under its name's address, ready to be instantiated.
    pub fn store(&self, name: &str, wasm: &[u8]) -> Result<String> {
        let stored = self
            .codes
            .store_code(wasm, true, true)
            .map_err(|error| anyhow!("{name}: {error}"))?;
        let checksum = Checksum::from_hex(&stored.to_hex())?;
        let address = address::contract(name)?;
        self.state.borrow_mut().register(&address, name, checksum);
        Ok(address)
    }

    pub fn instantiate(&self, contract: &str, sender: &str, msg: &[u8]) -> Result<Receipt> {
        let info = info(sender, &[])?;
        self.set_up(contract, "instantiate", |machine, env| {
            call_instantiate_raw(machine, env, &info, msg)
        })
    }

    /// Runs the code that is under this address now over what the code before it has left.
    pub fn migrate(&self, contract: &str) -> Result<Receipt> {
        self.set_up(contract, "migrate", |machine, env| {
            call_migrate_raw(machine, env, b"{}")
        })
    }

    /// An entry point that no message calls.
    fn set_up(
        &self,
        contract: &str,
        entry: &str,
        work: impl FnOnce(&mut Machine, &[u8]) -> VmResult<Vec<u8>>,
    ) -> Result<Receipt> {
        self.transact(|| {
            let checksum = self.state.borrow_mut().load(contract)?;
            let answer = call(&self.state, &self.codes, contract, checksum, entry, work)?;
            respond(&self.state, &self.codes, contract, &answer)
        })
    }

    /// A signed transaction with one message.
    pub fn execute(
        &self,
        sender: &str,
        contract: &str,
        msg: &impl Serialize,
        funds: &[Coin],
    ) -> Result<Receipt> {
        let msg = to_json_vec(msg)?;
        let bytes = {
            let state = self.state.borrow();
            let expires = state.height + EXPIRE_BLOCKS;
            modules::tx_bytes(sender, contract, &msg, funds, state.sequence(), expires)?
        };
        self.transact(|| {
            modules::ante(&mut self.state.borrow_mut().meter, bytes);
            execute(&self.state, &self.codes, contract, sender, &msg, funds)
        })
    }

    /// Runs one transaction; a failed one leaves nothing behind.
    fn transact(&self, work: impl FnOnce() -> Result<Answer>) -> Result<Receipt> {
        let saved = self.state.borrow_mut().begin();
        let result = work();
        let mut state = self.state.borrow_mut();
        if result.is_err() {
            state.restore(saved);
        }
        let meter = std::mem::take(&mut state.meter);
        Ok(Receipt {
            charges: meter.charges,
            data: result?.data,
        })
    }

    /// What a fee of `coins` would add to a transaction of `payer`.
    pub fn fee(&self, payer: &str, coins: &[Coin]) -> Result<Receipt> {
        self.transact(|| {
            let State { bank, meter, .. } = &mut *self.state.borrow_mut();
            bank.fee(meter, payer, coins)?;
            Ok(Answer::default())
        })
    }
}

fn info(sender: &str, funds: &[Coin]) -> Result<Vec<u8>> {
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

fn execute(
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
fn call(
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
fn respond(state: &Shared, codes: &Codes, contract: &str, answer: &[u8]) -> Result<Answer> {
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
