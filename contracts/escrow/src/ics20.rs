//! What an ICS-20 packet brought to escrow, in this chain's terms.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    from_json, Addr, Binary, HexBinary, IbcAcknowledgement, IbcDestinationCallbackMsg, IbcPacket,
    Uint128,
};
use leasehold_api::escrow::{TransferAction, TransferMemo};
use leasehold_api::Denom;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::ContractError;

/// The transfer module's port. Packets of any other application move no tokens.
const PORT: &str = "transfer";

/// Tokens that escrow has received.
#[derive(Debug, PartialEq)]
pub struct Arrival {
    /// The sender, with the port and the channel of this chain before it: no address of this chain looks like it.
    pub from: Addr,
    pub denom: Denom,
    pub amount: Uint128,
    pub action: TransferAction,
}

/// ICS-20's packet data, version 1. Unknown fields are refused: a later version may mean something else by the same ones.
#[cw_serde]
#[serde(deny_unknown_fields)]
struct TransferData {
    denom: String,
    amount: Uint128,
    sender: String,
    receiver: String,
    memo: String,
}

/// ICS-4's acknowledgement.
#[cw_serde]
enum Acknowledgement {
    Result(Binary),
    Error(String),
}

/// Makes sure that the packet is a transfer to `escrow` that succeeded, and reads what it brought.
///
/// The chain's transfer module has moved the tokens when it acknowledges them; the contract cannot see its own balance change.
/// Whatever could make the packet say one thing and the module do another is refused: other ports, other receivers, unknown fields,
/// memos for other middlewares.
pub fn arrival(msg: &IbcDestinationCallbackMsg, escrow: &Addr) -> Result<Arrival, ContractError> {
    let packet = &msg.packet;
    if packet.dest.port_id != PORT {
        let port = packet.dest.port_id.clone();
        return Err(ContractError::NotATransfer { port });
    }
    require_success(&msg.ack)?;
    let data: TransferData = read("packet data", &packet.data)?;
    if data.receiver != escrow.as_str() {
        let receiver = data.receiver;
        return Err(ContractError::WrongReceiver { receiver });
    }
    if data.amount.is_zero() {
        return Err(ContractError::NoFunds);
    }
    let memo: TransferMemo = read("memo", data.memo.as_bytes())?;
    let (port, channel) = (&packet.dest.port_id, &packet.dest.channel_id);
    Ok(Arrival {
        from: Addr::unchecked(format!("{port}/{channel}/{}", data.sender)),
        denom: Denom::Native(local_denom(packet, &data.denom)),
        amount: data.amount,
        action: memo.leasehold,
    })
}

fn require_success(ack: &IbcAcknowledgement) -> Result<(), ContractError> {
    match read("acknowledgement", &ack.data)? {
        Acknowledgement::Result(_) => Ok(()),
        Acknowledgement::Error(error) => Err(ContractError::TransferFailed { error }),
    }
}

fn read<T: DeserializeOwned>(what: &'static str, json: &[u8]) -> Result<T, ContractError> {
    from_json(json).map_err(|error| ContractError::MalformedTransfer {
        what,
        reason: error.to_string(),
    })
}

/// The bank denom that a packet's token has here. A token that returns sheds the hop that it left by; any other gets the hop that it
/// came by.
fn local_denom(packet: &IbcPacket, denom: &str) -> String {
    let left_by = format!("{}/{}/", packet.src.port_id, packet.src.channel_id);
    match denom.strip_prefix(&left_by) {
        Some(path) if has_hop(path) => voucher(path),
        Some(native) => native.into(),
        None => {
            let (port, channel) = (&packet.dest.port_id, &packet.dest.channel_id);
            voucher(&format!("{port}/{channel}/{denom}"))
        }
    }
}

/// Whether a denom path begins with a hop, a port and a channel (or, in IBC's second version, a client), as ibc-go tells it.
fn has_hop(path: &str) -> bool {
    let mut parts = path.splitn(3, '/');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_port), Some(channel), Some(_rest)) => is_numbered(channel),
        _ => false,
    }
}

/// A name, a dash and a 64-bit number: `channel-7`, `07-tendermint-0`.
fn is_numbered(id: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    id.rsplit_once('-').is_some_and(|(name, number)| {
        name.bytes().next().is_some_and(word)
            && name.bytes().last().is_some_and(word)
            && name.bytes().all(|byte| word(byte) || byte == b'-')
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && number.parse::<u64>().is_ok()
    })
}

/// ICS-20's name for a token that came over IBC.
fn voucher(path: &str) -> String {
    let hash = HexBinary::from(Sha256::digest(path).as_slice());
    format!("ibc/{}", hash.to_hex().to_uppercase())
}

#[cfg(test)]
mod tests {
    use cosmwasm_std::{IbcEndpoint, IbcTimeout, Timestamp};

    use super::*;

    fn endpoint(channel: &str) -> IbcEndpoint {
        IbcEndpoint {
            port_id: PORT.into(),
            channel_id: channel.into(),
        }
    }

    /// Over their channel-141 and this chain's channel-7.
    fn named(denom: &str) -> String {
        let timeout = IbcTimeout::with_timestamp(Timestamp::from_seconds(1));
        let ends = (endpoint("channel-141"), endpoint("channel-7"));
        local_denom(&IbcPacket::new(vec![], ends.0, ends.1, 1, timeout), denom)
    }

    /// The hub's ATOM on Osmosis, which came there over Osmosis' channel-0: a name that everyone knows.
    #[test]
    fn a_voucher_has_the_name_that_other_chains_give_it() {
        assert_eq!(
            voucher("transfer/channel-0/uatom"),
            "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2"
        );
    }

    #[test]
    fn a_foreign_token_gets_the_hop_that_it_came_by() {
        for denom in ["uatom", "transfer/channel-0/uatom", "factory/osmo1x/gold"] {
            assert_eq!(
                named(denom),
                voucher(&format!("transfer/channel-7/{denom}"))
            );
        }
    }

    #[test]
    fn a_returning_token_sheds_the_hop_that_it_left_by() {
        for native in [
            "uakt",
            "factory/wasm1x/gold",
            "gamm/pool/1",
            "a/b-/c",
            "a/b--1/c",
            "a/-1/c",
        ] {
            assert_eq!(named(&format!("transfer/channel-141/{native}")), native);
        }
        for path in [
            "transfer/channel-3/uosmo",
            "transfer/07-tendermint-0/uosmo",
            "transfer/channel-3/transfer/channel-9/gamm/pool/1",
        ] {
            assert_eq!(
                named(&format!("transfer/channel-141/{path}")),
                voucher(path)
            );
        }
    }

    #[test]
    fn another_channels_hop_is_no_return() {
        let denom = "transfer/channel-14/uakt";
        assert_eq!(
            named(denom),
            voucher(&format!("transfer/channel-7/{denom}"))
        );
    }
}
