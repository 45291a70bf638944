//! What the tables of orders, leases and penalties start from.

use leasehold_api::deployment::{group_of, GROUPS};
use leasehold_api::market::RETENTION;
use leasehold_api::provider::ExecuteMsg as ProviderMsg;

use super::{held_once, offer, DUTCH, OPEN};
use crate::stage::{
    parts, Stage, DESCENDING, DURATION, NOTICE, PENALTY_DELAY, RATE, RESUME_WINDOW, RUNWAY, WINDOW,
};

pub fn order_stage(state: &str, _: &str, when: &str) -> Option<Stage> {
    let mut stage = match (state, when) {
        ("none", _) => Stage::new(),
        ("bidding", "nobody has bid") => Stage::new().ordered(DESCENDING),
        ("bidding", _) => Stage::new().ordered(DESCENDING).with_bids(2),
        ("best", "there is none") => Stage::new().decided(1),
        ("best", _) => Stage::new().decided(2),
        ("second", _) => Stage::new().decided(2).later(WINDOW),
        ("lapsed", "noted before") => {
            let mut stage = Stage::new().decided(2).later(WINDOW);
            let stranger = stage.stranger.clone();
            stage.world.expire(&stranger, stage.order).unwrap();
            return Some(stage.later(WINDOW));
        }
        ("lapsed", _) => Stage::new().decided(2).later(2 * WINDOW),
        ("choice", _) => chosen(),
        ("dutch", _) => Stage::new().ordered(DUTCH),
        ("promoted", _) => ended(2),
        ("leased", _) => leased(when),
        ("closed", _) => closed(when),
        _ => return None,
    };
    parts(when)
        .all(|part| arrange(&mut stage, part))
        .then_some(stage)
}

pub fn lease_stage(state: &str, message: &str, when: &str) -> Option<Stage> {
    Some(match (state, message) {
        ("none", "accept") => chosen(),
        ("none", _) => Stage::new().decided(2),
        ("active", _) => {
            let mut stage = Stage::new().leased(2);
            if message == "failover" {
                stage.silence(30);
            }
            stage
        }
        ("ended", _) => {
            let mut stage = Stage::new().leased(2);
            let tenant = stage.tenant.clone();
            stage.world.pause(&tenant, stage.deployment, 0).unwrap();
            if when == "long ended" {
                stage.world.pass(RETENTION);
            }
            stage
        }
        _ => return None,
    })
}

pub fn penalty_stage(state: &str, message: &str, when: &str) -> Option<Stage> {
    let late = Stage::new().decided(2);
    Some(match (state, when) {
        ("none", "the provider is down") => {
            let mut stage = Stage::new().leased(1);
            stage.silence(30);
            stage
        }
        ("none", "the winner did not come") if message == "bid" => late.later(2 * WINDOW),
        ("none", "the winner did not come") => late.later(WINDOW),
        ("none", "a commitment was kept back") => held_once::kept_back(),
        ("none", "by the provider" | "") => Stage::new().leased(1),
        ("pending", "due" | "too early" | "") => {
            let stage = penalized();
            match when {
                "due" => stage.later(PENALTY_DELAY),
                _ => stage,
            }
        }
        _ => return None,
    })
}

/// On the tenant's choice, with a bid of the second provider.
fn chosen() -> Stage {
    let mut stage = Stage::new().ordered(OPEN);
    let second = stage.providers[1].clone();
    stage.world.bid(&second, stage.order, RATE).unwrap();
    stage
}

/// Open again after a lease.
fn ended(bidders: usize) -> Stage {
    let mut stage = Stage::new().leased(bidders);
    let (tenant, lease) = (stage.tenant.clone(), stage.lease());
    stage.world.end_lease(&tenant, lease).unwrap();
    stage
}

fn leased(when: &str) -> Stage {
    let has = |part| parts(when).any(|p| p == part);
    if has("the job is over") {
        let mut stage = Stage::new().with_job();
        let first = stage.providers[0].clone();
        stage.world.claim(&first, stage.order).unwrap();
        return stage;
    }
    let attempts = if has("the last attempt") { 1 } else { 4 };
    let runner_up = has("with a runner-up") || has("by a former bidder");
    Stage::with(|genesis| genesis.market.max_attempts = attempts).leased(1 + usize::from(runner_up))
}

/// Off the market, in the mode in which it was or will be ordered.
fn closed(when: &str) -> Stage {
    let mut stage = match when {
        "open" => Stage::new().ordered(OPEN),
        "Dutch" => Stage::new().ordered(DUTCH),
        "by a former bidder" => chosen(),
        _ if when.starts_with("long closed, a") => return long_closed(when),
        _ => Stage::new().ordered(DESCENDING),
    };
    let tenant = stage.tenant.clone();
    stage.world.pause(&tenant, stage.deployment, 0).unwrap();
    stage
}

/// With its deployment, a month ago, and something that holds a bond.
fn long_closed(when: &str) -> Stage {
    let mut stage = match when {
        "long closed, a commitment is left" => held_once::kept_back(),
        _ => penalized(),
    };
    let tenant = stage.tenant.clone();
    stage.world.close(&tenant, stage.deployment).unwrap();
    stage.world.pass(RETENTION);
    // The lease, if there was one.
    let pruned = stage.world.prune(&tenant, stage.order);
    assert_eq!(pruned.is_ok(), when == "long closed, a penalty is pending");
    stage
}

/// The winner has ended its lease without notice.
fn penalized() -> Stage {
    let mut stage = Stage::new().leased(1);
    let winner = stage.providers[0].clone();
    stage.world.end_lease(&winner, stage.lease()).unwrap();
    stage
}

/// Brings a circumstance about; whether it is known. Who sends is for [`super::send`] to see to.
pub fn arrange(stage: &mut Stage, part: &str) -> bool {
    let (tenant, winner, order) = (
        stage.tenant.clone(),
        stage.providers[0].clone(),
        stage.order,
    );
    match part {
        "descending"
        | "open"
        | "Dutch"
        | "above the maximum"
        | "a tie with the runner-up"
        | "nobody has bid"
        | "somebody has bid"
        | "there is a runner-up"
        | "there is none"
        | "with a runner-up"
        | "the last attempt"
        | "the provider is alive"
        | "by the winner"
        | "by the leader"
        | "by the runner-up"
        | "by a former bidder"
        | "by the tenant"
        | "by the provider"
        | "by another"
        | "a commitment is left"
        | "a penalty is pending" => {}
        "long closed" => stage.world.pass(RETENTION),
        "with its deployment" => {
            stage.world.close(&tenant, stage.deployment).unwrap();
        }
        "on an offer" => offer::post(stage, 1, RATE),
        "on an offer that is sold out" => offer::post(stage, 0, RATE),
        "on an offer that is too dear" => offer::post(stage, 1, RATE + 1),
        "the account cannot pay" => stage.empty(),
        "the account cannot pay for another" => {
            stage.empty();
            stage.pass(1);
        }
        "the winner has become the tenant" => {
            let given = stage.world.transfer(&tenant, stage.deployment, &winner);
            given.unwrap();
        }
        "its auditors do not vouch any more" => {
            let deployments = &mut *stage.world.storage_mut(|s| &s.deployment);
            let key = group_of(order);
            let mut group = GROUPS.load(deployments, key).unwrap();
            group.requirements.all_of = vec!["an auditor".into()];
            GROUPS.save(deployments, key, &group).unwrap();
        }
        "noted before" => {
            let stranger = stage.stranger.clone();
            stage.world.expire(&stranger, order).unwrap();
        }
        "twice" => {
            stage.world.give_notice(&winner, stage.lease()).unwrap();
        }
        "its notice over" => {
            stage.world.give_notice(&winner, stage.lease()).unwrap();
            stage.pass(NOTICE);
        }
        "the provider is down" => stage.silence(30),
        "the provider drains" => {
            let drained = stage.world.provider_call(&winner, &ProviderMsg::Drain {});
            drained.unwrap();
        }
        "the job is over" => stage.pass(DURATION),
        "in a maintenance" => {
            stage.announce_maintenance().unwrap();
            stage.silence(20);
        }
        "long dry" => {
            stage.empty();
            stage.pass(RUNWAY + RESUME_WINDOW);
        }
        _ => return false,
    }
    true
}
