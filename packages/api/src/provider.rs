//! Provider registry: who sells, what hardware, how alive, with what collateral. See `docs/spec/provider.md`.

mod contact;
mod params;
mod record;

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Uint128};
use cw20::Cw20ReceiveMsg;
use leasehold_rules::alive::Maintenance;

use crate::{Asset, Capability, Denom, Suite};

pub use contact::{Contact, AGE_RECIPIENT_LENGTHS, HASH_LENGTH, MAX_GATEWAY};
pub use params::{stored_params, Params};
pub use record::{
    capability, hot, maintenance, Hot, Standing, Unbonding, BONDED, CAPABILITY, CONTACT, FAULTS,
    HOT, INSURANCE, LAPSES, MAINTENANCE, MAX_COLLATERAL_DENOMS, MAX_UNBONDINGS, OUTAGES,
    UNBONDINGS,
};

/// Most providers in one `count_lapses`.
pub const MAX_LAPSES: usize = 32;

#[cw_serde]
pub struct InstantiateMsg {
    pub suite: Suite,
    pub params: Params,
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
    /// Lets the cw20 token at `token` become collateral of the sender; asked for once per token. Without consent, made-up tokens could
    /// fill a stranger's books. The provider only.
    AllowToken { token: String },
    /// A cw20 token's hook; `msg` holds a [`Cw20HookMsg`]. Only the token itself is believed, and only for a provider that has allowed
    /// it with `allow_token`.
    Receive(Cw20ReceiveMsg),
    /// Starts taking out `asset`; it backs nothing from now on and is paid by `claim` after the unbonding time. Refused for what bids
    /// and leases lock. The provider only.
    Unbond { asset: Asset },
    /// Pays all matured unbondings of the sender. Works after `leave` too. One that its token refuses to pay waits on.
    Claim {},
    /// Takes no new lease from now on. The provider only.
    Drain {},
    /// Back from draining. The provider only.
    Resume {},
    /// Removes the provider: it must be draining, with no live lease and no collateral left. The provider only.
    Leave {},
    /// Announces a pause of the provider, `[from, until)` in block time: at least `maintenance_notice` ahead, at most
    /// `maintenance_longest` long, `maintenance_rest` after the one before. Silence in it earns nothing, and is no fault. The provider only.
    AnnounceMaintenance { from: u64, until: u64 },
    /// Counts silences that go on now towards an outage, 1 to 32 providers; those that are alive or counted already are passed over, and it
    /// is refused when none is left. A provider's first heartbeat after a silence counts it too. Anyone may call.
    CountLapses { providers: Vec<String> },
    /// Takes part of the provider's collateral for a fault: `amount`, doubled for each fault less than 30 days before the next, at most
    /// `bond` and what is there. Each recipient gets its share of that, rounded down, insurance the rest. A part that its token refuses
    /// to pay goes to insurance. When more than `breaker_bps` of the other providers' collateral fell silent around the fault,
    /// nothing is taken. Market only.
    Slash {
        provider: String,
        denom: Denom,
        /// Whole units, at most `bond`.
        amount: Uint128,
        bond: Uint128,
        /// Block time of the fault, seconds.
        at: u64,
        /// At most 2, the tenant and the caller, of at most 10 000 basis points together.
        recipients: Vec<Share>,
        reason: String,
    },
    /// Pays `amount` (all that is there, if less is) of the provider's collateral to `to`: the agreed price of leaving, no fault. What a
    /// token refuses to pay goes to insurance. Market only.
    Compensate {
        provider: String,
        denom: Denom,
        amount: Uint128,
        to: String,
    },
    /// Pays out of the insurance fund. Governance only, by a proposal: the decision on a claim.
    PayInsurance { to: String, asset: Asset },
    /// Replaces all parameters. A new grace holds from each provider's next heartbeat. Governance only.
    UpdateParams { params: Params },
}

#[cw_serde]
pub struct Share {
    pub to: String,
    /// Basis points of the slash.
    pub bps: u32,
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
    /// The pause it announced, unless it is over.
    pub maintenance: Option<MaintenanceResponse>,
    /// Faults that make its next one dearer.
    pub faults: u32,
}

#[cw_serde]
pub struct ProvidersResponse {
    pub providers: Vec<ProviderResponse>,
}

/// `[from, until)` in block time, seconds.
#[cw_serde]
pub struct MaintenanceResponse {
    pub from: u64,
    pub until: u64,
}

impl From<Maintenance> for MaintenanceResponse {
    fn from(Maintenance { from, until }: Maintenance) -> Self {
        MaintenanceResponse { from, until }
    }
}

#[cw_serde]
pub struct UnbondingsResponse {
    pub unbondings: Vec<Unbonding>,
}

#[cw_serde]
pub struct InsuranceResponse {
    pub insurance: Vec<Asset>,
}
