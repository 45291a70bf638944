//! Escrow: holds all rent and streams it by the second. See `docs/spec/escrow.md`.

mod allowance;
mod memo;

pub use allowance::{
    allowance, check_tenant, AllowanceResponse, AllowancesOf, AllowancesResponse, ALLOWANCES,
    SPENDERS,
};
pub use leasehold_rules::stream::allowance::{Allowance, Limits, Refill};
pub use memo::{TransferAction, TransferMemo};

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Empty, QuerierWrapper, StdResult, Uint128};
use cw20::Cw20ReceiveMsg;
use cw_storage_plus::{Item, Map};
use leasehold_rules::stream::{Account, Hold, Stream};
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
/// What reservations have set aside, by order.
pub const HOLDS: Map<u64, Hold> = Map::new("h");
/// Final payments that a token refused when a stream or a hold ended, by payee and [`Denom::key`].
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
    /// Pays `amount` whole units back to the owner, as long as `min_runway` stays. Absent: all that may leave. Owner only.
    Withdraw {
        account: u64,
        amount: Option<Uint128>,
    },
    /// Moves `amount` whole units to another account of the same denom, without a transfer, as long as `min_runway` stays in `from`.
    /// Absent: all that may leave. The owner of `from` only.
    Move {
        from: u64,
        to: u64,
        amount: Option<Uint128>,
    },
    /// Opens a *drawn account* of the same owner and denom, from which `spender` (a contract or a key, the owner itself included)
    /// may pay for deployments of its own, fed from `account` within `limits`. Answers with its id as JSON data. The owner of
    /// `account` only.
    Allow {
        account: u64,
        spender: String,
        limits: Limits,
    },
    /// Replaces the limits of a drawn account. `max_total` counts what has been drawn already and cannot fall below it. Owner only.
    Adjust { account: u64, limits: Limits },
    /// Ends the allowance: nothing more is drawn and the spender opens no more streams. Its open streams go on as far as the drawn
    /// account lasts, which the owner may withdraw down to `min_runway`. Owner only.
    Revoke { account: u64 },
    /// Moves `amount` whole units from the source to the drawn account, within the allowance and as long as the source keeps
    /// `min_runway` of its own rent. The spender only.
    Draw { account: u64, amount: Uint128 },
    /// Fills a drawn account up to `refill.to` seconds of its rent, when less than `refill.below` are left, as far as a draw could.
    /// Refused when none is due. Anyone may call.
    TopUp { account: u64 },
    /// Brings the account up to date. Changes no one's money, only the bookkeeping. Anyone may call.
    Settle { account: u64 },
    /// Pays each stream's earnings to its payee, less the fee. 1 to 64 lease ids, none twice. Anyone may call; recipients are fixed.
    Collect { streams: Vec<u64> },
    /// Pays `payee` what a token refused to pay when a stream or a hold ended. Anyone may call.
    ClaimUnpaid { payee: String, denom: Denom },
    /// Sends all fees of one denom to governance. Anyone may call.
    SweepFees { denom: Denom },
    /// Starts paying `rate` (scaled per second) from the account to `payee` for lease `stream`. `tenant` must own the account or be
    /// its allowed spender. With `until` (block time) the rent up to it is set aside now, whatever becomes of the account, and what is not
    /// earned returns when the stream is closed. Market only.
    OpenStream {
        stream: u64,
        account: u64,
        tenant: String,
        payee: String,
        rate: Uint128,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<u64>,
    },
    /// Pays what the stream has earned and goes on at `rate` from this second on. No other stream's pay changes: the account must hold
    /// `min_runway` of all streams' new rate. `tenant` must own the account or be its allowed spender. Market only.
    RepriceStream {
        stream: u64,
        tenant: String,
        rate: Uint128,
    },
    /// Pays what the stream has earned and ends it; the fraction below one unit goes back to the account. A token that refuses the
    /// payment cannot keep the stream open: the payment waits for `claim_unpaid`. Market only.
    CloseStream { stream: u64 },
    /// Sets `amount` whole units of the account aside until the order is claimed or closed, as long as `min_runway` of its streams stays.
    /// `tenant` must own the account or be allowed to spend `rate` from it. Market only.
    Hold {
        order_id: u64,
        account: u64,
        tenant: String,
        rate: Uint128,
        amount: Uint128,
    },
    /// Ends the order's hold: `payee`, if any, is paid `amount` whole units, at most all of it and without a fee; the rest returns to the
    /// account. A token that refuses the payment cannot keep the hold: the payment waits for `claim_unpaid`. Market only.
    Release {
        order_id: u64,
        payee: Option<String>,
        amount: Uint128,
    },
    /// Hands the account to `new_owner` together with its deployment, and ends an allowance that it draws on: the new owner gave none.
    /// `owner` must own it now. Deployment only.
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
    /// Accounts that run dry within `within` seconds, or have, by id. Looks at `limit` accounts (default 30, at most 100), whoever
    /// owns them: page with `next` until it is absent.
    #[returns(DepletingResponse)]
    Depleting {
        within: u64,
        start_after: Option<u64>,
        limit: Option<u32>,
    },
    /// The allowance of a drawn account.
    #[returns(AllowanceResponse)]
    Allowance { account: u64 },
    /// Allowances by drawn account, of one owner or one spender. Looks at `limit` accounts.
    #[returns(AllowancesResponse)]
    Allowances {
        of: AllowancesOf,
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
    /// What a reservation has set aside.
    #[returns(HoldResponse)]
    Hold { order_id: u64 },
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
    /// Scaled per second, all open streams together but the prepaid ones.
    pub rate: Uint128,
    /// Number of open streams.
    pub streams: u32,
    /// Cumulative seconds that were paid for.
    pub funded: u64,
    /// Set aside for prepaid streams and reservations, scaled; not part of the balance.
    pub prepaid: Uint128,
    /// Block time at which the balance runs out; absent when nothing is being spent. In the past when the account is dry.
    pub depletes_at: Option<u64>,
    /// Seconds left until then, zero when dry; absent when nothing is being spent.
    pub runway: Option<u64>,
}

#[cw_serde]
pub struct AccountsResponse {
    pub accounts: Vec<AccountResponse>,
}

#[cw_serde]
pub struct DepletingResponse {
    pub accounts: Vec<AccountResponse>,
    /// `start_after` of the next page; absent on the last. A page may be short, or empty, before the last.
    pub next: Option<u64>,
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
    /// Prepaid until then (block time); absent: paid by the second until it is closed.
    pub until: Option<u64>,
}

#[cw_serde]
pub struct StreamsResponse {
    pub streams: Vec<StreamResponse>,
}

#[cw_serde]
pub struct HoldResponse {
    pub order_id: u64,
    pub account: u64,
    /// Whole units.
    pub amount: Uint128,
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

/// What a reservation has set aside.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn hold(querier: &QuerierWrapper, escrow: &Addr, order: u64) -> StdResult<Option<Hold>> {
    HOLDS.query(querier, escrow.clone(), order)
}

/// An open stream, as stored: reconcile it before use.
///
/// # Errors
/// A failed query or a record that does not decode.
pub fn stream(querier: &QuerierWrapper, escrow: &Addr, id: u64) -> StdResult<Option<Stream>> {
    STREAMS.query(querier, escrow.clone(), id)
}
