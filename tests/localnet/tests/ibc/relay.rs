//! Who carries packets and acknowledgements.

use std::time::Duration;

use anyhow::{ensure, Context as _, Result};
use cosmrs::proto::traits::Name;
use ibc_proto::ibc::core::channel::v1::{
    Channel, Counterparty, MsgAcknowledgement, MsgChannelOpenAck, MsgChannelOpenConfirm,
    MsgChannelOpenInit, MsgChannelOpenInitResponse, MsgChannelOpenTry, MsgChannelOpenTryResponse,
    MsgRecvPacket, Order, Packet, State,
};
use ibc_proto::ibc::core::client::v1::Height;
use leasehold_client::{attribute, Any, ChainClient, TxOutcome, Wallet};
use leasehold_test_localnet::{dev_key, wallet};

use crate::route::{delivery, Delivery, End, Route, PORT};

/// The chain's connection to itself, which every chain has.
const LOOPBACK: &str = "connection-localhost";
/// What this connection takes for a proof: the chain looks into its own state.
const PROOF: [u8; 1] = [1];
const VERSION: &str = "ics20-1";
/// What a relayer may take for a packet and its acknowledgement, seconds of the sending chain's clock.
const PATIENCE: u64 = 120;

#[derive(Clone)]
pub enum Relay {
    /// The test, on the loopback connection.
    Own(Wallet),
    /// A process beside it.
    Other,
}

/// Opens a channel from the chain to itself.
pub async fn loopback(client: &ChainClient) -> Result<Route> {
    let relayer = wallet(client, dev_key("bob")?, "0ustake")?;
    let signer = || relayer.address().to_owned();
    let init = MsgChannelOpenInit {
        port_id: PORT.into(),
        channel: Some(channel(State::Init, "")),
        signer: signer(),
    };
    let opened = send(&relayer, &init).await?;
    let far = opened.response::<MsgChannelOpenInitResponse>(0)?.channel_id;
    let answer = MsgChannelOpenTry {
        port_id: PORT.into(),
        channel: Some(channel(State::Tryopen, &far)),
        counterparty_version: VERSION.into(),
        proof_init: PROOF.into(),
        proof_height: Some(height()),
        signer: signer(),
        ..MsgChannelOpenTry::default()
    };
    let answered = send(&relayer, &answer).await?;
    let home = answered
        .response::<MsgChannelOpenTryResponse>(0)?
        .channel_id;
    let ack = MsgChannelOpenAck {
        port_id: PORT.into(),
        channel_id: far.clone(),
        counterparty_channel_id: home.clone(),
        counterparty_version: VERSION.into(),
        proof_try: PROOF.into(),
        proof_height: Some(height()),
        signer: signer(),
    };
    send(&relayer, &ack).await?;
    let confirm = MsgChannelOpenConfirm {
        port_id: PORT.into(),
        channel_id: home.clone(),
        proof_ack: PROOF.into(),
        proof_height: Some(height()),
        signer: signer(),
    };
    send(&relayer, &confirm).await?;
    let end = |channel| End {
        client: client.clone(),
        channel,
    };
    Ok(Route {
        far: end(far),
        home: end(home),
        relay: Relay::Own(relayer),
    })
}

impl Relay {
    /// Brings a packet to the home chain and the answer back to the far one.
    pub async fn deliver(&self, route: &Route, packet: &Packet) -> Result<Delivery> {
        match self {
            Relay::Own(relayer) => carry(relayer, packet).await,
            Relay::Other => {
                until_event(&route.far, "acknowledge_packet", packet.sequence).await?;
                let received = route
                    .home
                    .find("recv_packet", "dst", packet.sequence)
                    .await?;
                let events = received
                    .context("it was received before it was acknowledged")?
                    .events;
                Ok(delivery(events, packet.sequence))
            }
        }
    }
}

/// Waits for what a relayer process brings back about a packet.
pub async fn until_event(far: &End, event: &str, sequence: u64) -> Result<()> {
    let deadline = far.client.status().await?.time.plus_seconds(PATIENCE);
    while far.find(event, "src", sequence).await?.is_none() {
        let now = far.client.status().await?.time;
        ensure!(now < deadline, "no {event} of packet {sequence} by {now}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

async fn carry(relayer: &Wallet, packet: &Packet) -> Result<Delivery> {
    let receive = MsgRecvPacket {
        packet: Some(packet.clone()),
        proof_commitment: PROOF.into(),
        proof_height: Some(height()),
        signer: relayer.address().into(),
    };
    let received = send(relayer, &receive).await?;
    let written = |event: &&cosmwasm_std::Event| event.ty == "write_acknowledgement";
    let written = received.events.iter().find(written);
    let written = written.context("the packet was acknowledged")?;
    let ack = attribute(written, "packet_ack_hex").context("with an acknowledgement")?;
    let acknowledge = MsgAcknowledgement {
        packet: Some(packet.clone()),
        acknowledgement: hex::decode(ack)?,
        proof_acked: PROOF.into(),
        proof_height: Some(height()),
        signer: relayer.address().into(),
    };
    send(relayer, &acknowledge).await?;
    Ok(delivery(received.events, packet.sequence))
}

fn channel(state: State, counterparty: &str) -> Channel {
    Channel {
        state: state.into(),
        ordering: Order::Unordered.into(),
        counterparty: Some(Counterparty {
            port_id: PORT.into(),
            channel_id: counterparty.into(),
        }),
        connection_hops: vec![LOOPBACK.into()],
        version: VERSION.into(),
        ..Channel::default()
    }
}

/// Any but zero: the loopback connection has no other state than the present one.
fn height() -> Height {
    Height {
        revision_number: 0,
        revision_height: 1,
    }
}

async fn send(signer: &Wallet, msg: &impl Name) -> Result<TxOutcome> {
    Ok(signer.send(vec![Any::from_msg(msg)?], "").await?)
}
