//! An order in each of its states, as each row wants it.

use leasehold_api::{AuctionMode, Pricing};
use leasehold_testing::verbs::rate;

use super::order_state;
use crate::stage::{
    parts, Stage, DESCENDING, HARD_CLOSE, NOTICE, RATE, RESUME_WINDOW, RUNWAY, SEALED, WINDOW,
};

pub const OPEN: AuctionMode = AuctionMode::Open { auto_after: None };
pub const AUTOMATIC: AuctionMode = AuctionMode::Open {
    auto_after: Some(WINDOW),
};
pub const DUTCH: AuctionMode = AuctionMode::Dutch { min_rate: None };
pub const SEVERAL: AuctionMode = AuctionMode::Descending {
    min_bidders: Some(2),
};
pub const SEALED_BIDS: AuctionMode = AuctionMode::Sealed {
    pricing: Pricing::First,
    min_bidders: None,
};
pub const SEALED_SEVERAL: AuctionMode = AuctionMode::Sealed {
    pricing: Pricing::First,
    min_bidders: Some(2),
};

pub fn stage(state: &str, _: &str, when: &str) -> Option<Stage> {
    let has = |part: &str| parts(when).any(|p| p == part);
    let mut stage = match state {
        "none" => Stage::new(),
        "bidding" if has("nobody has bid") => Stage::new().ordered(DESCENDING),
        "bidding" if has("too few have bid") => held_once(1),
        "bidding" => Stage::new().ordered(DESCENDING).with_bids(2),
        "best" if has("there is none") => Stage::new().decided(1),
        "best" if has("in mode open") => chosen(AUTOMATIC).later(WINDOW),
        "best" if has("a commitment was never revealed") => half_revealed(),
        "best" => Stage::new().decided(2),
        "second" if has("held once") => held_once(2).later(2 * WINDOW),
        "dutch" if has("held once") => held_once(2).later(3 * WINDOW),
        "dutch" if has("too few have bid") => held_once(1).later(HARD_CLOSE),
        "second" => Stage::new().decided(2).later(WINDOW),
        "lapsed" => lapsed(when),
        "choice" if has("auto_after") => chosen(AUTOMATIC),
        "choice" => chosen(OPEN),
        "committing" if has("nobody has committed") => Stage::new().ordered(SEALED_BIDS),
        "committing" if has("too few have committed") => Stage::new().committed(SEALED_SEVERAL, 1),
        "committing" => Stage::new().committed(SEALED_BIDS, 1),
        "revealing" if has("above the maximum") => committed_above(),
        "revealing" if has("the last of all") => committed(1),
        "revealing" if has("somebody has revealed") => committed(2).revealed(),
        "revealing" => committed(2),
        "dutch" => Stage::new().ordered(DUTCH),
        "promoted" => ended(2),
        "leased" => leased(when),
        "closed" => closed(when),
        _ => return None,
    };
    let known = parts(when).all(|part| arrange(&mut stage, part));
    known.then_some(stage)
}

fn lapsed(when: &str) -> Stage {
    match when {
        "noted before" => {
            let mut stage = Stage::new().decided(2).later(WINDOW);
            let stranger = stage.stranger.clone();
            stage.world.expire(&stranger, stage.order).unwrap();
            stage.later(WINDOW)
        }
        _ => Stage::new().decided(2).later(2 * WINDOW),
    }
}

/// Descending for at least two bidders.
fn held_once(bidders: usize) -> Stage {
    Stage::new().ordered(SEVERAL).with_bids(bidders)
}

/// On the tenant's choice, with a bid of the second provider.
pub fn chosen(mode: AuctionMode) -> Stage {
    let mut stage = Stage::new().ordered(mode);
    let second = stage.providers[1].clone();
    stage.world.bid(&second, stage.order, RATE).unwrap();
    stage
}

/// Time for the reveals.
fn committed(bidders: usize) -> Stage {
    Stage::new().committed(SEALED_BIDS, bidders).later(SEALED)
}

/// The first has revealed and the second let the time pass.
pub fn half_revealed() -> Stage {
    committed(2).revealed().later(SEALED)
}

/// The first has committed to more than the order pays.
fn committed_above() -> Stage {
    let mut stage = Stage::new().ordered(SEALED_BIDS);
    let first = stage.providers[0].clone();
    let committed = stage.world.commit(&first, stage.order, rate(RATE + 1));
    committed.unwrap();
    stage.later(SEALED)
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
    let attempts = if has("the last attempt") { 1 } else { 4 };
    if has("the job is over") {
        return finished();
    }
    let runner_up = has("with a runner-up") || has("by a former bidder");
    Stage::with(|genesis| genesis.market.max_attempts = attempts).leased(1 + usize::from(runner_up))
}

/// A job whose time is over.
fn finished() -> Stage {
    let mut stage = Stage::new();
    let (tenant, [first, ..]) = (stage.tenant.clone(), stage.providers.clone());
    let id = stage.world.create_job(&tenant, stage.account, RATE, 10);
    stage.deployment = id.unwrap();
    stage.order = stage.deployment * 8;
    stage.world.claim(&first, stage.order).unwrap();
    stage.later(10)
}

/// Off the market, in the mode in which it was or will be ordered.
fn closed(when: &str) -> Stage {
    let mut stage = match when {
        "open" => Stage::new().ordered(OPEN),
        "Dutch" => Stage::new().ordered(DUTCH),
        "sealed" => Stage::new().ordered(SEALED_BIDS),
        "by a former bidder" => chosen(OPEN),
        _ => Stage::new().ordered(DESCENDING),
    };
    let tenant = stage.tenant.clone();
    stage.world.pause(&tenant, stage.deployment, 0).unwrap();
    stage
}

/// Circumstances that the stage or the sender sees to.
const SEEN_TO: [&str; 35] = [
    "a commitment was never revealed",
    "a tie with the runner-up",
    "above the maximum",
    "again",
    "auto_after",
    "by a former bidder",
    "by another",
    "by the leader",
    "by the provider",
    "by the runner-up",
    "by the tenant",
    "by the winner",
    "descending",
    "Dutch",
    "held once",
    "in mode open",
    "nobody has bid",
    "nobody has committed",
    "nobody has revealed",
    "open",
    "sealed",
    "somebody has bid",
    "somebody has committed",
    "somebody has revealed",
    "the last attempt",
    "the job is over",
    "the last of all",
    "the provider is alive",
    "there is a runner-up",
    "there is none",
    "to the hard close",
    "too few have bid",
    "too few have committed",
    "what another committed to",
    "with a runner-up",
];

/// Brings a circumstance about; whether it is known. Who sends is for [`send`] to see to.
fn arrange(stage: &mut Stage, part: &str) -> bool {
    let (tenant, winner, order) = (
        stage.tenant.clone(),
        stage.providers[0].clone(),
        stage.order,
    );
    match part {
        part if SEEN_TO.contains(&part) => {}
        "the account cannot pay" => stage.empty(),
        "the account cannot pay for another" => {
            stage.empty();
            stage.pass(1);
        }
        "the winner has become the tenant" => {
            let given = stage.world.transfer(&tenant, stage.deployment, &winner);
            given.unwrap();
        }
        "the bid is withdrawn" => {
            let second = stage.providers[1].clone();
            stage.world.withdraw_bid(&second, order).unwrap();
        }
        // On an order that lapsed, before it did.
        "noted before" if order_state(stage) == "lapsed" => {}
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
