//! Any bytes as any message of the five contracts: what decodes says the same when it is sent again, and is refused or done, whoever sends
//! it. Nothing panics.

#![no_main]

use std::fmt::Debug;

use cosmwasm_std::testing::{mock_dependencies, mock_env, MockApi};
use cosmwasm_std::{
    coin, from_json, to_json_vec, Addr, Binary, ContractResult, DepsMut, Env, MessageInfo,
    SystemResult,
};
use leasehold_api::genesis::Genesis;
use leasehold_api::{deployment, escrow, governance, market, provider, Suite};
use libfuzzer_sys::fuzz_target;
use serde::{de::DeserializeOwned, Serialize};

fuzz_target!(|data: &[u8]| {
    use {
        leasehold_deployment as d, leasehold_escrow as e, leasehold_governance as g,
        leasehold_market as m, leasehold_provider as p,
    };
    contract(data, 0, d::contract::instantiate, d::contract::execute);
    contract(data, 1, m::contract::instantiate, m::contract::execute);
    contract(data, 2, e::contract::instantiate, e::contract::execute);
    contract(data, 3, p::contract::instantiate, p::contract::execute);
    contract(data, 4, g::contract::instantiate, g::contract::execute);
    decode::<deployment::QueryMsg>(data);
    decode::<market::QueryMsg>(data);
    decode::<escrow::QueryMsg>(data);
    decode::<provider::QueryMsg>(data);
    decode::<governance::QueryMsg>(data);
    decode::<governance::Cw20HookMsg>(data);
    decode::<escrow::Cw20HookMsg>(data);
    decode::<escrow::TransferMemo>(data);
    decode::<provider::Cw20HookMsg>(data);
});

/// What a message decodes to, encodes to what decodes to it.
fn decode<T: Serialize + DeserializeOwned + PartialEq + Debug>(data: &[u8]) -> Option<T> {
    let decoded: T = from_json(data).ok()?;
    let again = to_json_vec(&decoded).expect("what was read can be written");
    assert_eq!(from_json::<T>(again).as_ref(), Ok(&decoded));
    Some(decoded)
}

/// Sends the message, if it is one, to a fresh contract: as each peer and as a stranger, with money and without.
fn contract<I, M, R, E, S>(
    data: &[u8],
    index: usize,
    instantiate: fn(DepsMut, Env, MessageInfo, I) -> Result<R, E>,
    execute: fn(DepsMut, Env, MessageInfo, M) -> Result<S, E>,
) where
    I: DeserializeOwned,
    M: Serialize + DeserializeOwned + PartialEq + Debug + Clone,
    E: Debug,
{
    let Some(msg) = decode::<M>(data) else {
        return;
    };
    let mut env = mock_env();
    let suite = suite(index, &env.contract.address);
    let instantiation = Genesis::production("ustake").instantiate_msgs(&suite);
    let instantiation = &instantiation.expect("a suite")[index];
    let mut deps = mock_dependencies();
    // Peers that have no record of anything.
    deps.querier
        .update_wasm(|_| SystemResult::Ok(ContractResult::Ok(Binary::default())));
    let nobody = MockApi::default().addr_make("stranger");
    let deployer = info(&nobody, false);
    let first = from_json(instantiation).expect("an instantiation");
    instantiate(deps.as_mut(), env.clone(), deployer, first).expect("a fresh contract");
    env.block.height += 1;
    let peers = suite.addresses().map(|peer| Addr::unchecked(peer.as_str()));
    for sender in peers.iter().chain([&nobody]) {
        for paid in [false, true] {
            let sent = execute(deps.as_mut(), env.clone(), info(sender, paid), msg.clone());
            // Either is fine; it must come back.
            drop(sent);
        }
    }
}

fn info(sender: &Addr, paid: bool) -> MessageInfo {
    MessageInfo {
        sender: sender.clone(),
        funds: match paid {
            true => vec![coin(1_000_000, "ustake")],
            false => vec![],
        },
    }
}

/// In which the contract under test has the address that the environment gives it.
fn suite(index: usize, own: &Addr) -> Suite {
    let names = leasehold_api::suite::CONTRACTS.into_iter().enumerate();
    let addresses = names.map(|(at, name)| match at == index {
        true => own.to_string(),
        false => MockApi::default().addr_make(name).to_string(),
    });
    Suite::from_addresses(addresses).expect("five addresses")
}
