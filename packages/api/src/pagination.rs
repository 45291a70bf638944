//! One way to page through a list: `start_after` (exclusive) and `limit` (default 30, at most 100).

use cosmwasm_std::{Order, StdResult, Storage};
use cw_storage_plus::{Bound, KeyDeserialize, Map, PrimaryKey};
use serde::{de::DeserializeOwned, Serialize};

pub const DEFAULT_LIMIT: u32 = 30;
pub const MAX_LIMIT: u32 = 100;

/// The page size that a query's `limit` asks for, within the maximum.
pub fn page_size(limit: Option<u32>) -> usize {
    limit.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT) as usize
}

/// One ascending page of a map, at most [`MAX_LIMIT`] entries.
///
/// # Errors
/// A record that does not decode.
pub fn page<'a, K, T>(
    map: &Map<K, T>,
    storage: &dyn Storage,
    start_after: Option<K>,
    limit: Option<u32>,
) -> StdResult<Vec<(K::Output, T)>>
where
    K: PrimaryKey<'a> + KeyDeserialize,
    K::Output: 'static,
    T: Serialize + DeserializeOwned,
{
    map.range(
        storage,
        start_after.map(Bound::exclusive),
        None,
        Order::Ascending,
    )
    .take(page_size(limit))
    .collect()
}
