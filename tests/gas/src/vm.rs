//! The chain's side of the virtual machine: storage, addresses and queries, each charged as wasmd does.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use cosmwasm_std::{to_json_vec, BalanceResponse, BankQuery, Empty, QueryRequest, WasmQuery};
use cosmwasm_std_3::{Binary, ContractResult, Order, Record, SystemError, SystemResult};
use cosmwasm_vm::{BackendApi, BackendError, BackendResult, Cache, GasInfo, Querier, Storage};

use crate::address;
use crate::calls;
use crate::meter::MULTIPLIER;
use crate::state::State;

pub type Shared = Rc<RefCell<State>>;
pub type Codes = Rc<Cache<Api, Store, Queries>>;

/// What the state charged during `work`, told to the virtual machine as used outside of it.
fn metered<T>(state: &Shared, work: impl FnOnce(&mut State) -> T) -> BackendResult<T> {
    let mut state = state.borrow_mut();
    let before = state.meter.total();
    let result = work(&mut state);
    let used = state.meter.total() - before;
    (Ok(result), GasInfo::with_externally_used(used * MULTIPLIER))
}

#[derive(Clone)]
pub struct Api;

fn priced<T>(result: anyhow::Result<T>, gas: u64) -> BackendResult<T> {
    let result = result.map_err(|error| BackendError::user_err(format!("{error:#}")));
    (result, GasInfo::with_cost(gas * MULTIPLIER))
}

impl BackendApi for Api {
    fn addr_validate(&self, address: &str) -> BackendResult<()> {
        priced(address::canonical(address).map(|_| ()), 9)
    }

    fn addr_canonicalize(&self, address: &str) -> BackendResult<Vec<u8>> {
        priced(address::canonical(address), 4)
    }

    fn addr_humanize(&self, bytes: &[u8]) -> BackendResult<String> {
        priced(address::encode(bytes), 5)
    }
}

/// One contract's view of the store.
pub struct Store {
    pub state: Shared,
    pub contract: String,
    pub iterators: BTreeMap<u32, std::vec::IntoIter<Record>>,
}

impl Storage for Store {
    fn get(&self, key: &[u8]) -> BackendResult<Option<Vec<u8>>> {
        metered(&self.state, |state| state.get(&self.contract, key))
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> BackendResult<()> {
        metered(&self.state, |state| state.set(&self.contract, key, value))
    }

    fn remove(&mut self, key: &[u8]) -> BackendResult<()> {
        metered(&self.state, |state| state.remove(&self.contract, key))
    }

    fn scan(
        &mut self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> BackendResult<u32> {
        let mut records = self.state.borrow().range(&self.contract, start, end);
        if order == Order::Descending {
            records.reverse();
        }
        let id = self.iterators.len() as u32 + 1;
        let answer = metered(&self.state, |state| {
            state.step(&self.contract, records.first());
            id
        });
        self.iterators.insert(id, records.into_iter());
        answer
    }

    fn next(&mut self, id: u32) -> BackendResult<Option<Record>> {
        let Some(iterator) = self.iterators.get_mut(&id) else {
            return (
                Err(BackendError::iterator_does_not_exist(id)),
                GasInfo::free(),
            );
        };
        let record = iterator.next();
        metered(&self.state, |state| {
            state.step(&self.contract, record.as_ref());
            record
        })
    }
}

/// A contract's queries.
pub struct Queries {
    pub state: Shared,
    pub codes: Codes,
}

impl Queries {
    fn balance(&self, address: &str, denom: &str) -> anyhow::Result<Vec<u8>> {
        let state = &mut *self.state.borrow_mut();
        let amount = state.bank.query(&mut state.meter, address, denom)?;
        Ok(to_json_vec(&BalanceResponse::new(amount))?)
    }
}

impl Querier for Queries {
    fn query_raw(
        &self,
        request: &[u8],
        _limit: u64,
    ) -> BackendResult<SystemResult<ContractResult<Binary>>> {
        let before = self.state.borrow().meter.total();
        let answer = match serde_json::from_slice::<QueryRequest<Empty>>(request) {
            Ok(QueryRequest::Wasm(WasmQuery::Raw { contract_addr, key })) => {
                let value = self.state.borrow_mut().get(&contract_addr, &key);
                SystemResult::Ok(ContractResult::Ok(value.unwrap_or_default().into()))
            }
            Ok(QueryRequest::Wasm(WasmQuery::Smart { contract_addr, msg })) => {
                match calls::query(&self.state, &self.codes, &contract_addr, &msg) {
                    Ok(data) => SystemResult::Ok(ContractResult::Ok(data.as_slice().into())),
                    Err(error) => SystemResult::Ok(ContractResult::Err(format!("{error:#}"))),
                }
            }
            Ok(QueryRequest::Bank(BankQuery::Balance { address, denom })) => {
                match self.balance(&address, &denom) {
                    Ok(data) => SystemResult::Ok(ContractResult::Ok(data.into())),
                    Err(error) => SystemResult::Ok(ContractResult::Err(format!("{error:#}"))),
                }
            }
            Ok(other) => SystemResult::Err(SystemError::UnsupportedRequest {
                kind: format!("{other:?}"),
            }),
            Err(error) => SystemResult::Err(SystemError::InvalidRequest {
                error: error.to_string(),
                request: request.into(),
            }),
        };
        let used = self.state.borrow().meter.total() - before;
        (Ok(answer), GasInfo::with_externally_used(used * MULTIPLIER))
    }
}
