use anyhow::Result;
use cosmwasm_std::Uint128;
use leasehold_api::escrow::{ExecuteMsg as EscrowMsg, HoldResponse, QueryMsg};
use leasehold_testing::verbs::rate;

use super::{query, PAGE};
use crate::stage::{done, Stage, DESCENDING, RATE, WINDOW};
use crate::Machine;

const AHEAD: u64 = 60;

#[test]
fn hold() {
    Machine {
        page: PAGE,
        heading: "Hold",
        stage: hold_stage,
        state: hold_state,
        send,
    }
    .run();
}

fn hold_stage(state: &str, _: &str, when: &str) -> Option<Stage> {
    let mut stage = Stage::new();
    if state == "held" {
        reserve(&mut stage).unwrap();
        stage = stage.with_bids(1);
    }
    match when {
        "" | "by another" => {}
        "less than the runway" => stage.empty(),
        "to one that was let down" => stage.pass(WINDOW),
        _ => return None,
    }
    Some(stage)
}

fn hold_state(stage: &Stage) -> String {
    let order_id = stage.order;
    match query::<HoldResponse>(stage, &QueryMsg::Hold { order_id }) {
        Err(_) => "none".into(),
        Ok(_) => "held".into(),
    }
}

fn reserve(stage: &mut Stage) -> Result<u64> {
    let tenant = stage.tenant.clone();
    let group = (RATE, DESCENDING);
    stage.world.reserve(&tenant, stage.account, group, AHEAD)
}

/// By the orders that do it, else in the market's name.
fn send(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let (tenant, deployment) = (stage.tenant.clone(), stage.deployment);
    let msg = match (message, hold_state(stage).as_str(), when) {
        ("hold", "none", "" | "less than the runway") => return done(reserve(stage)),
        ("release", "held", _) => return done(stage.world.pause(&tenant, deployment, 0)),
        ("hold", ..) => EscrowMsg::Hold {
            order_id: stage.order,
            account: stage.account,
            tenant: stage.stranger.to_string(),
            rate: rate(RATE),
            amount: Uint128::one(),
        },
        ("release", ..) => EscrowMsg::Release {
            order_id: stage.order,
            payee: None,
            amount: Uint128::zero(),
        },
        _ => return None,
    };
    let peer = stage.world.suite.market.clone();
    done(stage.world.escrow_call(&peer, &msg, 0))
}
