mod held_once;
mod reserved;

use anyhow::Result;
use leasehold_api::deployment::{group_of, GROUPS};
use leasehold_api::market::{
    ExecuteMsg as MarketMsg, OfferResponse, OrderPhase, QueryMsg, TakeOffer, RETENTION,
};
use leasehold_api::provider::ExecuteMsg as ProviderMsg;
use leasehold_api::AuctionMode;
use leasehold_testing::verbs::{rate, small_terms, taking};

use crate::stage::{
    done, parts, Stage, DESCENDING, DURATION, NOTICE, PENALTY_DELAY, RATE, RATES, RESUME_WINDOW,
    RUNWAY, WINDOW,
};
use crate::Machine;

pub const PAGE: &str = include_str!("../../../../docs/spec/market.md");

/// The first one's id.
const OFFER: u64 = 1;
const OFFER_LIFE: u64 = 1_000;

const OPEN: AuctionMode = AuctionMode::Open { auto_after: None };
const DUTCH: AuctionMode = AuctionMode::Dutch { min_rate: None };

#[test]
fn order() {
    Machine {
        page: PAGE,
        heading: "Order",
        stage: order_stage,
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

#[test]
fn offer() {
    Machine {
        page: PAGE,
        heading: "Offer",
        stage: offer_stage,
        state: offer_state,
        send: send_offer,
    }
    .run();
}

fn order_stage(state: &str, _: &str, when: &str) -> Option<Stage> {
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

/// Brings a circumstance about; whether it is known. Who sends is for [`send`] to see to.
fn arrange(stage: &mut Stage, part: &str) -> bool {
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
        "on an offer" => post(stage, 1, RATE),
        "on an offer that is sold out" => post(stage, 0, RATE),
        "on an offer that is too dear" => post(stage, 1, RATE + 1),
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

fn lease_stage(state: &str, message: &str, when: &str) -> Option<Stage> {
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
            let offer = when.starts_with("on an offer").then(|| taking(OFFER, RATE));
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

/// The first provider sells so many groups of that price.
fn post(stage: &mut Stage, groups: u64, units: u128) {
    let terms = small_terms(&stage.world, groups, units);
    let [first, ..] = stage.providers.clone();
    stage.world.post_offer(&first, terms).unwrap();
}

fn offer_stage(state: &str, _: &str, when: &str) -> Option<Stage> {
    let mut stage = Stage::new();
    match state {
        "none" => {}
        "standing" => post(&mut stage, 2, RATE),
        "expired" => {
            post(&mut stage, 2, RATE);
            stage.pass(OFFER_LIFE);
        }
        _ => return None,
    }
    match when {
        "" | "by another" => {}
        "below what is taken" => {
            let (tenant, account) = (stage.tenant.clone(), Some(stage.account));
            let group = [(RATE, taking(OFFER, RATE))];
            stage.world.take(&tenant, &group, 0, account).unwrap();
        }
        _ => return None,
    }
    Some(stage)
}

fn offer_state(stage: &Stage) -> String {
    let query = QueryMsg::Offer { id: OFFER };
    let found = stage
        .world
        .query::<OfferResponse>(&stage.world.suite.market, &query);
    match found {
        Err(_) => "none",
        Ok(offer) if stage.world.now() < offer.terms.expires_at => "standing",
        Ok(_) => "expired",
    }
    .into()
}

fn send_offer(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let [first, second, _] = stage.providers.clone();
    let who = match when {
        "by another" => second,
        _ => first,
    };
    let (tenant, account) = (stage.tenant.clone(), Some(stage.account));
    let groups = match when {
        "below what is taken" => 0,
        _ => 3,
    };
    let terms = small_terms(&stage.world, groups, RATE);
    let world = &mut stage.world;
    match message {
        "post_offer" => done(world.post_offer(&who, terms)),
        "update_offer" => done(world.update_offer(&who, OFFER, terms)),
        "withdraw_offer" => done(world.withdraw_offer(&who, OFFER)),
        "open_order" => {
            let group = [(RATE, taking(OFFER, RATE))];
            done(world.take(&tenant, &group, 0, account))
        }
        "time" => {
            stage.pass(OFFER_LIFE);
            Some(Ok(()))
        }
        _ => None,
    }
}
