//! Acting a second too early or too late, at the edge of every deadline. A window [a, b) holds at a and no longer at b: at each second
//! exactly one of two parties may act, so there is none in which nobody may, or both.

use cosmwasm_std::Addr;
use leasehold_api::escrow::AccountStatus;
use leasehold_api::genesis::Genesis;
use leasehold_api::market::{EndReason, OrderPhase};
use leasehold_api::provider::ExecuteMsg as ProviderMsg;
use leasehold_api::AuctionMode;
use leasehold_testing::verbs::rate;
use leasehold_testing::world::STAKE;

use crate::{Scene, COLLATERAL, DESCENDING, RATE};

const MOST: u128 = 1_000;

impl Scene {
    fn phase(&self, order: u64) -> OrderPhase {
        self.world.order(order).unwrap().phase
    }

    /// Everybody who may provide is alive.
    fn pass_with_all(&mut self, seconds: u64) {
        let everybody = self.world.providers.clone();
        self.world.pass_alive(seconds, &everybody).unwrap();
    }

    /// A descending order with a best and a second bid, at the end of its bidding less a second.
    fn decided(&mut self) -> (u64, Addr, Addr) {
        let [best, second, _] = self.honest.clone();
        let order = self.order(MOST, DESCENDING);
        self.world.bid(&second, order, 600).unwrap();
        self.world.bid(&best, order, 500).unwrap();
        let left = self.left(order);
        self.pass_with_all(left - 1);
        (order, best, second)
    }
}

#[test]
fn close_of_the_bidding() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let (order, best, _) = scene.decided();
    let [crooked, _] = scene.crooked.clone();
    scene.world.claim(&best, order).unwrap_err();
    scene.pass_with_all(1);
    scene.world.bid(&crooked, order, 100).unwrap_err();
    scene.world.claim(&best, order).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

#[test]
fn last_second_of_the_bidding() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let (order, ..) = scene.decided();
    let [crooked, _] = scene.crooked.clone();
    scene.world.bid(&crooked, order, 400).unwrap();
    assert_eq!(scene.phase(order), OrderPhase::Bidding);
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

#[test]
fn window_of_the_winner() {
    for (late, winner) in [(7, true), (8, false)] {
        let mut scene = Scene::new();
        let attack = scene.attack();
        let (order, best, second) = scene.decided();
        scene.pass_with_all(1 + late);
        let (may, may_not) = if winner {
            (best, second)
        } else {
            (second, best)
        };
        scene.world.claim(&may_not, order).unwrap_err();
        scene.world.claim(&may, order).unwrap();
        assert_eq!(scene.world.penalties().unwrap().is_empty(), winner);
        attack.end(&scene.world).unwrap().at_most(0, 0);
    }
}

#[test]
fn window_of_the_runner_up() {
    for (late, may) in [(15, true), (16, false)] {
        let mut scene = Scene::new();
        let attack = scene.attack();
        let (order, _, second) = scene.decided();
        scene.pass_with_all(1 + late);
        assert_eq!(scene.world.claim(&second, order).is_ok(), may);
        if !may {
            assert_eq!(scene.phase(order), OrderPhase::Lapsed);
            let [crooked, _] = scene.crooked.clone();
            scene.world.bid(&crooked, order, MOST).unwrap();
        }
        attack.end(&scene.world).unwrap().at_most(0, 0);
    }
}

/// After a fail-over the runner-up alone may claim for one window; from its end on anyone, at the rising price.
#[test]
fn window_after_a_failover() {
    for (late, runner_up) in [(7, true), (8, false)] {
        let mut scene = Scene::new();
        let (order, best, second) = scene.decided();
        let [crooked, _] = scene.crooked.clone();
        scene.pass_with_all(1);
        scene.world.claim(&best, order).unwrap();
        let lease = scene.world.lease_of(order).unwrap();
        let attack = scene.attack();
        let tenant = scene.tenant.clone();
        scene.world.end_lease(&tenant, lease).unwrap();
        scene.pass_with_all(late);
        if runner_up {
            scene.world.claim(&crooked, order).unwrap_err();
            scene.world.claim(&second, order).unwrap();
        } else {
            scene.world.claim(&crooked, order).unwrap();
            let lease = scene.world.lease_of(order).unwrap();
            assert_eq!(scene.world.lease(lease).unwrap().rate, rate(500));
        }
        attack.end(&scene.world).unwrap().at_most(0, 0);
    }
}

/// A Dutch price rises with each second and stops at the maximum: waiting longer gains nothing.
#[test]
fn end_of_a_dutch_rise() {
    for (waited, price) in [(9, 910), (10, 1_000), (11, 1_000)] {
        let mut scene = Scene::new();
        let attack = scene.attack();
        let [crooked, _] = scene.crooked.clone();
        let min_rate = Some(rate(100));
        let order = scene.order(MOST, AuctionMode::Dutch { min_rate });
        scene.pass_with_all(waited);
        scene.world.claim(&crooked, order).unwrap();
        let lease = scene.world.lease_of(order).unwrap();
        assert_eq!(scene.world.lease(lease).unwrap().rate, rate(price));
        attack.end(&scene.world).unwrap().at_most(0, 0);
    }
}

/// A provider counts as down at the second at which its heartbeat ends and not before; it is paid for the seconds before it.
#[test]
fn end_of_a_heartbeat() {
    for (silent, down) in [(9, false), (10, true)] {
        let mut scene = Scene::new();
        let (_, lease) = scene.lease();
        let [provider, b, c] = scene.honest.clone();
        let attack = scene.attack_on_tenant();
        scene.world.pass_alive(silent, &[b, c]).unwrap();
        let mallory = scene.mallory.clone();
        assert_eq!(scene.world.failover(&mallory, lease).is_ok(), down);
        let other = scene.order(RATE, DESCENDING);
        assert_eq!(scene.world.bid(&provider, other, RATE).is_ok(), !down);
        let paid = u128::from(silent) * RATE;
        attack.end(&scene.world).unwrap().at_most(0, paid);
    }
}

/// … and not before more than three blocks without one either.
#[test]
fn blocks_of_a_heartbeat() {
    for (blocks, down) in [(3, false), (4, true)] {
        let mut scene = Scene::new();
        let (_, lease) = scene.lease();
        let attack = scene.attack();
        let mallory = scene.mallory.clone();
        scene.world.halt(3_600);
        for _ in 1..blocks {
            scene.world.halt(1);
        }
        assert_eq!(scene.world.failover(&mallory, lease).is_ok(), down);
        attack.end(&scene.world).unwrap().at_most(0, 0);
    }
}

/// With the parameters of production, on a chain of a block every five seconds: whoever beats every third of the grace, as agents do, has
/// minutes after a halt before anyone can take its lease for one.
#[test]
fn chain_halt_across_a_grace() {
    let production = Genesis::production(STAKE);
    let (grace, blocks) = (production.provider.grace, production.market.lapse_blocks);
    let mut scene = Scene::with(|genesis| {
        genesis.provider.grace = grace;
        genesis.market.lapse_blocks = blocks;
    });
    let (_, lease) = scene.lease();
    let attack = scene.attack();
    let mallory = scene.mallory.clone();
    let since_heartbeat = grace / 3 / 5;
    scene.pass_in_blocks(grace / 3);
    scene.world.halt(7_200);
    for _ in since_heartbeat + 1..blocks {
        scene.world.failover(&mallory, lease).unwrap_err();
        scene.world.halt(5);
    }
    assert!((blocks - since_heartbeat) * 5 >= 300, "five minutes");
    scene.world.failover(&mallory, lease).unwrap_err();
    scene.world.halt(5);
    scene.world.failover(&mallory, lease).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// The last second that the balance pays for is paid, the next is not.
#[test]
fn end_of_the_money() {
    for (seconds, status, paid) in [
        (29, AccountStatus::Streaming, 290),
        (30, AccountStatus::Dry, 300),
        (31, AccountStatus::Dry, 300),
    ] {
        let mut scene = Scene::new();
        scene.lease();
        let tenant = scene.tenant.clone();
        scene.world.withdraw_all(&tenant, scene.account).unwrap();
        let attack = scene.attack_on_tenant();
        scene.pass(seconds);
        let account = scene.world.account(scene.account).unwrap();
        assert_eq!(account.status, status);
        attack.end(&scene.world).unwrap().at_most(0, paid);
    }
}

/// Until the resume window of a dry account has passed a provider that leaves quits; from then on it is free to go.
#[test]
fn end_of_the_resume_window() {
    for (dry_for, reason) in [(59, EndReason::Provider), (60, EndReason::Unfunded)] {
        let mut scene = Scene::new();
        let (_, lease) = scene.lease();
        let [provider, ..] = scene.honest.clone();
        let tenant = scene.tenant.clone();
        scene.world.withdraw_all(&tenant, scene.account).unwrap();
        let attack = scene.attack();
        scene.pass(30 + dry_for);
        scene.world.end_lease(&provider, lease).unwrap();
        let ended = scene.world.lease(lease).unwrap().ended.unwrap();
        assert_eq!(ended.reason, reason);
        let free = reason == EndReason::Unfunded;
        assert_eq!(scene.world.penalties().unwrap().is_empty(), free);
        attack.end(&scene.world).unwrap().at_most(0, 0);
    }
}

/// A provider that has given notice quits until the notice is over, and is free to go from then on.
#[test]
fn end_of_a_notice() {
    for (waited, reason) in [(19, EndReason::Provider), (20, EndReason::Notice)] {
        let mut scene = Scene::new();
        let (_, lease) = scene.lease();
        let [provider, ..] = scene.honest.clone();
        let attack = scene.attack();
        scene.world.give_notice(&provider, lease).unwrap();
        scene.pass(waited);
        scene.world.end_lease(&provider, lease).unwrap();
        let ended = scene.world.lease(lease).unwrap().ended.unwrap();
        assert_eq!(ended.reason, reason);
        let free = reason == EndReason::Notice;
        assert_eq!(scene.world.penalties().unwrap().is_empty(), free);
        attack.end(&scene.world).unwrap().at_most(0, 0);
    }
}

/// The owner may take out all above the runway and not a unit more.
#[test]
fn edge_of_the_runway() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    scene.lease();
    let tenant = scene.tenant.clone();
    let most = scene.world.account(scene.account).unwrap().withdrawable;
    scene
        .world
        .withdraw(&tenant, scene.account, most.u128() + 1)
        .unwrap_err();
    scene
        .world
        .withdraw(&tenant, scene.account, most.u128())
        .unwrap();
    let left = scene.world.account(scene.account).unwrap().balance;
    assert_eq!(left, rate(RATE * 30));
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A penalty is carried out from its due time on.
#[test]
fn due_time_of_a_penalty() {
    let mut scene = Scene::new();
    let (_, lease) = scene.lease();
    let [provider, ..] = scene.honest.clone();
    let mallory = scene.mallory.clone();
    scene.world.end_lease(&provider, lease).unwrap();
    let penalty = scene.world.penalties().unwrap().remove(0);
    let attack = scene.attack();
    let left = penalty.due_at - scene.world.now();
    scene.pass(left - 1);
    let (order, number) = (penalty.order_id, penalty.number);
    scene.world.slash(&mallory, order, number).unwrap_err();
    scene.pass(1);
    scene.world.slash(&mallory, order, number).unwrap();
    scene.world.slash(&mallory, order, number).unwrap_err();
    // Quitting has no caller's share: Mallory only saw to it. A tenth of the bond went, of which the insurance has three tenths.
    let insured = 3_600 * RATE / 10 * 3 / 10;
    attack.end(&scene.world).unwrap().at_most(0, insured);
}

/// Collateral on its way out is paid from the end of the unbonding time on, once.
#[test]
fn end_of_the_unbonding() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let [crooked, _] = scene.crooked.clone();
    scene.world.unbond(&crooked, COLLATERAL).unwrap();
    scene.pass(29);
    let claim = ProviderMsg::Claim {};
    scene.world.provider_call(&crooked, &claim).unwrap_err();
    scene.pass(1);
    scene.world.provider_call(&crooked, &claim).unwrap();
    scene.world.provider_call(&crooked, &claim).unwrap_err();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A silence is excused by a maintenance that it began in, and only until that ends: a second before or after it costs a penalty.
#[test]
fn edges_of_a_maintenance() {
    // When it begins and how long it lasts, counted from the end of the heartbeat at which the silence begins; when the fail-over comes.
    for (begins, lasts, comes, excused) in
        [(0, 30, 29, true), (1, 30, 29, false), (0, 30, 30, false)]
    {
        let mut scene = Scene::new();
        let (tenant, [crooked, _]) = (scene.tenant.clone(), scene.crooked.clone());
        let rent = scene.world.rent(&tenant, scene.account, &crooked, RATE);
        let (_, lease) = rent.unwrap();
        let attack = scene.attack();
        let silent_from = scene.world.now() + 20;
        let announce = ProviderMsg::AnnounceMaintenance {
            from: silent_from + begins,
            until: silent_from + begins + lasts,
        };
        scene.world.provider_call(&crooked, &announce).unwrap();
        scene.pass(10);
        scene.world.heartbeat(&crooked).unwrap();
        scene.pass(10 + comes);
        scene.world.failover(&tenant, lease).unwrap();
        assert_eq!(scene.world.penalties().unwrap().is_empty(), excused);
        attack.end(&scene.world).unwrap().at_most(200, 200);
    }
}
