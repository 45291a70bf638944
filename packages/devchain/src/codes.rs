//! The contracts that the devchain can run: Rust code linked into this binary, stored under a stub instead of wasm.

use cosmwasm_std::{Checksum, Empty};
use cw_multi_test::{Contract, ContractWrapper};

const STUB_PREFIX: &str = "leasehold-native:";

/// A contract whose Rust code is linked in. `MsgStoreCode` names it by the ASCII text [`NativeCode::stub`].
#[derive(Clone, Copy, Debug)]
pub struct NativeCode {
    /// The name after `leasehold-native:`.
    pub name: &'static str,
    /// Builds the contract's entry points.
    pub build: fn() -> Box<dyn Contract<Empty>>,
}

impl NativeCode {
    /// The `wasm_byte_code` that stores this contract.
    pub fn stub(&self) -> Vec<u8> {
        [STUB_PREFIX, self.name].concat().into_bytes()
    }

    /// The code's checksum: SHA-256 of the stub. Instantiate2 addresses derive from it.
    pub fn checksum(&self) -> Checksum {
        Checksum::generate(&self.stub())
    }
}

/// The suite's contracts and cw20-base; a genesis stores them as code ids 1, 2, … in this order.
pub fn native_codes() -> Vec<NativeCode> {
    vec![NativeCode {
        name: "cw20-base",
        build: || {
            use cw20_base::contract::{execute, instantiate, migrate, query};
            Box::new(ContractWrapper::new(execute, instantiate, query).with_migrate(migrate))
        },
    }]
}
