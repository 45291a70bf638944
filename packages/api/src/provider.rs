//! Provider registry: who sells, what hardware, how alive, with what collateral. See `docs/spec/provider.md`.

mod attestation;
mod contact;
mod params;
mod record;
mod trust;
mod watch;

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Binary, Uint128};
use cw20::Cw20ReceiveMsg;
use leasehold_rules::alive::Maintenance;

use crate::{Asset, Audit, Capability, Denom, Suite};

pub use attestation::{
    Attestation, Attested, Challenge, Device, GpuReport, GpuThroughput, ATTESTATIONS, DEVICES,
    MAX_AUDITS, MAX_DEVICES,
};
pub use contact::{Contact, AGE_RECIPIENT_LENGTHS, HASH_LENGTH, MAX_GATEWAY};
pub use params::{Params, StoredParams, PARAMS};
pub use record::{
    capability, hot, maintenance, Declared, Hot, Standing, Unbonding, BONDED, CAPABILITY, CONTACT,
    FAULTS, HOT, INSURANCE, LAPSES, MAINTENANCE, MAX_COLLATERAL_DENOMS, MAX_UNBONDINGS, OUTAGES,
    UNBONDINGS, VOUCHES,
};
pub use trust::{
    audits, counted, sign_bytes, validate_hash, Key, Member, Role, Trust, AUDITORS, MAX_PANEL,
    MIN_PANEL, TRUSTED, WATCHERS,
};
pub use watch::{
    panel_of, round_at, verdict, Signed, Verdict, Vote, Watch, ATTESTATION, VERDICT, VERDICTS,
    WATCHER_AT, WATCHER_COUNT, WATCHES,
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
    /// Makes the sender an auditor or a watcher. The coins sent along, of the trust denom and at least the role's bond, are its bond; `key`
    /// signs for it, for as long as it stays. Anyone may call, once for each role.
    Enrol { role: Role, key: Key },
    /// Adds the coins sent along to the sender's bond in that role. Members only.
    AddToBond { role: Role },
    /// Ends the sender's work in that role: from now on its word counts for nothing. Its bond waits for the unbonding time and can be
    /// slashed in it. Members only, once.
    Retire { role: Role },
    /// Pays the bond of a retired member, with its fees, and forgets it. Retired members only.
    WithdrawBond { role: Role },
    /// Takes `slash` (at most the bond) to insurance and jails or reinstates a member. One whose bond is below the least cannot be
    /// reinstated. Governance only.
    Judge {
        role: Role,
        member: String,
        slash: Uint128,
        jailed: bool,
    },
    /// Records what an auditor signed ([`sign_bytes`] of it, under the purpose [`ATTESTATION`]), in place of its former word on that provider.
    /// A card that is another provider's, in a live attestation, is refused. Where 8 others count already, only the provider may call, and
    /// the one that expires first goes. Anyone may call.
    Attest {
        auditor: String,
        attestation: Attestation,
        signature: Binary,
    },
    /// Takes back what the sender said of a provider, and refuses all that it measured before now. Auditors only, jailed ones too.
    RevokeAttestation { provider: String },
    /// Speaks against another auditor's attestation: it counts for nothing for the challenge period. The deposit sent along goes to
    /// insurance, and comes back if governance upholds the challenge. Once per attestation. Auditors in good standing only.
    ChallengeAttestation {
        provider: String,
        auditor: String,
        /// SHA-256 of what speaks against it, 32 bytes.
        evidence_hash: Binary,
    },
    /// Agrees with a challenge: the attestation is revoked, its auditor jailed and slashed by `slash` (at most its bond) to insurance, and
    /// the challenger gets its deposit back. Governance only.
    UpholdChallenge {
        provider: String,
        auditor: String,
        slash: Uint128,
    },
    /// Has an active lease watched: the coins sent along, of the trust denom, pay the fees of later rounds. What a former owner of the
    /// deployment paid ahead goes back to it. The tenant only.
    WatchLease { lease_id: u64 },
    /// Stops the watching and pays back what is left. The payer only; anyone, to the payer, once the lease has ended.
    UnwatchLease { lease_id: u64 },
    /// Records what a majority of the round's panel signed ([`sign_bytes`] of the [`Vote`], under the purpose [`VERDICT`]), at least 3, for this
    /// round or the one before. Each signer earns its fee, whatever the verdict; one verdict a round. Anyone may call.
    SubmitVerdict {
        lease_id: u64,
        round: u64,
        down: bool,
        signatures: Vec<Signed>,
    },
    /// Shows that a watcher signed both answers for one lease and round. It loses its bond, half of it to the sender and the rest to
    /// insurance, and is jailed. Anyone may call.
    AccuseWatcher {
        watcher: String,
        lease_id: u64,
        round: u64,
        /// Its signature of `down: true`.
        down: Binary,
        /// Its signature of `down: false`.
        up: Binary,
    },
    /// Pays the sender's watch fees. Watchers only.
    ClaimFees {},
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
    /// One auditor or watcher.
    #[returns(MemberResponse)]
    Member { role: Role, address: String },
    /// All auditors or watchers by address.
    #[returns(MembersResponse)]
    Members {
        role: Role,
        start_after: Option<String>,
        limit: Option<u32>,
    },
    /// What auditors said of a provider, by auditor: live, expired and revoked.
    #[returns(AttestationsResponse)]
    Attestations {
        provider: String,
        start_after: Option<String>,
        limit: Option<u32>,
    },
    /// Who has a card, by its commitment.
    #[returns(DeviceResponse)]
    Device { commitment: Binary },
    /// One lease that is watched.
    #[returns(WatchResponse)]
    Watch { lease_id: u64 },
    /// Leases that are watched, by id, with their panels of this round. `watcher`: those alone that it is on the panel of; `limit` counts the
    /// leases that are looked at: go on with `next` until it is absent.
    #[returns(WatchesResponse)]
    Watches {
        watcher: Option<String>,
        start_after: Option<u64>,
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
    /// What auditors in good standing vouch for now.
    pub audits: Vec<Audit>,
}

#[cw_serde]
pub struct MemberResponse {
    pub address: Addr,
    pub key: Key,
    /// Whole units of the trust denom.
    pub bond: Uint128,
    /// Its word counts.
    pub in_good_standing: bool,
    pub jailed: bool,
    /// Of one that retires: block time from which it may have its bond back.
    pub leaves_at: Option<u64>,
    /// Watch fees that wait for `claim_fees`.
    pub fees: Uint128,
}

#[cw_serde]
pub struct MembersResponse {
    pub members: Vec<MemberResponse>,
}

#[cw_serde]
pub struct AttestationResponse {
    pub auditor: Addr,
    /// Nothing that was measured up to this block time is taken any more.
    pub measured_at: u64,
    /// Absent once revoked.
    pub attestation: Option<Attestation>,
    pub challenge: Option<Challenge>,
    /// It counts now: neither expired, revoked nor suspended, by an auditor in good standing.
    pub live: bool,
}

#[cw_serde]
pub struct AttestationsResponse {
    pub attestations: Vec<AttestationResponse>,
}

#[cw_serde]
pub struct DeviceResponse {
    /// Absent when no auditor has found it.
    pub device: Option<Device>,
}

#[cw_serde]
pub struct WatchResponse {
    pub lease_id: u64,
    pub payer: Addr,
    pub funds: Uint128,
    /// The round now.
    pub round: u64,
    /// Who watches it in this round.
    pub panel: Vec<Addr>,
    /// Signatures that make a verdict.
    pub quorum: u32,
    /// The latest one.
    pub verdict: Option<Verdict>,
}

#[cw_serde]
pub struct WatchesResponse {
    pub watches: Vec<WatchResponse>,
    /// Where to go on, if there may be more.
    pub next: Option<u64>,
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
