mod order;

use anyhow::Result;
use leasehold_api::market::{CommitmentsResponse, ExecuteMsg as MarketMsg, OrderPhase, QueryMsg};
use leasehold_api::AuctionMode;
use leasehold_testing::verbs::rate;

use order::{chosen, half_revealed, DUTCH, OPEN, SEALED_BIDS};

use crate::stage::{
    done, parts, Stage, DESCENDING, HARD_CLOSE, PENALTY_DELAY, RATE, RATES, SEALED, WINDOW,
};
use crate::{Machine, TIME};

pub const PAGE: &str = include_str!("../../../../docs/spec/market.md");

#[test]
fn order() {
    Machine {
        page: PAGE,
        heading: "Order",
        stage: order::stage,
        state: order_state,
        send,
    }
    .run();
}

#[test]
fn lease() {
    Machine {
        page: PAGE,
        heading: "Lease",
        stage: lease_stage,
        state: lease_state,
        send,
    }
    .run();
}

/// Of the first provider.
#[test]
fn commitment() {
    Machine {
        page: PAGE,
        heading: "Commitment",
        stage: |state, _, when| {
            let bidders = match state {
                "none" => 0,
                "kept" => 1,
                _ => return None,
            };
            let stage = Stage::new().committed(SEALED_BIDS, bidders);
            Some(match when {
                "too late to reveal" => stage.later(2 * SEALED),
                "" | "again" => stage,
                _ => return None,
            })
        },
        state: |stage| {
            let all = QueryMsg::Commitments {
                order_id: stage.order,
                start_after: None,
                limit: None,
            };
            let market = &stage.world.suite.market;
            let kept: CommitmentsResponse = stage.world.query(market, &all).unwrap();
            let none = kept.commitments.is_empty();
            if none { "none" } else { "kept" }.into()
        },
        send: |stage, message, when| {
            let first = stage.providers[0].clone();
            match message {
                "withdraw_bid" => done(stage.world.withdraw_bid(&first, stage.order)),
                "expire" => done(stage.world.expire_commitment(&first, stage.order, &first)),
                "reveal" => {
                    stage.pass(SEALED);
                    send(stage, message, when)
                }
                _ => send(stage, message, when),
            }
        },
    }
    .run();
}

#[test]
fn penalty() {
    Machine {
        page: PAGE,
        heading: "Penalty",
        stage: penalty_stage,
        state: |stage| {
            let none = stage.world.penalties().unwrap().is_empty();
            if none { "none" } else { "pending" }.into()
        },
        send,
    }
    .run();
}

fn order_state(stage: &Stage) -> String {
    let Ok(order) = stage.world.order(stage.order) else {
        return "none".into();
    };
    match (order.phase, order.mode) {
        (OrderPhase::Leased, _) => "leased",
        (OrderPhase::Closed, _) => "closed",
        (OrderPhase::Bidding, AuctionMode::Descending { .. }) => "bidding",
        (OrderPhase::Bidding, AuctionMode::Open { .. }) => "choice",
        (OrderPhase::Bidding, AuctionMode::Sealed { .. }) => "committing",
        (OrderPhase::Revealing, _) => "revealing",
        (OrderPhase::Bidding, AuctionMode::Dutch { .. }) => "dutch",
        (OrderPhase::AwardBest, AuctionMode::Dutch { .. }) => "promoted",
        (OrderPhase::AwardBest, _) => "best",
        (OrderPhase::AwardSecond, _) => "second",
        (OrderPhase::Lapsed, _) => "lapsed",
    }
    .into()
}

fn lease_stage(state: &str, message: &str, _: &str) -> Option<Stage> {
    Some(match (state, message) {
        ("none", "accept") => chosen(OPEN),
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
            stage
        }
        _ => return None,
    })
}

fn lease_state(stage: &Stage) -> String {
    match stage.world.lease(stage.lease()) {
        Err(_) => "none",
        Ok(lease) if lease.ended.is_some() => "ended",
        Ok(_) => "active",
    }
    .into()
}

fn penalty_stage(state: &str, message: &str, when: &str) -> Option<Stage> {
    let late = Stage::new().decided(2);
    Some(match (state, when) {
        ("none", "the provider is down") => {
            let mut stage = Stage::new().leased(1);
            stage.silence(30);
            stage
        }
        ("none", "a commitment was never revealed") => half_revealed(),
        ("none", "the winner did not come") if message == "bid" => late.later(2 * WINDOW),
        ("none", "the winner did not come") => late.later(WINDOW),
        ("none", "by the provider" | "") => Stage::new().leased(1),
        ("pending", "due" | "too early" | "") => {
            let mut stage = Stage::new().leased(1);
            let winner = stage.providers[0].clone();
            stage.world.end_lease(&winner, stage.lease()).unwrap();
            match when {
                "due" => stage.later(PENALTY_DELAY),
                _ => stage,
            }
        }
        _ => return None,
    })
}

/// In the ordinary case by whoever may.
fn send(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let (order, lease) = (stage.order, stage.lease());
    let state = order_state(stage);
    let [first, second, third] = stage.providers.clone();
    let (tenant, stranger) = (stage.tenant.clone(), stage.stranger.clone());
    let sender = parts(when).find_map(|part| {
        Some(match part {
            "by the winner" | "by the leader" | "by the provider" => &first,
            "by the runner-up" | "by a former bidder" => &second,
            "by the tenant" => &tenant,
            "by another" => &stranger,
            _ => return None,
        })
    });
    let in_mode_open = parts(when).any(|part| part == "in mode open");
    let world = &mut stage.world;
    match message {
        "open_order" => open(stage, &state, when),
        "close_order" => close(stage, &state),
        "bid" => {
            let units = match when {
                "above the maximum" => RATE + 1,
                "a tie with the runner-up" => RATES[1],
                _ => 1,
            };
            done(world.bid(&third, order, units))
        }
        "withdraw_bid" => done(world.withdraw_bid(sender.unwrap_or(&second), order)),
        "commit" => {
            let who = if state == "committing" {
                &first
            } else {
                &third
            };
            done(world.commit(who, order, rate(RATE)))
        }
        "reveal" => {
            let (who, units) = match when {
                "what another committed to" => (&second, RATES[0]),
                "above the maximum" => (&first, RATE + 1),
                _ => (&first, RATES[0]),
            };
            done(world.reveal(who, order, rate(units)))
        }
        "claim" => {
            let ordinary = match state.as_str() {
                "second" | "promoted" | "choice" => &second,
                "best" if in_mode_open => &second,
                "dutch" => &third,
                _ => &first,
            };
            done(world.claim(sender.unwrap_or(ordinary), order))
        }
        "accept" => done(world.accept(&tenant, order, &second)),
        "give_notice" => done(world.give_notice(sender.unwrap_or(&first), lease)),
        "change_lease" => {
            let change = MarketMsg::ChangeLease {
                lease_id: lease,
                provider: first.to_string(),
                rate: rate(RATE),
                max_rate: None,
            };
            let peer = world.suite.deployment.clone();
            done(world.market_call(&peer, &change))
        }
        "end_lease" => done(world.end_lease(sender.unwrap_or(&tenant), lease)),
        "failover" => done(world.failover(sender.unwrap_or(&stranger), lease)),
        "expire" if when == "a commitment was never revealed" => {
            done(world.expire_commitment(&stranger, order, &second))
        }
        "expire" => done(world.expire(&stranger, order)),
        "slash" => done(world.slash(&stranger, order, 1)),
        TIME => {
            stage.pass(match state.as_str() {
                "committing" | "revealing" => SEALED,
                _ if when.ends_with("to the hard close") => HARD_CLOSE,
                _ => WINDOW,
            });
            Some(Ok(()))
        }
        _ => None,
    }
}

/// Through the deployment contract where that would do it, else in its name.
fn open(stage: &mut Stage, state: &str, when: &str) -> Option<Result<()>> {
    let auction = match when {
        "open" => OPEN,
        "Dutch" => DUTCH,
        "sealed" => SEALED_BIDS,
        _ => DESCENDING,
    };
    let (tenant, account) = (stage.tenant.clone(), stage.account);
    let (deployment, world) = (stage.deployment, &mut stage.world);
    match state {
        "none" => done(world.create(&tenant, &[(RATE, auction)], 0, Some(account))),
        "closed" => done(world.start(&tenant, deployment, 0)),
        _ => {
            let open = MarketMsg::OpenOrder {
                order_id: stage.order,
                account,
                denom: world.rent_denom(),
                max_rate: rate(RATE),
                terms: auction.into(),
            };
            let peer = world.suite.deployment.clone();
            done(world.market_call(&peer, &open))
        }
    }
}

fn close(stage: &mut Stage, state: &str) -> Option<Result<()>> {
    let (tenant, deployment) = (stage.tenant.clone(), stage.deployment);
    if !["none", "closed"].contains(&state) {
        return done(stage.world.pause(&tenant, deployment, 0));
    }
    let close = MarketMsg::CloseOrder {
        order_id: stage.order,
    };
    let peer = stage.world.suite.deployment.clone();
    done(stage.world.market_call(&peer, &close))
}
