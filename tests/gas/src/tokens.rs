//! What is paid in a token, and in coins that come from another chain.

use std::path::Path;

use anyhow::Result;
use cosmwasm_std_3::{
    Addr, Coin, IbcAcknowledgement, IbcDestinationCallbackMsg, IbcEndpoint, IbcPacket, IbcTimeout,
    IbcTransferCallback, Timestamp,
};
use leasehold_api::escrow::{TransferAction, TransferMemo, NEXT_ACCOUNT};
use leasehold_test_story::{staked, Chain as _, Receipts, Story};
use serde_json::json;

use crate::address;
use crate::chain::{Chain, Receipt};
use crate::coverage::arrived;
use crate::stage::{self, artifact, cast, deploy, fund, TOKEN};

/// Of the packet: this chain's end and the other's, what was sent and what it is called here.
const OURS: &str = "channel-7";
const THEIRS: &str = "channel-141";
const SENT: &str = "uatom";
/// SHA-256 of `transfer/channel-7/uatom`.
const VOUCHER: &str = "ibc/25418646C017D377ADF3202FF1E43590D0DAE3346E594E8D78176A139A928F88";
const AMOUNT: u64 = 5_000_000;

pub fn operations(artifacts: &Path, cache: &Path, pinned: bool) -> Result<Receipts<Receipt>> {
    let chain = Chain::new(cache, pinned)?;
    let cast = cast()?;
    let token = stage::token(&chain, artifacts, &cast)?;
    let genesis = staked(leasehold_test_story::genesis(), &token);
    let suite = deploy(&chain, &genesis, |name| artifact(artifacts, name))?;
    fund(&chain, &cast);
    let (tenant, escrow) = (cast.tenant.clone(), suite.escrow.clone());
    let story = Story::begin(chain.clone(), suite, cast)?;
    let mut of = story.in_tokens(&token)?;
    // Code that knows no transfer.
    let refuse = |yes: bool| {
        let code = if yes {
            "leasehold_governance"
        } else {
            "test_cw20"
        };
        chain.store(TOKEN, &stage::read(artifacts, code)?)?;
        Ok(())
    };
    of.extend(story.unpaid(&token, refuse)?);
    arrive(&chain, &escrow, tenant, &mut of)?;
    Ok(of)
}

/// An account that a transfer opens, and one more transfer to it.
fn arrive(chain: &Chain, escrow: &str, owner: String, of: &mut Receipts<Receipt>) -> Result<()> {
    let next = chain.stored(escrow, NEXT_ACCOUNT.as_slice())?;
    let account = serde_json::from_slice(&next.unwrap_or_default())?;
    let open = TransferAction::Open { owner };
    of.insert("ibc_open", deliver(chain, escrow, open)?);
    let deposit = TransferAction::Deposit { account };
    of.insert("ibc_deposit", deliver(chain, escrow, deposit)?);
    Ok(())
}

/// The transfer module has moved the tokens and acknowledged them.
fn deliver(chain: &Chain, escrow: &str, action: TransferAction) -> Result<Receipt> {
    let message = arrived(&action)?;
    let data = json!({
        "denom": SENT, "amount": AMOUNT.to_string(), "sender": address::user("sender")?, "receiver": escrow,
        "memo": serde_json::to_string(&TransferMemo::new(escrow, action))?,
    });
    let end = |channel: &str| IbcEndpoint {
        port_id: "transfer".into(),
        channel_id: channel.into(),
    };
    let timeout = IbcTimeout::with_timestamp(Timestamp::from_seconds(1_900_000_000));
    let callback = IbcDestinationCallbackMsg {
        packet: IbcPacket::new(
            serde_json::to_vec(&data)?,
            end(THEIRS),
            end(OURS),
            1,
            timeout,
        ),
        ack: IbcAcknowledgement::new(br#"{"result":"AQ=="}"#),
        transfer: Some(IbcTransferCallback {
            sender: address::user("sender")?,
            receiver: Addr::unchecked(escrow),
            funds: vec![Coin::new(AMOUNT, VOUCHER)],
        }),
    };
    chain
        .state
        .borrow_mut()
        .bank
        .mint(escrow, AMOUNT.into(), VOUCHER);
    let mut receipt = chain.ibc_callback(escrow, &callback)?;
    receipt.messages.push(message);
    Ok(receipt)
}
