//! What the registry stores. The maps are published: other contracts and clients read them raw.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, QuerierWrapper, StdError, StdResult, Uint128};
use cw_storage_plus::Map;
use leasehold_rules::alive::Maintenance;
use leasehold_rules::money::stored_assets;
use leasehold_rules::slash::{Outage, Record};
use leasehold_rules::vouch::Vouch;
use serde::{Deserialize, Serialize, Serializer};

use super::Contact;
use crate::{Asset, Attribute, Capability, Denom, GpuInventory, Liveness};

/// Most denoms in which a provider holds collateral.
pub const MAX_COLLATERAL_DENOMS: usize = 8;
/// Most unbondings that wait at a time.
pub const MAX_UNBONDINGS: usize = 8;

/// Read at every bid, claim and collect: small.
pub const HOT: Map<&Addr, Hot> = Map::new("h");
/// Read at every bid and claim.
pub const CAPABILITY: Map<&Addr, Declared> = Map::new("c");
/// What auditors say of that, at most [`super::MAX_AUDITS`]: expired ones may be among them, and ones of auditors that no longer count.
/// Read at bids and claims where the group names auditors.
pub const VOUCHES: Map<&Addr, Vec<Vouch>> = Map::new("k");
/// Read by clients only.
pub const CONTACT: Map<&Addr, Contact> = Map::new("i");
/// What waits to be claimed, oldest first, at most [`MAX_UNBONDINGS`]. Outlives the provider's registration.
pub const UNBONDINGS: Map<&Addr, Vec<Unbonding>> = Map::new("u");
/// The insurance fund, by [`Denom::key`].
pub const INSURANCE: Map<&str, Asset> = Map::new("s");

/// All collateral of all providers, whole units by [`Denom::key`].
pub const BONDED: Map<&str, Uint128> = Map::new("b");
/// What fell silent in a stretch of `lapse_window` seconds, by its number (time / `lapse_window`) and [`Denom::key`].
pub const OUTAGES: Map<(u64, &str), Outage> = Map::new("x");
/// What a provider's silence in that stretch added to it.
pub const LAPSES: Map<(&Addr, u64), Vec<Asset>> = Map::new("z");
/// A provider's faults of late.
pub const FAULTS: Map<&Addr, Record> = Map::new("f");
/// The maintenance that a provider announced last.
pub const MAINTENANCE: Map<&Addr, Maintenance> = Map::new("m");

/// The part of a provider that changes often.
#[cw_serde]
#[serde(from = "StoredHot", into = "StoredHot")]
pub struct Hot {
    pub live: Liveness,
    pub standing: Standing,
    /// Collateral by denom, whole units, at most 8 denoms. The market locks parts of it by counters of its own.
    pub collateral: Vec<Asset>,
}

/// What is stored, as every heartbeat writes it: last, grace, height and live seconds, collateral and, where it is not active, the standing, in
/// this order and without names.
#[derive(Deserialize)]
struct StoredHot(
    u64,
    u64,
    u64,
    u64,
    #[serde(deserialize_with = "stored_assets::deserialize")] Vec<Asset>,
    #[serde(default)] Standing,
);

impl Serialize for StoredHot {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let StoredHot(last, grace, height, alive, assets, standing) = self;
        let collateral = stored_assets::write(assets);
        if *standing == Standing::Active {
            return (last, grace, height, alive, collateral).serialize(to);
        }
        (last, grace, height, alive, collateral, standing).serialize(to)
    }
}

impl From<StoredHot> for Hot {
    fn from(StoredHot(last, grace, height, alive, collateral, standing): StoredHot) -> Self {
        Hot {
            live: Liveness::from((last, grace, height, alive)),
            standing,
            collateral,
        }
    }
}

impl From<Hot> for StoredHot {
    fn from(hot: Hot) -> Self {
        let (last, grace, height, alive) = hot.live.into();
        StoredHot(last, grace, height, alive, hot.collateral, hot.standing)
    }
}

/// What a provider declares.
#[cw_serde]
#[derive(Default)]
#[serde(from = "StoredCapability", into = "StoredCapability")]
pub struct Declared(pub Capability);

/// What is stored, as every bid reads it: attributes and kinds of card as lists without names.
#[derive(Deserialize)]
struct StoredCapability(
    Vec<(String, String)>,
    Vec<(String, String, u32, String, u32)>,
);

impl Serialize for StoredCapability {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (&self.0, &self.1).serialize(to)
    }
}

impl From<StoredCapability> for Declared {
    fn from(StoredCapability(attributes, gpus): StoredCapability) -> Self {
        let attribute = |(key, value)| Attribute { key, value };
        let card = |(vendor, model, vram_mib, interface, count)| GpuInventory {
            vendor,
            model,
            vram_mib,
            interface,
            count,
        };
        Declared(Capability {
            attributes: attributes.into_iter().map(attribute).collect(),
            gpus: gpus.into_iter().map(card).collect(),
        })
    }
}

impl From<Declared> for StoredCapability {
    fn from(Declared(Capability { attributes, gpus }): Declared) -> Self {
        let attributes = attributes.into_iter().map(|a| (a.key, a.value));
        let cards = gpus
            .into_iter()
            .map(|g| (g.vendor, g.model, g.vram_mib, g.interface, g.count));
        StoredCapability(attributes.collect(), cards.collect())
    }
}

#[cw_serde]
#[derive(Copy, Default, Eq)]
pub enum Standing {
    /// May bid and claim.
    #[default]
    #[serde(rename = "a")]
    Active,
    /// Serves its leases, takes no new one.
    #[serde(rename = "d")]
    Draining,
}

#[cw_serde]
pub struct Unbonding {
    pub asset: Asset,
    /// Block time from which `claim` pays it.
    pub claimable_at: u64,
}

impl Hot {
    /// Collateral in one denom, whole units.
    pub fn collateral_in(&self, denom: &Denom) -> Uint128 {
        // At most MAX_COLLATERAL_DENOMS entries.
        self.collateral
            .iter()
            .find(|asset| asset.denom == *denom)
            .map_or(Uint128::zero(), |asset| asset.amount)
    }
}

/// A provider's hot record.
///
/// # Errors
/// [`StdError::NotFound`] for an address that is not registered; a failed query.
pub fn hot(querier: &QuerierWrapper, registry: &Addr, provider: &Addr) -> StdResult<Hot> {
    HOT.query(querier, registry.clone(), provider)?
        .ok_or_else(|| StdError::not_found(format!("provider {provider}")))
}

/// The maintenance that a provider announced last, over or not.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn maintenance(
    querier: &QuerierWrapper,
    registry: &Addr,
    provider: &Addr,
) -> StdResult<Option<Maintenance>> {
    MAINTENANCE.query(querier, registry.clone(), provider)
}

/// What a provider declares.
///
/// # Errors
/// [`StdError::NotFound`] for an address that is not registered; a failed query.
pub fn capability(
    querier: &QuerierWrapper,
    registry: &Addr,
    provider: &Addr,
) -> StdResult<Capability> {
    CAPABILITY
        .query(querier, registry.clone(), provider)?
        .map(|Declared(capability)| capability)
        .ok_or_else(|| StdError::not_found(format!("provider {provider}")))
}
