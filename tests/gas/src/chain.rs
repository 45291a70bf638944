//! A chain of one block at a time: what it stores, and transactions that go through or leave nothing behind.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use anyhow::{anyhow, Result};
use cosmwasm_std::{to_json_vec, Binary, Checksum, Coin};
use cosmwasm_std_3::IbcDestinationCallbackMsg;
use cosmwasm_vm::{
    call_ibc_destination_callback_raw, call_instantiate_raw, call_migrate_raw,
    capabilities_from_csv, Cache, CacheOptions, Size, VmResult,
};
use serde::Serialize;

use crate::address;
use crate::calls::{call, execute, info, respond, Answer, Machine};
use crate::meter::{Charge, Message};
use crate::modules;
use crate::state::State;
use crate::vm::{Codes, Shared};

const CAPABILITIES: &str = "iterator,staking,stargate,cosmwasm_1_1,cosmwasm_1_2,cosmwasm_1_3,cosmwasm_1_4,cosmwasm_2_0,cosmwasm_2_1,cosmwasm_2_2,ibc2";
/// In which a transaction of our client may be included.
const EXPIRE_BLOCKS: u64 = 50;

/// A transaction that went through.
pub struct Receipt {
    pub charges: Vec<Charge>,
    /// All that ran in it.
    pub messages: Vec<Message>,
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
        self.transact(|| {
            self.enter(contract, "instantiate", |machine, env| {
                call_instantiate_raw(machine, env, &info, msg)
            })
        })
    }

    /// Runs the code that is under this address now over what the code before it has left.
    pub fn migrate(&self, contract: &str) -> Result<Receipt> {
        self.transact(|| {
            self.enter(contract, "migrate", |machine, env| {
                call_migrate_raw(machine, env, b"{}")
            })
        })
    }

    /// What a transfer from another chain runs when it has arrived, within the gas that its memo allows and in its relayer's transaction.
    pub fn ibc_callback(&self, contract: &str, msg: &IbcDestinationCallbackMsg) -> Result<Receipt> {
        let msg = serde_json::to_vec(msg)?;
        self.transact(|| {
            modules::transfer_port(&mut self.state.borrow_mut().meter);
            self.enter(contract, "ibc_destination_callback", |machine, env| {
                call_ibc_destination_callback_raw(machine, env, &msg)
            })
        })
    }

    /// By an entry point that no message calls.
    fn enter(
        &self,
        contract: &str,
        entry: &str,
        work: impl FnOnce(&mut Machine, &[u8]) -> VmResult<Vec<u8>>,
    ) -> Result<Answer> {
        let checksum = self.state.borrow_mut().load(contract)?;
        let answer = call(&self.state, &self.codes, contract, checksum, entry, work)?;
        respond(&self.state, &self.codes, contract, &answer)
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
            messages: meter.messages,
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
