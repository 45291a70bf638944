//! What contracts do to storage, counted between each contract and the chain: where a real chain charges for it.

use std::cell::Cell;
use std::rc::Rc;

use anyhow::Result;
use cosmwasm_std::{
    from_json, Binary, Checksum, Deps, DepsMut, Empty, Env, MessageInfo, Order, Querier,
    QuerierResult, QuerierWrapper, QueryRequest, Record, Reply, Response, Storage, WasmQuery,
};
use cw_multi_test::Contract;

/// What was done, by all contracts together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Of an own key, of another contract's key, or any other question to the chain.
    pub reads: u64,
    pub writes: u64,
    pub deletes: u64,
    /// Records that an iterator passed.
    pub steps: u64,
    /// Messages to other contracts and to the bank.
    pub messages: u64,
    /// Bytes of all keys and values that were read, written or passed. A number counts as one byte: its digits grow with the money
    /// and the chain's age, which is no growth in size.
    pub bytes: u64,
    /// The same with every digit.
    pub raw_bytes: u64,
}

/// Shared by all contracts of a world.
#[derive(Clone, Default)]
pub struct Meter(Rc<Cell<Tally>>);

impl Meter {
    /// What was done since the last take.
    pub fn take(&self) -> Tally {
        self.0.take()
    }

    fn count(&self, add: impl FnOnce(&mut Tally)) {
        let mut tally = self.0.get();
        add(&mut tally);
        self.0.set(tally);
    }

    fn weigh(&self, key: &[u8], value: &[u8]) {
        self.count(|tally| {
            tally.bytes += (key.len() + without_digits(value)) as u64;
            tally.raw_bytes += (key.len() + value.len()) as u64;
        });
    }

    fn read(&self, key: &[u8], value: &[u8]) {
        self.count(|tally| tally.reads += 1);
        self.weigh(key, value);
    }
}

/// The length with each run of digits counted as one byte.
fn without_digits(value: &[u8]) -> usize {
    let starts_here = |i: &usize| {
        let after_digit = *i > 0 && value[i - 1].is_ascii_digit();
        !(value[*i].is_ascii_digit() && after_digit)
    };
    (0..value.len()).filter(starts_here).count()
}

/// A contract whose every access is counted.
pub struct Metered {
    pub contract: Box<dyn Contract<Empty>>,
    pub meter: Meter,
}

impl Metered {
    fn run(
        &self,
        deps: DepsMut,
        call: impl FnOnce(&dyn Contract<Empty>, DepsMut) -> Result<Response>,
    ) -> Result<Response> {
        let mut storage = Counting {
            inner: deps.storage,
            meter: &self.meter,
        };
        let querier = Counting {
            inner: &*deps.querier,
            meter: &self.meter,
        };
        let counted = DepsMut {
            storage: &mut storage,
            api: deps.api,
            querier: QuerierWrapper::new(&querier),
        };
        let response = call(self.contract.as_ref(), counted)?;
        self.meter
            .count(|tally| tally.messages += response.messages.len() as u64);
        Ok(response)
    }
}

impl Contract<Empty> for Metered {
    fn instantiate(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> Result<Response> {
        self.run(deps, |contract, deps| {
            contract.instantiate(deps, env, info, msg)
        })
    }

    fn execute(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> Result<Response> {
        self.run(deps, |contract, deps| {
            contract.execute(deps, env, info, msg)
        })
    }

    /// Uncounted: contracts read each other raw, and what a client asks costs the chain nothing.
    fn query(&self, deps: Deps, env: Env, msg: Vec<u8>) -> Result<Binary> {
        self.contract.query(deps, env, msg)
    }

    fn reply(&self, deps: DepsMut, env: Env, msg: Reply) -> Result<Response> {
        self.run(deps, |contract, deps| contract.reply(deps, env, msg))
    }

    fn sudo(&self, deps: DepsMut, env: Env, msg: Vec<u8>) -> Result<Response> {
        self.run(deps, |contract, deps| contract.sudo(deps, env, msg))
    }

    fn migrate(&self, deps: DepsMut, env: Env, msg: Vec<u8>) -> Result<Response> {
        self.run(deps, |contract, deps| contract.migrate(deps, env, msg))
    }

    fn checksum(&self) -> Option<Checksum> {
        self.contract.checksum()
    }
}

struct Counting<'a, T> {
    inner: T,
    meter: &'a Meter,
}

impl Storage for Counting<'_, &mut dyn Storage> {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        let value = self.inner.get(key);
        self.meter.read(key, value.as_deref().unwrap_or_default());
        value
    }

    fn range<'a>(
        &'a self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = Record> + 'a> {
        let passed = |(key, value): &Record| {
            self.meter.count(|tally| tally.steps += 1);
            self.meter.weigh(key, value);
        };
        Box::new(self.inner.range(start, end, order).inspect(passed))
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        self.meter.count(|tally| tally.writes += 1);
        self.meter.weigh(key, value);
        self.inner.set(key, value);
    }

    fn remove(&mut self, key: &[u8]) {
        self.meter.count(|tally| tally.deletes += 1);
        self.meter.weigh(key, &[]);
        self.inner.remove(key);
    }
}

impl Querier for Counting<'_, &dyn Querier> {
    fn raw_query(&self, request: &[u8]) -> QuerierResult {
        let answer = self.inner.raw_query(request);
        let value = match &answer {
            cosmwasm_std::SystemResult::Ok(cosmwasm_std::ContractResult::Ok(value)) => {
                value.as_slice()
            }
            _ => &[],
        };
        match from_json(request) {
            Ok(QueryRequest::<Empty>::Wasm(WasmQuery::Raw { key, .. })) => {
                self.meter.read(&key, value);
            }
            _ => self.meter.read(&[], value),
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_counts_once() {
        assert_eq!(without_digits(br#"{"a":"12345","b":7}"#), 15);
        assert_eq!(without_digits(b""), 0);
    }
}
