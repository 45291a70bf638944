//! Governance: stake, proposals, parameters, treasury. See `docs/spec/governance.md`.
//!
//! Proposals speak cw3 (its messages, queries and JSON), stake answers DAO DAO's voting-module queries.

mod params;
mod proposal;

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Binary, CosmosMsg, Uint128};
use cw2::ContractVersion;
use cw20::Cw20ReceiveMsg;
use cw3::{
    ProposalListResponse, ProposalResponse, Vote, VoteListResponse, VoteResponse,
    VoterListResponse, VoterResponse,
};
use cw_utils::{Expiration, ThresholdResponse};

use crate::{Asset, Denom, Suite};

/// Most bytes that a proposal's title, description and messages take as JSON: a larger one could be stored and not queried.
pub const MAX_PROPOSAL_BYTES: usize = 30_000;
/// Most messages in a proposal.
pub const MAX_MESSAGES: usize = 32;
/// Most unstakings of one staker that wait at a time.
pub const MAX_UNSTAKINGS: usize = 8;
/// Most denoms in which stakers earn, over the contract's life.
pub const MAX_REWARD_DENOMS: usize = 8;

pub use params::{Expedited, Guardian, Params, RefundPolicy};
pub use proposal::{Failure, ProposalPhase, ProposalStatusResponse, Tally};

#[cw_serde]
pub struct InstantiateMsg {
    /// `suite.governance` must be this contract's own address.
    pub suite: Suite,
    /// Of stake and of deposits, for life: a bank denom or a token.
    pub denom: Denom,
    /// Stake that cw3's 64-bit answers show as a weight of 1, for life: 1 for a token of 6 decimals, 10¹² for one of 18. Votes are
    /// counted in full stake all the same. At least 1.
    pub weight_unit: Uint128,
    pub params: Params,
}

#[cw_serde]
pub enum ExecuteMsg {
    /// Stakes the coin of the stake denom sent along. It votes on proposals of later blocks. A token is staked by its `send` instead, with
    /// the hook of that name. Anyone may call.
    Stake {},
    /// Takes `amount` out of the sender's stake. It keeps its vote on proposals that are open, and is paid by `claim` after the
    /// unbonding time. At most 8 wait at a time. Anyone may call, for its own stake.
    Unstake { amount: Uint128 },
    /// Lets `to` vote with the sender's stake, present and later, on proposals of later blocks; without one the sender votes again. One
    /// hop: stake that was delegated to the sender still votes with the sender. Rewards stay the sender's. Anyone may call, for its own
    /// stake.
    Delegate { to: Option<String> },
    /// Pays the sender's matured unstakings. Anyone may call, for its own.
    Claim {},
    /// Pays what the sender's stake has earned, in one denom or in all. A token that refuses holds back nothing but itself: its
    /// `payout_failed` event says so, and it stays owed. Anyone may call, for its own.
    ClaimRewards { denom: Option<Denom> },
    /// Fees in the one coin sent along, of any denom. Escrow only: its `sweep_fees`.
    AddFees {},
    /// cw20. Tokens that came with a [`Cw20HookMsg`]; believed of the calling token alone.
    Receive(Cw20ReceiveMsg),
    /// cw3. Opens a proposal on the rules of this moment, with exactly the deposit sent along; a deposit in a token is taken by an
    /// allowance that the proposer has given. `latest`, if given, ends the vote at
    /// a time between the minimum and the usual voting period; `earliest` must be absent. Bank and wasm messages only. Casts no
    /// vote. Answers with the proposal id as JSON data. Only who had power at the start of this block.
    Propose {
        title: String,
        description: String,
        msgs: Vec<CosmosMsg>,
        earliest: Option<Expiration>,
        latest: Option<Expiration>,
        /// Besides cw3: on the terms of the parameter `expedited`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expedited: Option<bool>,
    },
    /// cw3. Casts the sender's power at the start of the proposal's block; once, for good. `veto` counts as `no`. Only who had power
    /// then.
    Vote { proposal_id: u64, vote: Vote },
    /// cw3. Runs the messages of a passed proposal, all or none. A failure is recorded (`execution_failed` event, `proposal_status`
    /// query) and may be retried until the proposal lapses. Anyone may call.
    Execute { proposal_id: u64 },
    /// cw3. Closes a proposal that was rejected or lapsed, and settles its deposit. Anyone may call.
    Close { proposal_id: u64 },
    /// Ends a passed proposal within its timelock. Guardian only.
    Veto { proposal_id: u64 },
    /// Pauses the market for `pause_seconds`; it goes on by itself, or when a proposal sends it `pause` with a time that has passed.
    /// Nothing else pauses: stake, votes, proposals and their execution go on. Not before `pause_rest` has passed since the end of the
    /// guardian's last one. Guardian only.
    Pause {},
    /// What `execute` calls so that all of a proposal's messages are one atomic unit. The contract itself only.
    Run { proposal_id: u64 },
    /// Replaces all parameters; open proposals and running unstakings keep their terms. The contract itself only: through a proposal.
    UpdateParams { params: Params },
    /// Sets `asset` of the treasury aside for `to`, which earns it evenly over `seconds` (1 to 315 360 000) from now on. The contract
    /// itself only.
    StartStream {
        to: String,
        asset: Asset,
        seconds: u64,
    },
    /// Ends a stream of the treasury now: what is not earned yet is treasury again. The contract itself only.
    StopStream { id: u64 },
    /// Pays what a stream of the treasury has earned to its recipient. Anyone may call.
    ClaimStream { id: u64 },
    /// Fails, and with it the run, unless the smart query `query` of `contract` answers the very bytes whose SHA-256 is
    /// `answer_hash`: before a message that was agreed to on what the voters saw, such as one that replaces all parameters. The
    /// contract itself only.
    Require {
        contract: String,
        query: Binary,
        answer_hash: Binary,
    },
}

/// What tokens may be sent for.
#[cw_serde]
pub enum Cw20HookMsg {
    /// Fees. Escrow only.
    AddFees {},
    /// Stake, where the stake denom is this token. Anyone may.
    Stake {},
}

/// [`ExecuteMsg::AddFees`] and [`Cw20HookMsg::AddFees`] as JSON, for escrow, which would else carry the code that writes all messages.
pub const ADD_FEES: &[u8] = br#"{"add_fees":{}}"#;

#[cw_serde]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// Peers, stake denom and parameters.
    #[returns(ConfigResponse)]
    Config {},
    /// One address's stake and what waits to be claimed.
    #[returns(StakeResponse)]
    Stake { address: String },
    /// What is known of a proposal beyond cw3.
    #[returns(ProposalStatusResponse)]
    ProposalStatus { proposal_id: u64 },
    /// When the guardian may pause the market.
    #[returns(PauseResponse)]
    Pause {},
    /// What the contract owes in a denom; without one, in the stake denom.
    #[returns(LiabilitiesResponse)]
    Liabilities { denom: Option<Denom> },
    /// One stream of the treasury that is not all paid.
    #[returns(StreamResponse)]
    Stream { id: u64 },
    /// Those streams by id.
    #[returns(StreamsResponse)]
    Streams {
        start_after: Option<u64>,
        limit: Option<u32>,
    },
    /// What an address may claim of fees.
    #[returns(RewardsResponse)]
    Rewards { address: String },
    /// What proposals may spend of one denom: the balance above the liabilities.
    #[returns(Asset)]
    Treasury { denom: Denom },

    /// cw3. The rule for a proposal that would be opened in the next block.
    #[returns(ThresholdResponse)]
    Threshold {},
    /// cw3. One proposal.
    #[returns(ProposalResponse)]
    Proposal { proposal_id: u64 },
    /// cw3. Proposals by ascending id.
    #[returns(ProposalListResponse)]
    ListProposals {
        start_after: Option<u64>,
        limit: Option<u32>,
    },
    /// cw3. Proposals by descending id.
    #[returns(ProposalListResponse)]
    ReverseProposals {
        start_before: Option<u64>,
        limit: Option<u32>,
    },
    /// cw3. One voter's vote on a proposal.
    #[returns(VoteResponse)]
    Vote { proposal_id: u64, voter: String },
    /// cw3. A proposal's votes by voter.
    #[returns(VoteListResponse)]
    ListVotes {
        proposal_id: u64,
        start_after: Option<String>,
        limit: Option<u32>,
    },
    /// cw3. One address's weight in a proposal that would be opened in the next block; none without power.
    #[returns(VoterResponse)]
    Voter { address: String },
    /// cw3. Who has power by address, with their weight in a proposal that would be opened in the next block.
    #[returns(VoterListResponse)]
    ListVoters {
        start_after: Option<String>,
        limit: Option<u32>,
    },

    /// DAO DAO voting module. Power at the start of a block (absent: the present one). Never changes; a future height is refused.
    #[returns(VotingPowerAtHeightResponse)]
    VotingPowerAtHeight {
        address: String,
        height: Option<u64>,
    },
    /// DAO DAO voting module. Σ power at the start of a block.
    #[returns(TotalPowerAtHeightResponse)]
    TotalPowerAtHeight { height: Option<u64> },
    /// DAO DAO voting module. The DAO that this stake governs: the contract itself.
    #[returns(Addr)]
    Dao {},
    /// DAO DAO voting module. cw2 name and version.
    #[returns(InfoResponse)]
    Info {},
}

#[cw_serde]
pub struct ConfigResponse {
    pub suite: Suite<Addr>,
    pub denom: Denom,
    pub weight_unit: Uint128,
    pub params: Params,
}

/// Stake that was taken out and waits.
#[cw_serde]
pub struct Unstaking {
    pub amount: Uint128,
    /// Block time from which `claim` pays it.
    pub claimable_at: u64,
}

#[cw_serde]
pub struct StakeResponse {
    pub amount: Uint128,
    /// Who votes with it in the staker's place.
    pub delegate: Option<Addr>,
    /// At most 8.
    pub unstaking: Vec<Unstaking>,
}

/// Σ of the five ≤ the contract's balance, always.
#[cw_serde]
pub struct LiabilitiesResponse {
    pub denom: Denom,
    pub staked: Uint128,
    pub unstaking: Uint128,
    pub deposits: Uint128,
    /// Fees that stakers have earned and not been paid.
    pub rewards: Uint128,
    /// What is set aside for streams and not paid, earned or not.
    pub streams: Uint128,
}

#[cw_serde]
pub struct StreamResponse {
    pub id: u64,
    pub to: Addr,
    /// All of it, paid and to be paid.
    pub asset: Asset,
    pub starts_at: u64,
    /// Block time at which all of it is earned.
    pub ends_at: u64,
    pub paid: Uint128,
    /// What `claim_stream` would pay now.
    pub claimable: Uint128,
}

#[cw_serde]
pub struct StreamsResponse {
    pub streams: Vec<StreamResponse>,
}

/// Of the guardian's pauses. A proposal may have lifted or made one besides: the market's own record says.
#[cw_serde]
pub struct PauseResponse {
    /// When the last ends or ended.
    pub until: Option<u64>,
    /// Block time from which it may pause again.
    pub again_from: u64,
}

#[cw_serde]
pub struct RewardsResponse {
    /// Whole units, in the order in which the denoms first paid; at most 8.
    pub rewards: Vec<Asset>,
}

#[cw_serde]
pub struct VotingPowerAtHeightResponse {
    pub power: Uint128,
    pub height: u64,
}

#[cw_serde]
pub struct TotalPowerAtHeightResponse {
    pub power: Uint128,
    pub height: u64,
}

#[cw_serde]
pub struct InfoResponse {
    pub info: ContractVersion,
}
