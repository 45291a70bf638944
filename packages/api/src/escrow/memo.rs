//! Paying from another chain: an ICS-20 transfer to escrow whose memo calls escrow back.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{IbcDstCallback, IbcSrcCallback};

/// The `memo` of an ICS-20 transfer to escrow, as JSON. No other key may stand beside these three: one of another middleware
/// (`forward`, `wasm`) could send the tokens elsewhere while the packet still names escrow.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct TransferMemo {
    /// Makes the chain call escrow: `address` is escrow's, like the transfer's receiver.
    pub dest_callback: IbcDstCallback,
    /// For the sending chain; escrow ignores it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub src_callback: Option<IbcSrcCallback>,
    /// What the tokens are for.
    pub leasehold: TransferAction,
}

/// Enough for opening an account or a deposit, with some to spare; a chain's middleware allows 1 000 000 at most.
const CALLBACK_GAS: u64 = 300_000;

impl TransferMemo {
    /// For a transfer whose receiver is `escrow`.
    pub fn new(escrow: impl Into<String>, action: TransferAction) -> Self {
        TransferMemo {
            dest_callback: IbcDstCallback {
                address: escrow.into(),
                gas_limit: Some(CALLBACK_GAS.into()),
            },
            src_callback: None,
            leasehold: action,
        }
    }
}

/// What tokens from another chain are for.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum TransferAction {
    /// Opens an account in the arriving denom for `owner`, an address of this chain, with the tokens in it.
    Open { owner: String },
    /// Credits an account that is held in the arriving denom.
    Deposit { account: u64 },
}
