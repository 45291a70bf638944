//! Provider registry: who sells, what hardware, how alive, with what collateral. See `docs/spec/provider.md`.

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Binary, QuerierWrapper, StdError, StdResult, Uint128};
use cw20::Cw20ReceiveMsg;
use cw_storage_plus::Map;

use crate::{Asset, Capability, Denom, Liveness, Suite};

/// Most denoms in which a provider holds collateral.
pub const MAX_COLLATERAL_DENOMS: usize = 8;
/// Most unbondings that wait at a time.
pub const MAX_UNBONDINGS: usize = 8;

/// Published storage. Read at every bid, claim and collect: small.
pub const HOT: Map<&Addr, Hot> = Map::new("h");
/// Read at every bid and claim.
pub const CAPABILITY: Map<&Addr, Capability> = Map::new("c");
/// Read by clients only.
pub const CONTACT: Map<&Addr, Contact> = Map::new("i");

/// The part of a provider that changes often.
#[cw_serde]
pub struct Hot {
    #[serde(rename = "l")]
    pub live: Liveness,
    #[serde(rename = "s")]
    pub standing: Standing,
    /// Collateral by denom, whole units, at most 8 denoms. The market locks parts of it by counters of its own.
    #[serde(rename = "c", default)]
    pub collateral: Vec<Asset>,
}

#[cw_serde]
#[derive(Copy, Eq)]
pub enum Standing {
    /// May bid and claim.
    #[serde(rename = "a")]
    Active,
    /// Serves its leases, takes no new one.
    #[serde(rename = "d")]
    Draining,
}

/// How to reach a provider and be sure that it is the one.
#[cw_serde]
pub struct Contact {
    /// `https://host[:port]`, no path, at most 256 bytes.
    pub gateway: String,
    /// SHA-256 of the gateway certificate's public key (SPKI), 32 bytes. Clients trust nothing else.
    pub tls_pin: Binary,
    /// `age1…` recipient to which manifests are encrypted, at most 128 bytes.
    pub age_recipient: String,
}

#[cw_serde]
pub struct InstantiateMsg {
    pub suite: Suite,
    pub params: Params,
}

#[cw_serde]
#[derive(Copy, Eq)]
pub struct Params {
    /// Seconds for which a heartbeat is good. 2 to 86 400.
    pub grace: u64,
    /// Seconds between unbonding and payment. 1 to 7 776 000.
    pub unbonding: u64,
}

#[cw_serde]
pub enum ExecuteMsg {
    /// Registers the sender as a provider, active, with its first heartbeat. Native coins sent along become collateral.
    Register {
        contact: Contact,
        capability: Capability,
    },
    /// Replaces what is given. Takes effect at the next bid or claim. The provider only.
    Update {
        contact: Option<Contact>,
        capability: Option<Capability>,
    },
    /// Proves that the provider is alive; it earns for the next `grace` seconds. The provider only.
    Heartbeat {},
    /// Adds the native coins sent along to the sender's collateral. Registered providers only.
    Bond {},
    /// A cw20 token's hook; `msg` holds a [`Cw20HookMsg`]. Only the token itself is believed.
    Receive(Cw20ReceiveMsg),
    /// Starts taking out `asset`; it backs nothing from now on and is paid by `claim` after the unbonding time. Refused for what bids
    /// and leases lock. The provider only.
    Unbond { asset: Asset },
    /// Pays all matured unbondings. The provider only; works after `leave` too.
    Claim {},
    /// Takes no new lease from now on. The provider only.
    Drain {},
    /// Back from draining. The provider only.
    Resume {},
    /// Removes the provider: it must be draining, with no live lease and no collateral left. The provider only.
    Leave {},
    /// Takes `amount` of the provider's collateral (all of it, if less is there) and pays it out: the part named for each recipient,
    /// the rest to insurance. Market only.
    Slash {
        provider: String,
        denom: Denom,
        amount: Uint128,
        /// At most 2: the tenant and the caller. Σ ≤ `amount`.
        recipients: Vec<Share>,
        reason: String,
    },
    /// Replaces all parameters. A new grace holds from each provider's next heartbeat. Governance only.
    UpdateParams { params: Params },
}

#[cw_serde]
pub struct Share {
    pub to: String,
    pub amount: Uint128,
}

/// What a cw20 transfer to the registry is for.
#[cw_serde]
pub enum Cw20HookMsg {
    /// Collateral of the sender of the tokens.
    Bond {},
}

#[cw_serde]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// Peers and parameters.
    #[returns(ConfigResponse)]
    Config {},
    /// One provider.
    #[returns(ProviderResponse)]
    Provider { address: String },
    /// All providers by address.
    #[returns(ProvidersResponse)]
    Providers {
        start_after: Option<String>,
        limit: Option<u32>,
    },
    /// What waits to be claimed.
    #[returns(UnbondingsResponse)]
    Unbondings { address: String },
    /// The insurance fund by denom.
    #[returns(InsuranceResponse)]
    Insurance {
        start_after: Option<Denom>,
        limit: Option<u32>,
    },
}

#[cw_serde]
pub struct ConfigResponse {
    pub suite: Suite<Addr>,
    pub params: Params,
}

/// A provider as of the query's block time.
#[cw_serde]
pub struct ProviderResponse {
    pub address: Addr,
    pub contact: Contact,
    pub capability: Capability,
    pub standing: Standing,
    pub collateral: Vec<Asset>,
    /// Block time of the last heartbeat.
    pub last_heartbeat: u64,
    /// Block time from which it counts as silent.
    pub live_until: u64,
    /// Cumulative live seconds.
    pub alive_seconds: u64,
}

#[cw_serde]
pub struct ProvidersResponse {
    pub providers: Vec<ProviderResponse>,
}

#[cw_serde]
pub struct Unbonding {
    pub asset: Asset,
    /// Block time from which `claim` pays it.
    pub claimable_at: u64,
}

#[cw_serde]
pub struct UnbondingsResponse {
    pub unbondings: Vec<Unbonding>,
}

#[cw_serde]
pub struct InsuranceResponse {
    pub insurance: Vec<Asset>,
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

/// A provider's declared capability.
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
        .ok_or_else(|| StdError::not_found(format!("provider {provider}")))
}
