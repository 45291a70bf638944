use leasehold_api::market::{OrderStatus, PenaltyReason};
use leasehold_api::provider::Standing;
use leasehold_api::rules::auction::{Auction, AuctionParams, Exclusion};
use leasehold_api::rules::stream::allowance::{Limits, Refill};
use leasehold_api::{
    Asset, Attribute, AuctionMode, Pricing, Quote, Requirements, ResourceUnit, SlashShares,
};

use super::*;
use crate::runtime::{Replica, ReplicaState};

mod change;
mod failover;
mod reservation;

const NOW: u64 = 10_000;
const HEIGHT: u64 = 500;
const ME: &str = "me";
const OTHER: &str = "other";

fn quote(provider: &str, rate: u128) -> Quote {
    Quote {
        provider: Addr::unchecked(provider),
        rate: Uint128::new(rate * SCALE),
    }
}

fn units(whole: u128) -> Uint128 {
    Uint128::new(whole * SCALE)
}

fn until(provider: &str, until: u64) -> Exclusion {
    Exclusion {
        provider: Addr::unchecked(provider),
        until,
    }
}

pub(super) fn denom() -> Denom {
    Denom::Native("uakt".into())
}

fn params() -> market::Params {
    market::Params {
        auction: AuctionParams {
            bidding: 60,
            extension: 15,
            hard_close: 180,
            min_blocks: 2,
            min_decrement_bps: 1_000,
            claim_window: 60,
            ramp: 60,
            commit: 120,
            reveal: 120,
        },
        bond_seconds: 100,
        down_slash_bps: 10_000,
        no_show_slash_bps: 1_000,
        quit_slash_bps: 5_000,
        no_reveal_slash_bps: 1_000,
        slash_shares: SlashShares {
            tenant_bps: 7_000,
            caller_bps: 1_500,
        },
        lapse_blocks: 10,
        max_attempts: 3,
        exclusion: 86_400,
        penalty_delay: 600,
        notice: 600,
        resume_window: 3_600,
    }
}

fn group() -> GroupSpec {
    GroupSpec {
        name: "web".into(),
        requirements: Requirements::default(),
        resources: vec![ResourceUnit {
            cpu: 1_000,
            memory: 1 << 30,
            storage: vec![],
            gpu: None,
            endpoints: vec![],
            count: 1,
            rate: units(100),
        }],
    }
}

/// Rich, with nothing to do: the heartbeat is fresh.
pub(super) fn idle() -> Observed {
    Observed {
        me: Addr::unchecked(ME),
        now: NOW,
        height: HEIGHT,
        hot: Hot {
            live: Liveness {
                last: NOW,
                until: NOW + 90,
                height: HEIGHT,
                alive: 0,
            },
            standing: Standing::Active,
            collateral: vec![Asset {
                denom: denom(),
                amount: Uint128::new(1_000_000),
            }],
        },
        maintenance: None,
        grace: 90,
        market: params(),
        min_runway: 600,
        capability: Capability::default(),
        audits: vec![],
        locked: BTreeMap::new(),
        capacity: Resources {
            cpu: 8_000,
            memory: 8 << 30,
            storage: 1 << 40,
            gpus: 0,
        },
        cards: vec![],
        offered: None,
        offers: vec![],
        collect_every: 600,
        orders: vec![],
        leases: vec![],
        watched: vec![],
        penalties: vec![],
        workloads: vec![],
    }
}

fn account(balance: u128, rate: u128) -> Account {
    let mut account = Account::new(Addr::unchecked("tenant"), denom(), NOW);
    account.balance = units(balance);
    account.rate = units(rate);
    account
}

/// A fresh order with a maximum of 100; own floor 50, first ask 60.
pub(super) fn open(mode: AuctionMode) -> OpenOrder {
    let auction =
        Auction::open(mode, units(100), &params().auction, NOW - 10, HEIGHT - 10).unwrap();
    OpenOrder {
        id: 8,
        order: Order {
            account: 1,
            denom: denom(),
            status: OrderStatus::Open,
            round: 1,
            attempts: 0,
            auction,
            excluded: vec![],
            lease: None,
            leases: 0,
            penalties: 0,
            exit: None,
            leaves_at: None,
            duration: None,
        },
        tenant: Addr::unchecked("tenant"),
        group: group(),
        account: account(1_000_000, 0),
        bid: None,
        ask: Ok(Ask {
            floor: units(50),
            first: units(60),
        }),
    }
}

fn descending(best: Option<Quote>, second: Option<Quote>) -> OpenOrder {
    let mut order = open(AuctionMode::default());
    order.order.auction.bond = best.as_ref().map_or(Uint128::zero(), |_| Uint128::one());
    order.order.auction.best = best;
    order.order.auction.second = second;
    order
}

fn with(order: OpenOrder) -> Observed {
    Observed {
        orders: vec![order],
        ..idle()
    }
}

fn bid(rate: u128) -> Vec<Tx> {
    vec![Tx::Bid {
        order: 8,
        rate: units(rate),
    }]
}

pub(super) fn lease(id: u64) -> MyLease {
    MyLease {
        lease: LeaseResponse {
            id,
            order_id: 8,
            deployment_id: 1,
            group: 0,
            account: 1,
            denom: denom(),
            provider: Addr::unchecked(ME),
            rate: units(50),
            bond: Uint128::new(5_000),
            started_at: NOW - 100,
            offer_id: None,
            until: None,
            leaves_at: None,
            ended: None,
        },
        collected_at: NOW - 100,
        account: account(50_000, 50),
        allowance: None,
        group: group(),
        proposed: None,
        wanted: Some(Wanted {
            revision: "r1".into(),
            replicas: 1,
        }),
    }
}

fn workload(lease: u64, revision: &str, state: ReplicaState) -> Workload {
    let replica = Replica {
        service: "web".into(),
        index: 0,
        revision: revision.into(),
        state,
        ports: vec![],
    };
    Workload {
        lease,
        replicas: vec![replica],
    }
}

fn serving(my: MyLease, workloads: Vec<Workload>) -> Observed {
    Observed {
        leases: vec![my],
        workloads,
        ..idle()
    }
}

#[test]
fn nothing_to_do_is_an_empty_plan() {
    assert_eq!(plan(&idle()), Plan::default());
}

#[test]
fn heartbeats_come_at_a_third_of_the_grace_and_first() {
    let mut seen = with(descending(None, None));
    seen.hot.live.last = NOW - 29;
    assert_eq!(plan(&seen).txs, bid(60));
    seen.hot.live.last = NOW - 30;
    assert_eq!(plan(&seen).txs[0], Tx::Heartbeat);
    assert_eq!(plan(&seen).txs.len(), 2);
}

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
    let beaten = plan(&with(descending(best(), Some(quote("third", 58)))));
    let just_below = units(58) - Uint128::one();
    assert_eq!(
        beaten.txs,
        [Tx::Bid {
            order: 8,
            rate: just_below
        }]
    );
    let full = plan(&with(descending(
        Some(quote(OTHER, 40)),
        Some(quote("third", 45)),
    )));
    assert_eq!(full.txs, []);
    assert!(matches!(full.skipped[..], [(8, Skip::TooDear { .. })]));
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
fn sealed_auctions_are_passed_over() {
    let mode = AuctionMode::Sealed {
        pricing: Pricing::First,
        min_bidders: None,
    };
    let plan = plan(&with(open(mode)));
    assert_eq!((plan.txs, plan.skipped), (vec![], vec![(8, Skip::Sealed)]));
}

#[test]
fn every_reason_not_to_bid_is_given() {
    let skip = |change: &dyn Fn(&mut Observed)| {
        let mut seen = with(descending(None, None));
        change(&mut seen);
        let plan = plan(&seen);
        assert_eq!(plan.txs, []);
        plan.skipped.into_iter().next().unwrap().1
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
    assert!(matches!(plan.skipped[..], [(8, Skip::Rule(_))]));
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

#[test]
fn leases_are_collected_when_due_and_once_when_dry() {
    let collect = |my: MyLease| {
        let workloads = vec![workload(1, "r1", ReplicaState::Running)];
        plan(&serving(my, workloads)).txs
    };
    assert_eq!(collect(lease(1)), []);
    let due = MyLease {
        collected_at: NOW - 600,
        ..lease(1)
    };
    assert_eq!(collect(due), [Tx::Collect { leases: vec![1] }]);
    let dry = MyLease {
        account: account(0, 50),
        ..lease(1)
    };
    assert_eq!(collect(dry.clone()), [Tx::Collect { leases: vec![1] }]);
    assert_eq!(
        collect(MyLease {
            collected_at: NOW,
            ..dry
        }),
        []
    );
}

#[test]
fn many_collects_keep_within_the_message_limit() {
    let due = |id| MyLease {
        collected_at: NOW - 600,
        wanted: None,
        ..lease(id)
    };
    let seen = Observed {
        leases: (1..=65).map(due).collect(),
        ..idle()
    };
    let sizes: Vec<_> = plan(&seen)
        .txs
        .iter()
        .map(|tx| match tx {
            Tx::Collect { leases } => leases.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sizes, [64, 1]);
}

#[test]
fn a_lease_dry_past_the_resume_window_is_ended() {
    let dry_since = |at: u64| {
        let mut my = lease(1);
        my.account.balance = Uint128::zero();
        my.account.settled_at = at;
        my.collected_at = NOW;
        plan(&serving(my, vec![])).txs
    };
    assert_eq!(dry_since(NOW - 3_599), []);
    assert_eq!(dry_since(NOW - 3_600), [Tx::EndLease { lease: 1 }]);
}

/// Two leases on one account that runs low, fed from another.
#[test]
fn an_account_is_topped_up_once_when_its_allowance_says_so() {
    let plan_with = |below: u64, source_units: u128| {
        let refill = Some(Refill {
            below,
            to: below + 1_000,
        });
        let allowance = Allowance {
            source: 9,
            spender: Addr::unchecked("tenant"),
            limits: Limits {
                max_rate: units(100),
                max_total: Uint128::new(1_000_000),
                expires: None,
                refill,
            },
            drawn: Uint128::zero(),
        };
        let mine = |id| MyLease {
            allowance: Some((allowance.clone(), account(source_units, 0))),
            collected_at: NOW,
            ..lease(id)
        };
        let leases = vec![mine(1), mine(2)];
        plan(&Observed { leases, ..idle() }).txs
    };
    // 50 000 units at 50 per second last for 1 000 s.
    assert_eq!(plan_with(1_001, 500_000), [Tx::TopUp { account: 1 }]);
    assert_eq!(plan_with(1_000, 500_000), []);
    assert_eq!(plan_with(1_001, 0), [], "the source has nothing to spare");
}

#[test]
fn a_penalty_is_carried_out_when_it_is_due() {
    let due = |due_at| {
        let penalties = vec![PenaltyResponse {
            order_id: 8,
            number: 2,
            provider: Addr::unchecked(OTHER),
            denom: denom(),
            bond: Uint128::new(5),
            bps: 10_000,
            reason: PenaltyReason::Down,
            caller: Some(Addr::unchecked(ME)),
            due_at,
        }];
        plan(&Observed {
            penalties,
            ..idle()
        })
        .txs
    };
    assert_eq!(due(NOW + 1), []);
    let (order, number) = (8, 2);
    assert_eq!(due(NOW), [Tx::Slash { order, number }]);
}

#[test]
fn workloads_follow_leases() {
    use ReplicaState::{Exited, Running};
    let runs = |my: MyLease, workloads| plan(&serving(my, workloads)).runs;
    let start = [Run::Start { lease: 1 }];
    assert_eq!(runs(lease(1), vec![]), start);
    assert_eq!(runs(lease(1), vec![workload(1, "r1", Running)]), []);
    assert_eq!(runs(lease(1), vec![workload(1, "r1", Exited)]), start);
    assert_eq!(
        runs(lease(1), vec![workload(1, "r0", Running)]),
        start,
        "an updated manifest"
    );
    let waiting = MyLease {
        wanted: None,
        ..lease(1)
    };
    assert_eq!(runs(waiting.clone(), vec![]), []);
    assert_eq!(
        runs(waiting, vec![workload(1, "r0", Running)]),
        [],
        "the new manifest is not here yet"
    );
    let dry = MyLease {
        account: account(0, 50),
        ..lease(1)
    };
    assert_eq!(
        runs(dry.clone(), vec![workload(1, "r1", Running)]),
        [Run::Suspend { lease: 1 }]
    );
    assert_eq!(runs(dry, vec![workload(1, "r1", Exited)]), []);
    let orphan = runs(
        lease(1),
        vec![workload(1, "r1", Running), workload(9, "r1", Exited)],
    );
    assert_eq!(orphan, [Run::Remove { lease: 9 }]);
}

#[test]
fn rent_stops_to_the_second() {
    let mut my = lease(1);
    my.account = account(100, 50);
    let mut seen = serving(my, vec![workload(1, "r1", ReplicaState::Running)]);
    seen.now = NOW + 1;
    assert_eq!(plan(&seen).runs, []);
    seen.now = NOW + 2;
    assert_eq!(plan(&seen).runs, [Run::Suspend { lease: 1 }]);
}
