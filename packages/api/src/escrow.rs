//! Escrow: holds all rent and streams it by the second. See `docs/spec/escrow.md`.

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Empty, QuerierWrapper, StdResult, Uint128};
use cw20::Cw20ReceiveMsg;
use cw_storage_plus::{Item, Map};
use leasehold_rules::stream::{Account, Stream};
use serde::{Deserialize, Serialize};

use crate::suite::stored_suite;
use crate::{Asset, Denom, Suite};

/// Most streams in one `collect`.
pub const MAX_COLLECT: usize = 64;

/// Published storage: other contracts and clients read these keys raw.
pub const ACCOUNTS: Map<u64, Account> = Map::new("a");
/// Open streams by lease id.
pub const STREAMS: Map<u64, Stream> = Map::new("s");
/// Id that the next opened account gets.
pub const NEXT_ACCOUNT: Item<u64> = Item::new("n");
/// Peers and parameters.
pub const CONFIG: Item<Config> = Item::new("c");
/// Accounts by owner.
pub const OWNED: Map<(&Addr, u64), Empty> = Map::new("o");
/// Fees collected and not yet swept, whole units by [`Denom::key`].
pub const FEES: Map<&str, Uint128> = Map::new("f");
/// Final payments that a token refused when a stream closed, by payee and [`Denom::key`].
pub const UNPAID: Map<(&Addr, &str), Asset> = Map::new("u");

/// What every message of escrow reads first.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Config {
    #[serde(rename = "s", with = "stored_suite")]
    pub suite: Suite<Addr>,
    #[serde(rename = "p")]
    pub params: Params,
}

#[cw_serde]
pub struct InstantiateMsg {
    pub suite: Suite,
    pub params: Params,
}

#[cw_serde]
#[derive(Copy, Eq)]
pub struct Params {
    /// Seconds of rent that must stay in an account: a stream opens and the owner withdraws only down to it. 1 to 604 800.
    pub min_runway: u64,
    /// Cut of each collect in basis points, floored. 0 to 2 000.
    pub fee_bps: u32,
}

#[cw_serde]
pub enum ExecuteMsg {
    /// Opens an account for `owner` (absent: the sender) in `denom` and credits the native coin sent along, if any. Anyone may call;
    /// the money can only ever go to leases of the owner or back to the owner. Answers with the account id as JSON data.
    Open { owner: Option<String>, denom: Denom },
    /// Credits the one native coin sent along. Anyone may call. Resumes a paused lease by itself.
    Deposit { account: u64 },
    /// A cw20 token's hook; `msg` holds a [`Cw20HookMsg`]. Only the token itself is believed.
    Receive(Cw20ReceiveMsg),
    /// Pays `amount` whole units back to the owner, as long as `min_runway` stays. Owner only.
    Withdraw { account: u64, amount: Uint128 },
    /// Brings the account up to date. Changes no one's money, only the bookkeeping. Anyone may call.
    Settle { account: u64 },
    /// Pays each stream's earnings to its payee, less the fee. 1 to 64 lease ids, none twice. Anyone may call; recipients are fixed.
    Collect { streams: Vec<u64> },
    /// Pays `payee` what a token refused to pay when a stream closed. Anyone may call.
    ClaimUnpaid { payee: String, denom: Denom },
    /// Sends all fees of one denom to governance. Anyone may call.
    SweepFees { denom: Denom },
    /// Starts paying `rate` (scaled per second) from the account to `payee` for lease `stream`. `tenant` must own the account.
    /// Market only.
    OpenStream {
        stream: u64,
        account: u64,
        tenant: String,
        payee: String,
        rate: Uint128,
    },
    /// Pays what the stream has earned and ends it; the fraction below one unit goes back to the account. A token that refuses the
    /// payment cannot keep the stream open: the payment waits for `claim_unpaid`. Market only.
    CloseStream { stream: u64 },
    /// Hands the account to `new_owner` together with its deployment. `owner` must own it now. Deployment only.
    TransferAccount {
        account: u64,
        owner: String,
        new_owner: String,
    },
    /// Replaces all parameters. Governance only.
    UpdateParams { params: Params },
}

/// What a cw20 transfer to escrow is for.
#[cw_serde]
pub enum Cw20HookMsg {
    /// Opens an account in this token for `owner` (absent: the sender of the tokens).
    Open { owner: Option<String> },
    /// Credits an account held in this token.
    Deposit { account: u64 },
}

#[cw_serde]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// Peers and parameters.
    #[returns(ConfigResponse)]
    Config {},
    /// One account, settled to now.
    #[returns(AccountResponse)]
    Account { id: u64 },
    /// An owner's accounts by id.
    #[returns(AccountsResponse)]
    Accounts {
        owner: String,
        start_after: Option<u64>,
        limit: Option<u32>,
    },
    /// One open stream, reconciled to now.
    #[returns(StreamResponse)]
    Stream { id: u64 },
    /// All open streams by lease id.
    #[returns(StreamsResponse)]
    Streams {
        start_after: Option<u64>,
        limit: Option<u32>,
    },
    /// Payments to `payee` that wait for `claim_unpaid`, by denom key.
    #[returns(UnpaidResponse)]
    Unpaid {
        payee: String,
        start_after: Option<Denom>,
        limit: Option<u32>,
    },
    /// Fees not yet swept, by denom key.
    #[returns(FeesResponse)]
    Fees {
        start_after: Option<Denom>,
        limit: Option<u32>,
    },
}

#[cw_serde]
pub struct ConfigResponse {
    pub suite: Suite<Addr>,
    pub params: Params,
}

#[cw_serde]
pub enum AccountStatus {
    /// No open stream.
    Idle,
    /// Paying.
    Streaming,
    /// Ran dry with streams open: workloads are suspended, nothing is owed, a deposit resumes.
    Dry,
}

/// An account as of the query's block time.
#[cw_serde]
pub struct AccountResponse {
    pub id: u64,
    pub owner: Addr,
    pub denom: Denom,
    pub status: AccountStatus,
    /// Scaled.
    pub balance: Uint128,
    /// Whole units that the owner may withdraw now.
    pub withdrawable: Uint128,
    /// Scaled per second, all open streams together.
    pub rate: Uint128,
    /// Number of open streams.
    pub streams: u32,
    /// Cumulative seconds that were paid for.
    pub funded: u64,
    /// Block time at which the balance runs out; absent when nothing is being spent. In the past when the account is dry.
    pub depletes_at: Option<u64>,
}

#[cw_serde]
pub struct AccountsResponse {
    pub accounts: Vec<AccountResponse>,
}

/// A stream as of the query's block time.
#[cw_serde]
pub struct StreamResponse {
    pub id: u64,
    pub account: u64,
    pub payee: Addr,
    /// Scaled per second.
    pub rate: Uint128,
    /// Earned and not yet collected, scaled, fee not yet taken.
    pub unclaimed: Uint128,
}

#[cw_serde]
pub struct StreamsResponse {
    pub streams: Vec<StreamResponse>,
}

#[cw_serde]
pub struct FeesResponse {
    pub fees: Vec<Asset>,
}

#[cw_serde]
pub struct UnpaidResponse {
    pub unpaid: Vec<Asset>,
}

/// The account, as stored: settle it before use.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn account(querier: &QuerierWrapper, escrow: &Addr, id: u64) -> StdResult<Option<Account>> {
    ACCOUNTS.query(querier, escrow.clone(), id)
}

/// The id that the next account will get, for a caller that opens one in the same transaction.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn next_account(querier: &QuerierWrapper, escrow: &Addr) -> StdResult<u64> {
    NEXT_ACCOUNT.query(querier, escrow.clone())
}

/// Escrow's parameters.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn params(querier: &QuerierWrapper, escrow: &Addr) -> StdResult<Params> {
    CONFIG
        .query(querier, escrow.clone())
        .map(|config| config.params)
}

/// An open stream, as stored: reconcile it before use.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn stream(querier: &QuerierWrapper, escrow: &Addr, id: u64) -> StdResult<Option<Stream>> {
    STREAMS.query(querier, escrow.clone(), id)
}
