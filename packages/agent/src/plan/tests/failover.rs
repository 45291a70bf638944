//! When to take over from another provider.

use leasehold_api::provider::Verdict;

use super::*;

/// Another's lease, silent since now and for blocks enough, which this provider may fail over at once.
fn silent() -> Watched {
    Watched {
        lease: 3,
        provider: Addr::unchecked(OTHER),
        started_at: NOW - 1_000,
        live: Liveness {
            last: NOW - 90,
            until: NOW,
            height: HEIGHT - 11,
            alive: 0,
        },
        verdict: None,
        maintenance: None,
        patience: 0,
    }
}

/// Alive, and found down by its watchers a minute ago.
fn condemned() -> Watched {
    let verdict = Verdict {
        round: 1,
        down: true,
        at: NOW - 60,
        until: NOW + 1,
    };
    Watched {
        verdict: Some(verdict),
        ..alive()
    }
}

fn alive() -> Watched {
    let silent = silent();
    let live = Liveness {
        until: NOW + 1,
        ..silent.live
    };
    Watched { live, ..silent }
}

fn is_failed_over(watched: Watched) -> bool {
    let watched = vec![watched];
    let txs = plan(&Observed { watched, ..idle() }).txs;
    assert!(
        txs.is_empty() || txs == [Tx::Failover { lease: 3 }],
        "{txs:?}"
    );
    !txs.is_empty()
}

#[test]
fn a_silent_provider_is_failed_over_once_the_rules_allow_it() {
    assert!(is_failed_over(silent()));
    assert!(!is_failed_over(alive()));
    let soon = Liveness {
        height: HEIGHT - 10,
        ..silent().live
    };
    assert!(
        !is_failed_over(Watched {
            live: soon,
            ..silent()
        }),
        "too few blocks"
    );
    assert!(
        !is_failed_over(Watched {
            patience: 1,
            ..silent()
        }),
        "the runner-up goes first"
    );
    let provider = Addr::unchecked(ME);
    assert!(!is_failed_over(Watched {
        provider,
        ..silent()
    }));
}

#[test]
fn a_provider_that_its_watchers_found_down_is_failed_over_while_that_counts() {
    assert!(is_failed_over(condemned()));
    let found = |change: fn(&mut Verdict)| {
        let mut watched = condemned();
        watched.verdict.iter_mut().for_each(change);
        is_failed_over(watched)
    };
    assert!(!found(|verdict| verdict.down = false));
    assert!(!found(|verdict| verdict.until = NOW), "too old");
    let later = NOW - 60;
    let later = Watched {
        started_at: later,
        ..condemned()
    };
    assert!(!is_failed_over(later), "of an earlier provider");
    assert!(is_failed_over(Watched {
        patience: 60,
        ..condemned()
    }));
    assert!(!is_failed_over(Watched {
        patience: 61,
        ..condemned()
    }));
}

#[test]
fn a_fault_within_a_maintenance_is_none() {
    let pause = |from, until| Some(Maintenance { from, until });
    for (maintenance, excused) in [(pause(NOW, NOW + 1), true), (pause(NOW, NOW), false)] {
        let silent = Watched {
            maintenance,
            ..silent()
        };
        assert_eq!(is_failed_over(silent), !excused);
    }
    for (maintenance, excused) in [
        (pause(NOW - 60, NOW + 1), true),
        (pause(NOW - 59, NOW + 1), false),
    ] {
        let condemned = Watched {
            maintenance,
            ..condemned()
        };
        assert_eq!(is_failed_over(condemned), !excused);
    }
}

#[test]
fn who_fell_silent_with_the_chain_gets_time_to_beat_again() {
    let after = |seconds| Observed {
        watched: vec![silent()],
        resumed_at: NOW - seconds,
        ..idle()
    };
    assert_eq!(plan(&after(29)).txs, []);
    assert_eq!(plan(&after(30)).txs, [Tx::Failover { lease: 3 }]);
}
