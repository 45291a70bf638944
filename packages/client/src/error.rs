use std::time::Duration;

/// What went wrong between this program and the chain, and what to do about it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClientError {
    #[error("`{url}` is not a node address ({reason}); give it as http://HOST:PORT, for example http://127.0.0.1:26657")]
    BadUrl { url: String, reason: String },

    #[error("no usable answer from the node at {url}: {reason}; check that it runs and that the address is its RPC port")]
    Unreachable { url: String, reason: String },

    #[error("the node at {url} refused `{method}`: {reason}")]
    Rpc {
        url: String,
        method: &'static str,
        reason: String,
    },

    /// The node took nothing: the same bytes may be handed over again.
    #[error("the mempool of the node at {url} is full: {reason}; nothing was executed, try again later or at another node")]
    MempoolFull { url: String, reason: String },

    /// It is catching up, or one of several nodes at this address is.
    #[error("the node at {url} answers from a state before block {seen}, which was seen already; wait until it has caught up, or ask another")]
    Behind { url: String, seen: u64 },

    #[error("query {path} failed with {codespace} code {code}: {log}")]
    Query {
        path: String,
        code: u32,
        codespace: String,
        log: String,
    },

    #[error("account {address} does not exist on {chain_id}; it begins to exist when it first receives tokens")]
    AccountNotFound { address: String, chain_id: String },

    #[error("cannot read {what}: {reason}; is the node running a chain this client supports?")]
    Decode { what: String, reason: String },

    #[error("cannot encode {what}: {reason}")]
    Encode { what: String, reason: String },

    #[error("the transaction would fail, so it was not sent: {log}")]
    Simulation { log: String },

    /// The node's mempool check refused the transaction. Nothing was executed and no sequence was used.
    #[error(
        "transaction {hash} was refused with {codespace} code {code}, nothing was executed: {log}"
    )]
    Rejected {
        hash: String,
        code: u32,
        codespace: String,
        log: String,
    },

    /// The transaction is in a block and failed there. Its fee is spent, its messages had no effect.
    #[error("transaction {hash} failed in block {height} with {codespace} code {code}: {log}")]
    Failed {
        hash: String,
        height: u64,
        code: u32,
        codespace: String,
        log: String,
    },

    /// The block at which the transaction expires is past and no block holds it: it can never execute.
    #[error("transaction {hash} expired after block {timeout_height} without being included; it is safe to send the action again")]
    Expired { hash: String, timeout_height: u64 },

    /// The fate of the transaction is unknown: it may still execute.
    #[error(
        "transaction {hash} was not confirmed within {} s ({reason}); do not repeat the action before block {timeout_height} is past and `tx` still does not find it",
        waited.as_secs()
    )]
    Unconfirmed {
        hash: String,
        waited: Duration,
        timeout_height: u64,
        reason: String,
    },

    #[error("{address}: the sequence still did not match after {attempts} attempts ({log}); another program is sending with the same key")]
    SequenceConflict {
        address: String,
        attempts: u32,
        log: String,
    },
}

impl ClientError {
    pub(crate) fn decode(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Decode {
            what: what.into(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn encode(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Encode {
            what: what.into(),
            reason: reason.to_string(),
        }
    }

    /// True when trying the same call again later can succeed without anything being changed.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Behind { .. }
                | Self::MempoolFull { .. }
                | Self::Expired { .. }
                | Self::SequenceConflict { .. }
        )
    }
}
