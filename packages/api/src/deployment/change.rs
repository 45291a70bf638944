//! A change of a leased group that its tenant proposes and its provider accepts.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{to_json_vec, Addr, Binary, Checksum, StdResult, Uint128};
use cw_storage_plus::Map;

use crate::GroupSpec;

/// Published storage: the one proposal of each group, by deployment and group index. It is void once its lease has ended, its time
/// has passed or the deployment has changed hands; the next one takes its place.
pub const CHANGES: Map<(u64, u32), Change> = Map::new("c");

/// What a tenant proposes to the provider of one lease.
#[cw_serde]
pub struct Change {
    /// Who proposes; void when the deployment has another owner.
    #[serde(rename = "o")]
    pub tenant: Addr,
    #[serde(rename = "l")]
    pub lease: u64,
    /// Scaled per second for the whole group, at most what the group then pays.
    #[serde(rename = "r")]
    pub rate: Uint128,
    /// Block time from which it cannot be accepted any more.
    #[serde(rename = "x")]
    pub expires_at: u64,
    /// What the group asks for then; absent: what it does now.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<GroupSpec>,
    /// The deployment's manifest then; absent: the present one.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub manifest_hash: Option<Binary>,
}

impl Change {
    /// Whether the provider can accept it at `now`: the deployment's `owner` proposed it, for the group's active `lease`.
    pub fn is_open(&self, owner: &Addr, lease: Option<u64>, now: u64) -> bool {
        self.tenant == *owner && lease == Some(self.lease) && now < self.expires_at
    }

    /// Names this change and no other: SHA-256 of its stored form. A provider accepts by it what it has read, whatever is proposed
    /// meanwhile.
    ///
    /// # Errors
    /// None for a change that was read or can be stored.
    pub fn hash(&self) -> StdResult<Checksum> {
        Ok(Checksum::generate(&to_json_vec(self)?))
    }
}

/// A proposal that can be accepted at the query's block time.
#[cw_serde]
pub struct ChangeResponse {
    pub lease_id: u64,
    pub rate: Uint128,
    pub expires_at: u64,
    pub spec: Option<GroupSpec>,
    pub manifest_hash: Option<Binary>,
    /// What the provider accepts it by.
    pub hash: Checksum,
}
