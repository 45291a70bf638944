//! The suite's state read from a node, for the invariant checker.

use anyhow::{Context as _, Result};
use cosmrs::proto::cosmos::base::query::v1beta1::PageRequest;
use cosmrs::proto::cosmwasm::wasm::v1::{
    QueryAllContractStateRequest, QueryAllContractStateResponse,
};
use leasehold_api::{Denom, Suite};
use leasehold_testing::snapshot::{storage, Snapshot};

use crate::context::Market;

const ALL_STATE: &str = "/cosmwasm.wasm.v1.Query/AllContractState";

/// Everything the five contracts hold, and their balances of `denoms`. Take it while nobody transacts.
pub async fn snapshot(market: &Market, denoms: &[&str]) -> Result<Snapshot> {
    let status = market.client.status().await?;
    let mut storages = Vec::new();
    let mut balances = Vec::new();
    for contract in market.suite.addresses() {
        storages.push(storage(records(market, contract).await?));
        for denom in denoms {
            let amount = market.client.balance(contract, denom).await?;
            balances.push((contract.clone(), Denom::Native((*denom).into()), amount));
        }
    }
    Ok(Snapshot {
        now: status.time.seconds(),
        height: status.height,
        suite: market.suite.clone(),
        storages: Suite::from_addresses(storages).context("five storages")?,
        balances,
    })
}

async fn records(market: &Market, contract: &str) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut records = Vec::new();
    let mut key = Vec::new();
    loop {
        let request = QueryAllContractStateRequest {
            address: contract.into(),
            pagination: Some(PageRequest {
                key,
                limit: 1_000,
                ..Default::default()
            }),
        };
        let page: QueryAllContractStateResponse = market.client.query(ALL_STATE, &request).await?;
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
