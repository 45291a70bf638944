//! Errors as the Cosmos SDK and wasmd number and word them, because clients match on both.

use std::fmt::Display;

/// What a failed transaction or query reports: codespace, code and text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{log}")]
pub(crate) struct AbciError {
    pub(crate) codespace: &'static str,
    pub(crate) code: u32,
    pub(crate) log: String,
}

/// One registered error of a module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    codespace: &'static str,
    code: u32,
    description: &'static str,
}

const fn sdk(code: u32, description: &'static str) -> Kind {
    Kind {
        codespace: "sdk",
        code,
        description,
    }
}

const fn wasm(code: u32, description: &'static str) -> Kind {
    Kind {
        codespace: "wasm",
        code,
        description,
    }
}

pub(crate) const TX_DECODE: Kind = sdk(2, "tx parse error");
pub(crate) const UNAUTHORIZED: Kind = sdk(4, "unauthorized");
pub(crate) const INSUFFICIENT_FUNDS: Kind = sdk(5, "insufficient funds");
pub(crate) const UNKNOWN_REQUEST: Kind = sdk(6, "unknown request");
pub(crate) const INVALID_ADDRESS: Kind = sdk(7, "invalid address");
pub(crate) const INVALID_PUBKEY: Kind = sdk(8, "invalid pubkey");
pub(crate) const UNKNOWN_ADDRESS: Kind = sdk(9, "unknown address");
pub(crate) const INVALID_COINS: Kind = sdk(10, "invalid coins");
pub(crate) const MEMO_TOO_LARGE: Kind = sdk(12, "memo too large");
pub(crate) const TOO_MANY_SIGNATURES: Kind = sdk(14, "maximum number of signatures exceeded");
pub(crate) const NO_SIGNATURES: Kind = sdk(15, "no signatures supplied");
pub(crate) const INVALID_REQUEST: Kind = sdk(18, "invalid request");
pub(crate) const KEY_NOT_FOUND: Kind = sdk(22, "key not found");
pub(crate) const INVALID_HEIGHT: Kind = sdk(26, "invalid height");
pub(crate) const TX_TIMEOUT_HEIGHT: Kind = sdk(30, "tx timeout height");
pub(crate) const WRONG_SEQUENCE: Kind = sdk(32, "incorrect account sequence");
pub(crate) const NOT_SUPPORTED: Kind = sdk(37, "feature not supported");
pub(crate) const INVALID_GAS_LIMIT: Kind = sdk(41, "invalid gas limit");
pub(crate) const PANIC: Kind = sdk(111_222, "panic");

pub(crate) const CREATE_FAILED: Kind = wasm(2, "create wasm contract failed");
pub(crate) const INSTANTIATE_FAILED: Kind = wasm(4, "instantiate wasm contract failed");
pub(crate) const EXECUTE_FAILED: Kind = wasm(5, "execute wasm contract failed");
pub(crate) const QUERY_FAILED: Kind = wasm(9, "query wasm contract failed");
pub(crate) const INVALID_MSG: Kind = wasm(10, "invalid CosmosMsg from the contract");
pub(crate) const MIGRATE_FAILED: Kind = wasm(11, "migrate wasm contract failed");
pub(crate) const EMPTY: Kind = wasm(12, "empty");
pub(crate) const LIMIT: Kind = wasm(13, "exceeds limit");
pub(crate) const NO_SUCH_CONTRACT: Kind = wasm(22, "no such contract");
pub(crate) const NO_SUCH_CODE: Kind = wasm(28, "no such code");

impl Kind {
    /// The error with its reason in front, as the SDK wraps it: `reason: description`.
    pub(crate) fn because(self, reason: impl Display) -> AbciError {
        AbciError {
            codespace: self.codespace,
            code: self.code,
            log: format!("{reason}: {}", self.description),
        }
    }
}

impl AbciError {
    /// The same error with `context` in front of its text.
    pub(crate) fn within(self, context: impl Display) -> Self {
        Self {
            log: format!("{context}: {}", self.log),
            ..self
        }
    }

    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.codespace == kind.codespace && self.code == kind.code
    }

    /// A query's error as the SDK's gRPC router hands it to ABCI.
    pub(crate) fn through_grpc(self) -> Self {
        let (status, kind) = if self.is(KEY_NOT_FOUND) {
            ("NotFound", KEY_NOT_FOUND)
        } else if self.is(INVALID_REQUEST) || self.is(INVALID_ADDRESS) {
            ("InvalidArgument", INVALID_REQUEST)
        } else {
            ("Unknown", UNKNOWN_REQUEST)
        };
        kind.because(format!("rpc error: code = {status} desc = {}", self.log))
    }
}
