//! Attacks on the rent: by feeding, touching, emptying an account, by silence at the right moment.

use cosmwasm_std::{Addr, Uint128};
use leasehold_api::escrow::AccountStatus;
use leasehold_api::market::EndReason;
use leasehold_api::SCALE;
use leasehold_testing::wealth::Wealth;

use crate::{Scene, DESCENDING, RATE};

/// Seconds that an emptied account still pays for, and after which a dry one may be left.
const RUNWAY: u64 = 30;
const RESUME_WINDOW: u64 = 60;
/// Seconds between a provider's notice and its leaving.
const NOTICE: u64 = 20;
/// Seconds that a heartbeat is good for.
const GRACE: u64 = 10;

/// Mallory feeds a dry account less than a second's rent at a time, so that it never counts as dry for long and its provider stays bound.
/// The clock of a dry account runs on; the dust is the tenant's.
#[test]
fn dust_deposits() {
    let mut scene = Scene::new();
    let (_, lease) = scene.lease();
    let [provider, ..] = scene.honest.clone();
    let (tenant, mallory, account) = (scene.tenant.clone(), scene.mallory.clone(), scene.account);
    scene.world.withdraw_all(&tenant, account).unwrap();
    scene.pass(RUNWAY);
    let dry_since = scene.world.now();
    let attack = scene.attack();
    for _ in 1..RATE {
        scene.world.deposit(&mallory, account, 1).unwrap();
        scene.world.settle(&mallory, account).unwrap();
        scene.pass(6);
    }
    let state = scene.world.account(account).unwrap();
    assert_eq!(state.status, AccountStatus::Dry);
    assert_eq!(state.depletes_at, Some(dry_since));
    let left = dry_since + RESUME_WINDOW - scene.world.now();
    scene.pass(left);
    scene.world.end_lease(&provider, lease).unwrap();
    let ended = scene.world.lease(lease).unwrap().ended.unwrap();
    assert_eq!(ended.reason, EndReason::Unfunded);
    assert!(scene.world.penalties().unwrap().is_empty());
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost(), 9);
}

/// A tenant pays for one second in each resume window, to keep its provider bound at next to no cost. The provider is paid for each second
/// that is funded, suspends the rest, and is bound for no longer than its notice: then it leaves without a penalty.
#[test]
fn trickle_feeding() {
    let mut scene = Scene::new();
    let (crook, [provider, ..]) = (scene.crook.clone(), scene.honest.clone());
    let attack = scene.attack();
    let account = scene.world.open_account(&crook, 1_000).unwrap();
    let (_, lease) = scene.world.rent(&crook, account, &provider, RATE).unwrap();
    scene.world.withdraw_all(&crook, account).unwrap();
    scene.pass(RUNWAY);
    for _ in 0..5 {
        scene.pass(RESUME_WINDOW - 1);
        scene.world.deposit(&crook, account, RATE).unwrap();
    }
    scene.world.give_notice(&provider, lease).unwrap();
    scene.pass(NOTICE);
    scene.world.end_lease(&provider, lease).unwrap();
    let ended = scene.world.lease(lease).unwrap().ended.unwrap();
    assert_eq!(ended.reason, EndReason::Notice);
    assert!(scene.world.penalties().unwrap().is_empty());
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost() as u128, (u128::from(RUNWAY) + 5) * RATE);
}

/// Mallory settles an account and collects a stream every second, at a rate that is no whole number of units, to have the fractions
/// rounded away. Everybody owns the same to the fraction of a unit as if it had not been touched.
#[test]
fn settle_griefing() {
    let after = |touched: bool| -> Vec<Wealth> {
        let mut scene = Scene::new();
        let [provider, ..] = scene.honest.clone();
        let order = scene.order(RATE, DESCENDING);
        let third = Uint128::new(10 * SCALE / 3);
        scene.world.bid_scaled(&provider, order, third).unwrap();
        let left = scene.left(order);
        scene.pass(left);
        scene.world.claim(&provider, order).unwrap();
        let lease = scene.world.lease_of(order).unwrap();
        let attack = scene.attack_on_tenant();
        let mallory = scene.mallory.clone();
        for _ in 0..100 {
            scene.pass(1);
            if touched {
                scene.world.settle(&mallory, scene.account).unwrap();
                scene.world.collect(&mallory, &[lease]).unwrap();
            }
        }
        let outcome = attack.end(&scene.world).unwrap();
        outcome.at_most(0, 334);
        let own = |who: &Addr| scene.world.wealth(&[who]).unwrap();
        vec![own(&provider), own(&scene.tenant), own(&mallory)]
    };
    assert_eq!(after(true), after(false));
}

/// A tenant takes out all that it may as soon as its lease runs, and vanishes. The provider is paid for every second until the money
/// ends, owes nothing after it, and leaves without a penalty.
#[test]
fn withdraw_then_run() {
    let mut scene = Scene::new();
    let (crook, [provider, ..]) = (scene.crook.clone(), scene.honest.clone());
    let attack = scene.attack();
    let account = scene.world.open_account(&crook, 50_000).unwrap();
    let (_, lease) = scene.world.rent(&crook, account, &provider, RATE).unwrap();
    scene.world.withdraw_all(&crook, account).unwrap();
    scene.world.withdraw(&crook, account, 1).unwrap_err();
    scene.pass(RUNWAY + RESUME_WINDOW);
    scene.world.end_lease(&provider, lease).unwrap();
    assert!(scene.world.penalties().unwrap().is_empty());
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost(), i128::from(RUNWAY) * RATE as i128);
}

/// A tenant takes its money out between the award and the claim, to have the winner slashed as a no-show. The claim closes the order and
/// frees the bond.
#[test]
fn withdraw_before_the_claim() {
    let mut scene = Scene::new();
    let (crook, [provider, ..]) = (scene.crook.clone(), scene.honest.clone());
    let attack = scene.attack();
    let account = scene.world.open_account(&crook, 50_000).unwrap();
    let id = scene
        .world
        .create(&crook, &[(RATE, DESCENDING)], 0, Some(account))
        .unwrap();
    scene.world.bid(&provider, id * 8, RATE).unwrap();
    scene.world.withdraw_all(&crook, account).unwrap();
    let left = scene.left(id * 8);
    scene.pass(left);
    scene.world.claim(&provider, id * 8).unwrap();
    assert!(scene.world.penalties().unwrap().is_empty());
    let [a, ..] = &scene.honest;
    scene.world.unbond(&a.clone(), crate::COLLATERAL).unwrap();
    attack.end(&scene.world).unwrap().at_most(0, 0);
}

/// A provider serves nobody: it is silent while it is paid and beats just before it collects. It earns the seconds in which it was alive,
/// the grace of its first heartbeat.
#[test]
fn lapse_farming_dead_while_funded() {
    let mut scene = Scene::new();
    let (tenant, [crooked, _]) = (scene.tenant.clone(), scene.crooked.clone());
    let attack = scene.attack();
    let rent = scene.world.rent(&tenant, scene.account, &crooked, RATE);
    let (_, lease) = rent.unwrap();
    scene.pass(60);
    scene.world.heartbeat(&crooked).unwrap();
    scene.world.collect(&crooked, &[lease]).unwrap();
    attack
        .end(&scene.world)
        .unwrap()
        .at_most(u128::from(GRACE) * RATE, u128::from(GRACE) * RATE);
}

/// A provider is silent while the account pays and comes alive when it is dry, in the hope that its live seconds are counted against the
/// paid ones. It earns the seconds in which it was alive *and* the account paid, whenever it collects: a collect gives back what its
/// silence left unearned, and what is given back pays for live seconds.
#[test]
fn lapse_farming_alive_while_dry() {
    for collects_at in [vec![], vec![30], vec![60], vec![12, 30, 31, 60, 90]] {
        let mut scene = Scene::new();
        let (tenant, [crooked, _]) = (scene.tenant.clone(), scene.crooked.clone());
        let attack = scene.attack();
        let rent = scene.world.rent(&tenant, scene.account, &crooked, RATE);
        let (_, lease) = rent.unwrap();
        scene.world.withdraw_all(&tenant, scene.account).unwrap();
        let mut earned = 0;
        let mut live_until = scene.world.now() + GRACE;
        for second in 1..=100 {
            let paying = scene.world.account(scene.account).unwrap().status;
            if paying == AccountStatus::Streaming && scene.world.now() < live_until {
                earned += RATE;
            }
            scene.pass(1);
            if second >= RUNWAY {
                scene.world.heartbeat(&crooked).unwrap();
                live_until = scene.world.now() + GRACE;
            }
            if collects_at.contains(&second) {
                scene.world.collect(&crooked, &[lease]).unwrap();
            }
        }
        scene.world.collect(&crooked, &[lease]).unwrap();
        attack.end(&scene.world).unwrap().at_most(earned, earned);
    }
}
