use thiserror::Error;

/// Why a pure rule refused. Contracts wrap it; every variant names the value and what is allowed.
#[derive(Error, Debug, PartialEq, Eq, Clone)]
pub enum RuleError {
    #[error("{what} overflows 128 bits")]
    Overflow { what: &'static str },

    #[error("time {now} lies before {last}: block time never goes back")]
    TimeWentBack { now: u64, last: u64 },

    #[error("{field} is {value}, allowed: {allowed}")]
    OutOfRange {
        field: String,
        value: String,
        allowed: String,
    },

    #[error("provider does not qualify: {reason}")]
    NotEligible { reason: String },

    #[error("provider does not qualify: {reason}")]
    NotVouched { reason: String },

    #[error("{action} is not possible while the order is {phase}")]
    WrongPhase { action: &'static str, phase: String },

    #[error("bid of {rate} is too high, at most {max} is allowed now")]
    BidTooHigh { rate: u128, max: u128 },

    #[error("the offer does not sell {what}")]
    NotOffered { what: String },

    #[error("{asked} of {what} are asked, {left} are left of the offer")]
    SoldOut { what: String, asked: u64, left: u64 },

    #[error("a rate of zero is not allowed")]
    ZeroRate,

    #[error("{bidder} did not commit to a rate of {rate} with this salt on this order")]
    WrongOpening { bidder: String, rate: u128 },

    #[error("{who} may not {action}: {allowed}")]
    WrongParty {
        who: String,
        action: &'static str,
        allowed: String,
    },
}

impl RuleError {
    /// A value outside its range, with what would be allowed.
    pub fn range(
        field: impl Into<String>,
        value: impl ToString,
        allowed: impl Into<String>,
    ) -> Self {
        RuleError::OutOfRange {
            field: field.into(),
            value: value.to_string(),
            allowed: allowed.into(),
        }
    }
}

/// Turns a failed checked operation into the overflow error that names the quantity.
pub(crate) fn overflow(what: &'static str) -> RuleError {
    RuleError::Overflow { what }
}
