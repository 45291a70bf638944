//! A channel of the transfer module, and one transfer's way over it.

use anyhow::{ensure, Context as _, Result};
use cosmrs::proto::cosmos::bank::v1beta1::MsgSend;
use cosmrs::proto::cosmos::tx::v1beta1::{TxBody, TxRaw};
use cosmrs::proto::traits::{Message as _, Name};
use cosmwasm_std::{Attribute, Coin, Event};
use ibc_proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use ibc_proto::ibc::applications::transfer::v1::MsgTransfer;
use ibc_proto::ibc::core::channel::v1::{
    MsgRecvPacket, MsgRecvPacketResponse, Packet, ResponseResultType,
};
use leasehold_api::event::{Deposited, TypedEvent};
use leasehold_client::{attribute, Any, ChainClient, Query, TxFound, Wallet};

use crate::relay::Relay;

pub const PORT: &str = "transfer";
/// How far ahead a packet's timeout lies when nothing else is said, nanoseconds.
const HOUR: u64 = 3_600_000_000_000;

/// One side of the channel.
#[derive(Clone)]
pub struct End {
    pub client: ChainClient,
    pub channel: String,
}

/// From the chain that pays to the chain that has the suite. They may be one chain.
#[derive(Clone)]
pub struct Route {
    pub far: End,
    pub home: End,
    pub relay: Relay,
}

pub struct Transfer<'a> {
    pub coin: Coin,
    pub receiver: &'a str,
    pub memo: String,
}

/// What became of a packet at the chain that received it.
#[derive(Debug)]
pub struct Delivery {
    /// Of the transaction that received it.
    pub events: Vec<Event>,
    pub acknowledgement: Vec<u8>,
    /// Why it was refused, as the chain's events tell.
    pub error: Option<String>,
}

impl Route {
    /// The way back.
    pub fn back(&self) -> Route {
        Route {
            far: self.home.clone(),
            home: self.far.clone(),
            relay: self.relay.clone(),
        }
    }

    /// A transfer that is signed and in a block of the far chain, as the packet that it sent.
    pub async fn send(&self, sender: &Wallet, transfer: Transfer<'_>) -> Result<Packet> {
        let now = self.home.client.status().await?.time.nanos();
        self.send_until(sender, transfer, now + HOUR).await
    }

    /// The same with a timeout: nanoseconds of the home chain's clock.
    pub async fn send_until(
        &self,
        sender: &Wallet,
        transfer: Transfer<'_>,
        timeout: u64,
    ) -> Result<Packet> {
        let msg = MsgTransfer {
            source_port: PORT.into(),
            source_channel: self.far.channel.clone(),
            token: Some(ProtoCoin {
                denom: transfer.coin.denom,
                amount: transfer.coin.amount.to_string(),
            }),
            sender: sender.address().into(),
            receiver: transfer.receiver.into(),
            timeout_timestamp: timeout,
            memo: transfer.memo,
            ..MsgTransfer::default()
        };
        let sent = sender.send(vec![Any::from_msg(&msg)?], "").await?;
        let event = sent.events.iter().find(|event| event.ty == "send_packet");
        packet(event.context("the transfer sent a packet")?)
    }

    /// Sends a transfer and waits until both chains are done with it.
    pub async fn transfer(&self, sender: &Wallet, transfer: Transfer<'_>) -> Result<Delivery> {
        let packet = self.send(sender, transfer).await?;
        let delivery = self.relay.receive(self, &packet).await?;
        self.relay.acknowledge(self, &packet, &delivery).await?;
        Ok(delivery)
    }

    /// The same, and a rival of the relayer brings the packet a second time.
    pub async fn transfer_twice(
        &self,
        sender: &Wallet,
        transfer: Transfer<'_>,
        rival: &Wallet,
    ) -> Result<Delivery> {
        let packet = self.send(sender, transfer).await?;
        let delivery = self.relay.receive(self, &packet).await?;
        // Before the acknowledgement: after it, a loopback has nothing left to prove that the packet was sent.
        self.replay(&packet, rival).await?;
        self.relay.acknowledge(self, &packet, &delivery).await?;
        Ok(delivery)
    }

    /// Brings a packet that has been received: alone it is not let in, in company it comes to nothing.
    async fn replay(&self, packet: &Packet, relayer: &Wallet) -> Result<()> {
        let receipt = MsgRecvPacket {
            signer: relayer.address().into(),
            ..self.receipt(packet).await?
        };
        let again = Any::from_msg(&receipt)?;
        let alone = relayer.send(vec![again.clone()], "").await;
        let refused = alone.err().context("a packet is taken twice")?.to_string();
        ensure!(refused.contains("redundant"), "{refused}");
        let company = MsgSend {
            from_address: relayer.address().into(),
            to_address: relayer.address().into(),
            amount: vec![ProtoCoin {
                denom: "ustake".into(),
                amount: "1".into(),
            }],
        };
        let msgs = vec![again, Any::from_msg(&company)?];
        let replayed = relayer.send(msgs, "").await?;
        let response: MsgRecvPacketResponse = replayed.response(0)?;
        ensure!(
            response.result() == ResponseResultType::Noop,
            "{response:?}"
        );
        ensure!(deposits(&replayed.events)?.is_empty(), "credited twice");
        Ok(())
    }

    /// The message that brought a packet, out of the home chain's blocks.
    async fn receipt(&self, packet: &Packet) -> Result<MsgRecvPacket> {
        let found = self
            .home
            .find("recv_packet", "dst", packet.sequence)
            .await?;
        let found = found.context("the packet was received")?;
        let block = self.home.client.block(found.height).await?;
        for tx in &block.txs {
            for msg in TxBody::decode(TxRaw::decode(tx.as_slice())?.body_bytes.as_slice())?.messages
            {
                if msg.type_url != MsgRecvPacket::type_url() {
                    continue;
                }
                let receipt = MsgRecvPacket::decode(msg.value.as_slice())?;
                if receipt.packet.as_ref() == Some(packet) {
                    return Ok(receipt);
                }
            }
        }
        anyhow::bail!(
            "no receipt of packet {} in block {}",
            packet.sequence,
            found.height
        )
    }
}

impl End {
    /// The transaction with an event about a packet, whose `src` or `dst` channel this end is.
    pub async fn find(&self, event: &str, side: &str, sequence: u64) -> Result<Option<TxFound>> {
        let channel = format!("{event}.packet_{side}_channel");
        let query = Query::eq(format!("{event}.packet_sequence"), sequence.to_string())
            .and_eq(channel, self.channel.clone());
        let (found, _) = self.client.tx_search(query, 1, 1).await?;
        Ok(found.into_iter().next())
    }
}

/// What the events of a transaction tell of one packet's arrival.
pub fn delivery(events: Vec<Event>, sequence: u64) -> Result<Delivery> {
    let acknowledgement = about(&events, "write_acknowledgement", sequence, "packet_ack_hex");
    let acknowledgement = hex::decode(acknowledgement.context("it was acknowledged")?)?;
    // What a refused packet did is undone, but for its events, which are marked.
    let error = about(
        &events,
        "ibccallbackerror-ibc_dest_callback",
        sequence,
        "ibccallbackerror-callback_error",
    );
    Ok(Delivery {
        acknowledgement,
        error: error.map(Into::into),
        events,
    })
}

fn about<'a>(events: &'a [Event], name: &str, sequence: u64, key: &str) -> Option<&'a str> {
    let sequence = sequence.to_string();
    let own = |event: &&Event| {
        let number = |a: &Attribute| a.key.ends_with("packet_sequence") && a.value == sequence;
        event.ty == name && event.attributes.iter().any(number)
    };
    attribute(events.iter().find(own)?, key)
}

/// Deposits that escrow announced.
pub fn deposits(events: &[Event]) -> Result<Vec<Deposited>> {
    let read = events.iter().map(|event| Ok(Deposited::from_event(event)?));
    read.filter_map(Result::transpose).collect()
}

/// The packet that an event describes.
fn packet(event: &Event) -> Result<Packet> {
    let get = |key| attribute(event, key).with_context(|| format!("{key} of {event:?}"));
    ensure!(get("packet_timeout_height")? == "0-0", "{event:?}");
    Ok(Packet {
        sequence: get("packet_sequence")?.parse()?,
        source_port: get("packet_src_port")?.into(),
        source_channel: get("packet_src_channel")?.into(),
        destination_port: get("packet_dst_port")?.into(),
        destination_channel: get("packet_dst_channel")?.into(),
        data: hex::decode(get("packet_data_hex")?)?,
        timeout_height: Some(Default::default()),
        timeout_timestamp: get("packet_timeout_timestamp")?.parse()?,
    })
}
