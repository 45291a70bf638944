//! Provider registry: who sells, what hardware, how alive, with what collateral. See `docs/spec/provider.md`.

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Binary, QuerierWrapper, StdError, StdResult, Uint128};
use cw20::Cw20ReceiveMsg;
use cw_storage_plus::Map;

use leasehold_rules::money::stored_assets;

use crate::{Asset, Capability, Denom, Liveness, RuleError, Suite};

/// Most denoms in which a provider holds collateral.
pub const MAX_COLLATERAL_DENOMS: usize = 8;
/// Most unbondings that wait at a time.
pub const MAX_UNBONDINGS: usize = 8;

/// Longest gateway address, in bytes.
pub const MAX_GATEWAY: usize = 256;
/// Lengths of an age recipient, in bytes: an X25519 one has 62, a plugin's may be longer.
pub const AGE_RECIPIENT_LENGTHS: std::ops::RangeInclusive<usize> = 62..=128;
/// Length of a SHA-256 hash, in bytes.
pub const HASH_LENGTH: usize = 32;

/// Published storage. Read at every bid, claim and collect: small.
pub const HOT: Map<&Addr, Hot> = Map::new("h");
/// Read at every bid and claim.
pub const CAPABILITY: Map<&Addr, Capability> = Map::new("c");
/// Read by clients only.
pub const CONTACT: Map<&Addr, Contact> = Map::new("i");
/// What waits to be claimed, oldest first, at most [`MAX_UNBONDINGS`]. Outlives the provider's registration.
pub const UNBONDINGS: Map<&Addr, Vec<Unbonding>> = Map::new("u");
/// The insurance fund, by [`Denom::key`].
pub const INSURANCE: Map<&str, Asset> = Map::new("s");

/// The part of a provider that changes often.
#[cw_serde]
pub struct Hot {
    #[serde(rename = "l")]
    pub live: Liveness,
    #[serde(rename = "s", default, skip_serializing_if = "Standing::is_active")]
    pub standing: Standing,
    /// Collateral by denom, whole units, at most 8 denoms. The market locks parts of it by counters of its own.
    #[serde(rename = "c", with = "stored_assets")]
    #[schemars(with = "Vec<(String, Uint128)>")]
    pub collateral: Vec<Asset>,
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

impl Standing {
    fn is_active(&self) -> bool {
        *self == Standing::Active
    }
}

/// How to reach a provider and be sure that it is the one.
#[cw_serde]
pub struct Contact {
    /// `https://host[:port]`, no path, at most 256 bytes.
    pub gateway: String,
    /// SHA-256 of the gateway certificate's public key (SPKI), 32 bytes. Clients trust nothing else.
    pub tls_pin: Binary,
    /// `age1…` recipient to which manifests are encrypted, 62 to 128 bytes, lower-case letters and digits.
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
    /// Takes `amount` of the provider's collateral (all of it, if less is there) and pays it out: the part named for each recipient,
    /// the rest to insurance. When less than `amount` is there, the parts shrink in proportion, rounded down. A part that its token
    /// refuses to pay goes to insurance. Market only.
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

impl Params {
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the parameter.
    pub fn validate(&self) -> Result<(), RuleError> {
        if !(2..=86_400).contains(&self.grace) {
            return Err(RuleError::range("grace", self.grace, "2 to 86400 seconds"));
        }
        if !(1..=7_776_000).contains(&self.unbonding) {
            let allowed = "1 to 7776000 seconds";
            return Err(RuleError::range("unbonding", self.unbonding, allowed));
        }
        Ok(())
    }
}

impl Contact {
    /// Checks form and lengths; whether anybody answers there is for clients to find out.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), RuleError> {
        if self.gateway.len() > MAX_GATEWAY || !is_gateway(&self.gateway) {
            let allowed = format!("https://host[:port], no path, at most {MAX_GATEWAY} bytes");
            return Err(RuleError::range("gateway", excerpt(&self.gateway), allowed));
        }
        if self.tls_pin.len() != HASH_LENGTH {
            let value = format!("{} bytes long", self.tls_pin.len());
            return Err(RuleError::range("tls_pin", value, "32 bytes"));
        }
        if !is_age_recipient(&self.age_recipient) {
            let value = excerpt(&self.age_recipient);
            let allowed = "age1 and lower-case letters and digits, 62 to 128 bytes";
            return Err(RuleError::range("age_recipient", value, allowed));
        }
        Ok(())
    }
}

/// `https://host[:port]` with a DNS name, an IPv4 or a bracketed IPv6 address.
fn is_gateway(text: &str) -> bool {
    let Some(authority) = text.strip_prefix("https://") else {
        return false;
    };
    let (host, port) = match authority.rsplit_once(':') {
        // The last colon of `[::1]` is part of the address.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    is_host(host) && port.is_none_or(is_port)
}

fn is_host(host: &str) -> bool {
    if let Some(v6) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return v6.parse::<std::net::Ipv6Addr>().is_ok();
    }
    // At most MAX_GATEWAY bytes.
    host.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|p| p > 0)
}

fn is_age_recipient(text: &str) -> bool {
    AGE_RECIPIENT_LENGTHS.contains(&text.len())
        && text.starts_with("age1")
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// The start of a text that may be long, for an error message.
fn excerpt(text: &str) -> String {
    text.chars().take(64).collect()
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
