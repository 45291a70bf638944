//! The whole suite's state at one height, from wherever it comes: a test's storage or a node's raw state.

use cosmwasm_std::testing::MockStorage;
use cosmwasm_std::{Storage, Uint128};
use leasehold_api::{Denom, Suite};

/// Every record of the five contracts, and what the bank and the tokens say each of them holds.
pub struct Snapshot {
    pub now: u64,
    pub height: u64,
    pub suite: Suite,
    /// In the order of [`leasehold_api::suite::CONTRACTS`].
    pub storages: Suite<MockStorage>,
    /// Holder, denom, amount.
    pub balances: Vec<(String, Denom, Uint128)>,
}

impl Snapshot {
    /// What `holder` owns of `denom`; nothing when it was not recorded.
    pub fn balance(&self, holder: &str, denom: &Denom) -> Uint128 {
        self.balances
            .iter()
            .find(|(who, what, _)| who == holder && what == denom)
            .map_or(Uint128::zero(), |(_, _, amount)| *amount)
    }
}

/// A storage holding just these records.
pub fn storage(records: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> MockStorage {
    let mut storage = MockStorage::new();
    for (key, value) in records {
        storage.set(&key, &value);
    }
    storage
}
