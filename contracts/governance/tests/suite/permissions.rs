//! The permission table is frozen in `tests/permissions.txt`; each line of it is enforced.

use std::collections::BTreeSet;

use cosmwasm_schema::schema_for;
use cosmwasm_std::{coins, Addr, Uint128};
use cw3::Vote;
use cw_multi_test::IntoAddr;
use expect_test::expect_file;
use leasehold_api::governance::ExecuteMsg;
use leasehold_governance::{permission, takes_funds, ContractError, Permission};

use crate::harness::{params, proposal, Gov};

fn every_message(proposal_id: u64) -> Vec<ExecuteMsg> {
    vec![
        ExecuteMsg::Stake {},
        ExecuteMsg::Unstake {
            amount: Uint128::one(),
        },
        ExecuteMsg::Delegate { to: None },
        ExecuteMsg::Claim {},
        ExecuteMsg::ClaimRewards { denom: None },
        ExecuteMsg::AddFees {},
        ExecuteMsg::Receive(cw20::Cw20ReceiveMsg {
            sender: "escrow".into_addr().into(),
            amount: Uint128::one(),
            msg: leasehold_api::governance::ADD_FEES.into(),
        }),
        proposal(vec![]),
        ExecuteMsg::Vote {
            proposal_id,
            vote: Vote::Yes,
        },
        ExecuteMsg::Execute { proposal_id },
        ExecuteMsg::Close { proposal_id },
        ExecuteMsg::Veto { proposal_id },
        ExecuteMsg::Pause {},
        ExecuteMsg::Run { proposal_id },
        ExecuteMsg::UpdateParams { params: params() },
        ExecuteMsg::StartStream {
            to: "bob".into_addr().into(),
            asset: leasehold_api::Asset {
                denom: leasehold_api::Denom::Native("ustake".into()),
                amount: Uint128::one(),
            },
            seconds: 1,
        },
        ExecuteMsg::StopStream { id: 1 },
        ExecuteMsg::ClaimStream { id: 1 },
        ExecuteMsg::Require {
            contract: "contract".to_owned(),
            query: Default::default(),
            answer_hash: Default::default(),
        },
    ]
}

fn name(msg: &ExecuteMsg) -> String {
    let json = serde_json::to_value(msg).unwrap();
    json.as_object().unwrap().keys().next().unwrap().clone()
}

#[test]
fn the_table_covers_every_message() {
    let schema = serde_json::to_value(schema_for!(ExecuteMsg)).unwrap();
    let variants: BTreeSet<String> = schema["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| variant["required"][0].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        every_message(1).iter().map(name).collect::<BTreeSet<_>>(),
        variants
    );
}

#[test]
fn permissions_do_not_change_unseen() {
    let table: String = every_message(1)
        .iter()
        .map(|msg| {
            let funds = if takes_funds(msg) {
                "funds"
            } else {
                "no funds"
            };
            format!("{}: {:?}, {funds}\n", name(msg), permission(msg))
        })
        .collect();
    expect_file!["../permissions.txt"].assert_eq(&table);
}

#[test]
fn the_unauthorised_are_refused() {
    let mut gov = Gov::new();
    // In its timelock: only the sender stands between these messages and their effect.
    let id = gov.pass(vec![]);
    let stranger = gov.stranger.clone();
    for msg in every_message(id) {
        let funds = match msg {
            ExecuteMsg::Propose { .. } => coins(10, "ustake"),
            _ => vec![],
        };
        let refused = matches!(
            gov.send(&stranger, &msg, &funds),
            Err(ContractError::Unauthorized { .. })
        );
        let expected = permission(&msg) != Permission::Anyone;
        assert_eq!(refused, expected, "{}", name(&msg));
    }
    gov.wait(200);
    let run = ExecuteMsg::Run { proposal_id: id };
    for who in [gov.alice.clone(), gov.guardian.clone()] {
        assert!(matches!(
            gov.send(&who, &run, &[]),
            Err(ContractError::Unauthorized { .. })
        ));
    }
}

#[test]
fn without_a_guardian_nobody_vetoes() {
    let mut unguarded = params();
    unguarded.guardian = None;
    let mut gov = Gov::with(unguarded, Uint128::one());
    let id = gov.pass(vec![]);
    assert!(matches!(
        gov.veto(id),
        Err(ContractError::Unauthorized { .. })
    ));
}

#[test]
fn funds_are_refused_where_none_belong() {
    let mut gov = Gov::new();
    let id = gov.pass(vec![]);
    for msg in every_message(id).into_iter().filter(|m| !takes_funds(m)) {
        let sender: Addr = match permission(&msg) {
            Permission::Anyone | Permission::Voter => gov.alice.clone(),
            Permission::Guardian => gov.guardian.clone(),
            Permission::Escrow => "escrow".into_addr(),
            Permission::Governance => gov.address.clone(),
        };
        assert_eq!(
            gov.send(&sender, &msg, &coins(1, "ustake")).unwrap_err(),
            ContractError::FundsNotAllowed {
                denom: "ustake".to_owned()
            },
            "{}",
            name(&msg)
        );
    }
}
