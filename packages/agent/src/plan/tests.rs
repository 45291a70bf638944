use leasehold_api::market::{OrderStatus, PenaltyReason};
use leasehold_api::provider::Standing;
use leasehold_api::rules::auction::{Auction, AuctionParams, Exclusion};
use leasehold_api::rules::stream::allowance::{Limits, Refill};
use leasehold_api::{
    Asset, Attribute, AuctionMode, Pricing, Quote, Requirements, ResourceUnit, SlashShares,
};

use super::*;
use crate::runtime::{Replica, ReplicaState};

mod bid;
mod change;
mod claim;
mod failover;
mod lease;
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
        resumed_at: 0,
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
            closed_at: None,
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
        wanted: Ok(Wanted {
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
