//! The devchain as the Rust client sees it.

mod common;

use common::*;
use cosmwasm_std::{coin, instantiate2_address, Api, Uint128};
use cw20::{BalanceResponse, Cw20Coin, Cw20ExecuteMsg, Cw20QueryMsg, MinterResponse};
use cw20_base::msg::InstantiateMsg;
use leasehold_client::{attribute, ClientError, Execute, Instantiate2, Query};
use leasehold_devchain::native_codes;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_cw20_lives_at_its_predicted_address() {
    let chain = start();
    let alice = wallet(&chain, "alice").await;
    let codes = alice.client().codes().await.expect("codes");
    let position = native_codes()
        .iter()
        .position(|c| c.name == "cw20-base")
        .expect("known");
    let code = &codes[position];
    let checksum = native_codes()[position].checksum();
    assert_eq!(code.checksum.to_lowercase(), checksum.to_hex());

    let init = InstantiateMsg {
        name: "Test".into(),
        symbol: "TEST".into(),
        decimals: 6,
        initial_balances: vec![Cw20Coin {
            address: address("alice"),
            amount: Uint128::new(100),
        }],
        mint: Some(MinterResponse {
            minter: address("alice"),
            cap: None,
        }),
        marketing: None,
    };
    let msg = Instantiate2::new(
        code.code_id,
        &init,
        b"salt",
        "token",
        Some(address("alice")),
    )
    .expect("message");
    let token = alice
        .instantiate2(msg)
        .await
        .expect("instantiated")
        .instantiated(0)
        .expect("address");
    let api = cosmwasm_std::testing::MockApi::default().with_prefix("wasm");
    let creator = api.addr_canonicalize(&address("alice")).expect("address");
    let predicted = instantiate2_address(checksum.as_slice(), &creator, b"salt").expect("address");
    assert_eq!(
        token,
        api.addr_humanize(&predicted).expect("address").as_str()
    );

    let transfer = Cw20ExecuteMsg::Transfer {
        recipient: address("bob"),
        amount: Uint128::new(30),
    };
    let done = alice
        .execute(&token, &transfer, &[])
        .await
        .expect("transferred");
    let event = done
        .events
        .iter()
        .find(|e| e.ty == "wasm")
        .expect("wasm event");
    assert_eq!(attribute(event, "action"), Some("transfer"));
    assert_eq!(attribute(event, "_contract_address"), Some(token.as_str()));
    assert_eq!(attribute(event, "msg_index"), Some("0"));
    let balance: BalanceResponse = alice
        .client()
        .query_smart(
            &token,
            &Cw20QueryMsg::Balance {
                address: address("bob"),
            },
        )
        .await
        .expect("balance");
    assert_eq!(balance.balance, Uint128::new(30));

    let query =
        Query::eq("wasm._contract_address", token.as_str()).and_eq("wasm.action", "transfer");
    let (found, total) = alice
        .client()
        .tx_search(query, 1, 10)
        .await
        .expect("search");
    assert_eq!((found[0].hash.as_str(), total), (done.hash.as_str(), 1));
    let results = alice
        .client()
        .block_results(done.height)
        .await
        .expect("results");
    assert!(results.txs.iter().any(|tx| tx.events == done.events));
    let info = alice.client().contract_info(&token).await.expect("info");
    assert_eq!((info.code_id, info.label.as_str()), (code.code_id, "token"));
    chain.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fees_and_sends_move_coins() {
    let chain = start();
    let alice = wallet(&chain, "alice").await;
    let before = alice
        .client()
        .balance(&address("alice"), "uakt")
        .await
        .expect("balance");
    let stake = alice
        .client()
        .balance(&address("alice"), "ustake")
        .await
        .expect("balance");
    alice
        .bank_send(&address("bob"), &[coin(5, "uakt")])
        .await
        .expect("sent");
    let after = alice
        .client()
        .balance(&address("alice"), "uakt")
        .await
        .expect("balance");
    assert_eq!(before - after, Uint128::new(5));
    let paid = stake
        - alice
            .client()
            .balance(&address("alice"), "ustake")
            .await
            .expect("balance");
    // One message: (60 000 + 120 000) gas × 1.4 × 0.01 ustake.
    assert_eq!(paid, Uint128::new(2_520));

    let fresh = leasehold_client::Key::random("wasm").expect("key");
    let unknown = alice.client().account(fresh.address()).await;
    assert!(
        matches!(unknown, Err(ClientError::AccountNotFound { .. })),
        "{unknown:?}"
    );
    alice
        .bank_send(fresh.address(), &[coin(1, "uusd")])
        .await
        .expect("sent");
    let account = alice
        .client()
        .account(fresh.address())
        .await
        .expect("account");
    assert_eq!(account.sequence, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_messages_succeed_or_fail_together() {
    let chain = start();
    let alice = wallet(&chain, "alice").await;
    let contract = counter(&alice, b"atomic").await;
    let call = |msg: &ExecuteMsg| Execute::new(&contract, msg, &[]).expect("message");
    let good = [ExecuteMsg::Increment {}, ExecuteMsg::Increment {}];
    let done = alice
        .execute_many(good.iter().map(call).collect())
        .await
        .expect("executed");
    assert_eq!(done.execute_data(1).expect("data"), 2u64.to_be_bytes());
    let bad = [ExecuteMsg::Increment {}, ExecuteMsg::Fail {}];
    let failed = alice.execute_many(bad.iter().map(call).collect()).await;
    match failed {
        Err(ClientError::Simulation { log }) => {
            assert!(
                log.contains("message index: 1") && log.contains("asked to fail"),
                "{log}"
            )
        }
        other => panic!("expected a failed simulation, got {other:?}"),
    }
    let count: u64 = alice
        .client()
        .query_smart(&contract, &QueryMsg::Count {})
        .await
        .expect("count");
    assert_eq!(count, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_stored_by_name() {
    let chain = start();
    let alice = wallet(&chain, "alice").await;
    let stored = alice
        .store_code(counter_code().stub())
        .await
        .expect("stored");
    assert_eq!(stored.code_id, counter_id() + 1);
    assert_eq!(stored.checksum, counter_code().checksum().as_slice());
    let msg = Instantiate2::new(stored.code_id, &json!({}), b"s", "c", None).expect("message");
    alice.instantiate2(msg).await.expect("instantiated");
    let refused = alice.store_code(b"\0asm\x01\0\0\0".to_vec()).await;
    assert!(refused.is_err_and(|e| e.to_string().contains("leasehold-native:<name>")));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_transactions_share_a_block() {
    let chain = start();
    let alice = wallet(&chain, "alice").await;
    let contract = counter(&alice, b"many").await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let (alice, contract) = (alice.clone(), contract.clone());
        tasks.spawn(async move {
            alice
                .execute(&contract, &ExecuteMsg::Increment {}, &[])
                .await
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("task").expect("executed");
    }
    let count: u64 = alice
        .client()
        .query_smart(&contract, &QueryMsg::Count {})
        .await
        .expect("count");
    assert_eq!(count, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_runs_at_speed_and_jumps() {
    let chain = start();
    let alice = wallet(&chain, "alice").await;
    let contract = counter(&alice, b"time").await;
    let at = |height| {
        let client = alice.client().clone();
        async move { client.block(height).await.expect("block").time }
    };
    chain.wait_blocks(3).await.expect("blocks");
    let (first, second) = (at(2).await, at(3).await);
    assert_eq!(
        second.nanos() - first.nanos(),
        1_000_000_000,
        "50 ms at speed 20"
    );
    let before: u64 = alice
        .client()
        .query_smart(&contract, &QueryMsg::Time {})
        .await
        .expect("time");
    chain.advance(86_400).await.expect("advanced");
    chain.wait_blocks(2).await.expect("blocks");
    let after: u64 = alice
        .client()
        .query_smart(&contract, &QueryMsg::Time {})
        .await
        .expect("time");
    assert!(
        after >= before + 86_400 && after < before + 87_400,
        "{before} to {after}"
    );
}
