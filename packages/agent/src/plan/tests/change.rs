//! What tenants propose, and jobs.

use super::*;

/// The lease's tenant proposes `rate` for a group `times` as large; this provider's floor for that is 50 times as much.
fn proposed(mut my: MyLease, rate: u128, times: u32) -> MyLease {
    let mut spec = group();
    spec.resources[0].cpu *= times;
    let change = Change {
        tenant: Addr::unchecked("tenant"),
        lease: my.lease.id,
        rate: units(rate),
        expires_at: NOW + 100,
        spec: Some(spec),
        manifest_hash: None,
    };
    let floor = units(50 * u128::from(times));
    my.proposed = Some(Proposed {
        hash: change.hash().unwrap(),
        change,
        ask: Ok(Ask {
            floor,
            first: floor,
        }),
    });
    my
}

fn accepts(my: &MyLease) -> Tx {
    Tx::AcceptChange {
        lease: my.lease.id,
        change: my.proposed.as_ref().unwrap().hash.to_hex(),
    }
}

fn seeing(my: MyLease) -> Observed {
    let mut seen = serving(my, vec![]);
    seen.locked.insert(denom().key(), Uint128::new(5_000));
    seen
}

#[test]
fn a_change_that_pays_and_fits_is_accepted() {
    let my = proposed(lease(1), 100, 2);
    let plan = plan(&seeing(my.clone()));
    assert!(plan.txs.contains(&accepts(&my)));
    assert_eq!(plan.declined, []);
}

#[test]
fn every_reason_to_decline_is_given() {
    let reason = |change: fn(&mut Observed)| {
        let mut seen = seeing(proposed(lease(1), 100, 2));
        change(&mut seen);
        let plan = plan(&seen);
        assert!(!plan
            .txs
            .iter()
            .any(|tx| matches!(tx, Tx::AcceptChange { .. })));
        let [(1, change, skip)] = &plan.declined[..] else {
            panic!("{:?}", plan.declined);
        };
        assert_eq!(change.len(), 64);
        skip.clone()
    };
    let price = |seen: &mut Observed| seen.leases[0] = proposed(lease(1), 99, 2);
    let (floor, limit) = (units(100), units(99));
    assert_eq!(reason(price), Skip::TooDear { floor, limit });
    let draining = |seen: &mut Observed| seen.hot.standing = Standing::Draining;
    assert_eq!(reason(draining), Skip::Draining);
    let full = |seen: &mut Observed| seen.capacity.cpu = 1_999;
    assert!(matches!(reason(full), Skip::Capacity(_)));
    let unfit = |seen: &mut Observed| {
        let proposed = seen.leases[0].proposed.as_mut().unwrap();
        let spec = proposed.change.spec.as_mut().unwrap();
        spec.requirements.attributes = vec![Attribute {
            key: "region".into(),
            value: "moon".into(),
        }];
    };
    let why = reason(unfit);
    assert!(matches!(why, Skip::Rule(RuleError::NotEligible { .. })));
    let bound = |seen: &mut Observed| {
        seen.hot.collateral[0].amount = Uint128::new(9_999);
    };
    assert!(matches!(reason(bound), Skip::Collateral { .. }));
    let unpriced = |seen: &mut Observed| {
        seen.leases[0].proposed.as_mut().unwrap().ask = Err(PriceError::Range);
    };
    assert_eq!(reason(unpriced), Skip::Price(PriceError::Range));
}

/// Two leases that want to grow into the last room: one at a time, and no bid takes it meanwhile.
#[test]
fn one_room_is_not_promised_twice() {
    let mut seen = seeing(proposed(lease(1), 100, 2));
    seen.leases.push(proposed(lease(2), 100, 2));
    seen.capacity.cpu = 3_000;
    seen.orders = vec![open(AuctionMode::default())];
    let plan = plan(&seen);
    let accepted = |tx: &&Tx| matches!(tx, Tx::AcceptChange { .. });
    assert_eq!(plan.txs.iter().filter(accepted).count(), 1);
    assert!(plan.txs.contains(&accepts(&seen.leases[0])));
    assert!(matches!(plan.skipped[..], [(8, _, Skip::Capacity(_))]));
    // Without the change there is room for the bid.
    seen.leases[0].proposed = None;
    seen.leases[1].proposed = None;
    assert_eq!(super::plan(&seen).skipped, []);
}

fn job(until: u64) -> MyLease {
    let mut my = lease(1);
    my.lease.until = Some(until);
    my
}

#[test]
fn a_job_stops_at_its_end_and_is_ended() {
    let running = || vec![workload(1, "r1", ReplicaState::Running)];
    let before = plan(&serving(job(NOW + 1), running()));
    assert_eq!((before.txs, before.runs), (vec![], vec![]));
    let after = plan(&serving(job(NOW), running()));
    assert_eq!(after.txs, [Tx::EndLease { lease: 1 }]);
    assert_eq!(after.runs, [Run::Remove { lease: 1 }]);
    assert_eq!(plan(&serving(job(NOW), vec![])).runs, []);
}

#[test]
fn a_job_runs_on_while_its_account_is_dry() {
    let mut my = job(NOW + 100);
    my.account = account(0, 50);
    my.account.dry_at = Some(NOW - 10_000);
    let seen = serving(my, vec![workload(1, "r1", ReplicaState::Running)]);
    let plan = plan(&seen);
    assert_eq!(plan.runs, []);
    assert!(!plan.txs.contains(&Tx::EndLease { lease: 1 }));
}

#[test]
fn a_job_that_cannot_be_paid_ahead_is_passed_over() {
    let mut order = open(AuctionMode::default());
    order.order.duration = Some(1_000);
    order.account = account(60_000, 0);
    assert_eq!(plan(&with(order.clone())).skipped, []);
    order.account = account(59_999, 0);
    let skipped = plan(&with(order)).skipped;
    assert!(matches!(
        skipped[..],
        [(8, _, Skip::Rule(RuleError::OutOfRange { .. }))]
    ));
}
