//! What the market tells its peers: their own JSON, borrowed. Their `ExecuteMsg` would bring the code that writes all their other messages.

use cosmwasm_std::{Addr, Uint128};
use leasehold_api::provider::Share;
use leasehold_api::Denom;
use serde::Serialize;

/// Part of [`leasehold_api::escrow::ExecuteMsg`].
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToEscrow<'a> {
    OpenStream {
        stream: u64,
        account: u64,
        tenant: &'a Addr,
        payee: &'a Addr,
        rate: Uint128,
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<u64>,
    },
    RepriceStream {
        stream: u64,
        tenant: &'a Addr,
        rate: Uint128,
    },
    CloseStream {
        stream: u64,
    },
    Hold {
        order_id: u64,
        account: u64,
        tenant: &'a Addr,
        rate: Uint128,
        amount: Uint128,
    },
    Release {
        order_id: u64,
        payee: Option<&'a Addr>,
        amount: Uint128,
    },
}

/// Part of [`leasehold_api::provider::ExecuteMsg`].
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToRegistry<'a> {
    Slash {
        provider: &'a Addr,
        denom: &'a Denom,
        amount: Uint128,
        bond: Uint128,
        at: u64,
        recipients: &'a [Share],
        reason: &'a str,
    },
    Compensate {
        provider: &'a Addr,
        denom: &'a Denom,
        amount: Uint128,
        to: &'a Addr,
    },
}
