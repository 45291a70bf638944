//! Typed events. On chain each is a `wasm-<name>` event with the contract's address; clients parse them back with [`TypedEvent::parse`].

use cosmwasm_std::{Addr, Attribute, Event, Uint128};

/// An event that can be written by a contract and read by a client.
pub trait TypedEvent: Sized {
    /// Without the chain's `wasm-` prefix.
    const NAME: &'static str;

    /// The first attribute that is missing or malformed.
    fn parse(attributes: &[Attribute]) -> Result<Self, EventError>;

    /// Out of an event as the chain reports it; none for one of another kind.
    ///
    /// # Errors
    /// As [`Self::parse`].
    fn from_event(event: &Event) -> Result<Option<Self>, EventError> {
        match event.ty.strip_prefix("wasm-") {
            Some(name) if name == Self::NAME => Self::parse(&event.attributes).map(Some),
            _ => Ok(None),
        }
    }
}

#[derive(thiserror::Error, Debug, PartialEq, Eq)]
#[error("event {event}: attribute {attribute} is {problem}")]
pub struct EventError {
    pub event: &'static str,
    pub attribute: &'static str,
    pub problem: String,
}

/// How a field is written and read as an attribute.
pub trait EventValue: Sized {
    fn write(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

macro_rules! by_display {
    ($($type:ty),*) => {$(
        impl EventValue for $type {
            fn write(&self) -> String {
                self.to_string()
            }
            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}
by_display!(u64, u32, bool, String, Uint128);

impl EventValue for Addr {
    fn write(&self) -> String {
        self.to_string()
    }
    fn read(text: &str) -> Option<Self> {
        Some(Addr::unchecked(text))
    }
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:literal $type:ident { $($(#[$field_doc:meta])* $field:ident: $field_type:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct $type {
                $($(#[$field_doc])* pub $field: $field_type,)*
            }

            impl TypedEvent for $type {
                const NAME: &'static str = $name;

                fn parse(attributes: &[Attribute]) -> Result<Self, EventError> {
                    Ok($type {
                        $($field: read($name, stringify!($field), attributes)?,)*
                    })
                }
            }

            impl From<$type> for Event {
                fn from(event: $type) -> Event {
                    Event::new($name)$(.add_attribute(stringify!($field), event.$field.write()))*
                }
            }
        )*

        /// Every event with its attributes, in order: frozen by a golden file.
        pub const CATALOGUE: &[(&str, &[&str])] = &[
            $(($name, &[$(stringify!($field)),*]),)*
        ];
    };
}

fn read<T: EventValue>(
    event: &'static str,
    attribute: &'static str,
    attributes: &[Attribute],
) -> Result<T, EventError> {
    let fail = |problem: String| EventError {
        event,
        attribute,
        problem,
    };
    let text = attributes
        .iter()
        .find(|a| a.key == attribute)
        .map(|a| a.value.as_str())
        .ok_or_else(|| fail("missing".into()))?;
    T::read(text).ok_or_else(|| fail(format!("malformed: {text:?}")))
}

events! {
    "deployment_created" DeploymentCreated { deployment_id: u64, owner: Addr, account: u64, groups: u32, manifest_hash: String }
    "deployment_updated" DeploymentUpdated { deployment_id: u64, manifest_hash: String }
    "deployment_closed" DeploymentClosed { deployment_id: u64 }
    "deployment_pruned" DeploymentPruned { deployment_id: u64 }
    "deployment_transferred" DeploymentTransferred { deployment_id: u64, owner: Addr, new_owner: Addr }
    /// `change` is what the provider accepts it by.
    "change_proposed" ChangeProposed { deployment_id: u64, group: u32, lease_id: u64, rate: Uint128, expires_at: u64, change: String }
    "change_withdrawn" ChangeWithdrawn { deployment_id: u64, group: u32 }
    "change_accepted" ChangeAccepted { deployment_id: u64, group: u32, lease_id: u64, provider: Addr, rate: Uint128 }
    "group_paused" GroupPaused { deployment_id: u64, group: u32 }
    "group_started" GroupStarted { deployment_id: u64, group: u32 }

    "order_opened" OrderOpened { order_id: u64, round: u32, mode: String, max_rate: Uint128, closes_at: u64 }
    "order_closed" OrderClosed { order_id: u64, reason: String }
    /// `records` that had ended were removed, and with `gone` the order itself.
    "order_pruned" OrderPruned { order_id: u64, records: u64, gone: bool }
    /// `leader` says whether the bid leads now.
    "bid_placed" BidPlaced { order_id: u64, provider: Addr, rate: Uint128, leader: bool, closes_at: u64 }
    /// A sealed bid whose rate nobody knows yet. `closes_at` is when the reveals begin.
    "bid_committed" BidCommitted { order_id: u64, provider: Addr, closes_at: u64 }
    /// `leader` says whether it leads now, `closes_at` when the reveals end.
    "bid_revealed" BidRevealed { order_id: u64, provider: Addr, rate: Uint128, leader: bool, closes_at: u64 }
    /// A commitment that was not revealed is gone; part of its bond is forfeit or, with `forfeit` false, all of it free.
    "commitment_ended" CommitmentEnded { order_id: u64, provider: Addr, forfeit: bool }
    "bid_withdrawn" BidWithdrawn { order_id: u64, provider: Addr }
    "award_expired" AwardExpired { order_id: u64, provider: Addr }
    "offer_posted" OfferPosted { offer_id: u64, provider: Addr, denom: String, expires_at: u64 }
    "offer_updated" OfferUpdated { offer_id: u64, provider: Addr, expires_at: u64 }
    "offer_withdrawn" OfferWithdrawn { offer_id: u64, provider: Addr }
    "offer_taken" OfferTaken { offer_id: u64, lease_id: u64 }
    "lease_started" LeaseStarted { lease_id: u64, order_id: u64, provider: Addr, rate: Uint128, bond: Uint128 }
    "lease_changed" LeaseChanged { lease_id: u64, order_id: u64, provider: Addr, rate: Uint128, bond: Uint128 }
    "notice_given" NoticeGiven { lease_id: u64, provider: Addr, leaves_at: u64 }
    "lease_ended" LeaseEnded { lease_id: u64, order_id: u64, provider: Addr, reason: String }
    /// `bps` of `bond` are forfeit, from `due_at` on.
    "penalty_noted" PenaltyNoted { order_id: u64, number: u32, provider: Addr, reason: String, bond: Uint128, bps: u32, due_at: u64 }
    /// What was taken is in the registry's `slashed`; nothing, when it says `slash_waived`.
    "penalty_settled" PenaltySettled { order_id: u64, number: u32, provider: Addr }
    /// The order looks for a provider anew: after a lease (the runner-up first, when `runner_up` is not empty), or because its auction,
    /// held once a round, found nobody.
    "order_reopened" OrderReopened { order_id: u64, attempts: u32, runner_up: String, start_rate: Uint128, closes_at: u64 }

    /// Nothing begins on the market until then.
    "paused" Paused { until: u64 }

    "account_opened" AccountOpened { account: u64, owner: Addr, denom: String }
    "account_transferred" AccountTransferred { account: u64, new_owner: Addr }
    /// `from` of a transfer over IBC is `port/channel/sender`, the first two of this chain.
    "deposited" Deposited { account: u64, amount: Uint128, from: Addr }
    "withdrawn" Withdrawn { account: u64, amount: Uint128, to: Addr }
    "moved" Moved { from: u64, to: u64, amount: Uint128 }
    /// `account` is the drawn account, here and in the next three.
    "allowed" Allowed { account: u64, source: u64, spender: Addr }
    "allowance_adjusted" AllowanceAdjusted { account: u64 }
    "allowance_revoked" AllowanceRevoked { account: u64, spender: Addr }
    /// By the spender, or by a top-up of anyone's.
    "drawn" Drawn { account: u64, source: u64, amount: Uint128 }
    /// `funded` and `balance` (scaled) are the account's after the settle.
    "settled" Settled { account: u64, balance: Uint128, funded: u64 }
    "stream_opened" StreamOpened { stream: u64, account: u64, payee: Addr, rate: Uint128 }
    "stream_repriced" StreamRepriced { stream: u64, account: u64, rate: Uint128 }
    /// `amount` goes to the payee, `fee` to governance; their sum left escrow's books as one.
    "collected" Collected { stream: u64, payee: Addr, amount: Uint128, fee: Uint128 }
    "stream_closed" StreamClosed { stream: u64, account: u64 }
    /// Set aside for a reservation.
    "held" Held { order_id: u64, account: u64, amount: Uint128 }
    /// `amount` goes to the `payee`, who was let down; the rest, or with neither all of it, back to the account.
    "hold_released" HoldReleased { order_id: u64, account: u64, payee: String, amount: Uint128 }
    /// A token refused the final payment of a stream or a hold; it waits for `claim_unpaid`.
    "payment_deferred" PaymentDeferred { payee: Addr, denom: String, amount: Uint128 }
    "unpaid_claimed" UnpaidClaimed { payee: Addr, denom: String, amount: Uint128 }
    "fees_swept" FeesSwept { denom: String, amount: Uint128 }

    "provider_registered" ProviderRegistered { provider: Addr, gateway: String }
    "provider_updated" ProviderUpdated { provider: Addr }
    "heartbeat" Heartbeat { provider: Addr, live_until: u64 }
    "bonded" Bonded { provider: Addr, denom: String, amount: Uint128 }
    "unbonding" UnbondingStarted { provider: Addr, denom: String, amount: Uint128, claimable_at: u64 }
    "unbonded" Unbonded { provider: Addr, denom: String, amount: Uint128 }
    /// A silence that began at `at` counts towards an outage.
    "lapse_counted" LapseCounted { provider: Addr, at: u64 }
    "maintenance_announced" MaintenanceAnnounced { provider: Addr, from: u64, until: u64 }
    "insurance_paid" InsurancePaid { recipient: Addr, denom: String, amount: Uint128 }
    "provider_draining" ProviderDraining { provider: Addr }
    "provider_resumed" ProviderResumed { provider: Addr }
    "provider_left" ProviderLeft { provider: Addr }
    /// `role` is auditor or watcher.
    "member_enrolled" MemberEnrolled { member: Addr, role: String, bond: Uint128 }
    "bond_added" BondAdded { member: Addr, role: String, amount: Uint128 }
    "member_retired" MemberRetired { member: Addr, role: String, leaves_at: u64 }
    "bond_withdrawn" BondWithdrawn { member: Addr, role: String, amount: Uint128 }
    "member_judged" MemberJudged { member: Addr, role: String, slashed: Uint128, jailed: bool }
    "attestation_recorded" AttestationRecorded { provider: Addr, auditor: Addr, level: String, expires_at: u64 }
    "attestation_revoked" AttestationRevoked { provider: Addr, auditor: Addr }
    "attestation_challenged" AttestationChallenged { provider: Addr, auditor: Addr, challenger: Addr, suspended_until: u64 }
    "challenge_upheld" ChallengeUpheld { provider: Addr, auditor: Addr, challenger: Addr, refunded: Uint128 }
    "lease_watched" LeaseWatched { lease_id: u64, payer: Addr, amount: Uint128 }
    "lease_unwatched" LeaseUnwatched { lease_id: u64, payer: Addr, refunded: Uint128 }
    "verdict_submitted" VerdictSubmitted { lease_id: u64, round: u64, down: bool, signers: u32 }
    "watcher_accused" WatcherAccused { watcher: Addr, accuser: Addr, reward: Uint128 }
    "fees_claimed" FeesClaimed { member: Addr, amount: Uint128 }
    /// A recipient's part of the `slashed` before it.
    "slash_paid" SlashPaid { recipient: Addr, denom: String, amount: Uint128 }
    /// What a provider pays its tenant for leaving, as agreed.
    "compensated" Compensated { provider: Addr, recipient: Addr, denom: String, amount: Uint128 }
    /// Too many fell silent together: it is the chain or the network.
    "slash_waived" SlashWaived { provider: Addr, denom: String, reason: String }
    "slashed" Slashed { provider: Addr, denom: String, amount: Uint128, insurance: Uint128, reason: String }
    /// A token refused a payment: an unbonding or a reward waits on, a part of a slash goes to insurance.
    "payout_failed" PayoutFailed { recipient: Addr, denom: String, amount: Uint128, reason: String }

    "staked" Staked { staker: Addr, amount: Uint128 }
    "unstaking" Unstaking { staker: Addr, amount: Uint128, claimable_at: u64 }
    /// Without a `to`: the staker votes again.
    "delegated" Delegated { staker: Addr, to: String }
    "stake_claimed" StakeClaimed { staker: Addr, amount: Uint128 }
    /// `stakers` is the part that they have earned, the rest of `amount` is treasury.
    "fees_added" FeesAdded { denom: String, amount: Uint128, stakers: Uint128 }
    "reward_claimed" RewardClaimed { staker: Addr, denom: String, amount: Uint128 }
    "proposed" Proposed { proposal_id: u64, proposer: Addr, expires_at: u64 }
    /// `power` is the voter's whole power at the proposal's height.
    "voted" Voted { proposal_id: u64, voter: Addr, vote: String, power: Uint128 }
    /// `refunded` is what the proposer got back of the deposit, here and in the next two.
    "proposal_executed" ProposalExecuted { proposal_id: u64, refunded: Uint128 }
    "proposal_closed" ProposalClosed { proposal_id: u64, refunded: Uint128 }
    "proposal_vetoed" ProposalVetoed { proposal_id: u64, guardian: Addr, refunded: Uint128 }
    /// None of the proposal's messages took effect.
    "execution_failed" ExecutionFailed { proposal_id: u64, error: String }
    "treasury_stream_started" TreasuryStreamStarted { id: u64, recipient: Addr, denom: String, amount: Uint128, ends_at: u64 }
    /// `amount` is what it had not earned, treasury again.
    "treasury_stream_stopped" TreasuryStreamStopped { id: u64, denom: String, amount: Uint128 }
    "treasury_stream_paid" TreasuryStreamPaid { id: u64, recipient: Addr, denom: String, amount: Uint128 }
    "paused_by_guardian" PausedByGuardian { guardian: Addr, until: u64 }
    "params_updated" ParamsUpdated { contract: Addr }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_reads_back_as_written() {
        let event = BidPlaced {
            order_id: 8,
            provider: Addr::unchecked("wasm1x"),
            rate: Uint128::new(7),
            leader: true,
            closes_at: 60,
        };
        let raw = Event::from(event.clone());
        assert_eq!(raw.ty, BidPlaced::NAME);
        assert_eq!(BidPlaced::parse(&raw.attributes), Ok(event));
    }

    #[test]
    fn a_missing_attribute_is_named() {
        let error = BidPlaced::parse(&[]).unwrap_err();
        assert_eq!(error.attribute, "order_id");
    }
}
