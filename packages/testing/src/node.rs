//! The suite's state read from a node, for the invariant checker.

use anyhow::{Context as _, Result};
use cosmrs::proto::cosmos::base::query::v1beta1::PageRequest;
use cosmrs::proto::cosmwasm::wasm::v1::{
    QueryAllContractStateRequest, QueryAllContractStateResponse,
};
use cosmwasm_std::Uint128;
use leasehold_api::{Denom, Suite};
use leasehold_client::ChainClient;

use crate::invariants::denoms;
use crate::snapshot::{storage, Snapshot};

const ALL_STATE: &str = "/cosmwasm.wasm.v1.Query/AllContractState";

/// Everything the five contracts hold, and their balances of every denom that they owe. Take it while nobody transacts.
///
/// # Errors
/// What the node did not answer.
pub async fn snapshot(client: &ChainClient, suite: &Suite) -> Result<Snapshot> {
    let status = client.status().await?;
    let mut storages = Vec::new();
    for contract in suite.addresses() {
        storages.push(storage(records(client, contract).await?));
    }
    let mut snapshot = Snapshot {
        now: status.time.seconds(),
        height: status.height,
        suite: suite.clone(),
        storages: Suite::from_addresses(storages).context("five storages")?,
        balances: vec![],
    };
    for denom in denoms(&snapshot)? {
        for contract in suite.addresses() {
            let amount = balance(client, contract, &denom).await?;
            snapshot
                .balances
                .push((contract.clone(), denom.clone(), amount));
        }
    }
    Ok(snapshot)
}

/// What `holder` owns, by the bank or the token.
///
/// # Errors
/// What the node did not answer.
pub async fn balance(client: &ChainClient, holder: &str, denom: &Denom) -> Result<Uint128> {
    match denom {
        Denom::Native(denom) => Ok(client.balance(holder, denom).await?),
        Denom::Cw20(token) => {
            let query = cw20::Cw20QueryMsg::Balance {
                address: holder.into(),
            };
            let answer: cw20::BalanceResponse = client.query_smart(token, &query).await?;
            Ok(answer.balance)
        }
    }
}

async fn records(client: &ChainClient, contract: &str) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut records = Vec::new();
    let mut key = Vec::new();
    // One round per page; the chain ends it with an empty key.
    loop {
        let request = QueryAllContractStateRequest {
            address: contract.into(),
            pagination: Some(PageRequest {
                key,
                limit: 100,
                ..Default::default()
            }),
        };
        let page: QueryAllContractStateResponse = client.query(ALL_STATE, &request).await?;
        records.extend(
            page.models
                .into_iter()
                .map(|model| (model.key, model.value)),
        );
        key = page
            .pagination
            .map(|page| page.next_key)
            .unwrap_or_default();
        if key.is_empty() {
            return Ok(records);
        }
    }
}
