use std::time::Duration;

use cosmrs::Any;
use cosmwasm_std::coin;
use leasehold_client::{
    attribute, ChainClient, ClientError, Execute, GasPrice, Instantiate2, Key, Query, TxConfig,
    TxOutcome, Wallet,
};
use serde_json::json;

use crate::fake::{body, instantiated_address, FakeNode, Faults, SIMULATED_GAS};

const CONTRACT: &str = "wasm1escrow";

pub async fn setup(faults: Faults) -> (FakeNode, Wallet) {
    setup_with(faults, |_| {}).await
}

pub async fn setup_with(faults: Faults, change: impl FnOnce(&mut TxConfig)) -> (FakeNode, Wallet) {
    let node = FakeNode::start(faults).await;
    let client = ChainClient::connect(&node.url).await.unwrap();
    let mut config = TxConfig::new("0.025ustake".parse().unwrap());
    config.poll = Duration::from_millis(1);
    change(&mut config);
    (
        node,
        Wallet::new(client, Key::random("wasm").unwrap(), config),
    )
}

fn call() -> Vec<Any> {
    let bank = cosmrs::proto::cosmos::bank::v1beta1::MsgSend::default();
    vec![Any::from_msg(&bank).unwrap()]
}

pub async fn send(wallet: &Wallet, memo: &str) -> Result<TxOutcome, ClientError> {
    wallet.send(call(), memo).await
}

#[tokio::test]
async fn a_transaction_is_paid_for_and_comes_back_with_its_events() {
    let (node, wallet) = setup(Faults::default()).await;
    let outcome = wallet
        .execute(CONTRACT, &json!({ "settle": {} }), &[coin(5, "ustake")])
        .await
        .unwrap();
    assert_eq!(outcome.gas_used, 90_000);
    assert_eq!(
        attribute(&outcome.events[0], "_contract_address"),
        Some(CONTRACT)
    );
    assert_eq!(outcome.execute_data(0).unwrap(), br#"{"settle":{}}"#);

    let fee = node.chain().last_auth.fee.clone().unwrap();
    assert_eq!(fee.gas_limit, (SIMULATED_GAS * 14).div_ceil(10));
    assert_eq!(
        (fee.amount[0].denom.as_str(), fee.amount[0].amount.as_str()),
        ("ustake", "3501")
    );
    let found = wallet.client().tx(&outcome.hash).await.unwrap().unwrap();
    assert_eq!(
        (found.height, found.events),
        (outcome.height, outcome.events)
    );
}

#[tokio::test]
async fn a_zero_gas_price_pays_no_coin_at_all() {
    let (node, wallet) = setup_with(Faults::default(), |c| {
        c.gas_price = "0ustake".parse().unwrap()
    })
    .await;
    send(&wallet, "free").await.unwrap();
    assert!(node
        .chain()
        .last_auth
        .fee
        .clone()
        .unwrap()
        .amount
        .is_empty());
}

#[tokio::test]
async fn gas_prices_are_read_strictly() {
    let price: GasPrice = "0.0025ibc/AB12".parse().unwrap();
    assert_eq!(price.to_string(), "0.0025ibc/AB12");
    for bad in [
        "",
        "0.025",
        "ustake",
        "1,5ustake",
        "-1ustake",
        "1 ustake",
        "1u",
    ] {
        assert!(bad
            .parse::<GasPrice>()
            .unwrap_err()
            .to_string()
            .contains(bad));
    }
}

#[tokio::test]
async fn several_messages_are_one_transaction() {
    let (node, wallet) = setup(Faults::default()).await;
    let calls =
        ["a", "b", "c"].map(|name| Execute::new(CONTRACT, &json!({ name: 1 }), &[]).unwrap());
    let outcome = wallet.execute_many(calls.to_vec()).await.unwrap();
    assert_eq!(outcome.execute_data(2).unwrap(), br#"{"c":1}"#);
    assert!(matches!(
        outcome.execute_data(3),
        Err(ClientError::Decode { .. })
    ));
    let included: Vec<_> = node
        .chain()
        .blocks
        .iter()
        .flatten()
        .map(|tx| body(&tx.bytes).messages.len())
        .collect();
    assert_eq!(included, [3]);
}

#[tokio::test]
async fn code_and_contracts_come_back_with_their_ids() {
    let (_node, wallet) = setup(Faults::default()).await;
    let stored = wallet.store_code(b"wasm".to_vec()).await.unwrap();
    assert_eq!((stored.code_id, stored.checksum.len()), (7, 32));
    let message = Instantiate2::new(7, &json!({}), b"salt", "escrow", None).unwrap();
    let outcome = wallet.instantiate2(message).await.unwrap();
    assert_eq!(
        outcome.instantiated(0).unwrap(),
        instantiated_address(b"salt")
    );
}

#[tokio::test]
async fn coins_are_sent_in_the_order_the_chain_asks_for() {
    let (node, wallet) = setup(Faults::default()).await;
    wallet
        .bank_send("wasm1bob", &[coin(2, "ustake"), coin(1, "uatom")])
        .await
        .unwrap();
    let tx = node
        .chain()
        .blocks
        .iter()
        .flatten()
        .next()
        .unwrap()
        .bytes
        .clone();
    let sent: cosmrs::proto::cosmos::bank::v1beta1::MsgSend =
        body(&tx).messages[0].to_msg().unwrap();
    assert_eq!(
        sent.amount
            .iter()
            .map(|c| c.denom.as_str())
            .collect::<Vec<_>>(),
        ["uatom", "ustake"]
    );
    assert_eq!(sent.from_address, wallet.address());
}

#[tokio::test]
async fn transactions_at_the_same_time_each_get_their_own_sequence() {
    // Only broadcasts find a wrong sequence here, and they are counted.
    let blind = Faults {
        blind_simulation: true,
        ..Default::default()
    };
    let (node, wallet) = setup(blind).await;
    let memos: Vec<String> = (0..8).map(|i| i.to_string()).collect();
    let tasks: Vec<_> = memos
        .iter()
        .cloned()
        .map(|memo| {
            let wallet = wallet.clone();
            tokio::spawn(async move { send(&wallet, &memo).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut executed = node.chain().executed.clone();
    executed.sort();
    assert_eq!(executed, memos);
    assert_eq!(node.chain().broadcasts, 8);
}

#[tokio::test]
async fn a_sequence_used_by_another_program_is_found_out() {
    for blind_simulation in [false, true] {
        let (node, wallet) = setup(Faults {
            blind_simulation,
            ..Default::default()
        })
        .await;
        send(&wallet, "first").await.unwrap();
        node.chain().sequence += 3;
        send(&wallet, "second").await.unwrap();
        send(&wallet, "third").await.unwrap();
        assert_eq!(node.chain().executed, ["first", "second", "third"]);
    }
}

#[tokio::test]
async fn a_sequence_that_never_fits_ends_in_an_error() {
    let (node, wallet) = setup(Faults {
        confused: true,
        ..Default::default()
    })
    .await;
    let error = send(&wallet, "never").await.unwrap_err();
    assert!(
        matches!(error, ClientError::SequenceConflict { attempts: 5, .. }),
        "{error}"
    );
    assert_eq!(node.chain().broadcasts, 5);
    node.chain().faults.confused = false;
    send(&wallet, "later").await.unwrap();
    assert_eq!(node.chain().executed, ["later"]);
}

#[tokio::test]
async fn a_lost_answer_never_sends_an_action_twice() {
    for include_at_once in [false, true] {
        for lose_answers in 1..=4 {
            let (node, wallet) = setup(Faults {
                lose_answers,
                include_at_once,
                ..Default::default()
            })
            .await;
            send(&wallet, "once").await.unwrap();
            node.chain().faults = Faults::default();
            send(&wallet, "next").await.unwrap();
            assert_eq!(
                node.chain().executed,
                ["once", "next"],
                "{include_at_once} {lose_answers}"
            );
        }
    }
}

#[tokio::test]
async fn what_can_no_longer_be_included_may_be_sent_again() {
    let (node, wallet) = setup(Faults {
        ignore_mempool: true,
        ..Default::default()
    })
    .await;
    let error = send(&wallet, "again").await.unwrap_err();
    assert!(
        matches!(
            error,
            ClientError::Expired {
                timeout_height: 51,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.is_transient());
    node.chain().faults.ignore_mempool = false;
    node.chain().make_block();
    assert!(node.chain().executed.is_empty());
    send(&wallet, "again").await.unwrap();
    assert_eq!(node.chain().executed, ["again"]);
}

#[tokio::test]
async fn an_index_that_lags_does_not_make_a_transaction_expired() {
    let (node, wallet) = setup(Faults {
        no_index: true,
        ..Default::default()
    })
    .await;
    let outcome = send(&wallet, "seen in its block").await.unwrap();
    assert_eq!((outcome.height, outcome.gas_used), (2, 90_000));
    assert_eq!(node.chain().executed.len(), 1);
}

#[tokio::test]
async fn a_chain_that_stands_still_leaves_the_fate_open_and_says_so() {
    let halted = Faults {
        halted: true,
        ..Default::default()
    };
    let (node, wallet) = setup_with(halted, |c| c.patience = Duration::from_millis(50)).await;
    let error = send(&wallet, "open").await.unwrap_err();
    let ClientError::Unconfirmed {
        hash,
        timeout_height,
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(*timeout_height, 51);
    assert!(error.to_string().contains(hash) && !error.is_transient());
    node.chain().faults.halted = false;
    let (poll, patience) = (Duration::from_millis(1), Duration::from_secs(60));
    let found = wallet
        .client()
        .wait_tx(hash, poll, patience)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.code, 0);
    send(&wallet, "next").await.unwrap();
    assert_eq!(node.chain().executed, ["open", "next"]);
}

#[tokio::test]
async fn a_failed_execution_is_told_with_code_and_log() {
    let (node, wallet) = setup(Faults {
        fail_execution: true,
        ..Default::default()
    })
    .await;
    let error = send(&wallet, "broke").await.unwrap_err();
    let ClientError::Failed {
        code: 5,
        codespace,
        log,
        height: 2,
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (codespace.as_str(), log.as_str()),
        ("sdk", "insufficient funds")
    );
    node.chain().faults.fail_execution = false;
    send(&wallet, "next").await.unwrap();
    assert_eq!(node.chain().executed, ["next"]);
}

#[tokio::test]
async fn what_ran_out_of_gas_is_sent_once_more_with_twice_the_limit() {
    let limit = (SIMULATED_GAS * 14).div_ceil(10);
    let (node, wallet) = setup(Faults {
        gas_needed: 2 * limit,
        ..Default::default()
    })
    .await;
    send(&wallet, "close").await.unwrap();
    assert_eq!(node.chain().executed, ["close"]);
    assert_eq!(node.chain().broadcasts, 2);
    node.chain().faults.gas_needed = 2 * limit + 1;
    let error = send(&wallet, "more").await.unwrap_err();
    assert!(
        matches!(&error, ClientError::Failed { code: 11, .. }),
        "{error}"
    );
    assert_eq!(node.chain().broadcasts, 4);
}

#[tokio::test]
async fn a_refused_transaction_uses_no_sequence() {
    let (node, wallet) = setup(Faults {
        fee_too_low: true,
        ..Default::default()
    })
    .await;
    let error = send(&wallet, "cheap").await.unwrap_err();
    assert!(
        matches!(&error, ClientError::Rejected { code: 13, .. }),
        "{error}"
    );
    assert_eq!(node.chain().broadcasts, 1);
    node.chain().faults.fee_too_low = false;
    send(&wallet, "paid").await.unwrap();
    assert_eq!(node.chain().executed, ["paid"]);
}

#[tokio::test]
async fn searches_return_a_page_and_the_total() {
    let (_node, wallet) = setup(Faults::default()).await;
    let outcome = wallet
        .execute(CONTRACT, &json!({ "settle": {} }), &[])
        .await
        .unwrap();
    let (txs, total) = wallet
        .client()
        .tx_search(Query::eq("wasm._contract_address", "wasm1escrow"), 1, 10)
        .await
        .unwrap();
    assert_eq!((txs[0].hash.as_str(), total), (outcome.hash.as_str(), 1));
}
