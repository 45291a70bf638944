//! The permission table, frozen and enforced.

use cosmwasm_std::{coins, to_json_binary, Uint128};
use cw20::Cw20ReceiveMsg;
use expect_test::expect_file;
use leasehold_api::escrow::{Cw20HookMsg, ExecuteMsg};
use leasehold_api::Denom;
use leasehold_escrow::permission::{rule, Permission};
use leasehold_escrow::ContractError;

use crate::allowance::limits;
use crate::harness::*;

/// One valid message of each variant, in the enum's order.
fn every_message() -> Vec<ExecuteMsg> {
    let someone = || addr("someone").to_string();
    vec![
        ExecuteMsg::Open {
            owner: None,
            denom: akt(),
        },
        ExecuteMsg::Deposit { account: 1 },
        ExecuteMsg::Receive(Cw20ReceiveMsg {
            sender: someone(),
            amount: Uint128::one(),
            msg: to_json_binary(&Cw20HookMsg::Deposit { account: 1 }).unwrap(),
        }),
        ExecuteMsg::Withdraw {
            account: 1,
            amount: Some(Uint128::one()),
        },
        ExecuteMsg::Move {
            from: 1,
            to: 2,
            amount: None,
        },
        ExecuteMsg::Allow {
            account: 1,
            spender: someone(),
            limits: limits(),
        },
        ExecuteMsg::Adjust {
            account: 2,
            limits: limits(),
        },
        ExecuteMsg::Revoke { account: 2 },
        ExecuteMsg::Draw {
            account: 2,
            amount: Uint128::one(),
        },
        ExecuteMsg::TopUp { account: 2 },
        ExecuteMsg::Settle { account: 1 },
        ExecuteMsg::Collect { streams: vec![1] },
        ExecuteMsg::ClaimUnpaid {
            payee: someone(),
            denom: akt(),
        },
        ExecuteMsg::SweepFees { denom: akt() },
        ExecuteMsg::OpenStream {
            stream: 2,
            account: 1,
            tenant: addr("tenant").into(),
            payee: addr("provider").into(),
            rate: Uint128::new(RATE),
            until: None,
        },
        ExecuteMsg::RepriceStream {
            stream: 1,
            tenant: addr("tenant").into(),
            rate: Uint128::new(2 * RATE),
        },
        ExecuteMsg::CloseStream { stream: 1 },
        ExecuteMsg::Hold {
            order_id: 1,
            account: 1,
            tenant: addr("tenant").into(),
            rate: Uint128::new(RATE),
            amount: Uint128::one(),
        },
        ExecuteMsg::Release {
            order_id: 2,
            payee: Some(someone()),
            amount: Uint128::one(),
        },
        ExecuteMsg::TransferAccount {
            account: 1,
            owner: addr("tenant").into(),
            new_owner: someone(),
        },
        ExecuteMsg::UpdateParams { params: params() },
    ]
}

/// The variant's name on the wire.
fn name(msg: &ExecuteMsg) -> String {
    as_json(msg)
        .as_object()
        .unwrap()
        .keys()
        .next()
        .unwrap()
        .clone()
}

fn started() -> Harness {
    let mut h = Harness::new();
    let account = h.open(10_000);
    h.stream(1, account, "provider", RATE);
    h.pass(1_000);
    h.collect(&[1]);
    let drawn = h.allow(account, limits());
    h.draw(drawn, u128::from(RUNWAY)).unwrap();
    h.try_stream_of("spender", 3, drawn, RATE).unwrap();
    h.try_hold("tenant", 2, account, 1).unwrap();
    h.pass(10);
    h
}

#[test]
fn the_table_is_frozen() {
    let rows: Vec<String> = every_message()
        .iter()
        .map(|msg| {
            let rule = rule(msg);
            let funds = if rule.payable { "funds" } else { "no funds" };
            format!(
                "{:<17} {:<11} {funds}",
                rule.action,
                format!("{:?}", rule.permission)
            )
        })
        .collect();
    expect_file!["../permissions.txt"].assert_eq(&format!("{}\n", rows.join("\n")));
}

#[test]
fn the_table_has_every_message_under_its_own_name() {
    let named: Vec<String> = every_message().iter().map(name).collect();
    let declared: Vec<_> = every_message().iter().map(|msg| rule(msg).action).collect();
    assert_eq!(named, declared);
    let schema = as_json(&cosmwasm_schema::schema_for!(ExecuteMsg));
    assert_eq!(schema["oneOf"].as_array().unwrap().len(), named.len());
}

#[test]
fn a_stranger_is_refused_wherever_the_table_says_so() {
    for msg in every_message() {
        let mut h = started();
        h.fund("stranger", 10, AKT);
        let rule = rule(&msg);
        let funds = if rule.payable { coins(10, AKT) } else { vec![] };
        let result = h.execute(&addr("stranger"), &msg, &funds);
        match (rule.permission, result) {
            (Permission::Anyone, Err(ContractError::NothingUnpaid { .. }) | Ok(_)) => {}
            (Permission::Token, Err(ContractError::WrongDenom { sent, .. })) => {
                assert_eq!(sent, Denom::Cw20(addr("stranger").into()));
            }
            (
                Permission::Owner
                | Permission::Spender
                | Permission::Market
                | Permission::Deployment
                | Permission::Governance,
                Err(ContractError::Unauthorized { sender, action, .. }),
            ) => {
                assert_eq!(sender, addr("stranger"));
                assert_eq!(action, name(&msg));
            }
            (permission, result) => panic!("{}: {permission:?} gave {result:?}", name(&msg)),
        }
    }
}

#[test]
fn each_peer_may_do_its_own_part_only() {
    for msg in every_message() {
        let rule = rule(&msg);
        for peer in ["market", "deployment", "governance"] {
            let own = match rule.permission {
                Permission::Market => "market",
                Permission::Deployment => "deployment",
                Permission::Governance => "governance",
                Permission::Anyone
                | Permission::Owner
                | Permission::Spender
                | Permission::Token => continue,
            };
            let mut h = started();
            let result = h.execute(&h.named(peer), &msg, &[]);
            assert_eq!(
                result.is_ok(),
                peer == own,
                "{} by {peer}: {result:?}",
                name(&msg)
            );
        }
    }
}

#[test]
fn funds_are_refused_wherever_the_table_says_so() {
    for msg in every_message() {
        let mut h = started();
        let rule = rule(&msg);
        let sender = match rule.permission {
            Permission::Market => "market",
            Permission::Deployment => "deployment",
            Permission::Governance => "governance",
            Permission::Spender => "spender",
            Permission::Anyone | Permission::Owner | Permission::Token => "tenant",
        };
        h.fund(sender, 10, AKT);
        let result = h.execute(&h.named(sender), &msg, &coins(10, AKT));
        if rule.payable {
            result.unwrap();
        } else {
            assert_eq!(
                result,
                Err(ContractError::NonPayable {
                    action: rule.action,
                    denom: AKT.into(),
                    amount: Uint128::new(10),
                })
            );
        }
    }
}
