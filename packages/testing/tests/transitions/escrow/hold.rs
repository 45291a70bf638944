use anyhow::Result;
use cosmwasm_std::Uint128;
use leasehold_api::escrow::{ExecuteMsg as EscrowMsg, HoldResponse, QueryMsg};
use leasehold_testing::verbs::rate;

use super::{query, PAGE};
use crate::stage::{done, Stage, RATE};
use crate::Machine;

const HELD: u128 = 1_000;

#[test]
fn hold() {
    Machine {
        page: PAGE,
        heading: "Hold",
        stage: |state, _, when| {
            let mut stage = Stage::new();
            if when == "less than the runway" {
                stage.empty();
            }
            match state {
                "none" => {}
                "held" => send(&mut stage, "hold", "")?.unwrap(),
                _ => return None,
            }
            Some(stage)
        },
        state: |stage| {
            let order_id = stage.order;
            match query::<HoldResponse>(stage, &QueryMsg::Hold { order_id }) {
                Err(_) => "none".into(),
                Ok(_) => "held".into(),
            }
        },
        send,
    }
    .run();
}

fn send(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let tenant = match when {
        "by another" => &stage.stranger,
        _ => &stage.tenant,
    };
    let msg = match message {
        "hold" => EscrowMsg::Hold {
            order_id: stage.order,
            account: stage.account,
            tenant: tenant.to_string(),
            rate: rate(RATE),
            amount: Uint128::new(HELD),
        },
        "release" => EscrowMsg::Release {
            order_id: stage.order,
            payee: (when == "to one that was let down").then(|| stage.providers[0].to_string()),
            amount: Uint128::new(HELD / 2),
        },
        _ => return None,
    };
    let peer = stage.world.suite.market.clone();
    done(stage.world.escrow_call(&peer, &msg, 0))
}
