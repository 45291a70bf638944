//! Auctions that are held once a round. Each table's own circumstances; what is the same for all orders is sent by the parent.

use anyhow::Result;
use leasehold_api::{AuctionMode, Pricing};

use super::{open, order_state, send, PAGE};
use crate::stage::{done, parts, Stage, RATE, RATES, WINDOW};
use crate::Machine;

/// Of the development chain, seconds.
const COMMIT: u64 = 10;
const REVEAL: u64 = 10;
const HARD_CLOSE: u64 = 20;
const AUTO_AFTER: u64 = 8;

const OPEN: AuctionMode = AuctionMode::Open {
    auto_after: Some(AUTO_AFTER),
};

const fn sealed(min_bidders: Option<u32>) -> AuctionMode {
    AuctionMode::Sealed {
        pricing: Pricing::First,
        min_bidders,
    }
}

const fn crowd(least: u32) -> AuctionMode {
    AuctionMode::Descending {
        min_bidders: Some(least),
    }
}

#[test]
fn sealed_order() {
    Machine {
        page: PAGE,
        heading: "Sealed order",
        stage: sealed_stage,
        state: order_state,
        send: send_sealed,
    }
    .run();
}

#[test]
fn order_that_decides_by_itself() {
    Machine {
        page: PAGE,
        heading: "Order that decides by itself",
        stage: open_stage,
        state: order_state,
        send: send_open,
    }
    .run();
}

#[test]
fn order_that_needs_several_bidders() {
    Machine {
        page: PAGE,
        heading: "Order that needs several bidders",
        stage: crowd_stage,
        state: order_state,
        send: send_crowd,
    }
    .run();
}

impl Stage {
    /// Sealed; the first `bidders` have committed, the first lowest, and the last provider where somebody is to keep its bid back.
    fn committed(self, min_bidders: Option<u32>, bidders: usize, keeps_back: bool) -> Self {
        let mut stage = self.ordered(sealed(min_bidders));
        for (provider, rate) in stage.providers.clone().iter().zip(RATES).take(bidders) {
            stage.world.commit(provider, stage.order, rate).unwrap();
        }
        if keeps_back {
            let last = stage.providers[2].clone();
            stage.world.commit(&last, stage.order, RATE).unwrap();
        }
        stage
    }

    fn revealed(mut self, bidders: usize) -> Self {
        for (provider, rate) in self.providers.clone().iter().zip(RATES).take(bidders) {
            self.world.reveal(provider, self.order, rate).unwrap();
        }
        self
    }

    fn paused(mut self) -> Self {
        let tenant = self.tenant.clone();
        self.world.pause(&tenant, self.deployment, 0).unwrap();
        self
    }

    /// The winner claims.
    fn claimed(mut self) -> Self {
        let winner = self.providers[0].clone();
        self.world.claim(&winner, self.order).unwrap();
        self
    }

    fn ended(mut self) -> Self {
        let (tenant, lease) = (self.tenant.clone(), self.lease());
        self.world.end_lease(&tenant, lease).unwrap();
        self
    }
}

fn sealed_stage(state: &str, message: &str, when: &str) -> Option<Stage> {
    let keeps_back = when == "of one that kept back";
    let new = |bidders| Stage::new().committed(None, bidders, keeps_back);
    // Open to reveals, all of them made but the one kept back.
    let awarded = |bidders| {
        let stage = new(bidders).later(COMMIT).revealed(bidders);
        match keeps_back {
            true => stage.later(REVEAL),
            false => stage,
        }
    };
    Some(match (state, when) {
        ("none", _) => Stage::new(),
        ("commitments", "nobody has committed") => new(0),
        ("commitments", "too few have committed") => Stage::new().committed(Some(2), 1, false),
        ("commitments", _) => new(2),
        ("reveals", "the last") => new(1).later(COMMIT),
        ("reveals", "somebody has revealed") => new(2).later(COMMIT).revealed(1),
        ("reveals", "too few have revealed") => Stage::new()
            .committed(Some(2), 2, false)
            .later(COMMIT)
            .revealed(1),
        ("reveals", _) => new(2).later(COMMIT),
        ("best", "there is none") => awarded(1),
        ("best", _) => awarded(2),
        ("second", _) => awarded(2).later(WINDOW),
        ("dutch", "a leader is to be freed") => Stage::new()
            .committed(Some(2), 2, false)
            .later(COMMIT)
            .revealed(1)
            .later(REVEAL),
        ("dutch", _) => new(usize::from(!keeps_back)).later(COMMIT).later(REVEAL),
        ("promoted", _) => awarded(2).claimed().ended(),
        ("leased", "by the tenant, with a runner-up" | "by the runner-up") => awarded(2).claimed(),
        ("leased", _) => awarded(1).claimed(),
        ("closed", "of one that kept back") => new(1).paused(),
        ("closed", _) if message == "open_order" => Stage::new().ordered(sealed(None)).paused(),
        ("closed", _) => awarded(2).paused(),
        _ => return None,
    })
}

/// A bidder that committed did not reveal in time.
pub(super) fn kept_back() -> Stage {
    let stage = Stage::new().committed(None, 0, true);
    stage.later(COMMIT).later(REVEAL)
}

fn send_sealed(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let state = order_state(stage);
    let [first, second, third] = stage.providers.clone();
    let (order, stranger) = (stage.order, stage.stranger.clone());
    let world = &mut stage.world;
    let bidder = match when {
        "of one that kept back" => &third,
        "of a bidder" => &first,
        _ => &second,
    };
    match (message, when) {
        ("open_order", _) => open(stage, &state, sealed(None), None),
        ("commit", "again") => done(world.commit(&first, order, RATE)),
        ("commit", _) => done(world.commit(&third, order, RATE)),
        ("reveal", "with another rate") => done(world.reveal(&first, order, RATE)),
        ("reveal", "by one that has not committed") => done(world.reveal(&third, order, RATE)),
        ("reveal", _) => done(world.reveal(&first, order, RATES[0])),
        ("withdraw_bid", _) => done(world.withdraw_bid(bidder, order)),
        ("expire", "of a bidder" | "of one that kept back") => {
            done(world.expire_of(&stranger, order, bidder))
        }
        ("time", _) => {
            stage.pass(COMMIT);
            Some(Ok(()))
        }
        _ => send(stage, message, when),
    }
}

fn open_stage(state: &str, message: &str, when: &str) -> Option<Stage> {
    let new = |bidders| Stage::new().ordered(OPEN).with_bids(bidders);
    let mut stage = match (state, when) {
        ("none", _) => Stage::new(),
        ("choice", "nobody has bid") => new(0),
        ("choice", _) => new(2),
        ("best", "there is none") => new(1).later(AUTO_AFTER),
        ("best", _) => new(2).later(AUTO_AFTER),
        ("second", _) => new(2).later(AUTO_AFTER + WINDOW),
        ("dutch", _) => new(2).later(AUTO_AFTER + 2 * WINDOW),
        ("leased", _) => new(2).later(AUTO_AFTER).claimed(),
        ("closed", _) if message == "open_order" => new(0).paused(),
        ("closed", _) => new(2).paused(),
        _ => return None,
    };
    if parts(when).any(|part| part == "its bid taken back") {
        let winner = stage.providers[0].clone();
        stage.world.withdraw_bid(&winner, stage.order).unwrap();
    }
    Some(stage)
}

fn send_open(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let state = order_state(stage);
    let (order, [first, second, third]) = (stage.order, stage.providers.clone());
    let world = &mut stage.world;
    match (message, when) {
        ("open_order", _) => open(stage, &state, OPEN, None),
        ("bid", "dearer than its own") => done(world.bid(&first, order, RATE)),
        ("withdraw_bid", "") => done(world.withdraw_bid(&third, order)),
        ("withdraw_bid", _) => done(world.withdraw_bid(&second, order)),
        ("time", _) => {
            stage.pass(AUTO_AFTER);
            Some(Ok(()))
        }
        _ => send(stage, message, when),
    }
}

fn crowd_stage(state: &str, message: &str, when: &str) -> Option<Stage> {
    let new = |bidders| Stage::new().ordered(crowd(2)).with_bids(bidders);
    let awarded = || new(2).later(WINDOW);
    Some(match (state, when) {
        ("none", _) => Stage::new(),
        ("bidding", "nobody has bid") => new(0),
        ("bidding", "too few have bid") => new(1),
        ("bidding", _) => new(2),
        ("best", "there is none") => {
            let mut stage = awarded();
            let second = stage.providers[1].clone();
            stage.world.withdraw_bid(&second, stage.order).unwrap();
            stage
        }
        ("best", _) => awarded(),
        ("second", _) => awarded().later(WINDOW),
        ("dutch", "a leader is to be freed") => new(1).later(HARD_CLOSE),
        ("dutch", _) => {
            let mut stage = new(1).later(HARD_CLOSE);
            let stranger = stage.stranger.clone();
            stage.world.expire(&stranger, stage.order).unwrap();
            stage
        }
        ("leased", _) => awarded().claimed(),
        ("closed", _) if message == "open_order" => new(0).paused(),
        ("closed", _) => new(2).paused(),
        _ => return None,
    })
}

fn send_crowd(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    let state = order_state(stage);
    match (message, when) {
        ("open_order", _) => open(stage, &state, crowd(2), None),
        ("time", "too few have bid" | "nobody has bid") => {
            stage.pass(HARD_CLOSE);
            Some(Ok(()))
        }
        _ => send(stage, message, when),
    }
}
