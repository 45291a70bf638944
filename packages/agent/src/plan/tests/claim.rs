//! When it claims what it won or stands by for.

use super::*;

#[test]
fn an_open_order_that_decides_by_itself_is_claimed_in_turn() {
    let claimed = |best: &str, second: &str, late: u64| {
        let mut order = open(AuctionMode::Open {
            auto_after: Some(60),
        });
        order.order.auction.best = Some(quote(best, 55));
        order.order.auction.second = Some(quote(second, 60));
        order.bid = Some(Bid {
            rate: units(55),
            round: 1,
        });
        let mut seen = with(order);
        // Room for this one only: what the bid has set aside is there for the claim.
        seen.capacity.cpu = 1_000;
        seen.now = NOW - 10 + 60 + late;
        seen.hot.live.last = seen.now;
        plan(&seen).txs
    };
    let claim = [Tx::Claim { order: 8 }];
    assert_eq!(claimed(ME, OTHER, 0), claim);
    assert_eq!(claimed(OTHER, ME, 59), []);
    assert_eq!(claimed(OTHER, ME, 60), claim);
    assert_eq!(claimed(ME, OTHER, 60), []);
}

#[test]
fn the_winner_claims_even_when_it_would_not_bid_again() {
    let mut won = descending(Some(quote(ME, 60)), None);
    won.order.auction.opened_at = NOW - 60;
    won.order.auction.closes_at = NOW;
    won.account = account(0, 0);
    let mut seen = with(won);
    seen.capacity.cpu = 0;
    assert_eq!(plan(&seen).txs, [Tx::Claim { order: 8 }]);
    seen.now -= 1;
    assert_eq!(plan(&seen).txs, [], "the bidding is still open");
}

#[test]
fn the_runner_up_claims_in_its_own_window_only() {
    let after = |seconds: u64| {
        let mut order = descending(Some(quote(OTHER, 55)), Some(quote(ME, 60)));
        order.order.auction.closes_at = NOW - seconds;
        plan(&with(order)).txs
    };
    assert_eq!(after(59), []);
    assert_eq!(after(60), [Tx::Claim { order: 8 }]);
    assert_eq!(after(119), [Tx::Claim { order: 8 }]);
    assert_eq!(after(120), bid(60), "lapsed: a bid starts it again");
}

#[test]
fn the_runner_up_does_not_claim_what_cannot_pay() {
    let mut order = descending(Some(quote(OTHER, 55)), Some(quote(ME, 60)));
    order.order.auction.closes_at = NOW - 60;
    order.account = account(0, 0);
    let plan = plan(&with(order));
    assert_eq!(plan.txs, []);
    assert!(matches!(plan.skipped[..], [(8, _, Skip::Rule(_))]));
}

#[test]
fn after_a_failover_the_runner_up_comes_first_then_the_price_rises() {
    let reopened = |second: &str, now: u64| {
        let mut order = descending(None, Some(quote(second, 60)));
        let excluded = [until("down", NOW + 1)];
        let params = params().auction;
        order
            .order
            .auction
            .reopen(&params, units(40), &excluded, NOW, HEIGHT)
            .unwrap();
        let mut seen = with(order);
        (seen.now, seen.height) = (now, HEIGHT + (now - NOW));
        seen.hot.live.last = now;
        plan(&seen).txs
    };
    assert_eq!(reopened(ME, NOW), [Tx::Claim { order: 8 }]);
    assert_eq!(reopened(OTHER, NOW), []);
    assert_eq!(reopened(OTHER, NOW + 60), [], "40 is below the floor of 50");
    assert_eq!(reopened(OTHER, NOW + 69), []);
    assert_eq!(reopened(OTHER, NOW + 70), [Tx::Claim { order: 8 }]);
}
