mod held_once;
mod offer;
mod reserved;
mod stages;

use anyhow::Result;
use leasehold_api::market::{ExecuteMsg as MarketMsg, OrderPhase, TakeOffer};
use leasehold_api::AuctionMode;
use leasehold_testing::verbs::{rate, taking};

use crate::stage::{done, parts, Stage, DESCENDING, RATE, RATES, WINDOW};
use crate::Machine;

pub const PAGE: &str = include_str!("../../../../docs/spec/market.md");

const OPEN: AuctionMode = AuctionMode::Open { auto_after: None };
const DUTCH: AuctionMode = AuctionMode::Dutch { min_rate: None };

#[test]
fn order() {
    Machine {
        page: PAGE,
        heading: "Order",
        stage: stages::order_stage,
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
        stage: stages::lease_stage,
        state: lease_state,
        send,
    }
    .run();
}

#[test]
fn penalty() {
    Machine {
        page: PAGE,
        heading: "Penalty",
        stage: stages::penalty_stage,
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
        (OrderPhase::Bidding, AuctionMode::Dutch { .. }) => "dutch",
        (OrderPhase::Bidding, AuctionMode::Sealed { .. }) => "commitments",
        (OrderPhase::Revealing, _) => "reveals",
        (OrderPhase::Reserved, _) => "reserved",
        (OrderPhase::AwardBest, AuctionMode::Dutch { .. }) => "promoted",
        (OrderPhase::AwardBest, _) => "best",
        (OrderPhase::AwardSecond, _) => "second",
        (OrderPhase::Lapsed, _) => "lapsed",
    }
    .into()
}

fn lease_state(stage: &Stage) -> String {
    match stage.world.lease(stage.lease()) {
        Err(_) => "none",
        Ok(lease) if lease.ended.is_some() => "ended",
        Ok(_) => "active",
    }
    .into()
}

/// In the ordinary case by whoever may.
fn send(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let (order, order_id, lease) = (stage.order, stage.order, stage.lease());
    let state = order_state(stage);
    let [first, second, third] = stage.providers.clone();
    let (tenant, stranger) = (stage.tenant.clone(), stage.stranger.clone());
    let sender = parts(when).find_map(|part| {
        Some(match part {
            "by the winner" | "by the leader" | "by the provider" => &first,
            "by the runner-up" | "by a former bidder" => &second,
            "by the tenant" => &tenant,
            "by another" => &stranger,
            "a commitment was kept back" => &third,
            _ => return None,
        })
    });
    let world = &mut stage.world;
    match message {
        "open_order" => {
            let offer = when
                .starts_with("on an offer")
                .then(|| taking(offer::OFFER, RATE));
            open(stage, &state, mode_of(when), offer)
        }
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
        "claim" => {
            let ordinary = match state.as_str() {
                "second" | "promoted" | "choice" => &second,
                "dutch" => &third,
                _ => &first,
            };
            done(world.claim(sender.unwrap_or(ordinary), order))
        }
        "accept" => done(world.accept(&tenant, order, &second)),
        "change_lease" => {
            let units = match when {
                "above the maximum" => RATE + 1,
                _ => RATE,
            };
            let change = MarketMsg::ChangeLease {
                lease_id: lease,
                provider: sender.unwrap_or(&first).to_string(),
                rate: rate(units),
                max_rate: None,
            };
            let peer = world.suite.deployment.clone();
            done(world.market_call(&peer, &change))
        }
        "give_notice" => done(world.give_notice(sender.unwrap_or(&first), lease)),
        "end_lease" => done(world.end_lease(sender.unwrap_or(&tenant), lease)),
        "failover" => done(world.failover(sender.unwrap_or(&stranger), lease)),
        "expire" if when == "a commitment was kept back" => {
            done(world.expire_of(&stranger, order, &third))
        }
        "expire" => done(world.expire(&stranger, order_id)),
        "slash" => done(world.slash(&stranger, order, 1)),
        "prune" => done(world.prune(&stranger, order)),
        "time" => {
            stage.pass(WINDOW);
            Some(Ok(()))
        }
        _ => None,
    }
}

fn mode_of(when: &str) -> AuctionMode {
    match when {
        "open" => OPEN,
        "Dutch" => DUTCH,
        _ => DESCENDING,
    }
}

/// Through the deployment contract where that would do it, else in its name.
fn open(
    stage: &mut Stage,
    state: &str,
    auction: AuctionMode,
    offer: Option<TakeOffer>,
) -> Option<Result<()>> {
    let (tenant, account) = (stage.tenant.clone(), stage.account);
    let (deployment, world) = (stage.deployment, &mut stage.world);
    match (state, offer) {
        ("none", Some(offer)) => done(world.take(&tenant, &[(RATE, offer)], 0, Some(account))),
        ("none", None) => done(world.create(&tenant, &[(RATE, auction)], 0, Some(account))),
        ("closed", None) => done(world.start(&tenant, deployment, 0)),
        _ => {
            let open = MarketMsg::OpenOrder {
                order_id: stage.order,
                account,
                denom: world.rent_denom(),
                max_rate: rate(RATE),
                terms: auction.into(),
                offer,
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
