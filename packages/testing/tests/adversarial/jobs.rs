//! Attacks on jobs: on the money that was set aside, and on the end that nobody has to call.

use leasehold_api::market::{EndReason, OrderPhase};

use crate::{Scene, RATE};

const DURATION: u64 = 100;
const RENT: u128 = RATE * DURATION as u128;

/// Who is crooked, if anybody is.
#[derive(PartialEq)]
enum Crooked {
    Tenant,
    Provider,
    Neither,
}

/// A job that runs: its account and its lease.
fn job(scene: &mut Scene, who: Crooked) -> (u64, u64) {
    let (mut tenant, mut account) = (scene.tenant.clone(), scene.account);
    if who == Crooked::Tenant {
        tenant = scene.crook.clone();
        account = scene.world.open_account(&tenant, 2 * RENT).unwrap();
    }
    let provider = match who {
        Crooked::Provider => scene.crooked[0].clone(),
        _ => scene.honest[0].clone(),
    };
    let id = scene.world.create_job(&tenant, account, RATE, DURATION);
    let order = id.unwrap() * 8;
    scene.world.heartbeat(&provider).unwrap();
    scene.world.claim(&provider, order).unwrap();
    (account, scene.world.lease_of(order).unwrap())
}

/// The tenant takes out all that is left once the job runs, and vanishes. The provider gets its whole rent all the same.
#[test]
fn job_funds_withdrawn_under_its_feet() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let (account, lease) = job(&mut scene, Crooked::Tenant);
    let crook = scene.crook.clone();
    assert_eq!(scene.world.withdraw_all(&crook, account).unwrap(), RENT);
    scene.world.withdraw(&crook, account, 1).unwrap_err();
    scene.pass(DURATION);
    let [provider, ..] = scene.honest.clone();
    scene.world.end_lease(&provider, lease).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost() as u128, RENT);
}

/// The tenant opens a lease with its accomplice that eats the account up beside the job.
#[test]
fn job_starved_by_another_lease() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let (account, lease) = job(&mut scene, Crooked::Tenant);
    let (crook, [crooked, _]) = (scene.crook.clone(), scene.crooked.clone());
    let rented = scene.world.rent(&crook, account, &crooked, 3 * RATE);
    rented.unwrap();
    scene.pass(DURATION);
    let left = scene.world.account(account).unwrap();
    assert_eq!(left.runway, Some(0));
    let [provider, ..] = scene.honest.clone();
    scene.world.collect(&provider, &[lease]).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost() as u128, RENT);
}

/// The tenant ends a job early, to get its rest back: that is its right, and the provider is paid to the second.
#[test]
fn job_ended_early_by_the_tenant() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let (_, lease) = job(&mut scene, Crooked::Tenant);
    scene.pass(40);
    let crook = scene.crook.clone();
    scene.world.end_lease(&crook, lease).unwrap();
    let outcome = attack.end(&scene.world).unwrap();
    outcome.at_most(0, 0);
    assert_eq!(outcome.cost() as u128, 40 * RATE);
}

/// A provider ends a job early, to keep what was paid ahead: it keeps what it earned, and loses part of its bond.
#[test]
fn job_ended_early_by_its_provider() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let (_, lease) = job(&mut scene, Crooked::Provider);
    let [crooked, _] = scene.crooked.clone();
    scene
        .world
        .pass_alive(40, std::slice::from_ref(&crooked))
        .unwrap();
    scene.world.end_lease(&crooked, lease).unwrap();
    let order = scene
        .world
        .order(scene.world.lease(lease).unwrap().order_id);
    assert_eq!(order.unwrap().duration, Some(60), "the rest is ordered");
    attack
        .end(&scene.world)
        .unwrap()
        .at_most(40 * RATE, 40 * RATE);
    let (mallory, tenant) = (scene.mallory.clone(), scene.tenant.clone());
    let before = scene.world.wealth(&[&tenant]).unwrap();
    scene.world.slash_all(&mallory).unwrap();
    assert!(scene.world.wealth(&[&tenant]).unwrap() > before);
}

/// A provider is silent for half of a job and back for its end. It is paid for the other half.
#[test]
fn silent_for_half_of_a_job() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let (_, lease) = job(&mut scene, Crooked::Provider);
    let ([crooked, _], mallory) = (scene.crooked.clone(), scene.mallory.clone());
    scene.pass(60);
    scene
        .world
        .pass_alive(40, std::slice::from_ref(&crooked))
        .unwrap();
    scene.world.end_lease(&mallory, lease).unwrap();
    // Ten seconds of grace, then fifty dead ones.
    attack
        .end(&scene.world)
        .unwrap()
        .at_most(50 * RATE, 50 * RATE);
}

/// A provider leaves a job that is over alone for days, alive and willing to be paid on.
#[test]
fn job_that_outlives_its_end_by_days() {
    let mut scene = Scene::new();
    let attack = scene.attack();
    let (account, lease) = job(&mut scene, Crooked::Provider);
    let ([crooked, _], mallory) = (scene.crooked.clone(), scene.mallory.clone());
    let end = scene.world.lease(lease).unwrap().until.unwrap();
    scene
        .world
        .pass_alive(2_000, std::slice::from_ref(&crooked))
        .unwrap();
    scene.world.collect(&crooked, &[lease]).unwrap();
    scene
        .world
        .pass_alive(2_000, std::slice::from_ref(&crooked))
        .unwrap();
    scene.world.end_lease(&mallory, lease).unwrap();
    let ended = scene.world.lease(lease).unwrap().ended.unwrap();
    assert_eq!((ended.reason, ended.at), (EndReason::Finished, end));
    assert_eq!(scene.world.account(account).unwrap().prepaid.u128(), 0);
    assert!(scene.world.penalties().unwrap().is_empty());
    attack.end(&scene.world).unwrap().at_most(RENT, RENT);
}

/// Mallory ends a job a second before its end, or has its provider punished after it.
#[test]
fn job_ended_by_a_passer_by() {
    let mut scene = Scene::new();
    let (_, lease) = job(&mut scene, Crooked::Neither);
    let mallory = scene.mallory.clone();
    scene.pass(DURATION - 1);
    let attack = scene.attack();
    scene.world.end_lease(&mallory, lease).unwrap_err();
    scene.world.pass(30);
    scene.world.failover(&mallory, lease).unwrap();
    assert!(scene.world.penalties().unwrap().is_empty());
    let ended = scene.world.lease(lease).unwrap().ended.unwrap();
    assert_eq!(ended.reason, EndReason::Finished);
    let order = scene.world.lease(lease).unwrap().order_id;
    let phase = scene.world.order(order).unwrap().phase;
    assert_eq!(phase, OrderPhase::Closed, "nobody runs it again");
    attack.end(&scene.world).unwrap().at_most(0, 0);
}
