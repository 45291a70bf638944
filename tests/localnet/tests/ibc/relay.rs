//! Who carries packets and acknowledgements.

use std::time::Duration;

use anyhow::{ensure, Result};
use cosmrs::proto::traits::Name;
use ibc_proto::ibc::core::channel::v1::{
    Channel, Counterparty, MsgAcknowledgement, MsgChannelOpenAck, MsgChannelOpenConfirm,
    MsgChannelOpenInit, MsgChannelOpenInitResponse, MsgChannelOpenTry, MsgChannelOpenTryResponse,
    MsgRecvPacket, Order, Packet, State,
};
use ibc_proto::ibc::core::client::v1::Height;
use leasehold_client::{Any, ChainClient, TxFound, TxOutcome, Wallet};
use leasehold_test_localnet::{dev_key, wallet, FREE};

use crate::route::{delivery, Delivery, End, Route, PORT};

/// The chain's connection to itself, which every chain has.
const LOOPBACK: &str = "connection-localhost";
/// What this connection takes for a proof: the chain looks into its own state.
const PROOF: [u8; 1] = [1];
const VERSION: &str = "ics20-1";
/// What a relayer may take for a packet or an acknowledgement, seconds of the receiving chain's clock.
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
    let relayer = wallet(client, dev_key("bob")?, FREE)?;
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
    /// Brings a packet to the home chain.
    pub async fn receive(&self, route: &Route, packet: &Packet) -> Result<Delivery> {
        let Relay::Own(relayer) = self else {
            let received = until(&route.home, "recv_packet", "dst", packet.sequence).await?;
            return delivery(received.events, packet.sequence);
        };
        let receive = MsgRecvPacket {
            packet: Some(packet.clone()),
            proof_commitment: PROOF.into(),
            proof_height: Some(height()),
            signer: relayer.address().into(),
        };
        delivery(send(relayer, &receive).await?.events, packet.sequence)
    }

    /// Brings the home chain's answer to the far chain.
    pub async fn acknowledge(
        &self,
        route: &Route,
        packet: &Packet,
        delivery: &Delivery,
    ) -> Result<()> {
        let Relay::Own(relayer) = self else {
            until(&route.far, "acknowledge_packet", "src", packet.sequence).await?;
            return Ok(());
        };
        let acknowledge = MsgAcknowledgement {
            packet: Some(packet.clone()),
            acknowledgement: delivery.acknowledgement.clone(),
            proof_acked: PROOF.into(),
            proof_height: Some(height()),
            signer: relayer.address().into(),
        };
        send(relayer, &acknowledge).await?;
        Ok(())
    }
}

/// Waits for what a relayer process brings to one end of the channel.
pub async fn until(end: &End, event: &str, side: &str, sequence: u64) -> Result<TxFound> {
    let deadline = end.client.status().await?.time.plus_seconds(PATIENCE);
    loop {
        if let Some(found) = end.find(event, side, sequence).await? {
            return Ok(found);
        }
        let now = end.client.status().await?.time;
        ensure!(now < deadline, "no {event} of packet {sequence} by {now}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
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
