//! Who sits on a panel.

use super::*;

#[test]
fn who_joins_or_leaves_changes_the_panels_of_later_rounds_only() {
    let mut scene = scene();
    done(scene.pay(100));
    let (round, before) = (scene.round(), scene.watch().panel);
    let member = before[0].clone();
    let role = Role::Watcher;
    done(scene.registry.judge(role, &member, 0, true));
    scene
        .registry
        .enrol("late", role, Signs::secp256k1(90), 500);
    assert_eq!(scene.watch().panel, before);
    // What is jailed signs nothing, the other four do.
    let signed = scene.signed(round, true, 5);
    let refused = refusal(scene.submit(round, true, signed.clone()));
    assert!(matches!(refused, ContractError::NotInGoodStanding { .. }));
    let jailed = member.to_string();
    let rest = signed.into_iter().filter(|s| s.watcher != jailed).collect();
    done(scene.submit(round, true, rest));
    for _ in 0..30 {
        scene.registry.pass(ROUND);
        assert!(!scene.is_on_panel(&member));
        assert_eq!(scene.watch().panel.len(), 5);
    }
    done(scene.registry.judge(role, &member, 0, false));
    let sits = (0..30).any(|_| {
        scene.registry.pass(ROUND);
        scene.is_on_panel(&member)
    });
    assert!(sits);
}

#[test]
fn every_watcher_sits_about_as_often_as_the_others() {
    let scene = &mut scene();
    done(scene.pay(100));
    let mut seats = vec![0_u32; 7];
    for _ in 0..200 {
        scene.registry.pass(ROUND);
        let panel = scene.watch().panel;
        for (seat, watcher) in seats.iter_mut().zip(&scene.watchers) {
            *seat += u32::from(panel.contains(&watcher.address));
        }
    }
    // 200 · 5 / 7 = 143 each, give or take four standard deviations.
    assert!(seats.iter().all(|n| (117..=169).contains(n)), "{seats:?}");
}

#[test]
fn fewer_than_three_watchers_decide_nothing() {
    let mut scene = scene();
    done(scene.pay(100));
    let role = Role::Watcher;
    let leavers: Vec<Addr> = scene.watchers[2..]
        .iter()
        .map(|w| w.address.clone())
        .collect();
    for leaver in leavers {
        done(
            scene
                .registry
                .send(&leaver, &ExecuteMsg::Retire { role }, &[]),
        );
    }
    scene.registry.pass(ROUND);
    let (round, watch) = (scene.round(), scene.watch());
    assert_eq!((watch.panel.len(), watch.quorum), (2, 3));
    rule(scene.submit(round, true, scene.signed(round, true, 2)));
}

#[test]
fn a_watcher_finds_its_leases() {
    let mut scene = scene();
    done(scene.pay(10));
    for watcher in &scene.watchers {
        let query = QueryMsg::Watches {
            watcher: Some(watcher.address.to_string()),
            start_after: None,
            limit: Some(1),
        };
        let found: WatchesResponse = scene.registry.ask(&query).unwrap();
        assert_eq!(
            found.watches.len(),
            usize::from(scene.is_on_panel(&watcher.address))
        );
        assert_eq!(found.next, Some(scene.lease));
    }
}
