//! A pause keeps things from beginning, and nobody pays for it.

use leasehold_api::event::{AwardExpired, Paused, PenaltyNoted};
use leasehold_api::market::{Config, ExecuteMsg, CONFIG, MAX_PAUSE};
use leasehold_api::{AuctionMode, Pricing};
use leasehold_market::ContractError;

use crate::harness::*;
use crate::orders::event;
use crate::sealed::sealed;
use crate::selling::*;

impl World {
    /// For so many seconds from now.
    fn pause(&mut self, seconds: u64) -> u64 {
        let until = self.now() + seconds;
        let governance = self.suite.governance.clone();
        let response = self.send(&governance, &ExecuteMsg::Pause { until }, &[]);
        let told: Paused = event(&response.unwrap()).unwrap();
        told.until
    }
}

fn paused<T>(result: &Result<T, ContractError>) -> bool {
    matches!(result, Err(ContractError::Paused { .. }))
}

#[test]
fn nothing_begins_in_a_pause() {
    let mut world = World::with_order(descending(), 100);
    let until = world.pause(100);
    assert_eq!(until, world.now() + 100);
    assert!(paused(&world.bid("alice", 50)));
    assert!(paused(&world.claim("alice")));
    assert!(paused(&world.accept("alice")));
    assert!(paused(&world.post("alice", goods(4, 30))));
    world.close().unwrap();
    assert!(paused(&world.open(descending(), 100)));
    world.wait(99);
    assert!(paused(&world.open(sealed(Pricing::First), 100)));
    // It ends by itself, in its last second's next.
    world.wait(1);
    world.open(sealed(Pricing::First), 100).unwrap();
    world.pause(5);
    assert!(paused(&world.commit("alice", 50)));
    world.wait(5);
    world.commit("alice", 50).unwrap();
}

#[test]
fn what_runs_goes_on_in_a_pause() {
    let mut world = World::with_order(dutch(10), 100);
    world.claim("alice").unwrap();
    world.post("carol", goods(4, 30)).unwrap();
    world.pause(1_000);
    world.give_notice("alice", 1).unwrap();
    world.end("tenant", 1).unwrap();
    world.close().unwrap();
    let carol = world.addr("carol");
    let withdraw = ExecuteMsg::WithdrawOffer { offer_id: 1 };
    world.send(&carol, &withdraw, &[]).unwrap();
    world.check();
}

#[test]
fn a_reveal_goes_on_in_a_pause() {
    let mut world = World::with_order(sealed(Pricing::First), 100);
    world.commit("bob", 50).unwrap();
    world.wait(40);
    world.pause(1_000);
    world.reveal("bob", 50).unwrap();
}

#[test]
fn a_window_that_a_pause_took_time_from_costs_nothing() {
    for (before, pause) in [(0, 1), (59, 1_000), (70, 30)] {
        let mut world = World::with_order(descending(), 100);
        world.bid("alice", 50).unwrap();
        world.bid("bob", 60).unwrap();
        world.wait(before);
        world.pause(pause);
        world.wait(1_000);
        let response = world.expire("anyone");
        if before + pause <= 60 {
            // Over before the window began.
            let response = response.unwrap();
            assert!(event::<PenaltyNoted>(&response).is_some());
            assert_eq!(world.locked("alice"), 50_000);
            continue;
        }
        let response = response.unwrap();
        assert_eq!(event::<PenaltyNoted>(&response), None);
        assert_eq!(event::<AwardExpired>(&response), None);
        assert_eq!(world.locked("alice"), 0, "{before} {pause}");
        assert!(world.penalties().is_empty());
        world.check();
    }
}

#[test]
fn who_does_not_come_after_a_pause_is_punished() {
    let mut world = World::with_order(descending(), 100);
    world.pause(30);
    world.wait(30);
    world.bid("alice", 50).unwrap();
    world.wait(200);
    let response = world.expire("anyone").unwrap();
    assert!(event::<PenaltyNoted>(&response).is_some());
}

#[test]
fn a_pause_is_a_week_at_most_and_is_lifted_at_once() {
    let mut world = World::with_order(descending(), 100);
    assert_eq!(world.pause(MAX_PAUSE + 1), world.now() + MAX_PAUSE);
    world.wait(10);
    let governance = world.suite.governance.clone();
    let lift = ExecuteMsg::Pause { until: 0 };
    world.send(&governance, &lift, &[]).unwrap();
    world.bid("alice", 50).unwrap();
    // Parameters change and leave it as it is.
    let until = world.pause(100);
    let update = ExecuteMsg::UpdateParams { params: params() };
    world.send(&governance, &update, &[]).unwrap();
    let config = CONFIG.load(&*world.storage()).unwrap();
    assert_eq!(config.paused_until, until);
}

#[test]
fn a_record_from_before_there_were_pauses_reads_as_none() {
    let world = World::with_order(AuctionMode::Open { auto_after: None }, 100);
    let config = CONFIG.load(&*world.storage()).unwrap();
    let text = cosmwasm_std::to_json_string(&config).unwrap();
    assert!(!text.contains("\"u\""), "{text}");
    let read: Config = cosmwasm_std::from_json(text).unwrap();
    assert_eq!(read, config);
}
