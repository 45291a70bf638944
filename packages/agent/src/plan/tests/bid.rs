//! What it bids on an order, and why not.

use super::*;

#[test]
fn the_first_bid_is_the_ask_within_the_maximum() {
    assert_eq!(plan(&with(descending(None, None))).txs, bid(60));
    let mut order = descending(None, None);
    order.ask = Ok(Ask {
        floor: units(90),
        first: units(150),
    });
    assert_eq!(plan(&with(order)).txs, bid(100));
}

#[test]
fn a_leader_is_undercut_by_the_decrement_down_to_the_floor() {
    let undercut = |best| plan(&with(descending(Some(quote(OTHER, best)), None))).txs;
    assert_eq!(undercut(90), bid(60), "the ask is low enough");
    assert_eq!(undercut(60), bid(54));
    let limit = Uint128::new(units(56).u128() * 9 / 10);
    assert_eq!(
        undercut(56),
        [Tx::Bid {
            order: 8,
            rate: limit
        }]
    );
}

#[test]
fn who_cannot_lead_stands_by_as_runner_up() {
    let best = || Some(quote(OTHER, 55));
    assert_eq!(plan(&with(descending(best(), None))).txs, bid(60));
    assert_eq!(plan(&with(descending(best(), Some(quote(ME, 60))))).txs, []);
    let below = |second| plan(&with(descending(best(), Some(quote("third", second))))).txs;
    assert_eq!(below(70), bid(60), "the ask is low enough");
    assert_eq!(below(58), bid(55), "not below the leader");
    let wide = descending(Some(quote(OTHER, 51)), Some(quote("third", 60)));
    assert_eq!(plan(&with(wide)).txs, bid(54));
    let full = plan(&with(descending(
        Some(quote(OTHER, 40)),
        Some(quote("third", 45)),
    )));
    assert_eq!(full.txs, []);
    assert!(matches!(full.skipped[..], [(8, _, Skip::TooDear { .. })]));
}

#[test]
fn two_that_cannot_lead_are_soon_done_with_each_other() {
    let (mut second, mut bids) = (units(60), 0);
    // The floor of both is 50, the leader asks no more than that.
    while let [Tx::Bid { rate, .. }] = plan(&with(descending(
        Some(quote(OTHER, 50)),
        Some(Quote {
            provider: Addr::unchecked("third"),
            rate: second,
        }),
    )))
    .txs[..]
    {
        (second, bids) = (rate, bids + 1);
        assert!(bids < 10, "still at it at {second}");
    }
}

#[test]
fn no_second_bid_after_a_crash_that_followed_the_first() {
    let led = descending(Some(quote(ME, 60)), None);
    assert_eq!(plan(&with(led)), Plan::default());
    let mut quoted = open(AuctionMode::Open { auto_after: None });
    quoted.bid = Some(Bid {
        rate: units(60),
        round: 1,
    });
    assert_eq!(plan(&with(quoted.clone())), Plan::default());
    quoted.bid = Some(Bid {
        rate: units(60),
        round: 0,
    });
    assert_eq!(
        plan(&with(quoted)).txs,
        bid(60),
        "an earlier round's bid is void"
    );
}

#[test]
fn sealed_auctions_are_passed_over() {
    let mode = AuctionMode::Sealed {
        pricing: Pricing::First,
        min_bidders: None,
    };
    let plan = plan(&with(open(mode)));
    assert_eq!(
        (plan.txs, plan.skipped),
        (vec![], vec![(8, 1, Skip::Sealed)])
    );
}

#[test]
fn every_reason_not_to_bid_is_given() {
    let skip = |change: &dyn Fn(&mut Observed)| {
        let mut seen = with(descending(None, None));
        change(&mut seen);
        let plan = plan(&seen);
        assert_eq!(plan.txs, []);
        plan.skipped.into_iter().next().unwrap().2
    };
    assert_eq!(
        skip(&|s| s.hot.standing = Standing::Draining),
        Skip::Draining
    );
    assert_eq!(
        skip(&|s| s.orders[0].tenant = Addr::unchecked(ME)),
        Skip::OwnOrder
    );
    let excluded = |s: &mut Observed| s.orders[0].order.excluded = vec![until(ME, NOW + 1)];
    assert_eq!(skip(&excluded), Skip::Excluded);
    let over = |s: &mut Observed| s.orders[0].order.excluded = vec![until(ME, NOW)];
    let mut seen = with(descending(None, None));
    over(&mut seen);
    assert_eq!(plan(&seen).txs, bid(60), "that is over");
    let region = Attribute {
        key: "region".into(),
        value: "eu".into(),
    };
    let picky = |s: &mut Observed| s.orders[0].group.requirements.attributes = vec![region.clone()];
    assert!(matches!(
        skip(&picky),
        Skip::Rule(RuleError::NotEligible { .. })
    ));
    let dear = |s: &mut Observed| {
        s.orders[0].ask = Ok(Ask {
            floor: units(101),
            first: units(101),
        })
    };
    assert!(matches!(skip(&dear), Skip::TooDear { .. }));
    let foreign = |s: &mut Observed| s.orders[0].ask = Err(PriceError::Denom(denom()));
    assert_eq!(skip(&foreign), Skip::Price(PriceError::Denom(denom())));
    let poor_tenant = |s: &mut Observed| s.orders[0].account = account(60 * 600 - 1, 0);
    assert!(matches!(
        skip(&poor_tenant),
        Skip::Rule(RuleError::OutOfRange { .. })
    ));
    let full = |s: &mut Observed| s.capacity.cpu = 999;
    assert!(matches!(skip(&full), Skip::Capacity(_)));
    let locked = |s: &mut Observed| {
        s.locked
            .insert(denom().key(), Uint128::new(1_000_000 - 5_999));
    };
    assert!(matches!(skip(&locked), Skip::Collateral { .. }));
}

#[test]
fn one_plan_does_not_promise_the_same_room_or_collateral_twice() {
    let two = || {
        let second = OpenOrder {
            id: 16,
            ..descending(None, None)
        };
        Observed {
            orders: vec![descending(None, None), second],
            ..idle()
        }
    };
    assert_eq!(plan(&two()).txs.len(), 2);
    let mut small = two();
    small.capacity.memory = 3 << 29;
    assert_eq!(plan(&small).txs, bid(60));
    let mut poor = two();
    poor.hot.collateral[0].amount = Uint128::new(11_999);
    assert_eq!(plan(&poor).txs, bid(60));
    let mut serving = two();
    serving.capacity.cpu = 2_000;
    serving.leases = vec![lease(1)];
    assert_eq!(plan(&serving).txs, bid(60), "the lease holds half");
}
