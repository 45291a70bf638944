//! The wasm module: cw-multi-test's keeper with wasmd's call depth limits and the bank events that the keeper drops.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::ensure;
use cosmwasm_std::{
    Addr, Api, Binary, BlockInfo, Checksum, Coin, Empty, Querier, Record, Storage, WasmMsg,
    WasmQuery,
};
use cw_multi_test::error::AnyResult;
use cw_multi_test::{
    AppResponse, ChecksumGenerator, Contract, ContractData, CosmosRouter, Wasm, WasmKeeper,
    WasmSudo,
};

use crate::bank::transfer_events;
use crate::error::{AbciError, NO_SUCH_CONTRACT};

const MAX_CALL_DEPTH: u32 = 100;
const MAX_QUERY_DEPTH: u32 = 10;

/// Checksums by code id, filled before a code is stored.
pub(crate) type Checksums = Rc<RefCell<BTreeMap<u64, Checksum>>>;

struct KnownChecksums(Checksums);

impl ChecksumGenerator for KnownChecksums {
    fn checksum(&self, _creator: &Addr, code_id: u64) -> Checksum {
        *self
            .0
            .borrow()
            .get(&code_id)
            .expect("the chain sets a code's checksum before it stores the code")
    }
}

pub(crate) struct DevWasm {
    keeper: WasmKeeper<Empty, Empty>,
    calls: Cell<u32>,
    queries: Cell<u32>,
}

impl DevWasm {
    pub(crate) fn new(checksums: Checksums) -> Self {
        Self {
            keeper: WasmKeeper::new().with_checksum_generator(KnownChecksums(checksums)),
            calls: Cell::new(0),
            queries: Cell::new(0),
        }
    }

    /// Without this a raw query at an address with no contract would read as an empty value.
    fn require_contract(&self, storage: &dyn Storage, address: &str) -> Result<(), AbciError> {
        self.keeper
            .contract_data(storage, &Addr::unchecked(address))
            .map(|_| ())
            .map_err(|_| NO_SUCH_CONTRACT.because(format!("address {address}")))
    }
}

/// One level of nesting; leaves it when dropped, also by a panic.
struct Level<'a>(&'a Cell<u32>);

impl<'a> Level<'a> {
    fn enter(depth: &'a Cell<u32>, max: u32, what: &str) -> AnyResult<Self> {
        ensure!(
            depth.get() < max,
            "max {what} depth exceeded: more than {max} nested"
        );
        depth.set(depth.get() + 1);
        Ok(Self(depth))
    }
}

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Wasm<Empty, Empty> for DevWasm {
    fn execute(
        &self,
        api: &dyn Api,
        storage: &mut dyn Storage,
        router: &dyn CosmosRouter<ExecC = Empty, QueryC = Empty>,
        block: &BlockInfo,
        sender: Addr,
        msg: WasmMsg,
    ) -> AnyResult<AppResponse> {
        let _level = Level::enter(&self.calls, MAX_CALL_DEPTH, "call")?;
        if let WasmMsg::Execute { contract_addr, .. } | WasmMsg::Migrate { contract_addr, .. } =
            &msg
        {
            self.require_contract(storage, contract_addr)?;
        }
        let sent = funds(&msg).to_vec();
        let mut response = self
            .keeper
            .execute(api, storage, router, block, sender.clone(), msg)?;
        if !sent.is_empty() {
            let contract = response.events.first().and_then(|e| e.attributes.first());
            let contract = contract.map_or("", |attribute| attribute.value.as_str());
            let transfer = transfer_events(sender.as_str(), contract, &sent);
            response.events.splice(0..0, transfer);
        }
        Ok(response)
    }

    fn query(
        &self,
        api: &dyn Api,
        storage: &dyn Storage,
        querier: &dyn Querier,
        block: &BlockInfo,
        request: WasmQuery,
    ) -> AnyResult<Binary> {
        let _level = Level::enter(&self.queries, MAX_QUERY_DEPTH, "query")?;
        if let WasmQuery::Smart { contract_addr, .. } | WasmQuery::Raw { contract_addr, .. } =
            &request
        {
            self.require_contract(storage, contract_addr)?;
        }
        self.keeper.query(api, storage, querier, block, request)
    }

    fn sudo(
        &self,
        api: &dyn Api,
        storage: &mut dyn Storage,
        router: &dyn CosmosRouter<ExecC = Empty, QueryC = Empty>,
        block: &BlockInfo,
        msg: WasmSudo,
    ) -> AnyResult<AppResponse> {
        self.keeper.sudo(api, storage, router, block, msg)
    }

    fn store_code(&mut self, creator: Addr, code: Box<dyn Contract<Empty, Empty>>) -> u64 {
        self.keeper.store_code(creator, code)
    }

    fn store_code_with_id(
        &mut self,
        creator: Addr,
        code_id: u64,
        code: Box<dyn Contract<Empty, Empty>>,
    ) -> AnyResult<u64> {
        self.keeper.store_code_with_id(creator, code_id, code)
    }

    fn duplicate_code(&mut self, code_id: u64) -> AnyResult<u64> {
        self.keeper.duplicate_code(code_id)
    }

    fn contract_data(&self, storage: &dyn Storage, address: &Addr) -> AnyResult<ContractData> {
        self.keeper.contract_data(storage, address)
    }

    fn dump_wasm_raw(&self, storage: &dyn Storage, address: &Addr) -> Vec<Record> {
        self.keeper.dump_wasm_raw(storage, address)
    }
}

fn funds(msg: &WasmMsg) -> &[Coin] {
    match msg {
        WasmMsg::Execute { funds, .. }
        | WasmMsg::Instantiate { funds, .. }
        | WasmMsg::Instantiate2 { funds, .. } => funds,
        _ => &[],
    }
}
