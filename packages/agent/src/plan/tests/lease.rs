//! Collecting, topping up and running what is leased.

use super::*;

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
        wanted: Err(Former::Unknown),
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
        wanted: Err(Former::Paid("r0".into())),
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
fn nothing_goes_on_that_takes_more_than_is_paid_for() {
    use ReplicaState::{Exited, Running};
    let runs = |former: &Former, state| {
        let my = MyLease {
            wanted: Err(former.clone()),
            ..lease(1)
        };
        plan(&serving(my, vec![workload(1, "r0", state)])).runs
    };
    let suspend = [Run::Suspend { lease: 1 }];
    let known = |revision: &str| Former::Paid(revision.into());
    assert_eq!(runs(&Former::Unpaid, Running), suspend);
    assert_eq!(runs(&known("r1"), Running), suspend, "r0 may be larger");
    for former in [Former::Unpaid, known("r1")] {
        assert_eq!(runs(&former, Exited), [], "it has stopped");
    }
    for former in [Former::Unknown, known("r0")] {
        assert_eq!(runs(&former, Running), []);
    }
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
