//! Any bytes as any record that a contract publishes: what decodes reads the same when it is written again, and no rule panics on it.

#![no_main]

use std::fmt::Debug;

use cosmwasm_std::{from_json, to_json_vec, Uint128};
use leasehold_api::{deployment, escrow, market, provider, Asset, Capability, GroupSpec, Usage};
use leasehold_rules::auction::Commitment;
use leasehold_rules::slash::{Outage, Record};
use leasehold_rules::stream::{Account, Hold, Stream};
use libfuzzer_sys::fuzz_target;
use serde::{de::DeserializeOwned, Serialize};

const NOW: u64 = 1_800_000_000;
const HEIGHT: u64 = 10_000_000;

fuzz_target!(|data: &[u8]| {
    if let Some(account) = read::<Account>(data) {
        use_account(account);
    }
    if let Some(order) = read::<market::Order>(data) {
        use_order(order);
    }
    if let Some(hot) = read::<provider::Hot>(data) {
        drop(hot.live.alive_at(NOW));
        drop(hot.live.beat(NOW, HEIGHT, 1_200));
        hot.live.lapsed(NOW, HEIGHT, 20);
    }
    if let Some(group) = read::<GroupSpec>(data) {
        drop(group.validate());
        drop(group.max_rate());
    }
    if let Some(capability) = read::<Capability>(data) {
        drop(capability.validate());
    }
    if let Some(contact) = read::<provider::Contact>(data) {
        drop(contact.validate());
    }
    if let Some(record) = read::<Record>(data) {
        record.with(NOW).earlier(NOW);
    }
    if let Some(outage) = read::<Outage>(data) {
        drop(outage.is_common(Uint128::one(), 3_000));
    }
    read::<Stream>(data);
    read::<Hold>(data);
    read::<Asset>(data);
    read::<Commitment>(data);
    read::<Vec<provider::Unbonding>>(data);
    read::<deployment::Deployment>(data);
    read::<deployment::Change>(data);
    read::<escrow::Allowance>(data);
    read::<escrow::Config>(data);
    read::<market::Config>(data);
    read::<market::Lease>(data);
    read::<market::Offer>(data);
    read::<Usage>(data);
    read::<market::Ended>(data);
    read::<market::Lock>(data);
    read::<market::Bid>(data);
    read::<market::Penalty>(data);
});

fn read<T: Serialize + DeserializeOwned + PartialEq + Debug>(data: &[u8]) -> Option<T> {
    let record: T = from_json(data).ok()?;
    // Some records are kept in a form that not all of their values have.
    let written = to_json_vec(&record).ok()?;
    assert_eq!(from_json::<T>(written).as_ref(), Ok(&record));
    Some(record)
}

fn use_account(mut account: Account) {
    account.depletes_at();
    account.withdrawable(600);
    if account.settle(NOW).is_ok() {
        assert_eq!(account.settled_at, NOW);
    }
    drop(account.deposit(Uint128::MAX));
}

fn use_order(mut order: market::Order) {
    order.auction.phase(NOW, HEIGHT);
    order.auction.phase_ends_at(NOW, HEIGHT);
    drop(order.auction.price(NOW));
    order.auction.roll(NOW, HEIGHT);
    order.auction.stop(NOW, HEIGHT);
}
