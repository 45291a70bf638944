//! Standing offers.

use anyhow::Result;
use leasehold_api::market::{OfferResponse, QueryMsg};
use leasehold_testing::verbs::{small_terms, taking};

use super::PAGE;
use crate::stage::{done, Stage, RATE};
use crate::Machine;

/// The first one's id.
pub const OFFER: u64 = 1;
const OFFER_LIFE: u64 = 1_000;

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

/// The first provider sells so many groups of that price.
pub fn post(stage: &mut Stage, groups: u64, units: u128) {
    let terms = small_terms(&stage.world, groups, units);
    let [first, ..] = stage.providers.clone();
    stage.world.post_offer(&first, terms).unwrap();
}
