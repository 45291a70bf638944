use anyhow::Result;
use cosmwasm_std::{Checksum, Uint128};
use leasehold_api::deployment::{ExecuteMsg as DeploymentMsg, GroupStatus};
use leasehold_api::escrow::Limits;
use leasehold_api::market::RETENTION;
use leasehold_testing::verbs::{rate, small_group, small_terms, taking};

use crate::stage::{done, Stage, DESCENDING, RATE};
use crate::Machine;

/// Seconds that a proposal is good for.
const LIFETIME: u64 = 100;

pub const PAGE: &str = include_str!("../../../../docs/spec/deployment.md");

#[test]
fn deployment() {
    Machine {
        page: PAGE,
        heading: "Deployment",
        stage: deployment_stage,
        state: |stage| match stage.world.deployment(stage.deployment) {
            Err(_) => "none".into(),
            Ok(deployment) if deployment.closed => "closed".into(),
            Ok(_) => "open".into(),
        },
        send,
    }
    .run();
}

#[test]
fn group() {
    Machine {
        page: PAGE,
        heading: "Group",
        stage: group_stage,
        state: |stage| {
            match stage.world.deployment(stage.deployment) {
                Err(_) => "none",
                Ok(deployment) => match deployment.groups[0].status {
                    GroupStatus::Open => "open",
                    GroupStatus::Leased => "leased",
                    GroupStatus::Paused => "paused",
                    GroupStatus::Closed => "closed",
                },
            }
            .into()
        },
        send,
    }
    .run();
}

#[test]
fn change() {
    Machine {
        page: PAGE,
        heading: "Change",
        stage: change_stage,
        state: |stage| match stage.world.proposed(stage.deployment, 0) {
            Err(_) => "none".into(),
            Ok(_) => "proposed".into(),
        },
        send: send_change,
    }
    .run();
}

fn change_stage(state: &str, _: &str, when: &str) -> Option<Stage> {
    let mut stage = match (state, when) {
        ("none", "the group is not leased") => Stage::new().ordered(DESCENDING),
        ("none", _) => Stage::new().leased(1),
        ("proposed", _) => Stage::new().leased(1).proposed(),
        _ => return None,
    };
    match when {
        ""
        | "the group is not leased"
        | "above the maximum"
        | "under another name"
        | "it expires at once"
        | "by the provider"
        | "by another"
        | "naming another change" => {}
        "the account cannot pay" => stage.empty(),
        _ => return None,
    }
    Some(stage)
}

fn send_change(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let (tenant, id) = (stage.tenant.clone(), stage.deployment);
    let [first, second, _] = stage.providers.clone();
    match message {
        "propose_change" => {
            let units = match when {
                "above the maximum" => RATE + 1,
                _ => RATE - 1,
            };
            let ahead = match when {
                "it expires at once" => 0,
                _ => LIFETIME,
            };
            let propose = DeploymentMsg::ProposeChange {
                deployment_id: id,
                group: 0,
                rate: rate(units),
                spec: (when == "under another name").then(|| small_group("other", RATE)),
                manifest_hash: None,
                expires_at: stage.world.now() + ahead,
            };
            done(stage.world.deployment_call(&tenant, &propose, 0))
        }
        "withdraw_change" => {
            let withdraw = DeploymentMsg::WithdrawChange {
                deployment_id: id,
                group: 0,
            };
            done(stage.world.deployment_call(&tenant, &withdraw, 0))
        }
        "accept_change" => {
            let other = Checksum::generate(b"another");
            let named = match when {
                "naming another change" => other,
                _ => stage.world.proposed(id, 0).unwrap_or(other),
            };
            let who = if when == "by another" {
                &second
            } else {
                &first
            };
            done(stage.world.accept_change(who, id, 0, named))
        }
        "time" => {
            stage.pass(LIFETIME);
            Some(Ok(()))
        }
        _ => send(stage, message, when),
    }
}

fn deployment_stage(state: &str, _: &str, when: &str) -> Option<Stage> {
    let mut stage = match when {
        "the account is another's" => on_an_allowance(),
        _ => Stage::new(),
    };
    let tenant = stage.tenant.clone();
    match state {
        "none" => {}
        "open" | "closed" => stage = stage.ordered(DESCENDING),
        _ => return None,
    }
    match when {
        "" | "the same hash" | "to its owner" | "the account is another's" => {}
        "its orders are gone" | "an order is there" => {}
        "a group is paused" => {
            stage.world.pause(&tenant, stage.deployment, 0).unwrap();
        }
        "the account pays for another's lease" => {
            let [first, ..] = stage.providers.clone();
            let rent = stage.world.rent(&tenant, stage.account, &first, RATE);
            rent.unwrap();
        }
        _ => return None,
    }
    if state == "closed" {
        stage.world.close(&tenant, stage.deployment).unwrap();
    }
    if when == "its orders are gone" {
        stage.world.pass(RETENTION);
        stage.world.prune(&tenant, stage.order).unwrap();
    }
    Some(stage)
}

/// The tenant rents on what somebody allows it.
fn on_an_allowance() -> Stage {
    let mut stage = Stage::new();
    let (owner, spender) = (stage.tenant.clone(), stage.heir.clone());
    let limits = Limits {
        max_rate: rate(RATE),
        max_total: Uint128::new(10_000),
        expires: None,
        refill: None,
    };
    let drawn = stage.world.allow(&owner, stage.account, &spender, limits);
    stage.account = drawn.unwrap();
    stage.world.draw(&spender, stage.account, 1_000).unwrap();
    (stage.tenant, stage.heir) = (spender, owner);
    stage
}

fn group_stage(state: &str, _: &str, when: &str) -> Option<Stage> {
    let mut stage = match state {
        "none" => Stage::new(),
        "leased" => Stage::new().leased(1),
        "open" | "paused" | "closed" => Stage::new().ordered(DESCENDING),
        _ => return None,
    };
    let tenant = stage.tenant.clone();
    match state {
        "paused" => {
            stage.world.pause(&tenant, stage.deployment, 0).unwrap();
        }
        "closed" => {
            stage.world.close(&tenant, stage.deployment).unwrap();
        }
        _ => {}
    }
    match when {
        "" | "reserved" | "reserved, from a past time" => {}
        "on an offer" => {
            let [first, ..] = stage.providers.clone();
            let terms = small_terms(&stage.world, 1, RATE);
            stage.world.post_offer(&first, terms).unwrap();
        }
        "the account cannot pay" => stage.empty(),
        _ => return None,
    }
    Some(stage)
}

fn send(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let (tenant, heir) = (stage.tenant.clone(), stage.heir.clone());
    let id = stage.deployment;
    let world = &mut stage.world;
    match message {
        "create" if when == "on an offer" => {
            let group = [(RATE, taking(1, RATE))];
            done(world.take(&tenant, &group, 0, Some(stage.account)))
        }
        "create" if when.starts_with("reserved") => {
            let group = (RATE, DESCENDING);
            let ahead = if when == "reserved" { LIFETIME } else { 0 };
            done(world.reserve(&tenant, stage.account, group, ahead))
        }
        "create" => {
            let group = [(RATE, DESCENDING)];
            done(world.create(&tenant, &group, 0, Some(stage.account)))
        }
        "update" => {
            let hash = if when == "the same hash" { 1 } else { 2 };
            let update = DeploymentMsg::Update {
                deployment_id: id,
                manifest_hash: vec![hash; 32].into(),
            };
            done(world.deployment_call(&tenant, &update, 0))
        }
        "pause_group" => done(world.pause(&tenant, id, 0)),
        "start_group" => done(world.start(&tenant, id, 0)),
        "transfer" => {
            let to = if when == "to its owner" {
                &tenant
            } else {
                &heir
            };
            done(world.transfer(&tenant, id, to))
        }
        "close" => done(world.close(&tenant, id)),
        "prune" => done(world.prune_deployment(&heir, id)),
        _ => None,
    }
}
