//! What is remembered of providers and tenants.

use cosmwasm_std::from_json;
use leasehold_api::market::{History, Lock, Mark, QueryMsg, Reputation};

use crate::harness::*;

const NOTHING: Reputation = Reputation {
    ended: 0,
    seconds: 0,
    down: 0,
    quit: 0,
    refused: 0,
    slashed: 0,
    dismissed: 0,
    unfunded: 0,
    withdrawn: 0,
};

/// Alice serves at 50, Bob is the runner-up.
fn leased() -> World {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.wait(60);
    world.claim("alice").unwrap();
    world
}

#[test]
fn nothing_is_remembered_of_who_did_nothing() {
    let mut world = leased();
    world.wait(100);
    for name in ["alice", "bob", "tenant"] {
        assert_eq!(world.reputation(name), NOTHING);
    }
}

#[test]
fn an_ordinary_close_is_a_good_end_and_no_mark_against_the_tenant() {
    let mut world = leased();
    world.wait(100);
    world.close().unwrap();
    let served = Reputation {
        ended: 1,
        seconds: 100,
        ..NOTHING
    };
    assert_eq!(world.reputation("alice"), served);
    assert_eq!(world.reputation("tenant"), NOTHING);
    assert_eq!(world.locked("alice"), 0);
}

#[test]
fn a_tenant_that_changes_its_provider_is_remembered() {
    let mut world = leased();
    world.wait(100);
    world.end("tenant", 1).unwrap();
    assert_eq!(world.reputation("alice").ended, 1);
    let tenant = world.reputation("tenant");
    assert_eq!((tenant.dismissed, tenant.ended), (1, 0));
}

#[test]
fn a_tenant_that_stays_dry_is_remembered() {
    let mut world = leased();
    world.fund(50 * 10);
    world.wait(110);
    world.end("alice", 1).unwrap();
    assert_eq!(world.reputation("tenant").unfunded, 1);
    assert_eq!(world.reputation("alice").quit, 0);
}

#[test]
fn a_quit_counts_at_once_and_its_slash_when_it_is_carried_out() {
    let mut world = leased();
    world.wait(100);
    world.end("alice", 1).unwrap();
    let quit = Reputation {
        ended: 1,
        seconds: 100,
        quit: 1,
        ..NOTHING
    };
    assert_eq!(world.reputation("alice"), quit);
    assert_eq!(world.locked("alice"), 50_000, "the bond waits all the same");
    world.carry_out();
    assert_eq!(world.reputation("alice"), Reputation { slashed: 1, ..quit });
}

/// Seconds of silence are not served.
#[test]
fn a_silence_counts_from_its_beginning() {
    let mut world = leased();
    let since = world.now();
    world.wait(100);
    world.silence("alice");
    let alice = world.addr("alice");
    let until = world.hot(&alice).live.until;
    world.wait(50);
    world.failover("bob", 1).unwrap();
    let seen = world.reputation("alice");
    assert_eq!((seen.ended, seen.down), (1, 1));
    assert_eq!(seen.seconds, until - since);
}

#[test]
fn a_winner_that_does_not_come_refuses() {
    let mut world = World::with_order(descending(), 100);
    world.bid("alice", 50).unwrap();
    world.bid("bob", 60).unwrap();
    world.wait(90);
    world.claim("bob").unwrap();
    let refused = Reputation {
        refused: 1,
        ..NOTHING
    };
    assert_eq!(world.reputation("alice"), refused);
    assert_eq!(world.reputation("bob"), NOTHING);
}

/// In each denom for itself: what is done in a token of one's own says nothing about another.
#[test]
fn it_is_kept_by_denom() {
    let mut world = leased();
    world.close().unwrap();
    let elsewhere: Lock = world.query(&QueryMsg::Locked {
        provider: world.addr("alice").to_string(),
        denom: leasehold_api::Denom::Native("factory/alice/coin".into()),
    });
    assert!(elsewhere.history.is_empty());
    assert_eq!(world.reputation("alice").ended, 1);
}

/// A record written before anything was remembered reads as one without a history, and an empty one is written like that.
#[test]
fn a_lock_of_before_still_decodes() {
    let stored = br#"{"a":"50000","n":7}"#;
    let lock: Lock = from_json(stored).unwrap();
    assert_eq!((lock.uses, lock.history.of(Mark::Ended)), (7, 0));
    assert_eq!(cosmwasm_std::to_json_vec(&lock).unwrap(), stored);
}

#[test]
fn a_history_is_no_longer_than_it_must_be_and_never_wraps() {
    let mut history = History::default();
    history.add(Mark::Ended, 1);
    history.add(Mark::Seconds, 60);
    assert_eq!(history.0, [1, 60]);
    history.add(Mark::Seconds, u64::MAX);
    history.add(Mark::Quit, 1);
    assert_eq!(history.0, [1, u64::MAX, 0, 1]);
}
