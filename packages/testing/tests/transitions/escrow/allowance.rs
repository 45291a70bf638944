use anyhow::Result;
use cosmwasm_std::Uint128;
use leasehold_api::escrow::{AllowanceResponse, ExecuteMsg as EscrowMsg, Limits, QueryMsg, Refill};
use leasehold_testing::verbs::rate;

use super::{query, PAGE};
use crate::stage::{done, Stage, RATE};
use crate::Machine;

#[test]
fn allowance() {
    Machine {
        page: PAGE,
        heading: "Allowance",
        stage: allowance_stage,
        state: |stage| {
            let account = stage.subject;
            match query::<AllowanceResponse>(stage, &QueryMsg::Allowance { account }) {
                Err(_) => "none".into(),
                Ok(_) => "given".into(),
            }
        },
        send: send_to_allowance,
    }
    .run();
}

pub fn limits() -> Limits {
    Limits {
        max_rate: rate(RATE),
        max_total: Uint128::new(10_000),
        expires: None,
        refill: Some(Refill { below: 35, to: 60 }),
    }
}

/// The subject is the drawn account.
fn allowance_stage(state: &str, message: &str, when: &str) -> Option<Stage> {
    let mut stage = Stage::new();
    let (tenant, heir) = (stage.tenant.clone(), stage.heir.clone());
    if state == "none" {
        if message == "allow" {
            stage.subject += 1;
        }
        return Some(stage);
    }
    if state != "given" {
        return None;
    }
    let expires = (when == "expired").then(|| stage.world.now() + 5);
    let limits = Limits {
        expires,
        ..limits()
    };
    let account = stage.account;
    stage.subject = stage.world.allow(&tenant, account, &heir, limits).unwrap();
    stage.world.draw(&heir, stage.subject, 400).unwrap();
    match when {
        "" | "below what is drawn" | "beyond the total" | "by another" | "not due" => {}
        "expired" => stage.pass(5),
        "due" => {
            let [first, ..] = stage.providers.clone();
            let drawn = stage.subject;
            stage.world.rent(&heir, drawn, &first, RATE).unwrap();
            stage.pass(6);
        }
        _ => return None,
    }
    Some(stage)
}

fn send_to_allowance(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let (tenant, heir, stranger) = (
        stage.tenant.clone(),
        stage.heir.clone(),
        stage.stranger.clone(),
    );
    let account = stage.subject;
    let world = &mut stage.world;
    let (sender, msg) = match message {
        "allow" => return done(world.allow(&tenant, stage.account, &heir, limits())),
        "adjust" => {
            let most = if when == "below what is drawn" {
                399
            } else {
                400
            };
            let max_total = Uint128::new(most);
            let limits = Limits {
                max_total,
                ..limits()
            };
            (tenant, EscrowMsg::Adjust { account, limits })
        }
        "draw" => {
            let units = if when == "beyond the total" {
                9_601
            } else {
                10
            };
            let sender = if when == "by another" { stranger } else { heir };
            return done(world.draw(&sender, account, units));
        }
        "top_up" => (stranger, EscrowMsg::TopUp { account }),
        "revoke" => (tenant, EscrowMsg::Revoke { account }),
        "transfer_account" => {
            let transfer = EscrowMsg::TransferAccount {
                account,
                owner: tenant.to_string(),
                new_owner: stranger.to_string(),
            };
            (world.suite.deployment.clone(), transfer)
        }
        _ => return None,
    };
    done(world.escrow_call(&sender, &msg, 0))
}
