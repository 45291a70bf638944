//! Transfers from other chains: the packet that the chain hands to the callback, with the tokens on the bank as its transfer module
//! leaves them.

use cosmwasm_std::testing::{mock_env, MockApi, MockQuerier};
use cosmwasm_std::{
    Binary, DepsMut, Env, Event, IbcAcknowledgement, IbcBasicResponse, IbcDestinationCallbackMsg,
    IbcEndpoint, IbcPacket, IbcTimeout, QuerierWrapper, Timestamp,
};
use leasehold_api::escrow::{AccountsResponse, QueryMsg, TransferAction, TransferMemo};
use leasehold_api::event::{AccountOpened, Deposited, TypedEvent};
use leasehold_api::{Denom, SCALE};
use leasehold_escrow::{contract, ContractError};
use serde_json::{json, Value};

use crate::harness::*;

/// The channel's two ends: theirs and this chain's.
const THEIRS: &str = "channel-141";
const OURS: &str = "channel-7";
/// SHA-256 of `transfer/channel-7/uatom`.
const VOUCHER: &str = "ibc/25418646C017D377ADF3202FF1E43590D0DAE3346E594E8D78176A139A928F88";

fn endpoint(port: &str, channel: &str) -> IbcEndpoint {
    IbcEndpoint {
        port_id: port.into(),
        channel_id: channel.into(),
    }
}

fn memo(h: &Harness, action: TransferAction) -> String {
    as_json(&TransferMemo::new(h.escrow.as_str(), action)).to_string()
}

fn packet_data(h: &Harness, denom: &str, amount: &str, memo: &str) -> Value {
    json!({
        "denom": denom, "amount": amount, "sender": "cosmos1alice", "receiver": h.escrow, "memo": memo,
    })
}

/// A packet of the transfer module that it has acknowledged with success.
fn delivered(data: &Value) -> IbcDestinationCallbackMsg {
    IbcDestinationCallbackMsg {
        packet: IbcPacket::new(
            data.to_string().into_bytes(),
            endpoint("transfer", THEIRS),
            endpoint("transfer", OURS),
            1,
            IbcTimeout::with_timestamp(Timestamp::from_seconds(1)),
        ),
        ack: IbcAcknowledgement::new(br#"{"result":"AQ=="}"#.as_slice()),
    }
}

fn call(
    h: &mut Harness,
    msg: IbcDestinationCallbackMsg,
) -> Result<IbcBasicResponse, ContractError> {
    let mut env = Env {
        block: h.app.block_info(),
        ..mock_env()
    };
    env.contract.address = h.escrow.clone();
    let (api, querier) = (MockApi::default(), MockQuerier::default());
    let mut storage = h.app.contract_storage_mut(&h.escrow);
    let deps = DepsMut {
        storage: storage.as_mut(),
        api: &api,
        querier: QuerierWrapper::new(&querier),
    };
    contract::ibc_destination_callback(deps, env, msg)
}

/// A transfer of `denom`, which is called `here` on this chain.
fn transfer(
    h: &mut Harness,
    denom: &str,
    here: &str,
    amount: u128,
    action: TransferAction,
) -> Result<IbcBasicResponse, ContractError> {
    let data = packet_data(h, denom, &amount.to_string(), &memo(h, action));
    let escrow = h.escrow.clone();
    let mint = cw_multi_test::BankSudo::Mint {
        to_address: escrow.into(),
        amount: cosmwasm_std::coins(amount, here),
    };
    h.app.sudo(mint.into()).unwrap();
    call(h, delivered(&data))
}

fn typed<T: TypedEvent>(events: &[Event]) -> Vec<T> {
    let of_kind = |event: &&Event| event.ty == T::NAME;
    events
        .iter()
        .filter(of_kind)
        .map(|event| T::parse(&event.attributes).unwrap())
        .collect()
}

fn open_for_tenant() -> TransferAction {
    TransferAction::Open {
        owner: addr("tenant").into(),
    }
}

#[test]
fn a_foreign_token_opens_an_account_for_an_owner_of_this_chain() {
    let mut h = Harness::new();
    let response = transfer(&mut h, "uatom", VOUCHER, 70, open_for_tenant()).unwrap();
    let opened = AccountOpened {
        account: 1,
        owner: h.tenant.clone(),
        denom: VOUCHER.into(),
    };
    assert_eq!(typed::<AccountOpened>(&response.events), [opened]);
    let deposited = &typed::<Deposited>(&response.events)[0];
    assert_eq!(deposited.from.as_str(), "transfer/channel-7/cosmos1alice");
    assert_eq!(h.account(1).denom, Denom::Native(VOUCHER.into()));
    h.withdraw(1, 70).unwrap();
    assert_eq!(h.bank("tenant", VOUCHER), 70);
}

#[test]
fn a_returning_native_token_funds_an_account_and_resumes_a_dry_one() {
    let mut h = Harness::new();
    let account = h.open(60);
    h.stream(1, account, "provider", RATE);
    h.pass(100);
    let denom = format!("transfer/{THEIRS}/{AKT}");
    let action = TransferAction::Deposit { account };
    let response = transfer(&mut h, &denom, AKT, 500, action).unwrap();
    assert_eq!(typed::<Deposited>(&response.events)[0].amount.u128(), 500);
    assert_eq!(h.account(account).runway, Some(500));
    h.check_books();
    h.pass(10);
    h.close(1);
    assert_eq!(h.account(account).balance.u128(), 490 * SCALE);
    h.check_books();
}

/// Every refusal is an error, which the chain turns into a refund on the other side, and changes nothing here.
#[test]
fn what_is_not_a_good_transfer_to_escrow_is_refused() {
    let mut h = Harness::new();
    let account = h.open(60);
    let returning = format!("transfer/{THEIRS}/{AKT}");
    let good_memo = memo(&h, TransferAction::Deposit { account });
    let good = packet_data(&h, &returning, "500", &good_memo);
    let changed = |key: &str, value: Value| {
        let mut data = good.clone();
        data[key] = value;
        delivered(&data)
    };

    let thief = addr("thief").to_string();
    let wrong_receiver = changed("receiver", json!(thief));
    let shouted = changed("receiver", json!(h.escrow.as_str().to_uppercase()));
    let unknown = memo(&h, TransferAction::Deposit { account: 9 });
    let no_owner = TransferAction::Open {
        owner: "cosmos1alice".into(),
    };
    let no_owner = memo(&h, no_owner);
    let mut failed = delivered(&good);
    failed.ack = IbcAcknowledgement::new(br#"{"error":"ABCI code: 1"}"#.as_slice());
    let mut other_port = delivered(&good);
    other_port.packet.dest.port_id = "wasm.cosmwasm1x".into();

    type Check = fn(&ContractError) -> bool;
    let malformed: Check = |e| matches!(e, ContractError::MalformedTransfer { .. });
    let refusals: Vec<(IbcDestinationCallbackMsg, Check)> = vec![
        (wrong_receiver, |e| {
            matches!(e, ContractError::WrongReceiver { .. })
        }),
        (shouted, |e| {
            matches!(e, ContractError::WrongReceiver { .. })
        }),
        (changed("memo", json!(unknown)), |e| {
            *e == ContractError::AccountNotFound { id: 9 }
        }),
        (changed("memo", json!(no_owner)), |e| {
            matches!(e, ContractError::Std(_))
        }),
        (changed("denom", json!("uakt")), |e| {
            matches!(e, ContractError::WrongDenom { .. })
        }),
        (changed("amount", json!("0")), |e| {
            *e == ContractError::NoFunds
        }),
        (failed, |e| {
            matches!(e, ContractError::TransferFailed { .. })
        }),
        (other_port, |e| {
            matches!(e, ContractError::NotATransfer { .. })
        }),
        (changed("memo", json!("")), malformed),
        (changed("memo", json!("top up, please")), malformed),
        (changed("amount", json!("-5")), malformed),
        (
            changed("amount", json!("340282366920938463463374607431768211456")),
            malformed,
        ),
        (changed("amount", json!(5)), malformed),
        (changed("tokens", json!([])), malformed),
    ];
    for (msg, expected) in refusals {
        let text = format!("{msg:?}");
        let error = call(&mut h, msg).unwrap_err();
        assert!(expected(&error), "{error} for {text}");
    }
    assert_eq!(h.account(account).balance.u128(), 60 * SCALE);
    let owned: AccountsResponse = h.query(&QueryMsg::Accounts {
        owner: addr("tenant").into(),
        start_after: None,
        limit: None,
    });
    assert_eq!(owned.accounts.len(), 1);
    h.check_books();
}

/// A middleware that reads another key of the memo could have sent the tokens elsewhere, although the packet names escrow.
#[test]
fn a_memo_for_another_middleware_is_refused() {
    let mut h = Harness::new();
    let account = h.open(60);
    let good: Value = serde_json::from_str(&memo(&h, TransferAction::Deposit { account })).unwrap();
    for key in ["forward", "wasm", "Forward", "swap"] {
        let mut memo = good.clone();
        memo[key] = json!({"receiver": "cosmos1thief"});
        let returning = format!("transfer/{THEIRS}/{AKT}");
        let data = packet_data(&h, &returning, "500", &memo.to_string());
        let refused = call(&mut h, delivered(&data));
        assert!(
            matches!(
                refused,
                Err(ContractError::MalformedTransfer { what: "memo", .. })
            ),
            "{key}: {refused:?}"
        );
    }
    let mut with_source = good;
    with_source["src_callback"] = json!({"address": "cosmos1alice"});
    let returning = format!("transfer/{THEIRS}/{AKT}");
    let data = packet_data(&h, &returning, "500", &with_source.to_string());
    call(&mut h, delivered(&data)).unwrap();
}

/// Two fields of one name, of which the transfer module and escrow might take a different one each.
#[test]
fn a_field_named_twice_is_refused() {
    let mut h = Harness::new();
    let account = h.open(60);
    let memo = memo(&h, TransferAction::Deposit { account });
    let data = packet_data(&h, &format!("transfer/{THEIRS}/{AKT}"), "500", &memo).to_string();
    for (first, second) in [
        (r#""amount":"500""#, r#""amount":"1","amount":"500""#),
        (r#""amount":"500""#, r#""Amount":"1","amount":"500""#),
    ] {
        let mut msg = delivered(&json!({}));
        msg.packet.data = Binary::from(data.replace(first, second).into_bytes());
        let refused = call(&mut h, msg);
        assert!(matches!(
            refused,
            Err(ContractError::MalformedTransfer {
                what: "packet data",
                ..
            })
        ));
    }
}
