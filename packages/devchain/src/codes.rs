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

/// The entry points of a contract crate, under the name of its stub.
macro_rules! native {
    ($name:literal, $contract:path $(, $with:ident($entry:ident))*) => {
        NativeCode {
            name: $name,
            build: || {
                use $contract as contract;
                let wrapper = ContractWrapper::new(contract::execute, contract::instantiate, contract::query);
                Box::new(wrapper$(.$with(contract::$entry))*)
            },
        }
    };
}

/// The suite's contracts and cw20-base; a genesis stores them as code ids 1, 2, … in this order.
pub fn native_codes() -> Vec<NativeCode> {
    vec![
        native!(
            "deployment",
            leasehold_deployment::contract,
            with_migrate(migrate)
        ),
        native!("market", leasehold_market::contract, with_migrate(migrate)),
        native!(
            "escrow",
            leasehold_escrow::contract,
            with_reply(reply),
            with_migrate(migrate)
        ),
        native!(
            "provider",
            leasehold_provider::contract,
            with_reply(reply),
            with_migrate(migrate)
        ),
        native!(
            "governance",
            leasehold_governance::contract,
            with_reply(reply),
            with_migrate(migrate)
        ),
        native!("cw20-base", cw20_base::contract, with_migrate(migrate)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_ids_are_fixed() {
        let names: Vec<_> = native_codes().iter().map(|code| code.name).collect();
        assert_eq!(
            names,
            [
                "deployment",
                "market",
                "escrow",
                "provider",
                "governance",
                "cw20-base"
            ]
        );
        let checksum = Checksum::generate(b"leasehold-native:market");
        assert_eq!(native_codes()[1].checksum(), checksum);
    }
}
