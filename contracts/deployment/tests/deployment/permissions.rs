//! Who may send what, and with what funds.

use cosmwasm_std::{coin, Checksum};
use expect_test::expect_file;
use leasehold_api::deployment::ExecuteMsg;
use leasehold_deployment::{permission, takes_funds, ContractError, Permission};

use crate::setup::*;

/// One of each variant, for deployment 1.
fn every_message(world: &World) -> Vec<(&'static str, ExecuteMsg)> {
    let deployment_id = 1;
    let messages = vec![
        create(groups(), None),
        ExecuteMsg::Update {
            deployment_id,
            manifest_hash: hash(2),
        },
        ExecuteMsg::PauseGroup {
            deployment_id,
            group: 0,
        },
        ExecuteMsg::StartGroup {
            deployment_id,
            group: 0,
        },
        ExecuteMsg::ProposeChange {
            deployment_id,
            group: 0,
            rate: 1_u128.into(),
            spec: None,
            manifest_hash: None,
            expires_at: START + 1,
        },
        ExecuteMsg::WithdrawChange {
            deployment_id,
            group: 0,
        },
        ExecuteMsg::AcceptChange {
            deployment_id,
            group: 0,
            change: Checksum::generate(b"anything"),
        },
        ExecuteMsg::Transfer {
            deployment_id,
            new_owner: world.stranger.to_string(),
        },
        ExecuteMsg::Close { deployment_id },
        ExecuteMsg::Prune { deployment_id },
    ];
    messages.into_iter().map(|msg| (name(&msg), msg)).collect()
}

/// Exhaustive, so that a new variant cannot be forgotten.
fn name(msg: &ExecuteMsg) -> &'static str {
    match msg {
        ExecuteMsg::Create { .. } => "create",
        ExecuteMsg::Update { .. } => "update",
        ExecuteMsg::PauseGroup { .. } => "pause_group",
        ExecuteMsg::StartGroup { .. } => "start_group",
        ExecuteMsg::ProposeChange { .. } => "propose_change",
        ExecuteMsg::WithdrawChange { .. } => "withdraw_change",
        ExecuteMsg::AcceptChange { .. } => "accept_change",
        ExecuteMsg::Transfer { .. } => "transfer",
        ExecuteMsg::Close { .. } => "close",
        ExecuteMsg::Prune { .. } => "prune",
    }
}

#[test]
fn permissions_are_frozen() {
    let table: String = every_message(&world())
        .iter()
        .map(|(name, msg)| {
            let funds = if takes_funds(msg) {
                "funds"
            } else {
                "no funds"
            };
            format!("{name}: {:?}, {funds}\n", permission(msg))
        })
        .collect();
    expect_file!["../permissions.txt"].assert_eq(&table);
}

#[test]
fn only_the_owner_gets_anywhere() {
    let mut world = World::deployed();
    let others = [
        world.stranger.clone(),
        world.suite.market.clone(),
        world.suite.escrow.clone(),
        world.suite.governance.clone(),
        world.suite.provider.clone(),
    ];
    let before = world.app.dump_wasm_raw(&world.address);
    for (name, msg) in every_message(&world) {
        if permission(&msg) != Permission::Owner {
            // `create` makes an owner of its sender; the market knows who holds a lease; anyone prunes.
            continue;
        }
        for other in &others {
            let refused = refusal(world.send(other, &msg, &[]));
            let expected = ContractError::Unauthorized {
                sender: other.clone(),
                owner: world.tenant.clone(),
            };
            assert_eq!(refused, expected, "{name}");
        }
    }
    assert_eq!(world.app.dump_wasm_raw(&world.address), before);
}

#[test]
fn funds_are_refused_where_none_are_taken() {
    let mut world = World::deployed();
    let tenant = world.tenant.clone();
    for (name, msg) in every_message(&world) {
        if takes_funds(&msg) {
            continue;
        }
        let refused = refusal(world.send(&tenant, &msg, &[coin(1, "uakt")]));
        let denom = "uakt".into();
        assert_eq!(refused, ContractError::FundsNotAllowed { denom }, "{name}");
    }
}
