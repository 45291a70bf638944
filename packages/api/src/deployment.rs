//! Deployments: what a tenant wants to run. See `docs/spec/deployment.md`.

mod change;

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Binary, Checksum, Empty, QuerierWrapper, StdError, StdResult, Uint128};
use cw_storage_plus::{Item, Map};
use leasehold_rules::auction::{within, MAX_LEAD};

use crate::market::{Exit, TakeOffer, Terms};
use crate::{AuctionMode, Denom, GroupSpec, RuleError, Suite};

pub use change::{Change, ChangeResponse, CHANGES};

/// Published storage. Read at every bid and claim: small.
pub const DEPLOYMENTS: Map<u64, Deployment> = Map::new("d");
/// What each group asks for, by deployment and group index.
pub const GROUPS: Map<(u64, u32), GroupSpec> = Map::new("g");
/// Id that the next deployment gets.
pub const NEXT_DEPLOYMENT: Item<u64> = Item::new("n");
/// Open deployments by owner: one that is not listed is closed.
pub const OWNED: Map<(&Addr, u64), Empty> = Map::new("o");

/// The part of a deployment that other contracts read. Whether a group is leased is the market's to say.
#[cw_serde]
pub struct Deployment {
    #[serde(rename = "o")]
    pub owner: Addr,
    /// Escrow account that pays.
    #[serde(rename = "a")]
    pub account: u64,
    /// SHA-256 of the manifest, 32 bytes.
    #[serde(rename = "h")]
    pub manifest_hash: Binary,
    /// One per group, 1 to 8: what a (re)started group is ordered on.
    #[serde(rename = "m")]
    pub terms: Vec<Terms>,
    #[serde(rename = "t")]
    pub created_at: u64,
}

/// The order of a group: one order per group, for life, so that nobody has to look it up.
pub fn order_id(deployment: u64, group: u32) -> Option<u64> {
    deployment.checked_mul(8)?.checked_add(u64::from(group))
}

/// The deployment and group of an order.
pub fn group_of(order_id: u64) -> (u64, u32) {
    // The remainder of a division by eight fits in 32 bits.
    (order_id >> 3, (order_id & 7) as u32)
}

#[cw_serde]
pub struct InstantiateMsg {
    pub suite: Suite,
}

#[cw_serde]
pub enum ExecuteMsg {
    /// Creates a deployment and puts one order per group on the market, all in this message. Anyone may call and becomes the owner.
    /// Answers with the deployment id as JSON data.
    Create {
        /// 1 to 8, with different names.
        groups: Vec<GroupRequest>,
        /// SHA-256 of the manifest, 32 bytes. Opaque to the chain; providers run only a manifest with this hash.
        manifest_hash: Binary,
        /// Denom in which rent is paid; must be the account's.
        denom: Denom,
        /// Escrow account that pays: the sender's own, or one from which an allowance lets it spend. Absent: a new one is opened with
        /// the coins sent along (required then; for a cw20 open the account at escrow first). With an account, coins sent along are
        /// deposited into it, and belong to its owner.
        account: Option<u64>,
    },
    /// Changes the manifest to a different one; the leases go on and the providers wait for the new manifest. Owner only.
    Update {
        deployment_id: u64,
        manifest_hash: Binary,
    },
    /// Closes all groups for good: leases end, providers are paid to this second. The rest stays in the escrow account, for the owner
    /// to withdraw. Owner only.
    Close { deployment_id: u64 },
    /// Removes a closed deployment with its groups, once the market has removed its orders: `prune` there. Its id is not used again. Anyone
    /// may call.
    Prune { deployment_id: u64 },
    /// Takes one group off the market, ending its lease if there is one. Owner only.
    PauseGroup { deployment_id: u64, group: u32 },
    /// Puts a paused group on the market again, as a fresh order. Owner only.
    StartGroup { deployment_id: u64, group: u32 },
    /// Proposes to the provider of a leased group other resources, another price, or both. One proposal per group: the next one takes its
    /// place. It is void when the lease ends. The account must be able to pay when it is accepted. Owner only.
    ProposeChange {
        deployment_id: u64,
        group: u32,
        /// Scaled per second for the whole group, at most the maximum of what it asks for then.
        rate: Uint128,
        /// What it asks for then, under the same name and within the same bounds as at creation. Absent: what it does now.
        spec: Option<GroupSpec>,
        /// SHA-256 of the manifest then, 32 bytes, for all groups. Absent: the present one.
        manifest_hash: Option<Binary>,
        /// Block time from which it cannot be accepted any more, in the future.
        expires_at: u64,
    },
    /// Takes a proposal back. Owner only.
    WithdrawChange { deployment_id: u64, group: u32 },
    /// Agrees to a proposal, named by [`Change::hash`]: from this second on the lease is what it says. The lease's provider only, while
    /// it is eligible for what the group asks for then and its collateral covers the new bond.
    AcceptChange {
        deployment_id: u64,
        group: u32,
        change: Checksum,
    },
    /// Hands the deployment and its escrow account to `new_owner`; leases go on. Refused while the account pays for a lease of another
    /// deployment, which would then draw on money that is no longer its owner's, and when the account is another's: an allowance
    /// cannot be handed on. Owner only.
    Transfer {
        deployment_id: u64,
        new_owner: String,
    },
}

#[cw_serde]
pub struct GroupRequest {
    pub spec: GroupSpec,
    /// How its provider is found. Absent: descending.
    pub auction: Option<AuctionMode>,
    /// How its provider may leave. Absent: with the market's default notice, at no cost.
    pub exit: Option<Exit>,
    /// Standing offer to take: the lease starts in this message, or the message fails. How the group finds its next provider, when the
    /// lease ends or the group is started again, `auction` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<TakeOffer>,
    /// Makes it a job: its lease is paid ahead for this many seconds, 1 to 31 536 000, ends by itself after them, and what the provider
    /// did not earn returns. A fail-over before that orders the seconds that are left. Absent: it runs until somebody ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_duration: Option<u64>,
    /// Reserves: the winner of a descending or sealed auction is found now, and claims from this block time on, at most 30 days ahead. A
    /// part of the winner's bond, at the maximum rate, is set aside: the winner gets it when the tenant withdraws after the award or cannot
    /// pay at the start; otherwise it returns. A group that is started again later is not reserved again. Absent: it starts when it is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<u64>,
}

/// On the default terms.
impl From<GroupSpec> for GroupRequest {
    fn from(spec: GroupSpec) -> Self {
        GroupRequest {
            spec,
            auction: None,
            exit: None,
            offer: None,
            max_duration: None,
            starts_at: None,
        }
    }
}

impl GroupRequest {
    /// What the group is ordered on, at block time `now`.
    ///
    /// # Errors
    /// [`RuleError::OutOfRange`] naming the field.
    pub fn terms(&self, now: u64) -> Result<Terms, RuleError> {
        if let Some(at) = self.starts_at {
            let latest = now.saturating_add(MAX_LEAD);
            within("starts_at", at, now.saturating_add(1)..=latest)?;
            if self.offer.is_some() {
                let allowed = "absent: an offer starts at once";
                return Err(RuleError::range("starts_at", at, allowed));
            }
        }
        let terms = Terms {
            auction: self.auction.unwrap_or_default(),
            exit: self.exit,
            max_duration: self.max_duration,
            starts_at: self.starts_at,
        };
        terms.validate()?;
        Ok(terms)
    }
}

#[cw_serde]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// Peers.
    #[returns(ConfigResponse)]
    Config {},
    /// One deployment with its groups.
    #[returns(DeploymentResponse)]
    Deployment { id: u64 },
    /// Deployments by id: the open ones of one owner, or all.
    #[returns(DeploymentsResponse)]
    Deployments {
        owner: Option<String>,
        start_after: Option<u64>,
        limit: Option<u32>,
    },
}

#[cw_serde]
pub struct ConfigResponse {
    pub suite: Suite<Addr>,
}

#[cw_serde]
pub struct DeploymentResponse {
    pub id: u64,
    pub owner: Addr,
    pub account: u64,
    pub manifest_hash: Binary,
    pub created_at: u64,
    /// Closed for good by its owner.
    pub closed: bool,
    pub groups: Vec<GroupResponse>,
}

#[cw_serde]
pub struct GroupResponse {
    /// Index within the deployment.
    pub group: u32,
    pub spec: GroupSpec,
    pub auction: AuctionMode,
    pub exit: Option<Exit>,
    /// Of a job: seconds that it is ordered for.
    pub max_duration: Option<u64>,
    /// Of a reservation: block time of its start, past ones included.
    pub starts_at: Option<u64>,
    pub order_id: u64,
    pub status: GroupStatus,
    /// The active lease, if any.
    pub lease_id: Option<u64>,
    /// What its tenant proposes to the lease's provider now.
    pub change: Option<ChangeResponse>,
}

/// Derived from the market at the query's block time.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum GroupStatus {
    /// Its order is looking for a provider.
    Open,
    /// A provider serves it.
    Leased,
    /// Off the market: paused by the owner, out of attempts, or out of funds.
    Paused,
    /// Closed with the deployment.
    Closed,
}

#[cw_serde]
pub struct DeploymentsResponse {
    pub deployments: Vec<DeploymentResponse>,
}

/// A deployment's record.
///
/// # Errors
/// [`StdError::NotFound`] for an id that does not exist; a failed query.
pub fn deployment(querier: &QuerierWrapper, contract: &Addr, id: u64) -> StdResult<Deployment> {
    DEPLOYMENTS
        .query(querier, contract.clone(), id)?
        .ok_or_else(|| StdError::not_found(format!("deployment {id}")))
}

/// What a group asks for.
///
/// # Errors
/// [`StdError::NotFound`] for a group that does not exist; a failed query.
pub fn group(
    querier: &QuerierWrapper,
    contract: &Addr,
    deployment: u64,
    group: u32,
) -> StdResult<GroupSpec> {
    GROUPS
        .query(querier, contract.clone(), (deployment, group))?
        .ok_or_else(|| StdError::not_found(format!("group {group} of deployment {deployment}")))
}

/// Whether a deployment of `owner` is not closed.
///
/// # Errors
/// A failed query.
pub fn is_open(
    querier: &QuerierWrapper,
    contract: &Addr,
    owner: &Addr,
    id: u64,
) -> StdResult<bool> {
    let listed = OWNED.query(querier, contract.clone(), (owner, id))?;
    Ok(listed.is_some())
}
