//! Orders whose provider is found ahead.

use super::*;

const START: u64 = NOW + 1_000;

/// Taking bids, to start at [`START`].
fn reservation(best: Option<Quote>, second: Option<Quote>) -> OpenOrder {
    let mut order = descending(best, second);
    order.order.auction.reserve(START, NOW - 10).unwrap();
    order
}

fn seen_at(order: OpenOrder, now: u64) -> Observed {
    let mut seen = with(order);
    (seen.now, seen.height) = (now, HEIGHT + (now - NOW));
    seen.hot.live.last = now;
    seen
}

#[test]
fn a_reservation_is_bid_on_and_left_alone_once_it_is_decided() {
    let fresh = || reservation(None, None);
    assert_eq!(plan(&seen_at(fresh(), NOW)).txs, bid(60));
    let led = |provider: &str| reservation(Some(quote(provider, 55)), Some(quote("third", 60)));
    for leader in [ME, OTHER] {
        for now in [NOW + 50, START - 1] {
            assert_eq!(plan(&seen_at(led(leader), now)), Plan::default(), "{now}");
        }
    }
}

#[test]
fn the_winner_claims_at_the_start_and_the_runner_up_after_its_window() {
    let claimed = |best: &str, second: &str, now: u64| {
        let order = reservation(Some(quote(best, 55)), Some(quote(second, 60)));
        plan(&seen_at(order, now)).txs
    };
    let claim = [Tx::Claim { order: 8 }];
    assert_eq!(claimed(ME, OTHER, START), claim);
    assert_eq!(claimed(OTHER, ME, START + 59), []);
    assert_eq!(claimed(OTHER, ME, START + 60), claim);
    assert_eq!(claimed(ME, OTHER, START + 60), []);
}

/// Which cannot pay any more: the claim frees its bond and gets it what was set aside.
#[test]
fn the_winner_claims_from_a_tenant_that_ran_dry() {
    let mut order = reservation(Some(quote(ME, 55)), None);
    order.account = account(0, 0);
    assert_eq!(plan(&seen_at(order, START)).txs, [Tx::Claim { order: 8 }]);
}

#[test]
fn the_room_of_a_reservation_is_held_until_its_start() {
    let fits = |leader: &str, now: u64| {
        let reserved = reservation(Some(quote(leader, 55)), None);
        let mut other = open(AuctionMode::Open { auto_after: None });
        other.id = 16;
        let mut seen = seen_at(reserved, now);
        seen.orders.push(other);
        seen.capacity.cpu = 1_000;
        let bids = |tx: &Tx| matches!(tx, Tx::Bid { order: 16, .. });
        plan(&seen).txs.iter().any(bids)
    };
    assert!(!fits(ME, NOW), "while it may yet be outbid");
    assert!(!fits(ME, NOW + 50), "reserved");
    assert!(!fits(ME, START), "about to be claimed");
    assert!(fits(OTHER, NOW + 50), "another's takes no room");
}

#[test]
fn a_start_in_ones_own_maintenance_is_left_to_others() {
    let planned = |from: u64, until: u64| {
        let mut seen = seen_at(reservation(None, None), NOW);
        seen.maintenance = Some(Maintenance { from, until });
        plan(&seen)
    };
    for (from, until) in [(START, START + 1), (START - 9, START + 9)] {
        let skipped = planned(from, until).skipped;
        assert!(matches!(skipped[..], [(8, _, Skip::Maintenance { .. })]));
    }
    for (from, until) in [(START - 9, START), (START + 1, START + 9)] {
        assert_eq!(planned(from, until).txs, bid(60));
    }
    let mut at_once = with(descending(None, None));
    let (from, until) = (NOW - 5, NOW + 5);
    at_once.maintenance = Some(Maintenance { from, until });
    assert_eq!(plan(&at_once).txs, bid(60), "no reservation");
}
