//! Reservations: what is different while an order waits for its start.

use anyhow::Result;

use super::{order_state, send, PAGE};
use crate::stage::{done, parts, Stage, DESCENDING, RATE, WINDOW};
use crate::Machine;

/// Seconds from the opening to the start.
const AHEAD: u64 = 60;

#[test]
fn reserved_order() {
    Machine {
        page: PAGE,
        heading: "Reserved order",
        stage: reserved_stage,
        state: order_state,
        send: send_reserved,
    }
    .run();
}

impl Stage {
    fn reserved(mut self, bidders: usize) -> Self {
        let (tenant, group) = (self.tenant.clone(), (RATE, DESCENDING));
        let id = self.world.reserve(&tenant, self.account, group, AHEAD);
        self.deployment = id.unwrap();
        self.order = self.deployment * 8;
        self.with_bids(bidders)
    }

    fn pass_to_start(&mut self) {
        let starts_at = self.world.order(self.order).unwrap().starts_at.unwrap();
        self.pass(starts_at - self.world.now());
    }

    fn at_start(mut self) -> Self {
        self.pass_to_start();
        self
    }
}

fn reserved_stage(state: &str, _: &str, when: &str) -> Option<Stage> {
    let has = |part| parts(when).any(|p| p == part);
    let bidders = match () {
        () if has("nobody has bid") => 0,
        () if has("there is none") => 1,
        () => 2,
    };
    // What is set aside alone pays no runway then.
    let new = || Stage::with(|genesis| genesis.market.bond_seconds = 100);
    let reserved = || new().reserved(bidders);
    let mut stage = match state {
        "none" => Stage::new(),
        "bidding" => reserved(),
        "reserved" => reserved().later(WINDOW),
        "best" => reserved().at_start(),
        "second" => reserved().at_start().later(WINDOW),
        "lapsed" => reserved().at_start().later(2 * WINDOW),
        "leased" | "closed" => {
            let mut stage = reserved().at_start();
            let (winner, tenant) = (stage.providers[0].clone(), stage.tenant.clone());
            match state {
                "leased" => stage.world.claim(&winner, stage.order).unwrap(),
                _ => stage.world.pause(&tenant, stage.deployment, 0).unwrap(),
            };
            stage
        }
        _ => return None,
    };
    if has("the account cannot pay") {
        stage.empty();
    }
    Some(stage)
}

fn send_reserved(stage: &mut Stage, message: &str, when: &str) -> Option<Result<()>> {
    match (message, order_state(stage).as_str()) {
        ("open_order", "none") => {
            let (tenant, group) = (stage.tenant.clone(), (RATE, DESCENDING));
            let account = stage.account;
            done(stage.world.reserve(&tenant, account, group, AHEAD))
        }
        ("time", "reserved") => {
            stage.pass_to_start();
            Some(Ok(()))
        }
        _ => send(stage, message, when),
    }
}
