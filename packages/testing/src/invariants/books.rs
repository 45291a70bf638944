//! The records that the checks compare, read from a snapshot.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::{Addr, Order, StdError, StdResult, Storage, Uint128};
use cw_storage_plus::{KeyDeserialize, Map, PrimaryKey};
use leasehold_api::{deployment, escrow, market, provider, Denom, Usage};
use leasehold_rules::auction::Commitment;
use serde::{de::DeserializeOwned, Serialize};

use crate::snapshot::Snapshot;

/// The records that the checks compare.
pub struct Books {
    pub accounts: BTreeMap<u64, leasehold_rules::stream::Account>,
    pub streams: BTreeMap<u64, leasehold_rules::stream::Stream>,
    pub holds: BTreeMap<u64, leasehold_rules::stream::Hold>,
    pub allowances: BTreeMap<u64, escrow::Allowance>,
    pub spenders: BTreeSet<(Addr, u64)>,
    pub fees: Vec<leasehold_api::Asset>,
    pub unpaid: Vec<leasehold_api::Asset>,
    pub orders: BTreeMap<u64, market::Order>,
    pub leases: BTreeMap<u64, market::Lease>,
    pub ended: BTreeSet<u64>,
    pub locks: BTreeMap<(Addr, String), market::Lock>,
    pub penalties: BTreeMap<(u64, u32), market::Penalty>,
    pub offers: BTreeMap<u64, market::Offer>,
    pub taken: BTreeMap<u64, Usage>,
    pub offers_in: BTreeSet<(String, u64)>,
    pub offers_of: BTreeMap<(Addr, u64), u64>,
    pub commitments: BTreeMap<(u64, Addr), Commitment>,
    pub open: BTreeSet<u64>,
    pub active: BTreeSet<(Addr, u64)>,
    /// Those that are not closed.
    pub deployments: BTreeSet<u64>,
    /// Every deployment, order and lease that there ever was is still there.
    pub nothing_pruned: bool,
    pub hot: BTreeMap<Addr, provider::Hot>,
    pub unbondings: Vec<leasehold_api::Asset>,
    pub insurance: Vec<leasehold_api::Asset>,
    /// Bonds and fees of auditors and watchers, what is paid ahead for watching.
    pub trusted: Vec<leasehold_api::Asset>,
    pub bonded: BTreeMap<String, Uint128>,
}

fn trusted(registry: &dyn Storage) -> StdResult<Vec<leasehold_api::Asset>> {
    let provider::StoredParams(params) = provider::PARAMS.load(registry)?;
    let auditors = values(&provider::AUDITORS, registry)?;
    let watchers = values(&provider::WATCHERS, registry)?;
    let members = auditors.into_iter().chain(watchers);
    let watches = values(&provider::WATCHES, registry)?.into_iter();
    let amounts = members
        .flat_map(|member| [member.bond, member.fees])
        .chain(watches.map(|watch| watch.funds));
    let asset = |amount| leasehold_api::Asset {
        denom: Denom::Native(params.trust.denom.clone()),
        amount,
    };
    Ok(amounts
        .filter(|amount| !amount.is_zero())
        .map(asset)
        .collect())
}

impl Books {
    pub fn read(snapshot: &Snapshot) -> StdResult<Self> {
        let s = &snapshot.storages;
        Ok(Books {
            accounts: settled(all(&escrow::ACCOUNTS, &s.escrow)?, snapshot.now)?,
            streams: all(&escrow::STREAMS, &s.escrow)?,
            holds: all(&escrow::HOLDS, &s.escrow)?,
            allowances: all(&escrow::ALLOWANCES, &s.escrow)?,
            spenders: all(&escrow::SPENDERS, &s.escrow)?.into_keys().collect(),
            fees: fees(all(&escrow::FEES, &s.escrow)?)?,
            unpaid: values(&escrow::UNPAID, &s.escrow)?,
            orders: all(&market::ORDERS, &s.market)?,
            leases: all(&market::LEASES, &s.market)?,
            ended: all(&market::ENDED, &s.market)?.into_keys().collect(),
            locks: all(&market::LOCKS, &s.market)?,
            penalties: all(&market::PENALTIES, &s.market)?,
            offers: all(&market::OFFERS, &s.market)?,
            taken: all(&market::TAKEN, &s.market)?,
            offers_in: all(&market::OFFERS_IN, &s.market)?.into_keys().collect(),
            offers_of: all(&market::OFFERS_OF, &s.market)?,
            commitments: all(&market::COMMITMENTS, &s.market)?,
            open: all(&market::OPEN, &s.market)?.into_keys().collect(),
            active: all(&market::ACTIVE, &s.market)?.into_keys().collect(),
            deployments: all(&deployment::OWNED, &s.deployment)?
                .into_keys()
                .map(|(_, id)| id)
                .collect(),
            nothing_pruned: nothing_pruned(snapshot)?,
            hot: all(&provider::HOT, &s.provider)?,
            unbondings: values(&provider::UNBONDINGS, &s.provider)?
                .into_iter()
                .flatten()
                .map(|unbonding| unbonding.asset)
                .collect(),
            insurance: values(&provider::INSURANCE, &s.provider)?,
            trusted: trusted(&s.provider)?,
            bonded: all(&provider::BONDED, &s.provider)?,
        })
    }

    pub fn active_leases(&self) -> impl Iterator<Item = (&u64, &market::Lease)> {
        self.leases
            .iter()
            .filter(|(id, _)| !self.ended.contains(id))
    }
}

/// Ids and numbers have no gaps: each group of a deployment has its order from the beginning on.
fn nothing_pruned(snapshot: &Snapshot) -> StdResult<bool> {
    let s = &snapshot.storages;
    let next = deployment::NEXT_DEPLOYMENT.load(&s.deployment)?;
    let deployments = all(&deployment::DEPLOYMENTS, &s.deployment)?;
    let groups: usize = deployments.values().map(|each| each.terms.len()).sum();
    let orders = all(&market::ORDERS, &s.market)?;
    let leases: usize = orders.values().map(|order| order.leases as usize).sum();
    Ok(deployments.len() as u64 + 1 == next
        && orders.len() == groups
        && all(&market::LEASES, &s.market)?.len() == leases)
}

fn fees(booked: BTreeMap<String, Uint128>) -> StdResult<Vec<leasehold_api::Asset>> {
    booked
        .into_iter()
        .map(|(key, amount)| {
            let denom =
                Denom::from_key(&key).ok_or_else(|| StdError::not_found(format!("denom {key}")))?;
            Ok(leasehold_api::Asset { denom, amount })
        })
        .collect()
}

/// A collect leaves an account unsettled when it has nothing to give back to it.
fn settled(
    mut accounts: BTreeMap<u64, leasehold_rules::stream::Account>,
    now: u64,
) -> StdResult<BTreeMap<u64, leasehold_rules::stream::Account>> {
    for account in accounts.values_mut() {
        account
            .settle(now)
            .map_err(|error| StdError::generic_err(error.to_string()))?;
    }
    Ok(accounts)
}

fn all<'a, K, T>(map: &Map<K, T>, storage: &dyn Storage) -> StdResult<BTreeMap<K::Output, T>>
where
    K: PrimaryKey<'a> + KeyDeserialize,
    K::Output: 'static + Ord,
    T: Serialize + DeserializeOwned,
{
    map.range(storage, None, None, Order::Ascending).collect()
}

fn values<'a, K, T>(map: &Map<K, T>, storage: &dyn Storage) -> StdResult<Vec<T>>
where
    K: PrimaryKey<'a> + KeyDeserialize,
    K::Output: 'static,
    T: Serialize + DeserializeOwned,
{
    map.range(storage, None, None, Order::Ascending)
        .map(|entry| entry.map(|(_, value)| value))
        .collect()
}
